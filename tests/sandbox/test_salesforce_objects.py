"""The org that holds every object, asked over WSGI."""
# ruff: noqa: S608 - the statements are for an invented org

import pytest

from erasure.sandbox import clock
from erasure.sandbox.people import populate
from erasure.sandbox.salesforce import Salesforce
from erasure.sandbox.salesforce.deletion import purge
from tests.sandbox.test_salesforce import ROOT, Client, code_of

PEOPLE = populate("demo")
KNOWN = [person for person in PEOPLE if person.crm]
FIRST, SECOND = KNOWN[:2]


@pytest.fixture
def vendor():
    salesforce = Salesforce()
    salesforce.reset(PEOPLE, {"salesforce": {"objects": True}}, clock.now())
    return salesforce


@pytest.fixture
def client(vendor):
    return Client(vendor)


def delete(client, kind, id18):
    status, _, answer = client.call("DELETE", f"{ROOT}/sobjects/{kind}/{id18}")
    return status, answer


def test_person_with_every_object_has_every_store(vendor):
    stores = {row["store"] for row in vendor.holdings(FIRST.key)}
    assert stores == {
        *("contacts", "person_accounts", "leads", "portal_users", "individuals", "cases"),
        *("contact_points", "campaign_members", "case_comments", "emails", "activities"),
        *("links", "chats", "messaging", "voice_calls", "files", "notes", "feed", "history"),
        "custom",
    }


def test_bystanders_have_linked_records_too(vendor):
    bystander = next(person for person in KNOWN if person.bystander)
    stores = {row["store"] for row in vendor.holdings(bystander.key)}
    assert ("leads" in stores, "person_accounts" in stores) == (True, True)


@pytest.mark.parametrize("kind", ["User", "ContentVersion", "ContactHistory"])
def test_undeletable_record_is_refused(client, kind):
    status, answer = delete(client, kind, client.ids(f"SELECT Id FROM {kind} LIMIT 1")[0])
    assert (status, code_of(answer)) == (400, "INSUFFICIENT_ACCESS_OR_READONLY")


def test_archived_task_is_shown_by_query_all_only(client):
    soql = "SELECT Id FROM Task WHERE IsArchived = true"
    assert client.ids(soql) == []
    assert len(client.ids(soql, "queryAll")) == len(KNOWN)


@pytest.mark.parametrize(
    ("pattern", "found"),
    [("%@example.net", True), (r"%\_%\_%\_%", False), (r"%\%%", False), ("%@EXAMPLE_NET", True)],
)
def test_like_knows_wildcards_and_their_escapes(client, pattern, found):
    assert bool(client.ids(f"SELECT Id FROM Contact WHERE Email LIKE '{pattern}'")) is found


def test_links_of_documents_without_a_scope_are_refused(client):
    status, answer = client.query("SELECT Id FROM ContentDocumentLink")
    assert (status, code_of(answer)) == (400, "MALFORMED_QUERY")


def test_document_of_the_first_person_is_linked_to_the_second_too(client):
    soql = "SELECT Id FROM ContentDocument WHERE Title = 'Minutes of a meeting'"
    document = client.ids(soql)[0]
    soql = f"SELECT Id FROM ContentDocumentLink WHERE ContentDocumentId = '{document}'"
    assert len(client.ids(soql)) == 2


def test_case_takes_its_comments_along_without_own_bin_entries(vendor, client):
    soql = "SELECT Id, ParentId FROM CaseComment LIMIT 1"
    comment = client.query(soql)[1]["records"][0]
    assert delete(client, "Case", comment["ParentId"])[0] == 204
    assert comment["Id"] not in client.ids("SELECT Id FROM CaseComment")
    assert purge(vendor.org, comment["Id"]).code == "INVALID_ID_FIELD"
    assert purge(vendor.org, comment["ParentId"]) is None
    assert comment["Id"] not in client.ids("SELECT Id FROM CaseComment", "queryAll")


def test_describe_names_the_type_of_custom_email_fields(client):
    _, _, answer = client.call("GET", f"{ROOT}/sobjects/Invoice__c/describe")
    fields = {each["name"]: (each["type"], each["custom"]) for each in answer["fields"]}
    assert fields["Email__c"] == ("email", True)


def test_org_without_the_option_has_no_other_objects(client, vendor):
    vendor.reset(PEOPLE, {}, clock.now())
    status, answer = Client(vendor).query("SELECT Id FROM Lead")
    assert (status, code_of(answer)) == (400, "INVALID_TYPE")


def soap(client, call, id18, session=None):
    head = f"<SessionHeader><sessionId>{session or client.token}</sessionId></SessionHeader>"
    status, _, text = client.call(
        "POST", "/services/Soap/u/62.0", f"{head}<{call} ><ids>{id18}</ids>"
    )
    return status, text


def test_soap_deletes_history_and_empties_the_bin_once(client):
    row = client.ids("SELECT Id FROM ContactHistory LIMIT 1")[0]
    task = client.ids("SELECT Id FROM Task LIMIT 1")[0]
    assert "<success>true" in soap(client, "delete", row)[1]
    assert row not in client.ids("SELECT Id FROM ContactHistory", "queryAll")
    delete(client, "Task", task)
    assert "<success>true" in soap(client, "emptyRecycleBin", task)[1]
    assert "no recycle bin entry found" in soap(client, "emptyRecycleBin", task)[1]


def test_soap_with_a_foreign_session_answers_a_fault(client):
    status, text = soap(client, "delete", "003", "a.b.c")
    assert (status, "sf:INVALID_SESSION_ID" in text) == (500, True)
