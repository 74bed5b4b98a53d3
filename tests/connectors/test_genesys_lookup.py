"""Contacts and GDPR subjects that carry an identifier."""

import json

import pytest
from responses import matchers

from erasure.connectors.base import Unanswered
from erasure.connectors.genesys import Genesys
from erasure.values import Identifier, IdentifierKind
from tests.connectors.given import BASE, NUMBER, PLANTED, CountingLimiter, account, with_token

API = f"{BASE}/api/v2"
CONTACTS = f"{API}/externalcontacts/contacts"
LOOKUP = f"{API}/externalcontacts/identifierlookup/contacts"
BULK = f"{API}/externalcontacts/bulk/contacts/unresolved"
SUBJECTS = f"{API}/gdpr/subjects"

EMAIL = Identifier(IdentifierKind.EMAIL, PLANTED)
PHONE = Identifier(IdentifierKind.PHONE, NUMBER)
NAME = Identifier(IdentifierKind.NAME, "Ada Beispiel")
CONTACT = Identifier(IdentifierKind.EXTERNAL_CONTACT, "c-1")
CRM = Identifier(IdentifierKind.CRM_CONTACT, "CRM-1")

ADA = {
    "id": "c-1",
    "division": {"id": "d-1"},
    "firstName": "Ada",
    "lastName": "Beispiel",
    "workEmail": "Ada.Beispiel@Example.org",
    "otherEmail": "no address",
    "cellPhone": {"e164": NUMBER, "display": "01632 960101"},
    "homePhone": {"userInput": "01632 960102"},
    "externalIds": [{"externalSource": {"id": "s-1"}, "value": "CRM-1"}],
    "identifiers": [
        {"type": "Email", "value": "ada@example.com"},
        {"type": "SocialWhatsapp", "value": "+441632960103"},
        {"type": "Cookie", "value": "crumbs"},
    ],
    "type": "Curated",
    "createDate": "2024-01-02T03:04:05.000Z",
}


def nothing_at(replies, *urls):
    for url in urls:
        if url == SUBJECTS:
            replies.get(url, json={"entities": [], "total": 0})
        else:
            replies.post(url, status=404, json={"code": "contact.not.found"})


def test_lookup_by_email_reads_every_identifier_of_the_contact(replies, genesys):
    with_token(replies)
    body = matchers.json_params_matcher({"type": "Email", "value": PLANTED})
    query = matchers.query_param_matcher({"expand": ["identifiers", "division"]})
    replies.post(LOOKUP, json=ADA, match=[body, query])
    nothing_at(replies, SUBJECTS)
    [found] = genesys.lookup(EMAIL)
    assert (found.store, found.remote_id, found.division) == ("external_contacts", "c-1", "d-1")
    assert (found.names, found.certain, found.facts) == (
        ("Ada Beispiel",),
        True,
        {"type": "Curated", "ancestor": False},
    )
    assert dict(found.fields) == {
        EMAIL: "work e-mail",
        PHONE: "mobile phone",
        CRM: "CRM id",
        Identifier(IdentifierKind.EMAIL, "ada@example.com"): "listed e-mail",
        Identifier(IdentifierKind.WHATSAPP, "+441632960103"): "WhatsApp",
        Identifier(IdentifierKind.PHONE, "+441632960103"): "WhatsApp",
        CONTACT: "contact id",
    }
    assert found.identifiers == tuple(found.fields)


SOCIAL = {
    "id": "c-1",
    "twitterId": {"id": "77", "screenName": "@Ada_Beispiel"},
    "whatsAppId": {"phoneNumber": {"e164": NUMBER}},
    "facebookId": {"ids": [{"scopedId": "f-1"}, {"scopedId": "f-2"}]},
    "instagramId": {"ids": [{"scopedId": "88"}], "handle": "Ada.B"},
    "lineId": {"ids": [{"userId": "U4aF"}]},
    "appleOpaqueIds": [{"value": "urn:mbid:AQ"}],
    "identifiers": [
        {"type": "SocialWhatsappBsuid", "value": "bs-1"},
        {"type": "SocialLine", "value": "U4aF"},
        {"type": "SomethingNew", "value": "x"},
    ],
}


def test_contact_yields_every_social_handle_and_where_it_stands(replies, genesys):
    with_token(replies)
    replies.get(f"{CONTACTS}/c-1", json=SOCIAL)
    [found] = genesys.lookup(CONTACT)
    assert {(one.kind.value, one.value): place for one, place in found.fields.items()} == {
        ("twitter", "ada_beispiel"): "X (Twitter)",
        ("twitter", "77"): "X (Twitter)",
        ("whatsapp", NUMBER): "WhatsApp",
        ("phone", NUMBER): "WhatsApp",
        ("facebook", "f-1"): "Facebook",
        ("facebook", "f-2"): "Facebook",
        ("instagram", "88"): "Instagram",
        ("instagram", "ada.b"): "Instagram",
        ("line", "U4aF"): "LINE",
        ("apple_messages", "urn:mbid:AQ"): "Apple Messages",
        ("whatsapp", "bs-1"): "WhatsApp",
        ("external_contact", "c-1"): "contact id",
    }


@pytest.mark.parametrize(
    ("kind", "value", "types", "searched"),
    [
        ("whatsapp", NUMBER, ["SocialWhatsapp"], "WHATSAPP"),
        ("whatsapp", "bs-1", ["SocialWhatsapp", "SocialWhatsappBsuid"], "WHATSAPP"),
        ("twitter", "ada_beispiel", ["SocialTwitter"], "TWITTER"),
        ("facebook", "f-1", ["SocialFacebook"], "FACEBOOK"),
        ("instagram", "88", ["SocialInstagram"], "INSTAGRAM"),
        ("instagram", "ada.b", ["SocialInstagram", "SocialInstagramHandle"], "INSTAGRAM"),
        ("line", "U4aF", ["SocialLine"], None),
        ("apple_messages", "urn:mbid:AQ", ["AppleOpaqueId"], "APPLE_MESSAGES"),
        ("customer", "K-7", ["ExternalId"], "EXTERNAL_ID"),
    ],
)
def test_every_kind_of_identifier_is_looked_up_by_its_own_type(
    replies, genesys, kind, value, types, searched
):
    with_token(replies)
    nothing_at(replies, LOOKUP, *([SUBJECTS] if searched else []))
    assert list(genesys.lookup(Identifier(IdentifierKind(kind), value))) == []
    calls = [call.request for call in replies.calls][1:]
    bodies = [json.loads(one.body) for one in calls if one.method == "POST"]
    assert bodies == [{"type": each, "value": value} for each in types]
    params = [one.params for one in calls if one.method == "GET"]
    assert params == ([{"searchType": searched, "searchValue": value}] if searched else [])


def test_subjects_social_handle_is_an_identifier(replies, genesys):
    handle = {"type": "WHATSAPP", "value": NUMBER}
    with_token(replies)
    nothing_at(replies, LOOKUP)
    subject = {"externalContactId": "c-1", "socialHandle": handle}
    replies.get(SUBJECTS, json={"entities": [subject], "total": 1})
    [found] = genesys.lookup(EMAIL)
    whatsapp = Identifier(IdentifierKind.WHATSAPP, NUMBER)
    assert dict(found.fields) == {
        whatsapp: "WhatsApp",
        PHONE: "WhatsApp",
        CONTACT: "contact id",
    }


def test_lookup_without_a_hit_finds_nothing(replies, genesys):
    with_token(replies)
    nothing_at(replies, LOOKUP, SUBJECTS)
    assert list(genesys.lookup(PHONE)) == []


def test_lookup_of_a_merged_contact_finds_the_whole_set(replies, genesys):
    merged = {"canonicalContact": {"id": "c-9"}, "mergeSet": [{"id": "c-9"}, {"id": "c-1"}]}
    head = {"id": "c-9", "firstName": "Ada", "otherEmail": "old@example.org", **merged}
    with_token(replies)
    replies.post(LOOKUP, json={**ADA, **merged})
    replies.get(f"{CONTACTS}/c-9", json=head)
    ids = matchers.json_params_matcher({"entities": [{"id": "c-1"}]})
    result = {"id": "c-1", "success": True, "status": 200, "entity": ADA}
    replies.post(BULK, json={"results": [result], "errorCount": 0}, match=[ids])
    nothing_at(replies, SUBJECTS)
    found = list(genesys.lookup(EMAIL))
    assert [(one.remote_id, one.facts["ancestor"]) for one in found] == [
        ("c-9", False),
        ("c-1", True),
    ]
    other = Identifier(IdentifierKind.EXTERNAL_CONTACT, "c-9")
    assert all({CONTACT, other} <= set(one.identifiers) for one in found)


def test_lookup_by_an_ancestors_id_finds_the_ancestor_too(replies, genesys):
    with_token(replies)
    replies.get(f"{CONTACTS}/c-1", json={"id": "c-9"})
    result = {"id": "c-1", "success": True, "entity": ADA}
    replies.post(BULK, json={"results": [result]})
    assert [one.remote_id for one in genesys.lookup(CONTACT)] == ["c-9", "c-1"]


def test_lookup_with_a_merged_contact_left_unread_is_unanswered(replies, genesys):
    with_token(replies)
    replies.get(f"{CONTACTS}/c-1", json={**ADA, "mergeSet": [{"id": "c-1"}, {"id": "c-2"}]})
    replies.post(BULK, json={"results": [{"id": "c-2", "success": False, "status": 500}]})
    *found, missing = genesys.lookup(CONTACT)
    assert [one.remote_id for one in found] == ["c-1"]
    assert (missing.store, missing.again) == ("external_contacts", False)


@pytest.mark.parametrize(("status", "again"), [(403, False), (400, False), (503, True)])
def test_lookup_that_fails_is_unanswered_and_subjects_go_on(replies, genesys, status, again):
    with_token(replies)
    replies.post(LOOKUP, status=status, json={"message": PLANTED})
    replies.get(SUBJECTS, json={"entities": [{"externalContactId": "c-1"}], "total": 1})
    unanswered, subject = genesys.lookup(EMAIL)
    assert (unanswered.store, unanswered.again) == ("external_contacts", again)
    assert PLANTED not in unanswered.reason
    assert subject.remote_id == "externalContactId:c-1"


def test_lookup_without_permission_names_the_one_missing(replies, genesys):
    with_token(replies)
    nothing_at(replies, LOOKUP)
    params = {"permissions": "gdpr:subject:view"}
    replies.get(SUBJECTS, status=403, json={"code": "missing.permissions", "messageParams": params})
    assert list(genesys.lookup(EMAIL)) == [
        Unanswered(
            "gdpr_subjects",
            "GET /api/v2/gdpr/subjects answered 403 missing.permissions (gdpr:subject:view)",
        )
    ]


def test_lookup_refused_without_a_name_tells_the_stores_permissions(replies, genesys):
    with_token(replies)
    nothing_at(replies, LOOKUP)
    replies.get(SUBJECTS, status=403, json={"code": "not.authorized"})
    [unanswered] = genesys.lookup(EMAIL)
    assert unanswered.reason == (
        "GET /api/v2/gdpr/subjects answered 403 not.authorized"
        " (needs gdpr:subject:view, gdpr:request:view, gdpr:request:add)"
    )


@pytest.mark.parametrize(
    ("who", "kind"), [(EMAIL, "EMAIL"), (PHONE, "PHONE"), (CRM, "EXTERNAL_ID")]
)
def test_subject_search_sends_the_value_as_a_parameter(replies, genesys, who, kind):
    with_token(replies)
    nothing_at(replies, LOOKUP)
    query = {"searchType": kind, "searchValue": who.value}
    replies.get(SUBJECTS, json={"entities": []}, match=[matchers.query_param_matcher(query)])
    assert list(genesys.lookup(who)) == []


def test_subjects_are_found_by_each_id_they_carry(replies, genesys):
    dialer = {"id": "o-1", "contactListId": "l-1"}
    journey = {"type": "cookie", "id": "j-1"}
    subject = {
        "name": "Ada Beispiel",
        "externalContactId": "c-1",
        "dialerContactId": dialer,
        "journeyCustomer": journey,
        "externalId": "CRM-1",
        "emailAddresses": [PLANTED],
        "phoneNumbers": [f"tel:{NUMBER}", "unlisted"],
    }
    with_token(replies)
    nothing_at(replies, LOOKUP)
    replies.get(SUBJECTS, json={"entities": [subject], "total": 1})
    found = list(genesys.lookup(EMAIL))
    assert [one.remote_id for one in found] == [
        "externalContactId:c-1",
        "externalId:CRM-1",
        "dialerContactId:l-1:o-1",
        "journeyCustomer:cookie:j-1",
    ]
    assert {one.identifiers for one in found} == {(EMAIL, PHONE, CONTACT, CRM)}
    assert all(one.certain for one in found)


def test_subject_that_is_an_employee_is_marked(replies, genesys):
    with_token(replies)
    nothing_at(replies, LOOKUP)
    replies.get(SUBJECTS, json={"entities": [{"userId": "u-1"}], "total": 1})
    [found] = genesys.lookup(EMAIL)
    assert (found.remote_id, found.facts["employee"]) == ("userId:u-1", True)


def test_subject_without_an_id_is_a_lead_that_gives_nothing_away(replies, genesys):
    handle = {"type": "TWITTER", "value": "ada_beispiel"}
    subject = {"emailAddresses": [PLANTED], "socialHandle": handle}
    with_token(replies)
    nothing_at(replies, LOOKUP)
    replies.get(SUBJECTS, json={"entities": [subject], "total": 1})
    [found] = genesys.lookup(EMAIL)
    kind, _, digest = found.remote_id.partition(":")
    assert (kind, len(digest), found.certain) == ("identifiers", 32, False)
    assert found.facts == {"kind": "identifiers", "employee": False, "manual": True, "by": "email"}
    assert list(genesys.subjects.ids_of(subject))[0].key == found.remote_id


@pytest.mark.parametrize("more", [{"total": 2}, {"total": 1, "nextUri": "/api/v2/gdpr/subjects?p"}])
def test_more_subjects_than_returned_is_unanswered(replies, genesys, more):
    with_token(replies)
    nothing_at(replies, LOOKUP)
    replies.get(SUBJECTS, json={"entities": [{"externalContactId": "c-1"}], **more})
    assert list(genesys.lookup(EMAIL)) == [
        Unanswered("gdpr_subjects", "GET /api/v2/gdpr/subjects knows more subjects than it returns")
    ]


def test_name_gives_leads_only_and_drops_fuzzy_hits(replies, genesys):
    other = {"id": "c-2", "firstName": "Ada", "lastName": "Muster"}
    with_token(replies)
    replies.get(CONTACTS, json={"entities": [ADA, other], "partialResults": True})
    subject = {"name": "Ada Beispiel", "externalContactId": "c-1"}
    replies.get(SUBJECTS, json={"entities": [subject], "total": 1})
    found = list(genesys.lookup(NAME))
    assert [(one.store, one.remote_id, one.certain) for one in found] == [
        ("external_contacts", "c-1", False),
        ("gdpr_subjects", "externalContactId:c-1", False),
    ]
    assert found[0].facts["more"] is True


def test_name_search_that_fails_blocks_nothing(replies, genesys):
    with_token(replies)
    replies.get(CONTACTS, status=503)
    replies.get(SUBJECTS, status=403, json={})
    assert list(genesys.lookup(NAME)) == []


@pytest.mark.parametrize("status", [400, 404, 422])
def test_crm_id_without_a_source_is_left_to_the_subject_search(replies, genesys, status):
    with_token(replies)
    replies.post(LOOKUP, status=status, json={})
    nothing_at(replies, SUBJECTS)
    assert list(genesys.lookup(CRM)) == []


def test_crm_id_with_a_source_must_be_answered(replies):
    given = account(options={"external_source_id": "s-1"})
    with_token(replies)
    replies.post(LOOKUP, status=422, json={"code": "invalid.identifier"})
    nothing_at(replies, SUBJECTS)
    [unanswered] = Genesys(given, CountingLimiter()).lookup(CRM)
    sent = json.loads(replies.calls[1].request.body)
    assert sent == {"type": "ExternalId", "value": "CRM-1", "externalSource": {"id": "s-1"}}
    assert unanswered.store == "external_contacts"


def test_contact_that_is_no_contact_is_unanswered(replies, genesys):
    with_token(replies)
    replies.post(LOOKUP, json={"firstName": "Ada"})
    nothing_at(replies, SUBJECTS)
    assert list(genesys.lookup(EMAIL)) == [
        Unanswered("external_contacts", "external_contacts: The answer holds a record without id")
    ]


def test_secret_of_the_account_is_never_shown():
    given = account()
    assert "invented-secret" not in repr(given)
