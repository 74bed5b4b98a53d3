"""Every store of an org that holds every object: found whole, erased in order, read back."""

import pytest

from erasure.connectors.base import Erased, Seen, Unanswered
from erasure.connectors.salesforce import Salesforce
from erasure.values import JobState
from tests.connectors.salesforce_rig import COMPLETE, MARIA, Rig, go, stores_of

CUSTOM = {"custom_objects": "Invoice__c, Loyalty__c,Survey__c"}


@pytest.fixture
def org():
    return Rig(COMPLETE, options=CUSTOM)


def in_order(stores):
    """The stores with all that must end before each."""
    left, done = {store.name: set(store.after) for store in stores}, []
    while left:
        ready = sorted(name for name, before in left.items() if before <= set(done))
        assert ready, "two stores wait for each other"
        done += ready
        left = {name: before for name, before in left.items() if name not in ready}
    return done


def erase_all(rig, person):
    """Work the stores off as a case does; what is seen of each item at the end."""
    refs = {}
    for store in Salesforce.stores:
        refs[store.name] = rig.refs(person, store.name) if store.name != "mentions" else []
    for name in in_order(Salesforce.stores):
        answers = list(rig.connector.erase(refs[name], go))
        assert {type(each) for each in answers} <= {Erased}, answers
        for job in {each.remote_job for each in answers if each.remote_job}:
            mine = [each for each in answers if each.remote_job == job]
            report = rig.finish(mine)
            assert (report.state, report.undone) == (JobState.DONE, frozenset())
    return {name: set(rig.seen(some)) for name, some in refs.items() if some}


def test_whole_org_is_found_whole(org):
    people, answers = org.asked(MARIA)
    said = stores_of(answers)
    assert [each for each in said.values() if isinstance(each, Unanswered)] == []
    found = {each.remote_id for each in org.found(MARIA)}
    held = org.vendor.holdings(MARIA.key)
    left = [row["what"] for row in held if row["remote_id"] not in found]
    # the contact of the person account goes with the account, a file's parts with the file
    assert sorted(left) == ["Contact", "ContentDocumentLink", "ContentVersion"]


def test_whole_org_is_erased_in_order_and_nobody_else_is_touched(org):
    others = org.held_of_others(MARIA)
    seen = erase_all(org, MARIA)
    assert seen.pop("portal_users") == {Seen.REDACTED}
    assert set().union(*seen.values()) == {Seen.ABSENT}
    assert (org.held(MARIA), org.held_of_others(MARIA)) == (set(), others)
