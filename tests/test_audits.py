"""The vendor's own audit of a finished case: fetched late, kept encrypted, compared."""

import pytest

from erasure import audits, clock
from erasure.connectors.base import AuditEntry
from erasure.errors import BusyError
from erasure.models import ErasureCase, VendorAudit
from erasure.values import CaseState, ItemState
from tests.execution.fakes import bench, remote
from tests.factories import make_case, make_connection, make_item
from tests.world import DAY, HOUR, MINUTE, again, moving, served, world

__all__ = ["bench", "moving", "remote", "served", "world"]


def told(entity_id, status="SUCCESS", key="a-1", **changed):
    given = {"at": clock.now(), "service": "Quality", "entity": "Evaluation", "action": "Delete"}
    return AuditEntry(key, entity_id=entity_id, status=status, ours=True, **(given | changed))


@pytest.fixture
def ended(bench, remote):
    """A complete case with one erased record."""
    case = make_case(CaseState.COMPLETE, completed_at=clock.now())
    make_item(case, bench.connection, "plain", ItemState.ERASED, verdict="VERIFIED_ABSENT")
    audits.schedule(case.pk)
    return case


def only():
    return VendorAudit.objects.select_related("case", "connection").get()


def test_audit_is_due_a_few_minutes_after_the_end_and_not_before(ended, remote):
    assert audits.cases_with_work() == []
    clock.advance(6 * MINUTE)
    assert audits.cases_with_work() == [ended.pk]
    remote.told = [told("r-0"), told("somebody", key="a-2")]
    assert (audits.fetch(ended.pk), audits.fetch(ended.pk)) == (1, 0)
    audit = only()
    assert (audit.count, audit.matching, audit.note) == (2, 1, "")
    assert [one["remote_id"] for one in audits.entries_of(audit)] == ["a-1", "a-2"]
    assert b"r-0" not in bytes(audit.entries_sealed)


def test_audit_is_asked_again_on_later_days_and_adds_what_is_new(ended, remote):
    clock.advance(6 * MINUTE)
    audits.fetch(ended.pk)
    assert only().note == audits.NOTHING_YET
    remote.told = [told("r-0")]
    fetched = 0
    for _ in range(10):
        clock.advance(DAY + HOUR)
        fetched += audits.fetch(ended.pk)
    assert (fetched, only().matching, audits.cases_with_work()) == (3, 1, [])


def test_audit_that_cannot_be_read_says_why_and_is_tried_again(ended, remote):
    remote.told = BusyError("GET /audits: later")
    clock.advance(6 * MINUTE)
    assert (audits.fetch(ended.pk), only().note) == (0, "GET /audits: later")
    remote.told = [told("r-0")]
    clock.advance(2 * HOUR)
    assert (audits.fetch(ended.pk), only().note) == (1, "")


def test_audit_that_calls_an_erasure_a_failure_contradicts_us(ended, remote):
    remote.told = [told("r-0", "FAILURE")]
    clock.advance(6 * MINUTE)
    audits.fetch(ended.pk)
    [line] = audits.audits_of(ended)
    assert line.contradictions == (
        "Plain, record 1: the vendor's audit calls its erasure a failure.",
    )


def test_audit_that_failed_first_and_succeeded_later_contradicts_nothing(ended, remote):
    late = clock.now() + HOUR
    remote.told = [told("r-0", "FAILURE"), told("r-0", key="a-2", at=late)]
    clock.advance(6 * MINUTE)
    audits.fetch(ended.pk)
    assert audits.audits_of(ended)[0].contradictions == ()


def test_system_without_an_audit_gets_no_row(bench, remote):
    case = make_case(CaseState.COMPLETE, completed_at=clock.now())
    make_item(case, make_connection("crm", system="salesforce"), state=ItemState.ERASED,
              verdict="VERIFIED_ABSENT")  # fmt: skip
    audits.schedule(case.pk)
    assert not VendorAudit.objects.exists()


def test_case_that_ends_a_second_time_is_audited_a_second_time(ended, remote):
    for _ in range(6):
        clock.advance(DAY + HOUR)
        audits.fetch(ended.pk)
    audits.schedule(ended.pk)
    assert only().attempts == audits.MOST_ATTEMPTS
    clock.advance(2 * DAY)
    ErasureCase.objects.filter(pk=ended.pk).update(completed_at=clock.now())
    audits.schedule(ended.pk)
    assert (only().attempts, only().due_at) == (0, again(ended).completed_at + audits.FIRST)


def test_case_still_under_way_has_no_audit(bench, remote):
    case = bench.case(plain=1)
    audits.schedule(case.pk)
    assert (VendorAudit.objects.count(), audits.fetch(case.pk)) == (0, 0)


def test_audit_of_a_real_deletion_names_its_records(world):
    case = make_case(CaseState.COMPLETE, completed_at=clock.now())
    [contact] = [key for key, one in world.org.contacts.items() if one.person == "held"][:1]
    item = make_item(case, world.genesys, state=ItemState.ERASED, verdict="VERIFIED_ABSENT",
                     first_tried=clock.now())  # fmt: skip
    item.case = case
    item.locator = item.locator | {"remote_id": contact}
    item.save()
    erased = audits.connector_for(world.genesys).erase([item.ref()], lambda refs: None)
    assert len(list(erased)) == 1
    audits.schedule(case.pk)
    clock.advance(6 * MINUTE)
    assert audits.fetch(case.pk) == 1
    [entry] = [one for one in audits.entries_of(only()) if one["entity_id"] == contact]
    assert (entry["action"], entry["status"], entry["ours"]) == ("Delete", "SUCCESS", True)
    assert only().matching >= 1
