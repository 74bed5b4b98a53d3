"""The vendor's own audit: asked service by service, without old values."""

import json

import pytest

from erasure import clock
from erasure.connectors.base import AuditEntry
from erasure.errors import BusyError, RefusedError
from tests.connectors.given import BASE, PLANTED, ago, stamp, with_token

ROOT = f"{BASE}/api/v2/audits/query"


def services(*names):
    return {"services": [{"name": name} for name in names]}


def entry(key, about, *, client="somebody", **changed):
    return {
        "id": key,
        "eventDate": stamp(ago(hours=1)),
        "serviceName": "Quality",
        "entityType": "Evaluation",
        "entity": {"id": about},
        "action": "Delete",
        "status": "SUCCESS",
        "client": {"id": client},
        "propertyChanges": [{"oldValues": [PLANTED]}],
    } | changed


def asked(genesys, days, *about):
    return list(genesys.audits(ago(days=days), clock.now(), about))


def recent(replies, *entities):
    with_token(replies)
    replies.get(f"{ROOT}/servicemapping", json=services("Quality"))
    replies.get(f"{ROOT}/realtime/servicemapping", json=services("Quality", "Billing"))
    replies.post(f"{ROOT}/realtime", json={"entities": list(entities)})


def test_audits_of_the_last_days_keep_what_concerns_the_items_or_ourselves(replies, genesys):
    recent(
        replies,
        entry("a-1", "e-1"),
        entry("a-2", "e-2"),
        entry("a-3", "e-3", client="client-1"),
        entry("a-4", "r-4", context={"conversationId": "v-4"}),
        entry("a-1", "e-1"),
    )
    found = asked(genesys, 3, "e-1", "v-4")
    assert [(one.remote_id, one.entity_id, one.ours) for one in found] == [
        ("a-1", "e-1", False),
        ("a-3", "e-3", True),
        ("a-4", "v-4", False),
    ]


def test_audit_entry_has_no_old_value(replies, genesys):
    recent(replies, entry("a-1", "e-1"))
    [found] = asked(genesys, 3, "e-1")
    when = found.at
    assert found == AuditEntry(
        "a-1", when, "Quality", "Evaluation", "e-1", "Delete", "SUCCESS", False
    )


def test_audits_of_long_ago_are_queried_awaited_and_read_by_cursor(replies, genesys, naps):
    with_token(replies)
    replies.get(f"{ROOT}/servicemapping", json=services("GDPR"))
    replies.post(ROOT, json={"id": "q-1", "state": "Queued"})
    replies.get(f"{ROOT}/q-1", json={"id": "q-1", "state": "Running"})
    replies.get(f"{ROOT}/q-1", json={"id": "q-1", "state": "Succeeded"})
    first = {"entities": [entry("a-1", "e-1")], "cursor": "c-1"}
    replies.get(f"{ROOT}/q-1/results", json=first)
    replies.get(f"{ROOT}/q-1/results", json={"entities": [entry("a-2", "e-1")]})
    assert [one.remote_id for one in asked(genesys, 30, "e-1")] == ["a-1", "a-2"]
    assert len(naps.seconds) == 2


def test_audit_query_that_never_ends_is_for_later(replies, genesys):
    with_token(replies)
    replies.get(f"{ROOT}/servicemapping", json=services("GDPR"))
    replies.post(ROOT, json={"id": "q-1", "state": "Queued"})
    replies.get(f"{ROOT}/q-1", json={"id": "q-1", "state": "Running"})
    with pytest.raises(BusyError):
        asked(genesys, 30, "e-1")


@pytest.mark.parametrize("state", ["Failed", "Cancelled", "Turned"])
def test_audit_query_that_ends_otherwise_is_refused(replies, genesys, state):
    with_token(replies)
    replies.get(f"{ROOT}/servicemapping", json=services("GDPR"))
    replies.post(ROOT, json={"id": "q-1", "state": state})
    with pytest.raises(RefusedError):
        asked(genesys, 30, "e-1")


def test_audit_that_knows_none_of_the_services_is_refused(replies, genesys):
    with_token(replies)
    replies.get(f"{ROOT}/servicemapping", json=services("Billing"))
    with pytest.raises(RefusedError):
        asked(genesys, 30, "e-1")


def test_audit_interval_is_the_one_asked_for(replies, genesys):
    recent(replies)
    since, until = ago(days=3), clock.now()
    list(genesys.audits(since, until, ["e-1"]))
    start, end = json.loads(replies.calls[-1].request.body)["interval"].split("/")
    assert (start[:19], end[:19]) == (stamp(since)[:19], stamp(until)[:19])
