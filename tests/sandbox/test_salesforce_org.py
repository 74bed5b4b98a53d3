"""Search, changes, sign-in and faults of the played org, asked over WSGI."""
# ruff: noqa: S608 - the statements are for an invented org

import base64
import json
from urllib.parse import quote, urlencode

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding

from erasure.sandbox import clock
from erasure.sandbox.people import find, populate
from erasure.sandbox.salesforce import Salesforce
from erasure.sandbox.salesforce.schema import STORES
from erasure.sandbox.salesforce.signin import CLIENT_ID, refusal
from erasure.sandbox.vendor import DroppedError
from tests.sandbox.test_salesforce import ROOT, Client, code_of, later  # noqa: F401

PEOPLE = populate("demo")
MARIA = find(PEOPLE, "maria")
JWT = "urn:ietf:params:oauth:grant-type:jwt-bearer"


@pytest.fixture
def org():
    return played()


def played(**options):
    salesforce = Salesforce()
    salesforce.reset(PEOPLE, {"salesforce": {"objects": True, **options}}, clock.now())
    return Client(salesforce)


def first(org, kind, where=""):
    return org.ids(f"SELECT Id FROM {kind} {where} LIMIT 1")[0]


def change(org, kind, id18, **fields):
    status, _, answer = org.call("PATCH", f"{ROOT}/sobjects/{kind}/{id18}", json.dumps(fields))
    return status, answer if status == 204 else code_of(answer)


def delete_all(org, *ids, together=False):
    query = f"ids={','.join(ids)}&allOrNone={str(together).lower()}"
    _, _, told = org.call("DELETE", f"{ROOT}/composite/sobjects", query=query)
    return [item["errors"][0]["statusCode"] if item["errors"] else "" for item in told]


def of_maria(org, kind):
    return [row["remote_id"] for row in org.vendor.holdings("maria") if row["what"] == kind]


@pytest.mark.parametrize("kind", STORES)
def test_every_object_holds_a_row_of_somebody_else(org, kind):
    owners = {one.owner for one in org.vendor.org.records.values() if one.kind == kind}
    assert {"maria"} < owners


def search(org, find):
    text = f"FIND {find} IN ALL FIELDS RETURNING Case(Id),CaseComment(Id)"
    status, _, answer = org.call("GET", f"{ROOT}/search", query=f"q={quote(text)}")
    return answer["searchRecords"] if status == 200 else code_of(answer)


def test_search_reads_long_text_and_names_the_object(org):
    kinds = {row["attributes"]["type"] for row in search(org, '{"Maria Beispiel"}')}
    assert kinds == {"Case", "CaseComment"}


@pytest.mark.parametrize(
    "term", ['{"x} OR {y"}', '{"a+b"}', "{a:b}", r'{"a\q"}', '{"x}', '{"x"', '{"a"}']
)
def test_search_refuses_reserved_signs_and_broken_terms(org, term):
    assert search(org, term) == "MALFORMED_SEARCH"


def test_search_with_an_injected_phrase_returns_its_rows(org):
    alone, injected = search(org, '{"nowhere"}'), search(org, '{"nowhere" OR "asked"}')
    assert (alone, len(injected) > len(PEOPLE)) == ([], True)


def test_search_index_lags_behind_a_change(later):  # noqa: F811
    org = played(search_lag_minutes=10)
    case = of_maria(org, "Case")[0]
    change(org, "Case", case, Description="Nothing", SuppliedName=None)
    ids = [row["Id"] for row in search(org, '{"Maria Beispiel"}')]
    later(minutes=11)
    assert (case in ids, case in [row["Id"] for row in search(org, '{"Maria Beispiel"}')]) == (
        True,
        False,
    )


def test_parameterized_search_finds_by_email_field(org):
    body = {"q": MARIA.email, "in": "EMAIL", "sobjects": [{"name": "Lead"}]}
    _, _, answer = org.call("POST", f"{ROOT}/parameterizedSearch", json.dumps(body))
    assert [row["Id"] for row in answer["searchRecords"]] == of_maria(org, "Lead")


@pytest.mark.parametrize(
    ("soql", "code"),
    [
        ("SELECT Id FROM Lead WHERE IsConverted = 'true'", "INVALID_FIELD"),
        ("SELECT Id FROM Lead WHERE Id = 'x'", "INVALID_QUERY_FILTER_OPERATOR"),
        ("SELECT Id FROM Lead WHERE Id LIKE '00Q%'", "INVALID_QUERY_FILTER_OPERATOR"),
        ("SELECT Id FROM CaseComment WHERE CommentBody LIKE '%a%'", "INVALID_FIELD"),
        ("SELECT Id FROM Lead ORDER BY Description", "INVALID_FIELD"),
    ],
)
def test_query_of_a_wrong_type_is_refused(org, soql, code):
    status, answer = org.query(soql)
    assert (status, code_of(answer)) == (400, code)


def test_query_sorts_and_compares(org):
    ids = org.ids("SELECT Id FROM Lead ORDER BY Id DESC")
    assert ids == sorted(ids, key=str.lower, reverse=True)
    some = org.ids("SELECT Id FROM Lead WHERE NOT (CreatedDate > 2000-01-01T00:00:00Z)")
    assert some == []


def test_change_of_a_tracked_field_leaves_the_old_value_in_history(org):
    lead = of_maria(org, "Lead")[0]
    assert change(org, "Lead", lead, Email=None) == (204, "")
    soql = f"SELECT OldValue FROM LeadHistory WHERE LeadId = '{lead}' AND Field = 'Email'"
    old = [row["OldValue"] for row in org.query(soql)[1]["records"]]
    assert sorted(old) == sorted([f"old.{MARIA.email}", MARIA.email])
    assert len(of_maria(org, "LeadHistory")) == 2


@pytest.mark.parametrize(
    ("kind", "fields", "code"),
    [
        ("Lead", {"Nickname": "x"}, "INVALID_FIELD"),
        ("Lead", {"Name": "x"}, "INVALID_FIELD_FOR_INSERT_UPDATE"),
        ("Lead", {"LastName": None}, "REQUIRED_FIELD_MISSING"),
        ("Lead", {"Email": "x"}, "INVALID_EMAIL_ADDRESS"),
        ("EmailMessage", {"FromAddress": None}, "INSUFFICIENT_ACCESS_OR_READONLY"),
        ("User", {"Alias": "123456789"}, "STRING_TOO_LONG"),
        ("LeadHistory", {"Field": "x"}, "INSUFFICIENT_ACCESS_OR_READONLY"),
    ],
)
def test_change_the_vendor_refuses(org, kind, fields, code):
    assert change(org, kind, of_maria(org, kind)[0], **fields) == (400, code)


def test_username_of_another_user_is_refused(org):
    user = of_maria(org, "User")[0]
    other = find(PEOPLE, "jo1")
    told = change(org, "User", user, Username=f"portal.{other.email}")
    assert told == (400, "DUPLICATE_USERNAME")


def test_portal_user_counts_until_nothing_of_the_person_is_left(org):
    user = of_maria(org, "User")[0]
    change(org, "User", user, Email="x@example.invalid", IsActive=False)
    assert of_maria(org, "User") == [user]
    names = {"FirstName": "x", "LastName": "x", "Alias": "x", "CommunityNickname": "x1"}
    assert change(org, "User", user, Username="x@example.invalid", **names)[0] == 204
    assert of_maria(org, "User") == []


def test_contact_goes_only_after_its_cases_and_its_portal_user(org):
    user = of_maria(org, "User")[0]
    [row] = org.query(f"SELECT ContactId FROM User WHERE Id = '{user}'")[1]["records"]
    contact = row["ContactId"]
    cases = org.ids(f"SELECT Id FROM Case WHERE ContactId = '{contact}'")
    told = [delete_all(org, contact), delete_all(org, *cases), delete_all(org, contact)]
    change(org, "User", user, IsActive=False)
    assert [*told, delete_all(org, contact)] == [["DELETE_FAILED"], [""], ["DELETE_FAILED"], [""]]
    soql = f"SELECT Id FROM LiveChatTranscript WHERE ContactId = '{contact}'"
    assert org.ids(soql) == []


def test_all_or_none_rolls_everything_back(org):
    lead, contact = of_maria(org, "Lead")[0], of_maria(org, "Contact")[0]
    told = delete_all(org, lead, contact, together=True)
    assert told == ["ALL_OR_NONE_OPERATION_ROLLED_BACK", "DELETE_FAILED"]
    assert org.ids(f"SELECT Id FROM Lead WHERE Id = '{lead}'") == [lead]


def test_person_account_takes_its_contact_along(org):
    soql = f"SELECT Id, PersonContactId FROM Account WHERE PersonEmail = '{MARIA.email}'"
    [row] = org.query(soql)[1]["records"]
    contact = row["PersonContactId"]
    assert delete_all(org, contact) == ["INVALID_PERSON_ACCOUNT_OPERATION"]
    change(org, "Account", row["Id"], PersonEmail=None)
    soql = f"SELECT Email FROM Contact WHERE Id = '{contact}'"
    assert [one["Email"] for one in org.query(soql)[1]["records"]] == [None]
    assert delete_all(org, row["Id"]) == [""]
    assert org.query(soql)[1]["records"] == []


def test_org_without_person_accounts_has_no_such_field():
    status, answer = played(person_accounts=False).query("SELECT PersonEmail FROM Account")
    assert (status, code_of(answer)) == (400, "INVALID_FIELD")


def test_describe_names_children_and_what_becomes_of_them(org):
    _, _, told = org.call("GET", f"{ROOT}/sobjects/Lead/describe")
    lines = {(one["childSObject"], one["cascadeDelete"]) for one in told["childRelationships"]}
    assert {("CampaignMember", True), ("Loyalty__c", False)} <= lines


def part(value):
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def sign_in(org, **claims):
    given = org.vendor.credentials()
    own = {
        "iss": given["client_id"],
        "sub": given["jwt_user"],
        "aud": "https://login.salesforce.com",
    }
    own |= {"exp": clock.now().timestamp() + 120, **claims}
    head = part(json.dumps({"alg": "RS256"}).encode())
    signed = f"{head}.{part(json.dumps(own).encode())}"
    key = serialization.load_pem_private_key(given["private_key"].encode(), None)
    signature = key.sign(signed.encode(), padding.PKCS1v15(), hashes.SHA256())
    form = {"grant_type": JWT, "assertion": f"{signed}.{part(signature)}"}
    return org.call("POST", "/services/oauth2/token", urlencode(form))


def test_sign_in_with_a_signed_assertion_gives_a_token_that_works(org):
    status, _, answer = sign_in(org)
    org.token = answer["access_token"]
    assert (status, org.query("SELECT Id FROM Organization")[0]) == (200, 200)


@pytest.mark.parametrize(
    ("claims", "told"),
    [
        ({"iss": "x"}, "client identifier invalid"),
        ({"sub": "x"}, "user hasn't approved this consumer"),
        ({"aud": "https://example.org"}, "audience is invalid"),
        ({"exp": 0}, "expired authorization code"),
        ({"exp": 99_999_999_999}, "expired authorization code"),
    ],
)
def test_sign_in_with_a_wrong_claim_says_which(org, claims, told):
    status, _, answer = sign_in(org, **claims)
    assert (status, answer["error_description"]) == (400, told)


def test_sign_in_with_a_foreign_signature_is_refused(org):
    form = {"grant_type": JWT, "assertion": f"{part(b'{}')}.{part(b'{}')}.{part(b'x' * 256)}"}
    status, _, answer = org.call("POST", "/services/oauth2/token", urlencode(form))
    assert (status, answer["error"]) == (400, "invalid_grant")


def test_login_host_refuses_client_credentials():
    form = {"grant_type": "client_credentials", "client_id": CLIENT_ID}
    told = refusal(form, "", "http://login.localhost", "login.localhost")
    assert told["error_description"] == "request not supported on this domain"


def test_soap_refuses_a_token_of_jwt_shape():
    org = played(jwt_tokens=True)
    head = f"<SessionHeader><sessionId>{org.token}</sessionId></SessionHeader>"
    status, _, text = org.call("POST", "/services/Soap/u/62.0", f"{head}<delete ></delete>")
    assert (status, "INVALID_SESSION_ID" in text) == (500, True)


def test_stale_cursor_is_told_as_often_as_asked_for():
    org = played(page=3)
    org.vendor.fault("cursor", 1)
    following = org.query("SELECT Id FROM Lead")[1]["nextRecordsUrl"]
    told = [org.call("GET", following)[0] for _ in range(2)]
    assert told == [400, 200]


def test_hidden_field_and_row_are_left_out(org):
    lead = of_maria(org, "Lead")[0]
    org.vendor.fault("hidden-field", "Lead.Email")
    org.vendor.fault("hidden-row", "maria")
    assert code_of(org.query("SELECT Email FROM Lead")[1]) == "INVALID_FIELD"
    assert (lead in org.ids("SELECT Id FROM Lead"), of_maria(org, "Lead")) == (False, [lead])


def test_untouchable_object_refuses_each_deletion(org):
    org.vendor.fault("untouchable", "Lead")
    assert delete_all(org, of_maria(org, "Lead")[0]) == ["INSUFFICIENT_ACCESS_OR_READONLY"]


def test_timeout_after_a_deletion_has_deleted(org):
    lead = of_maria(org, "Lead")[0]
    org.vendor.fault("timeout-after", 1)
    with pytest.raises(DroppedError):
        delete_all(org, lead)
    assert org.ids(f"SELECT Id FROM Lead WHERE Id = '{lead}'") == []
