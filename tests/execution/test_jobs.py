import pytest

from erasure import clock
from erasure.connectors.base import JobReport
from erasure.errors import BusyError, RefusedError
from erasure.execution import drain, progress, stop_jobs
from erasure.execution.jobs import MOST_UNREADABLE
from erasure.models import ErasureCase, VendorJob
from erasure.values import CaseState, ItemState, JobState
from tests.execution.fakes import dispatched, outcomes
from tests.world import HOUR, MINUTE, states

NATIVE, BULK = ("gdpr_delete", "job-1"), ("recording_delete", "job-1")


def work(bench):
    drain(bench.connection.pk, clock.now() + MINUTE)


def submitted(bench, remote, kind, **stores):
    """A case whose items hang on a job that was polled once."""
    case = bench.case(**stores)
    remote.answers.append(kind)
    work(bench)
    return case


def minutes(bench, number, every=1):
    for _ in range(number):
        clock.advance(every * MINUTE)
        work(bench)


@pytest.mark.parametrize(
    "report",
    [
        JobReport(JobState.RUNNING, "DELETING"),
        BusyError("GET /requests/{id} answered 503"),
        BusyError("GET /requests/{id} answered 429", retry_after=2),
        RefusedError("GET /requests/{id} answered 403"),
    ],
)
def test_native_job_is_asked_for_at_most_hourly_whatever_it_answers(bench, remote, report):
    submitted(bench, remote, NATIVE, wide=1)
    remote.polled.clear()
    remote.reports.extend([report] * 20)
    minutes(bench, 48, every=5)
    assert len(remote.polled) == 4


def test_native_job_is_asked_for_at_most_hourly_after_a_halt(bench, remote):
    case = submitted(bench, remote, NATIVE, wide=1)
    ErasureCase.objects.filter(pk=case.pk).update(state=CaseState.DPO_REVIEW)
    remote.polled.clear()
    for _ in range(24):
        clock.advance(5 * MINUTE)
        stop_jobs(case.pk)
        work(bench)
    assert (len(remote.polled), remote.cancelled) == (2, [])


def test_bulk_job_is_asked_for_soon_then_less_and_less_often(bench, remote):
    submitted(bench, remote, BULK, bulk=2)
    early = len(remote.polled)
    minutes(bench, 20)
    assert early < len(remote.polled) <= early + 22


def test_end_of_a_job_is_a_reason_to_read_back_and_no_erasure(bench, remote):
    remote.visible = False
    remote.reports.append(JobReport(JobState.DONE, "FULFILLED"))
    case = submitted(bench, remote, BULK, bulk=2)
    assert (VendorJob.objects.get().state, states(case)) == (
        JobState.DONE, {ItemState.REQUESTED: 2},
    )  # fmt: skip
    assert sorted(outcomes(case)) == [
        (0, "erase", "SUBMITTED", 1),
        (0, "job", "DELETED", 1),
        (1, "erase", "SUBMITTED", 1),
        (1, "job", "DELETED", 1),
    ]


def test_what_a_job_left_behind_is_erased_one_by_one(bench, remote):
    remote.reports.append(JobReport(JobState.DONE, "FULFILLED", undone=frozenset({"r-1"})))
    case = submitted(bench, remote, BULK, bulk=2)
    work(bench)
    assert remote.sent == ["r-0", "r-1", "r-1"]
    assert [item.single for item in case.items.all()] == [False, True]
    assert states(case) == {ItemState.ERASED: 2}


def test_job_that_ended_in_error_fails_its_items_with_the_reason(bench, remote):
    remote.reports.append(JobReport(JobState.ERROR, "FAILED", "the vendor ended the job"))
    case = submitted(bench, remote, BULK, bulk=2)
    assert {(item.state, item.reason) for item in case.items.all()} == {
        (ItemState.FAILED, "the vendor ended the job")
    }


def test_job_the_vendor_does_not_know_is_asked_for_anew(bench, remote):
    remote.reports.append(JobReport(JobState.LOST, "", "the vendor does not know the job"))
    case = submitted(bench, remote, BULK, bulk=1)
    work(bench)
    assert (VendorJob.objects.get().state, remote.sent) == (JobState.LOST, ["r-0", "r-0"])
    assert states(case) == {ItemState.ERASED: 1}


def test_bulk_job_that_cannot_be_read_is_given_up_loudly(bench, remote):
    remote.reports.extend([RefusedError("GET /jobs/{id} answered 403")] * MOST_UNREADABLE)
    case = submitted(bench, remote, BULK, bulk=1)
    minutes(bench, MOST_UNREADABLE, every=6)
    [item] = case.items.all()
    assert (item.state, item.reason) == (ItemState.FAILED, "GET /jobs/{id} answered 403")
    assert len(remote.polled) == MOST_UNREADABLE


def test_destructive_step_of_a_job_has_its_own_dispatch_entry(bench, remote):
    remote.reports.append("START")
    case = submitted(bench, remote, BULK, bulk=3)
    assert (dispatched(case), remote.sent[-1]) == ([3, 3], "job-1")


def test_two_workers_ask_for_a_job_once(bench, remote):
    case = submitted(bench, remote, NATIVE, wide=1)
    clock.advance(HOUR)
    remote.polled.clear()
    inner = type(remote).poll
    remote.poll = lambda job, clear: (work(bench), inner(remote, job, clear))[1]
    work(bench)
    assert (remote.polled, case.jobs.get().polls) == (["job-1"], 2)


def test_halt_cancels_a_job_that_has_not_begun(bench, remote):
    case = submitted(bench, remote, BULK, bulk=2)
    ErasureCase.objects.filter(pk=case.pk).update(state=CaseState.DPO_REVIEW)
    stop_jobs(case.pk)
    stop_jobs(case.pk)
    assert (remote.cancelled, VendorJob.objects.get().state) == (["job-1"], JobState.ERROR)
    assert states(case) == {ItemState.PLANNED: 2}


def test_job_found_ready_after_a_halt_is_not_started_but_cancelled(bench, remote):
    case = submitted(bench, remote, BULK, bulk=2)
    ErasureCase.objects.filter(pk=case.pk).update(state=CaseState.DPO_REVIEW)
    remote.reports.append("START")
    clock.advance(MINUTE)
    work(bench)
    assert (remote.cancelled, remote.sent) == (["job-1"], ["r-0", "r-1"])


def test_job_that_cannot_be_cancelled_is_followed_to_its_end(bench, remote):
    case = submitted(bench, remote, BULK, bulk=1)
    ErasureCase.objects.filter(pk=case.pk).update(state=CaseState.DPO_REVIEW)
    remote.cancels = False
    stop_jobs(case.pk)
    assert states(case) == {ItemState.REQUESTED: 1}
    remote.reports.append(JobReport(JobState.DONE, "FULFILLED"))
    clock.advance(MINUTE)
    work(bench)
    assert VendorJob.objects.get().state == JobState.DONE


def test_case_with_an_open_job_awaits_the_vendor_and_says_so(bench, remote):
    case = submitted(bench, remote, NATIVE, wide=1)
    case = progress(case.pk)
    case = progress(case.pk)
    assert (case.state, case.waiting_for) == ("AWAITING_VENDOR", "1 vendor job under way.")
