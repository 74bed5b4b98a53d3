"""Every store of an org that holds every object: found whole, erased in order, read back."""

import pytest

from erasure.connectors.base import Erased, Seen, Unanswered
from erasure.connectors.salesforce import Salesforce
from erasure.values import JobState
from tests.connectors.salesforce_rig import COMPLETE, MARIA, PEOPLE, Rig, go, stores_of

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
    # the contact of the person account goes with the account, a file's parts with the file, the
    # relation of an activity that is the person's alone with the activity
    with_others = ["Contact", "ContentDocumentLink", "ContentVersion"]
    assert sorted(left) == [*with_others, "EventRelation", "TaskRelation"]


def test_whole_org_is_erased_in_order_and_nobody_else_is_touched(org):
    others = org.held_of_others(MARIA)
    seen = erase_all(org, MARIA)
    assert seen.pop("portal_users") == {Seen.REDACTED}
    assert set().union(*seen.values()) == {Seen.ABSENT}
    assert (org.held(MARIA), org.held_of_others(MARIA)) == (set(), others)


def activities(org):
    records = org.vendor.org.records.values()
    return {
        (one.kind, one.values["WhoId"])
        for one in records
        if one.live and one.values.get("Subject") == "A talk of two"
    }


def test_activity_of_two_people_stays_with_the_other_one(org):
    found = [each for each in org.found(MARIA) if each.store == "activities"]
    assert sum(each.division.endswith("Relation") for each in found) == 2
    assert [each for each in found if each.joint] == []
    erase_all(org, MARIA)
    [(_, one), (_, other)] = sorted(activities(org))
    assert one == other
    held = {row["remote_id"] for row in org.vendor.holdings(PEOPLE[1].key)}
    assert one in held


def test_activity_the_person_is_not_on_though_its_case_is_theirs_is_joint(org):
    records = org.vendor.org.records
    call = next(r for r in records.values() if r.kind == "Task" and r.owner == MARIA.key
                and r.values["WhatId"])  # fmt: skip
    bob = next(r.id for r in records.values() if r.kind == "Contact" and r.owner == PEOPLE[1].key)
    for one in records.values():
        if one.kind == "TaskRelation" and one.values["TaskId"] == call.id:
            one.values["RelationId"] = bob
    call.values["WhoId"] = bob
    joint = [each.remote_id for each in org.found(MARIA) if each.joint]
    assert joint == [call.id]


def test_relations_that_cannot_be_read_leave_the_activities_unanswered(org):
    org.vendor.fault("hidden-field", "TaskRelation.RelationId")
    said = stores_of(org.asked(MARIA)[1])
    assert {name for name, each in said.items() if isinstance(each, Unanswered)} == {"activities"}
