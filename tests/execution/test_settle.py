from datetime import timedelta

import pytest

from erasure import clock
from erasure.connectors.base import JobReport, Reply, Seen
from erasure.errors import BusyError, RefusedError
from erasure.execution import drain, progress
from erasure.execution.settle import MOST_ATTEMPTS, SLOWEST_RETRY, backoff
from erasure.models import Attempt, DataItem, VendorJob
from erasure.values import ItemState, JobState
from tests.execution.fakes import dispatched, fresh, outcomes
from tests.world import HOUR, MINUTE, again, states


def work(bench):
    drain(bench.connection.pk, clock.now() + MINUTE)


def test_answered_item_is_erased_only_by_the_read_that_follows(bench, remote):
    case = bench.case(plain=1)
    work(bench)
    [item] = case.items.all()
    assert (item.state, item.verdict) == (ItemState.ERASED, "VERIFIED_ABSENT")
    assert outcomes(case) == [(0, "erase", "DELETED", 1), (0, "read-back", "VERIFIED", 1)]
    assert (remote.sent, remote.read) == (["r-0"], ["r-0"])


def test_item_that_was_gone_before_is_read_back_as_well(bench, remote):
    case = bench.case(plain=1)
    remote.answers.append(Reply.ALREADY_GONE)
    work(bench)
    assert outcomes(case) == [(0, "erase", "ABSENT", 1), (0, "read-back", "VERIFIED", 1)]


def test_busy_system_is_asked_again_later_and_each_attempt_has_one_outcome(bench, remote):
    case = bench.case(plain=1)
    remote.answers.extend([BusyError("503"), BusyError("503")])
    for _ in range(3):
        work(bench)
        clock.advance(HOUR)
    assert outcomes(case) == [
        (0, "erase", "FAILED", 1),
        (0, "erase", "FAILED", 2),
        (0, "erase", "DELETED", 3),
        (0, "read-back", "VERIFIED", 3),
    ]
    assert list(Attempt.objects.values_list("number", "outcome")) == [
        (1, "FAILED"), (2, "FAILED"), (3, "VERIFIED"),
    ]  # fmt: skip
    assert dispatched(case) == [1, 1, 1]


def test_attempts_run_out_into_failed_with_the_reason_and_never_into_silence(bench, remote):
    case = bench.case(plain=1)
    remote.answers.extend([BusyError("DELETE /things/{id} answered 503")] * MOST_ATTEMPTS)
    for _ in range(MOST_ATTEMPTS):
        work(bench)
        clock.advance(HOUR)
    [item] = case.items.all()
    text = "Given up after 8 attempts. DELETE /things/{id} answered 503"
    assert (item.state, item.reason) == (ItemState.FAILED, text)
    assert progress(case.pk).waiting_for == (f"1 item needs a person. {item.line}: {text}")
    assert len(remote.sent) == MOST_ATTEMPTS


def test_refused_call_fails_at_once_and_names_the_permission(bench, remote):
    case = bench.case(plain=2)
    remote.answers.append(RefusedError("answered 403 missing.permissions (a:b:delete)", status=403))
    work(bench)
    failed, erased = case.items.all()
    assert (failed.state, failed.reason) == (
        ItemState.FAILED, "answered 403 missing.permissions (a:b:delete)",
    )  # fmt: skip
    assert erased.state == ItemState.ERASED
    assert failed.tries.get().http_status == 403


def test_connector_without_an_answer_for_an_item_is_no_success(bench, remote, monkeypatch):
    case = bench.case(bulk=2)
    monkeypatch.setattr(remote, "erase", lambda refs, clear: iter(()))
    work(bench)
    assert states(case) == {ItemState.PLANNED: 2}
    assert {item.reason for item in case.items.all()} == {"The connector gave no answer."}


@pytest.mark.parametrize("attempts", range(1, 30))
def test_backoff_grows_with_jitter_and_has_an_end(attempts):
    plain = timedelta(seconds={1: 1, 2: 2, 3: 4, 4: 32, 5: 256}.get(attempts, 2048))
    plain = min(plain, SLOWEST_RETRY)
    assert 0.7 * plain <= backoff(attempts) <= min(1.3 * plain, SLOWEST_RETRY)


def test_backoff_outlasts_an_outage_of_an_hour():
    assert sum((backoff(n) for n in range(1, MOST_ATTEMPTS)), timedelta(0)) > timedelta(hours=1)


def test_backoff_waits_at_least_as_long_as_the_vendor_asked():
    assert backoff(1, retry_after=120) == timedelta(seconds=120)


def test_still_visible_item_is_looked_at_less_and_less_then_erased_again(bench, remote):
    case = bench.case(plain=1)
    remote.seen = Seen.PRESENT
    for _ in range(30):
        work(bench)
        clock.advance(timedelta(hours=1))
    assert (remote.sent, len(remote.read) < 30) == (["r-0", "r-0"], True)
    assert fresh(case.items.get()).state == ItemState.REQUESTED
    assert (0, "read-back", "FAILED", 1) in outcomes(case)


def test_item_that_never_goes_fails_in_the_end(bench, remote):
    case = bench.case(plain=1)
    remote.seen = Seen.PRESENT
    for _ in range(30):
        work(bench)
        clock.advance(timedelta(hours=6))
    [item] = case.items.all()
    assert (item.state, item.attempts, item.reason) == (
        ItemState.FAILED, 3, "Still there 24 hours after the vendor said it was erased.",
    )  # fmt: skip


def test_absence_without_a_visible_control_record_proves_nothing(bench, remote):
    case = bench.case(plain=1)
    remote.visible = False
    work(bench)
    clock.advance(HOUR)
    work(bench)
    [item] = case.items.all()
    assert (item.state, item.verdict) == (ItemState.REQUESTED, "")
    progress(case.pk)
    assert progress(case.pk).waiting_for == (
        "system.plain: Not proven: the control record of this store is no longer visible to the "
        "credential. Restore its permissions and divisions; it is read again by itself."
    )
    remote.visible = True
    clock.advance(timedelta(hours=7))
    work(bench)
    assert fresh(item).verdict == "VERIFIED_ABSENT"


def test_absence_in_a_division_without_a_control_record_waits_and_says_so(bench, remote):
    case = bench.case(plain=1)
    case.items.update(division="north")
    work(bench)
    [item] = case.items.all()
    assert (item.state, item.reason) == (
        ItemState.REQUESTED,
        "Not proven: no control record of this store and division was found at discovery.",
    )


def test_redacted_row_ends_as_anonymised(bench, remote):
    case = bench.case(plain=1)
    remote.seen = Seen.REDACTED
    work(bench)
    assert case.items.get().verdict == "ANONYMISED"
    assert outcomes(case)[-1] == (0, "read-back", "ANONYMISED", 1)


def test_failed_read_back_is_repeated_and_says_why(bench, remote, monkeypatch):
    case = bench.case(plain=1)

    def verify(refs, who, names):
        raise RefusedError("GET /things answered 403")

    monkeypatch.setattr(remote, "verify", verify)
    work(bench)
    [item] = case.items.all()
    assert (item.state, item.reason) == (
        ItemState.REQUESTED, "Could not be read back: GET /things answered 403",
    )  # fmt: skip
    assert outcomes(case) == [(0, "erase", "DELETED", 1)]


def test_native_rows_share_the_job_of_their_subject(bench, remote):
    case = bench.case(wide=1, rows=2)
    remote.answers.append(("gdpr_delete", "job-1"))
    work(bench)
    job = VendorJob.objects.get()
    assert {item.job_id for item in case.items.all()} == {job.pk}
    assert dispatched(case) == [2, 1]
    remote.seen = Seen.REDACTED
    remote.reports.append(JobReport(JobState.DONE, "COMPLETED"))
    clock.advance(HOUR)
    work(bench)
    assert states(case) == {ItemState.ERASED: 3}


def test_native_rows_wait_with_their_subject_while_the_system_is_busy(bench, remote):
    case = bench.case(wide=1, rows=1)
    remote.answers.append(BusyError("503", retry_after=600))
    work(bench)
    assert states(case) == {ItemState.PLANNED: 2}
    clock.advance(HOUR)
    remote.answers.append(("gdpr_delete", "job-1"))
    work(bench)
    assert states(case) == {ItemState.REQUESTED: 2}


def test_job_that_is_found_again_after_its_end_is_read_back_and_not_forgotten(bench, remote):
    case = bench.case(wide=1)
    remote.answers.extend([("gdpr_delete", "job-1")] * 2)
    remote.reports.append(JobReport(JobState.ERROR, "ERROR", "the vendor gave up"))
    work(bench)
    clock.advance(HOUR)
    work(bench)
    DataItem.objects.filter(case=case).update(state=ItemState.PLANNED)
    work(bench)
    assert (states(case), remote.read) == ({ItemState.ERASED: 1}, ["r-0"])


def test_native_row_whose_subject_is_settled_is_a_matter_for_a_person(bench, remote):
    case = bench.case(wide=1, rows=1)
    DataItem.objects.filter(case=case, store="wide").update(
        state=ItemState.ERASED, verdict="ATTESTED"
    )
    line = case.items.get(store="rows").line
    assert progress(case.pk).waiting_for == (
        f"1 item needs a person. {line}: "
        "The vendor's subject-wide job has ended or is not to be made: "
        "have the vendor redact this record and attach its answer."
    )
    assert case.items.get(store="rows").state == ItemState.MANUAL


def test_recycle_bin_is_looked_into_again_after_its_date(bench, remote, monkeypatch):
    case = bench.case(plain=1)
    until = clock.now() + timedelta(days=15)
    original = type(remote).verify

    def verify(self, refs, who, names):
        for seen in original(self, refs, who, names):
            yield type(seen)(seen.ref, seen.seen, 200, until)

    monkeypatch.setattr(type(remote), "verify", verify)
    remote.seen = Seen.RECOVERABLE
    work(bench)
    clock.advance(timedelta(days=14))
    work(bench)
    assert (remote.read, case.items.get().recoverable_until) == (["r-0"], until)
    remote.seen = Seen.ABSENT
    clock.advance(timedelta(days=2))
    work(bench)
    assert [row[2] for row in outcomes(case)] == ["DELETED", "RECOVERABLE", "VERIFIED"]


def test_recycle_bin_without_an_end_is_a_matter_for_a_person(bench, remote):
    case = bench.case(plain=1)
    remote.seen = Seen.RECOVERABLE
    work(bench)
    [item] = case.items.all()
    assert (item.state, item.reason) == (
        ItemState.MANUAL,
        "It lies in a recycle bin without an end: empty it at the vendor.",
    )


def test_progress_twice_takes_each_step_once(bench, remote):
    case = bench.case(wide=1)
    remote.answers.append(("gdpr_delete", "job-1"))
    work(bench)
    steps = [progress(case.pk).state for _ in range(3)]
    assert steps == ["AWAITING_VENDOR"] * 3
    assert case.log.filter(type="step").count() == 1


def test_disabled_connection_waits_and_says_so(bench, remote):
    case = bench.case(plain=1)
    bench.connection.enabled = False
    bench.connection.save()
    work(bench)
    assert progress(case.pk).waiting_for == (
        "Genesys system is disabled: its items wait until it is enabled again."
    )
    assert (remote.sent, states(case)) == ([], {ItemState.PLANNED: 1})


def test_missing_secret_waits_and_names_the_variable(bench, remote):
    case = bench.case(plain=1)
    bench.connection.secret_env = "NO_SUCH_SECRET"
    bench.connection.save()
    work(bench)
    assert progress(case.pk).waiting_for == (
        "Genesys system: the environment variable NO_SUCH_SECRET is not set."
    )
    assert again(case).state == "EXECUTING"
