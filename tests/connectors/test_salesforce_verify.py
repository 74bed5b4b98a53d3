"""Reading back, and the controls beside it."""

import pytest

from erasure.connectors.base import ItemRef, Seen
from erasure.errors import RefusedError
from tests.connectors.salesforce_rig import MARIA, go


def test_controls_are_records_of_somebody_else_and_seen(rig):
    found = rig.found(MARIA)
    controls = list(rig.connector.controls(found))
    assert sorted(each.store for each in controls) == ["cases", "contacts"]
    assert {each.remote_id for each in controls} & rig.held(MARIA) == set()
    assert [rig.connector.sees(each) for each in controls] == [True, True]


def test_controls_are_no_longer_seen_once_deleted(rig):
    control = next(c for c in rig.connector.controls(rig.found(MARIA)) if c.store == "cases")
    list(rig.connector.erase([ItemRef("cases", control.remote_id, single=True)], go))
    assert rig.connector.sees(control) is False


def test_sees_with_hidden_object_raises(rig):
    control = next(rig.connector.controls(rig.found(MARIA)))
    rig.vendor.fault("hidden", "Contact")
    with pytest.raises(RefusedError):
        rig.connector.sees(control)


def test_verify_with_hidden_object_raises_instead_of_absent(rig):
    refs = rig.refs(MARIA, "cases")
    rig.vendor.fault("hidden", "Case")
    with pytest.raises(RefusedError):
        rig.seen(refs)


def test_person_account_is_not_gone_before_its_contact_is(whole):
    [account] = whole.refs(MARIA, "person_accounts")
    half = whole.vendor.org.records[account.facts["contact"]]
    whole.finish(list(whole.connector.erase(whole.refs(MARIA, "cases"), go)))
    for user in whole.refs(MARIA, "portal_users"):
        list(whole.connector.erase([user], go))
    whole.finish(list(whole.connector.erase([account], go)))
    assert whole.seen([account]) == [Seen.ABSENT]
    whole.vendor.org.records[half.id] = half
    half.purged, half.deleted_at, half.values["IsDeleted"] = False, None, False
    assert whole.seen([account]) == [Seen.PRESENT]
