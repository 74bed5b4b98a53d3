"""Looking people up in the sandbox's own org, over the same session as in production."""

import pytest

from erasure.connectors.base import Unanswered
from erasure.connectors.salesforce import Salesforce
from erasure.values import Identifier, IdentifierKind
from tests.connectors.salesforce_rig import (
    BASE,
    BYSTANDER,
    EMAIL,
    JO,
    MARIA,
    NAME,
    PHONE,
    SIOBHAN,
)
from tests.connectors.wsgi import WsgiAdapter


def test_lookup_by_email_finds_contact_with_its_other_identifiers(rig):
    [contact] = rig.lookup(EMAIL, MARIA.email)
    expected = [(EMAIL, MARIA.email), *((PHONE, number) for number in MARIA.phones)]
    assert [(each.kind, each.value) for each in contact.identifiers] == expected
    assert (contact.store, contact.certain) == ("contacts", True)
    assert contact.names == (MARIA.name,)


def test_lookup_by_phone_in_another_spelling_finds_the_contact(rig):
    [contact] = rig.lookup(PHONE, BYSTANDER.phone)
    assert contact.label == BYSTANDER.name


def test_lookup_by_shared_mobile_finds_both_contacts(rig):
    found = rig.lookup(PHONE, MARIA.phones[1])
    assert sorted(each.label for each in found) == ["Maria Beispiel", "Maria Mustermann"]


def test_lookup_by_name_finds_leads_only(rig):
    found = rig.lookup(NAME, JO.name.upper())
    assert [each.certain for each in found] == [False, False]


def test_lookup_with_apostrophe_and_plus_finds_that_contact_alone(rig):
    assert [each.label for each in rig.lookup(EMAIL, SIOBHAN.email)] == [SIOBHAN.name]


@pytest.mark.parametrize("kind", [IdentifierKind.EXTERNAL_CONTACT, IdentifierKind.CRM_CONTACT])
def test_lookup_by_foreign_id_asks_nothing(rig, kind):
    assert (rig.lookup(kind, "CRM-1"), rig.vendor.requests) == ([], [])


@pytest.mark.parametrize(
    ("fault", "value", "again"),
    [
        ("salesforce-down", True, True),
        ("down", True, True),
        ("html", True, False),
        ("truncated", True, False),
        ("5xx", 1, True),
        ("429", 1, True),
        ("limit", "TotalRequests", True),
        ("hidden", "Contact", False),
    ],
)
def test_lookup_under_a_fault_is_unanswered_never_empty(rig, fault, value, again):
    rig.wire.fault(fault, value)
    answers = rig.lookup(EMAIL, MARIA.email)
    assert {type(each) for each in answers} == {Unanswered}
    assert {each.store: each.again for each in answers}["contacts"] is again


def test_lookup_by_name_that_fails_blocks_nothing(rig):
    rig.wire.fault("salesforce-down", True)
    assert rig.lookup(NAME, MARIA.name) == []


def test_lookup_when_the_day_is_spent_blocks_the_org_for_a_quarter_of_an_hour(rig):
    rig.vendor.fault("limit", "TotalRequests")
    rig.lookup(EMAIL, MARIA.email)
    assert rig.pace.blocked == [900.0]


def test_lookup_when_the_org_is_crowded_blocks_it_for_ten_seconds(rig):
    rig.vendor.fault("limit", "ConcurrentRequests")
    rig.lookup(EMAIL, MARIA.email)
    assert rig.pace.blocked == [10.0]


def test_lookup_after_session_ended_signs_in_once_more(rig):
    rig.lookup(EMAIL, MARIA.email)
    rig.vendor.fault("expired", True)
    assert len(rig.lookup(EMAIL, MARIA.email)) == 1


class Answers:
    """A WSGI application with one object that gives the same answer to every other query."""

    def __init__(self, body):
        self.body = body

    def __call__(self, environ, start_response):
        start_response("200 OK", [("Content-Type", "application/json")])
        if environ["PATH_INFO"].endswith("/token"):
            return [f'{{"access_token": "t", "instance_url": "{BASE}"}}'.encode()]
        if environ["PATH_INFO"].endswith("/sobjects"):
            return [b'{"sobjects": [{"name": "Contact"}]}']
        if environ["PATH_INFO"].endswith("/describe"):
            return [b'{"fields": [{"name": "Email", "type": "email"}]}']
        if "UserPermissionAccess" in environ["QUERY_STRING"]:
            return [b'{"done": true, "records": [{"PermissionsViewAllData": true}]}']
        return [self.body.encode()]


@pytest.mark.parametrize(
    "body",
    [
        "[]",
        '{"records": []}',
        '{"done": true}',
        '{"done": true, "records": [1]}',
        '{"done": false, "records": []}',
        '{"done": false, "records": [], "nextRecordsUrl": "https://example.org/steal"}',
        '{"done": false, "records": [], "nextRecordsUrl": "/services/data/v62.0/sobjects/x"}',
        '{"done": false, "records": [], "nextRecordsUrl": "/services/data/v62.0/query/a-1"}',
        '{"done": true, "records": [{"Id": "no id", "Email": "ada@example.org"}]}',
    ],
)
def test_lookup_of_an_unreadable_answer_is_unanswered(rig, body):
    connector = Salesforce(rig.account, rig.pace, adapter=WsgiAdapter(Answers(body), "/salesforce"))
    [answer] = connector.lookup(Identifier(EMAIL, "ada@example.org"))
    assert isinstance(answer, Unanswered)


def test_lookup_drops_rows_that_do_not_match(rig):
    row = '{"Id": "003000000000001", "Email": "other@example.org", "Name": "Ada"}'
    body = f'{{"done": true, "records": [{row}]}}'
    connector = Salesforce(rig.account, rig.pace, adapter=WsgiAdapter(Answers(body), "/salesforce"))
    assert list(connector.lookup(Identifier(EMAIL, "ada@example.org"))) == []
