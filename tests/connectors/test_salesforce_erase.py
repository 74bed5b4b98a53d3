"""Erasing records: bulk jobs, the recycle bin, and what stops them."""

from datetime import timedelta

import pytest

from erasure import clock
from erasure.connectors.base import Erased, ItemRef, NotErased, RemoteJob, Reply, Seen
from erasure.errors import BusyError, RefusedError, StoppedError
from erasure.values import JobState
from tests.connectors.salesforce_rig import JO, MARIA, go, stop


def test_erase_of_cases_then_contacts_leaves_nothing(rig):
    others = rig.held_of_others(MARIA)
    cases, contacts = rig.refs(MARIA, "cases"), rig.refs(MARIA, "contacts")
    for refs in (cases, contacts):
        answers = list(rig.connector.erase(refs, go))
        assert {(each.reply, each.job_kind) for each in answers} == {
            (Reply.ACCEPTED, "hard_delete")
        }
        report = rig.finish(answers)
        assert (report.state, report.undone) == (JobState.DONE, frozenset())
        assert rig.seen(refs) == [Seen.ABSENT, Seen.ABSENT]
    assert (rig.held(MARIA), rig.held_of_others(MARIA)) == (set(), others)


def test_erase_of_contact_with_cases_is_left_undone_by_the_job(rig):
    refs = rig.refs(JO, "contacts")
    report = rig.finish(list(rig.connector.erase(refs, go)))
    assert (report.state, report.undone) == (JobState.DONE, {refs[0].remote_id})
    assert rig.seen(refs) == [Seen.PRESENT]


def test_erase_one_by_one_says_why_a_record_stays(rig):
    [answer] = rig.connector.erase(rig.refs(JO, "contacts", single=True), go)
    assert (type(answer), type(answer.error)) == (NotErased, RefusedError)
    assert answer.error.code == "DELETE_FAILED"
    assert JO.name not in str(answer.error)


def test_erase_without_hard_delete_leaves_records_recoverable_for_15_days(rig, later):
    rig.vendor.fault("no-hard-delete", True)
    refs = rig.refs(MARIA, "cases")
    answers = list(rig.connector.erase(refs, go))
    presences = list(rig.connector.verify(refs, [], []))
    left = [each.recoverable_until - clock.now() for each in presences]
    assert [each.reply for each in answers] == [Reply.DONE, Reply.DONE]
    assert [each.seen for each in presences] == [Seen.RECOVERABLE, Seen.RECOVERABLE]
    assert [round(each / timedelta(days=1), 2) for each in left] == [15.0, 15.0]
    later(days=15, minutes=1)
    assert rig.seen(refs) == [Seen.ABSENT, Seen.ABSENT]


def test_erase_twice_is_harmless(rig):
    rig.vendor.fault("no-hard-delete", True)
    refs = rig.refs(MARIA, "cases")
    list(rig.connector.erase(refs, go))
    assert [each.reply for each in rig.connector.erase(refs, go)] == [Reply.ALREADY_GONE] * 2


def test_hard_delete_twice_leaves_nothing_undone(rig):
    refs = rig.refs(MARIA, "cases")
    rig.finish(list(rig.connector.erase(refs, go)))
    report = rig.finish(list(rig.connector.erase(refs, go)))
    assert (report.state, report.undone) == (JobState.DONE, frozenset())


def test_erase_of_locked_record_is_busy_and_the_others_go_on(rig):
    rig.vendor.fault("no-hard-delete", True)
    rig.vendor.fault("locked", 1)
    first, second = rig.connector.erase(rig.refs(MARIA, "cases"), go)
    assert (type(first.error), first.error.retry_after) == (BusyError, 10.0)
    assert (type(second), second.reply) == (Erased, Reply.DONE)


@pytest.mark.parametrize("permitted", [True, False])
def test_erase_stopped_by_a_hold_deletes_nothing(rig, permitted):
    rig.vendor.fault("no-hard-delete", not permitted)
    refs, before = rig.refs(MARIA, "cases"), rig.held(MARIA)
    answers = list(rig.connector.erase(refs, stop))
    assert [type(each.error) for each in answers] == [StoppedError, StoppedError]
    assert rig.ended_jobs() <= {"Aborted"}
    assert rig.held(MARIA) == before


def test_erase_by_a_lying_vendor_is_seen_through(rig):
    rig.vendor.fault("lying-vendor", True)
    refs = rig.refs(MARIA, "cases")
    report = rig.finish(list(rig.connector.erase(refs, go)))
    assert (report.state, report.undone) == (JobState.DONE, frozenset())
    assert rig.seen(refs) == [Seen.PRESENT, Seen.PRESENT]


@pytest.mark.parametrize("remote_id", ["", "1", "003/../x", "003" + "a" * 13, "003" + "a" * 12])
@pytest.mark.parametrize("single", [True, False])
def test_erase_of_what_is_no_case_id_is_refused(rig, remote_id, single):
    [answer] = rig.connector.erase([ItemRef("cases", remote_id, single=single)], go)
    assert type(answer.error) is RefusedError
    assert rig.vendor.requests == []
    assert rig.ended_jobs() == set()


def test_erase_when_down_is_busy(rig):
    refs = rig.refs(MARIA, "cases")
    rig.wire.fault("salesforce-down", True)
    assert {type(each.error) for each in rig.connector.erase(refs, go)} == {BusyError}


def test_poll_of_unknown_job_is_lost(rig):
    job = RemoteJob("hard_delete", "750000000000001")
    assert rig.connector.poll(job, go).state is JobState.LOST


def test_cancel_of_a_job_that_has_not_begun_keeps_every_record(rig):
    refs, before = rig.refs(MARIA, "cases"), rig.held(MARIA)
    [answer, _] = rig.connector.erase(refs, go)
    job = RemoteJob("hard_delete", answer.remote_job, tuple(refs))
    assert rig.connector.cancel(job) is True
    report = rig.connector.poll(job, go)
    assert (report.state, report.undone) == (JobState.ERROR, {ref.remote_id for ref in refs})
    assert rig.held(MARIA) == before


def test_cancel_of_a_finished_job_says_that_it_is_too_late(rig):
    answers = list(rig.connector.erase(rig.refs(MARIA, "cases"), go))
    rig.finish(answers)
    assert rig.connector.cancel(RemoteJob("hard_delete", answers[0].remote_job)) is False


def test_erase_tried_again_looks_first_and_deletes_nothing_that_is_gone(rig):
    refs = rig.refs(MARIA, "cases", tries=2)
    rig.finish(list(rig.connector.erase(refs[:1], go)))
    rig.vendor.requests.clear()
    [answer] = rig.connector.erase(refs[:1], stop)
    assert answer.reply is Reply.ALREADY_GONE
    assert [each["method"] for each in rig.vendor.requests] == ["GET"]


def test_erase_when_the_day_is_spent_is_put_off_for_an_hour(rig):
    refs = rig.refs(MARIA, "cases")
    rig.vendor.fault("limit", "TotalRequests")
    answers = list(rig.connector.erase(refs, go))
    assert {each.error.retry_after for each in answers} == {3600.0}
