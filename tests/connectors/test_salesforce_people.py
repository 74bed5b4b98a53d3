"""Who is touched and who is not: employees, business accounts, shared files, preferences."""

import pytest

from erasure.connectors.base import Found, ItemRef, Searched, Seen, Unanswered
from erasure.errors import RefusedError, StoppedError
from erasure.values import Identifier, StoreStatus
from tests.connectors.salesforce_rig import EMAIL, MARIA, Rig, go, stop, stores_of

WITH_STAFF = {"salesforce": {"objects": True, "employee": True}}
NO_PERSON_ACCOUNTS = {"salesforce": {"objects": True, "person_accounts": False}}


def employee_of(rig):
    users = [row for row in rig.vendor.org.records.values() if row.kind == "User"]
    return next(row for row in users if row.values["UserType"] == "Standard")


def test_employee_with_the_persons_address_is_told_of_and_never_an_item():
    rig = Rig(WITH_STAFF)
    staff = employee_of(rig)
    _, answers = rig.asked(MARIA)
    assert staff.id not in {each.remote_id for each in rig.found(MARIA)}
    assert stores_of(answers)["portal_users"].note.startswith("An employee's user")


def test_employee_is_refused_even_when_handed_over():
    rig = Rig(WITH_STAFF)
    staff = employee_of(rig)
    before = dict(staff.values)
    [answer] = rig.connector.erase([ItemRef("portal_users", staff.id)], go)
    assert isinstance(answer.error, RefusedError)
    assert staff.values == before


def test_portal_user_is_overwritten_and_stays(whole):
    refs = whole.refs(MARIA, "portal_users")
    assert whole.seen(refs) == [Seen.PRESENT]
    list(whole.connector.erase(refs, go))
    seen = whole.connector.verify(refs, [Identifier(EMAIL, MARIA.email)], [MARIA.name])
    assert [each.seen for each in seen] == [Seen.REDACTED]
    row = whole.vendor.org.records[refs[0].remote_id].values
    assert (row["IsActive"], row["FirstName"], row["LastName"]) == (False, None, "Erased")


def test_portal_user_is_not_redacted_while_a_value_of_the_person_is_left(whole):
    refs = whole.refs(MARIA, "portal_users")
    list(whole.connector.erase(refs, go))
    whole.vendor.org.records[refs[0].remote_id].values["Phone"] = MARIA.phone
    assert whole.seen(refs) == [Seen.PRESENT]


def test_portal_user_under_a_hold_is_left_as_it_is(whole):
    refs = whole.refs(MARIA, "portal_users")
    [answer] = whole.connector.erase(refs, stop)
    assert isinstance(answer.error, StoppedError)
    assert whole.seen(refs) == [Seen.PRESENT]


def test_org_without_person_accounts_says_that_it_has_none():
    rig = Rig(NO_PERSON_ACCOUNTS)
    _, answers = rig.asked(MARIA)
    assert stores_of(answers)["person_accounts"].status is StoreStatus.NOT_PRESENT


def test_business_account_is_never_found(whole):
    business = {
        row.id
        for row in whole.vendor.org.records.values()
        if row.kind == "Account" and row.values["IsPersonAccount"] is False
    }
    assert business
    assert business & {each.remote_id for each in whole.found(MARIA)} == set()


def test_individual_that_prefers_to_be_forgotten_is_noted_and_still_there(whole):
    [ref] = whole.refs(MARIA, "individuals")
    whole.vendor.org.records[ref.remote_id].values["ShouldForget"] = True
    _, answers = whole.asked(MARIA)
    assert stores_of(answers)["individuals"].note.startswith("ShouldForget is set on one")
    assert whole.seen([ref]) == [Seen.PRESENT]


def test_shared_file_loses_its_link_alone(whole):
    files = {each.label: each for each in whole.found(MARIA) if each.store == "files"}
    assert set(files) == {"ContentDocument", "ContentDocumentLink"}
    documents = [r for r in whole.vendor.org.records.values() if r.kind == "ContentDocument"]
    link = whole.vendor.org.records[files["ContentDocumentLink"].remote_id]
    shared = next(r for r in documents if r.id == link.values["ContentDocumentId"])
    assert files["ContentDocument"].remote_id != shared.id
    for ref in whole.refs(MARIA, "files"):
        list(whole.connector.erase([ref], go))
    assert shared.deleted_at is None
    assert link.deleted_at is not None or link.id not in whole.vendor.org.records


@pytest.mark.parametrize("name", ["Nothing__c", "Contact", "x; DROP", "Survey__c' OR Id != '"])
def test_custom_object_the_org_does_not_show_is_unanswered(name):
    rig = Rig({"salesforce": {"objects": True}}, options={"custom_objects": name})
    _, answers = rig.asked(MARIA)
    assert isinstance(stores_of(answers)["custom"], Unanswered)


def test_mention_in_anothers_record_is_a_lead_and_nothing_deletes_it(whole):
    leads = [each for each in whole.found(MARIA) if each.store == "mentions"]
    assert leads
    assert {each.certain for each in leads} == {False}
    assert {each.remote_id for each in leads} & whole.held(MARIA) == set()
    refs = [ItemRef("mentions", each.remote_id, facts=each.facts) for each in leads]
    answers = list(whole.connector.erase(refs, go))
    assert {type(each.error) for each in answers} == {RefusedError}


def test_search_index_that_fails_is_a_task_for_a_person_and_blocks_nothing(whole):
    whole.wire.fault("no-search", True)
    _, answers = whole.asked(MARIA)
    said = stores_of(answers)["mentions"]
    assert (type(said), said.status) == (Searched, StoreStatus.MANUAL)
    assert said.manual


@pytest.mark.parametrize("fields", ["Contact.HomePhone", "Case.SuppliedEmail"])
def test_field_that_is_hidden_leaves_its_store_unanswered(whole, fields):
    whole.wire.fault("hidden-field", fields)
    said = stores_of(whole.connector.collect([Identifier(EMAIL, MARIA.email)], []))
    store = {"Contact": "contacts", "Case": "cases"}[fields.partition(".")[0]]
    assert isinstance(said[store], Unanswered)
    assert said[store].reason.endswith("INVALID_FIELD")


def test_cursor_that_goes_stale_leaves_the_store_unanswered_for_now():
    rig = Rig({"salesforce": {"objects": True, "page": 1}})
    people, _ = rig.asked(MARIA)
    rig.wire.fault("cursor", 1_000)
    answers = list(rig.connector.collect([Identifier(EMAIL, MARIA.email)], people))
    silent = [each for each in answers if isinstance(each, Unanswered)]
    assert silent
    assert {each.again for each in silent} == {True}
    assert not any(isinstance(each, Found) and each.store == silent[0].store for each in answers)
