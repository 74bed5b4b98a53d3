"""The Salesforce of the sandbox, asked over WSGI as the server asks it."""
# ruff: noqa: S608 - the statements are for an invented org

import json
from datetime import timedelta
from io import BytesIO
from urllib.parse import quote, urlencode

import pytest

from erasure.sandbox import clock
from erasure.sandbox.people import find, populate
from erasure.sandbox.salesforce import Salesforce
from erasure.sandbox.salesforce.soql import SoqlError, Table, parse, unescape

ROOT = "/services/data/v62.0"
PEOPLE = populate("demo")
MARIA = find(PEOPLE, "maria")
CONTACT = Table("Contact", ("Id", "Email", "Name", "Description"), frozenset({"Description"}))


class Client:
    """Signed in; ``call`` gives status, headers and what the body says."""

    def __init__(self, vendor):
        self.vendor = vendor
        given = vendor.credentials()
        form = {
            "grant_type": "client_credentials",
            "client_id": given["client_id"],
            "client_secret": given["client_secret"],
        }
        self.token = ""
        _, _, answer = self.call("POST", "/services/oauth2/token", urlencode(form))
        self.instance_url = answer["instance_url"]
        self.token = answer["access_token"]

    def call(self, method, path, body="", query=""):
        held = []
        data = body.encode()
        environ = {
            "REQUEST_METHOD": method,
            "SCRIPT_NAME": "/salesforce",
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "CONTENT_LENGTH": str(len(data)),
            "HTTP_HOST": "127.0.0.1:9",
            "HTTP_AUTHORIZATION": f"Bearer {self.token}",
            "wsgi.url_scheme": "http",
            "wsgi.input": BytesIO(data),
        }
        chunks = self.vendor(environ, lambda status, headers: held.append((status, dict(headers))))
        raw = b"".join(chunks)
        status, headers = held[-1]
        is_json = headers.get("Content-Type", "").startswith("application/json")
        return int(status[:3]), headers, json.loads(raw) if is_json else raw.decode()

    def query(self, soql, kind="query"):
        status, _, answer = self.call("GET", f"{ROOT}/{kind}", query=f"q={quote(soql)}")
        return status, answer

    def ids(self, soql, kind="query"):
        return [row["Id"] for row in self.query(soql, kind)[1]["records"]]


@pytest.fixture
def vendor():
    salesforce = Salesforce()
    salesforce.reset(PEOPLE, {}, clock.now())
    return salesforce


@pytest.fixture
def client(vendor):
    return Client(vendor)


@pytest.fixture
def later(monkeypatch, tmp_path):
    """Moves the sandbox's clock forward."""
    file = tmp_path / "clock"
    file.write_text("0")
    monkeypatch.setenv("ERASURE_CLOCK_FILE", str(file))
    return lambda **by: file.write_text(str(timedelta(**by).total_seconds()))


def table_named(name):
    return CONTACT if name == "Contact" else None


def code_of(answer):
    return answer[0]["errorCode"]


def test_sign_in_with_client_credentials_returns_own_instance_url(client):
    assert client.instance_url == "http://127.0.0.1:9/salesforce"


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"grant_type": "client_credentials", "client_id": "x"}, "invalid_client_id"),
        (
            {"grant_type": "client_credentials", "client_id": "sandbox-salesforce-client"},
            "invalid_client",
        ),
    ],
)
def test_sign_in_with_wrong_form_names_the_error(client, form, error):
    status, _, answer = client.call("POST", "/services/oauth2/token", urlencode(form))
    assert (status, answer["error"]) == (400, error)


def test_any_call_without_session_answers_401_array(vendor, client):
    vendor.fault("expired", True)
    status, answer = client.query("SELECT Id FROM Contact")
    assert (status, code_of(answer)) == (401, "INVALID_SESSION_ID")


def test_every_answer_tells_the_api_usage(client):
    _, headers, _ = client.call("GET", f"{ROOT}/query", query="q=SELECT+Id+FROM+Organization")
    assert headers["Sforce-Limit-Info"] == "api-usage=1/100000"


def test_maria_has_two_contacts_and_two_cases(vendor):
    stores = sorted(row["store"] for row in vendor.holdings("maria"))
    assert stores == ["cases", "cases", "contacts", "contacts"]


def test_every_bystander_has_a_contact_and_a_case(vendor):
    counts = {len(vendor.holdings(one.key)) for one in PEOPLE if one.bystander}
    assert counts == {2}


def test_reset_brings_the_same_ids_back(vendor):
    before = vendor.holdings("maria")
    vendor.reset(PEOPLE, {}, clock.now())
    assert vendor.holdings("maria") == before


def test_query_by_email_finds_contact_whatever_the_case(client):
    soql = f"SELECT Id, Email FROM Contact WHERE Email = '{MARIA.email.upper()}'"
    assert [row["Email"] for row in client.query(soql)[1]["records"]] == [MARIA.email]


def test_query_with_escaped_apostrophe_finds_contact(client):
    address = find(PEOPLE, "siobhan").email.replace("'", r"\'")
    assert len(client.ids(f"SELECT Id FROM Contact WHERE Email IN ('{address}')")) == 1


def test_query_with_injected_literal_returns_everybody(client):
    everybody = client.ids("SELECT Id FROM Contact")
    injected = "SELECT Id FROM Contact WHERE Email = 'x' OR Name != ''"
    assert client.ids(injected) == everybody


def test_query_with_15_character_id_finds_the_record(client):
    first = client.ids("SELECT Id FROM Contact LIMIT 1")
    assert client.ids(f"SELECT Id FROM Contact WHERE Id = '{first[0][:15]}'") == first


@pytest.mark.parametrize(
    ("soql", "code"),
    [
        ("SELECT Id FROM Contact WHERE Email = 'a", "MALFORMED_QUERY"),
        ("SELECT Id FROM Contact WHERE Email = 'a''b'", "MALFORMED_QUERY"),
        (r"SELECT Id FROM Contact WHERE Email = 'a\q'", "MALFORMED_QUERY"),
        (r"SELECT Id FROM Contact WHERE Email = 'a\%'", "MALFORMED_QUERY"),
        (r"SELECT Id FROM Contact WHERE Email = 'a\u0041'", "MALFORMED_QUERY"),
        ("SELECT Id FROM Contact WHERE Email = 'a\nb'", "MALFORMED_QUERY"),
        ("SELECT Id FROM Contact WHERE Email = 'a' AND Id = 'b' OR Id = 'c'", "MALFORMED_QUERY"),
        (r"SELECT Id FROM Contact WHERE Email LIKE 'a\q'", "MALFORMED_QUERY"),
        ("SELECT Id FROM Contact WHERE Email IN ()", "MALFORMED_QUERY"),
        ("SELECT Id FROM Contact; SELECT Id FROM Contact", "MALFORMED_QUERY"),
        ("SELECT Id FROM Contact LIMIT", "MALFORMED_QUERY"),
        ("SELECT FROM Contact", "MALFORMED_QUERY"),
        ("DELETE FROM Contact", "MALFORMED_QUERY"),
        ("SELECT Id FROM VoiceCall", "INVALID_TYPE"),
        ("SELECT Id FROM Contact WHERE Nickname = 'a'", "INVALID_FIELD"),
        ("SELECT Id, Nickname FROM Contact", "INVALID_FIELD"),
        ("SELECT Id FROM Contact WHERE Description = 'a'", "INVALID_FIELD"),
        ("SELECT Id FROM Contact WHERE Name = '" + "a" * 100_000 + "'", "MALFORMED_QUERY"),
    ],
)
def test_parse_refuses_what_the_vendor_refuses(soql, code):
    with pytest.raises(SoqlError) as error:
        parse(soql, table_named)
    assert error.value.code == code


@pytest.mark.parametrize(
    ("where", "matches"),
    [
        ("Email = 'ADA@example.org'", True),
        ("Email != 'ada@example.org'", False),
        ("Email NOT IN ('bo@example.org')", True),
        ("(Email = 'x' OR Name = 'Ada') AND Id = 'a1'", True),
        ("Email = 'x' OR Name = null", False),
    ],
)
def test_parse_of_condition_tests_rows_as_the_vendor(where, matches):
    row = {"Id": "a1", "Email": "ada@example.org", "Name": "Ada"}
    query = parse(f"SELECT Id FROM Contact WHERE {where}", table_named)
    assert query.test(row) is matches


def test_unescape_of_every_escape_gives_its_character():
    assert unescape(r"'\n\r\t\b\f\"\'\\'") == "\n\r\t\b\f\"'\\"


def test_query_beyond_a_page_goes_on_at_next_records_url(vendor):
    vendor.reset(PEOPLE, {"salesforce": {"page": 4}}, clock.now())
    client = Client(vendor)
    _, page = client.query("SELECT Id FROM Contact")
    ids = [row["Id"] for row in page["records"]]
    while not page["done"]:
        _, _, page = client.call("GET", page["nextRecordsUrl"])
        ids += [row["Id"] for row in page["records"]]
    assert (len(ids), len(set(ids))) == (page["totalSize"], page["totalSize"])


def test_query_with_stale_cursor_answers_invalid_locator(client):
    status, _, answer = client.call("GET", f"{ROOT}/query/01g000000000000000-2000")
    assert (status, code_of(answer)) == (400, "INVALID_QUERY_LOCATOR")


def web_case(client):
    return client.ids(f"SELECT Id FROM Case WHERE SuppliedEmail = '{MARIA.emails[1]}'")[0]


def shown(client, case_id, kind):
    return client.query(f"SELECT Id, IsDeleted FROM Case WHERE Id = '{case_id}'", kind)[1][
        "records"
    ]


def test_deleted_case_lies_in_the_bin_for_15_days(client, later):
    case_id = web_case(client)
    status, _, _ = client.call("DELETE", f"{ROOT}/sobjects/Case/{case_id}")
    live, with_bin = shown(client, case_id, "query"), shown(client, case_id, "queryAll")
    later(days=14, hours=23)
    almost = shown(client, case_id, "queryAll")
    later(days=15, minutes=1)
    assert (status, live, [row["IsDeleted"] for row in with_bin]) == (204, [], [True])
    assert (almost, shown(client, case_id, "queryAll")) == (with_bin, [])


def test_deleted_case_is_still_held(vendor, client):
    client.call("DELETE", f"{ROOT}/sobjects/Case/{web_case(client)}")
    what = sorted(row["what"] for row in vendor.holdings("maria"))
    assert what == ["Case", "Case in the recycle bin", "Contact", "Contact"]


def test_delete_twice_answers_entity_is_deleted(client):
    path = f"{ROOT}/sobjects/Case/{web_case(client)}"
    client.call("DELETE", path)
    status, _, answer = client.call("DELETE", path)
    assert (status, code_of(answer)) == (404, "ENTITY_IS_DELETED")


def test_composite_delete_answers_200_with_a_result_for_each(client):
    contact, case_id = contact_of_maria(client), web_case(client)
    unknown = "500" + "0" * 12
    query = f"ids={case_id},{contact},{unknown},nonsense&allOrNone=false"
    status, _, results = client.call("DELETE", f"{ROOT}/composite/sobjects", query=query)
    codes = [[error["statusCode"] for error in item["errors"]] for item in results]
    assert status == 200
    assert codes == [[], ["DELETE_FAILED"], ["INVALID_CROSS_REFERENCE_KEY"], ["MALFORMED_ID"]]


def contact_of_maria(client):
    return client.ids(f"SELECT Id FROM Contact WHERE Email = '{MARIA.email}'")[0]


def test_composite_delete_of_too_many_ids_is_refused(client):
    query = "ids=" + ",".join(["5" * 15] * 201)
    status, _, answer = client.call("DELETE", f"{ROOT}/composite/sobjects", query=query)
    assert (status, code_of(answer)) == (400, "EXCEEDED_ID_LIMIT")


def hard_delete(client, kind, ids):
    """The last state of a job and its two result files."""
    given = {"object": kind, "operation": "hardDelete", "contentType": "CSV", "lineEnding": "LF"}
    status, _, job = client.call("POST", f"{ROOT}/jobs/ingest", json.dumps(given))
    if status != 200:
        return status, job
    path = f"{ROOT}/jobs/ingest/{job['id']}"
    states = [job["state"]]
    assert client.call("PUT", f"/{job['contentUrl']}", "\n".join(["Id", *ids]))[0] == 201
    states.append(client.call("PATCH", path, '{"state": "UploadComplete"}')[2]["state"])
    while states[-1] != "JobComplete":
        states.append(client.call("GET", path)[2]["state"])
    files = [
        client.call("GET", f"{path}/{name}")[2] for name in ("successfulResults", "failedResults")
    ]
    return states, files


def test_hard_delete_job_removes_for_good_and_reports_failed_rows(client):
    case_id, contact = web_case(client), contact_of_maria(client)
    states, files = hard_delete(client, "Case", [case_id, contact])
    assert states == ["Open", "UploadComplete", "InProgress", "JobComplete"]
    assert files[0] == f'"sf__Id","sf__Created","Id"\n"{case_id}","false","{case_id}"\n'
    assert files[1].splitlines()[1].startswith(f'"{contact}","NOT_FOUND:')
    assert shown(client, case_id, "queryAll") == []


def test_hard_deleted_row_stays_as_tombstone_while_told_to(vendor, later):
    vendor.reset(PEOPLE, {"salesforce": {"tombstone_hours": 24}}, clock.now())
    client = Client(vendor)
    case_id = web_case(client)
    hard_delete(client, "Case", [case_id])
    held = [row["remote_id"] for row in vendor.holdings("maria")]
    before = [row["IsDeleted"] for row in shown(client, case_id, "queryAll")]
    later(hours=25)
    assert (case_id in held, before, shown(client, case_id, "queryAll")) == (False, [True], [])


def test_hard_delete_without_permission_is_refused(vendor, client):
    vendor.fault("no-hard-delete", True)
    status, answer = hard_delete(client, "Case", [web_case(client)])
    assert (status, code_of(answer).lower()) == (400, "featurenotenabled")


def test_lying_vendor_says_done_and_removes_nothing(vendor, client):
    vendor.fault("lying-vendor", True)
    case_id = web_case(client)
    status, _, _ = client.call("DELETE", f"{ROOT}/sobjects/Case/{case_id}")
    states, files = hard_delete(client, "Case", [case_id])
    assert (status, states[-1], case_id in files[0]) == (204, "JobComplete", True)
    assert [row["IsDeleted"] for row in shown(client, case_id, "query")] == [False]


def test_down_vendor_answers_503_with_a_page(vendor, client):
    vendor.fault("salesforce-down", True)
    status, headers, _ = client.call("GET", f"{ROOT}/query", query="q=SELECT+Id+FROM+Contact")
    assert (status, headers["Content-Type"]) == (503, "text/html")


def test_hidden_object_answers_invalid_type(vendor, client):
    vendor.fault("hidden", "Case")
    status, answer = client.query("SELECT Id FROM Case")
    assert (status, code_of(answer)) == (400, "INVALID_TYPE")


def test_unknown_fault_is_declined(vendor):
    assert vendor.fault("no-such-fault", True) is False


def test_template_of_a_call_shows_no_id(vendor, client):
    case_id = web_case(client)
    environ = {"REQUEST_METHOD": "GET", "PATH_INFO": f"{ROOT}/sobjects/Case/{case_id}"}
    environ |= {"HTTP_AUTHORIZATION": f"Bearer {client.token}", "QUERY_STRING": ""}
    b"".join(vendor(environ, lambda *_: None))
    assert environ["sandbox.template"] == f"{ROOT}/sobjects/Case/{{id}}"


def test_limit_reached_answers_403_without_retry_after(vendor, client):
    vendor.fault("limit", "TotalRequests")
    status, headers, answer = client.call("GET", f"{ROOT}/query", query="q=SELECT+Id+FROM+Contact")
    assert (status, code_of(answer)) == (403, "REQUEST_LIMIT_EXCEEDED")
    assert "Retry-After" not in headers


def test_list_of_objects_names_those_the_user_sees(vendor, client):
    vendor.fault("hidden", "Case")
    _, _, answer = client.call("GET", f"{ROOT}/sobjects")
    shown = {each["name"]: each["deletable"] for each in answer["sobjects"]}
    assert shown == {"Contact": True, "Organization": False, "UserPermissionAccess": False}


@pytest.mark.parametrize("kind", ["Contact", "Case", "Organization", "UserPermissionAccess"])
def test_describe_of_every_listed_object_names_its_fields(client, kind):
    status, _, answer = client.call("GET", f"{ROOT}/sobjects/{kind}/describe")
    assert (status, answer["name"], len(answer["fields"]) > 2) == (200, kind, True)
