"""The ServiceNow of the sandbox, asked over WSGI: every trap at least once."""

import base64
import json
from urllib.parse import quote, urlencode

import pytest

from erasure.sandbox.people import populate
from erasure.sandbox.server import application
from erasure.sandbox.servicenow.instance import made_id
from tests.sandbox.asking import ask

TABLE = "/api/now/v2/table"
CASES = "sn_customerservice_case"
PEOPLE = {person.key: person for person in populate("demo")}
MARIA = PEOPLE["maria"]
HOLDS = {"servicenow": {"holds": True}}
USER = made_id("csm_consumer_user", "maria/user")
CONSUMER = made_id("csm_consumer", "maria/consumer")
CASE = made_id(CASES, "maria/case0")
INCIDENT = made_id("incident", "maria/incident")
JOURNAL = made_id("sys_journal_field", "maria/journal0")


class Client:
    def __init__(self, app):
        self.app = app
        self.vendor = app.wires["servicenow"].vendor
        self.token = self.sign_in().json["access_token"]

    def sign_in(self, **given):
        known = self.vendor.credentials()
        form = {
            "grant_type": "client_credentials",
            "client_id": known["client_id"],
            "client_secret": known["client_secret"],
            **given,
        }
        return ask(self.app, "POST", "/servicenow/oauth_token.do", urlencode(form).encode())

    def call(self, method, path, body=None, auth=None, **query):
        headers = {"Authorization": auth or f"Bearer {self.token}"}
        return ask(self.app, method, f"/servicenow{path}", body, query=query, headers=headers)

    def rows(self, table, query, **params):
        reply = self.call("GET", f"{TABLE}/{table}", sysparm_query=query, **params)
        return reply.json["result"]

    def ids(self, table, query):
        return {row["sys_id"] for row in self.rows(table, query)}

    def delete(self, table, own):
        return self.call("DELETE", f"{TABLE}/{table}/{own}")

    def held(self, person="maria"):
        found = {}
        for row in self.vendor.holdings(person):
            found.setdefault(row["store"], set()).add(row["remote_id"])
        return found


def holding():
    """The sandbox, with data of people in this instance too."""
    app = application()
    app.reset("demo", HOLDS)
    return app


@pytest.fixture
def app(clock_file):
    return holding()


@pytest.fixture
def now(app):
    return Client(app)


def test_sign_in_twice_gives_the_same_token_until_it_ends(now, later):
    assert now.sign_in().json["access_token"] == now.token
    later(seconds=1800)
    assert now.call("GET", f"{TABLE}/incident").status == 401
    assert now.sign_in().json["access_token"] != now.token


def test_sign_in_with_a_wrong_secret_says_nothing_of_the_cause(now):
    reply = now.sign_in(client_secret="wrong")
    told = {"error_description": "access_denied", "error": "server_error"}
    assert (reply.status, reply.json) == (401, told)


def test_basic_sign_in_is_accepted(now):
    given = now.vendor.credentials()
    pair = base64.b64encode(f"{given['user']}:{given['password']}".encode()).decode()
    assert now.call("GET", f"{TABLE}/incident", auth=f"Basic {pair}").status == 200


@pytest.mark.parametrize(
    ("query", "found"),
    [
        (f"email={MARIA.email.upper()}", {USER}),
        (f"emailSTARTSWITH{MARIA.email}", {USER}),
        (f"emailENDSWITH{MARIA.email}", {USER}),
        (f"emailLIKE{MARIA.email}^mobile_phone={MARIA.phone}", {USER}),
        (f"sys_idIN{USER},nothing", {USER}),
        (f"sys_id>={USER}^sys_id<={USER}", {USER}),
        (f"sys_id={USER}^email=nobody@example.org", set()),
        (f"sys_id={USER}^email=nobody@example.org^ORemail={MARIA.email}", {USER}),
        (f"email=nobody@example.org^NQsys_id={USER}", {USER}),
        ("email=", set()),
    ],
)
def test_query_finds(now, query, found):
    assert now.ids("sys_user", query) == found


def test_query_on_an_unknown_column_returns_the_whole_table(now):
    everybody = now.ids("sys_user", "")
    assert now.ids("sys_user", f"u_emial={MARIA.email}") == everybody
    assert len(everybody) == sum(person.crm for person in PEOPLE.values())
    now.vendor.fault("invalid-columns-refused", True)
    assert now.ids("sys_user", f"u_emial={MARIA.email}") == set()


def test_query_with_an_empty_value_returns_rows_without_one(now):
    assert now.ids(CASES, "watch_list=") >= {CASE}


def test_query_with_a_script_evaluates_it(now):
    now.ids("sys_user", "email=javascript:gs.getUserID()")
    assert now.vendor.instance.evaluated == ["gs.getUserID()"]


def test_query_is_ordered(now):
    rows = [row["name"] for row in now.rows("sys_user", "ORDERBYDESCname")]
    assert rows == sorted(rows, reverse=True)


def test_unknown_fields_are_dropped_and_references_walked(now):
    rows = now.rows("incident", f"sys_id={INCIDENT}", sysparm_fields="caller_id.email,nothing")
    assert rows == [{"caller_id.email": MARIA.email}]


def test_reference_is_an_object_unless_excluded(now):
    path = f"{TABLE}/incident/{INCIDENT}"
    shown = now.call("GET", path, sysparm_fields="caller_id").json["result"]["caller_id"]
    assert shown["value"] == USER
    assert shown["link"].endswith(f"/servicenow/api/now/table/sys_user/{USER}")
    plain = now.call("GET", path, sysparm_exclude_reference_link="true").json["result"]
    assert plain["caller_id"] == USER
    assert all(isinstance(value, str) for value in plain.values())


def test_empty_list_is_404_in_v1_and_200_in_v2(now):
    query = {"sysparm_query": "email=nobody@example.org"}
    assert now.call("GET", "/api/now/v1/table/sys_user", **query).status == 404
    reply = now.call("GET", f"{TABLE}/sys_user", **query)
    assert (reply.status, reply.json) == (200, {"result": []})


def test_page_has_count_and_links(now):
    reply = now.call("GET", f"{TABLE}/sys_user", sysparm_limit=5, sysparm_offset=5)
    assert len(reply.json["result"]) == 5
    assert int(reply.headers["X-Total-Count"]) == len(now.ids("sys_user", ""))
    assert [f'rel="{name}"' in reply.headers["Link"] for name in ("first", "prev", "next")] == [
        True
    ] * 3


def test_hidden_rows_are_counted_and_answer_404(now):
    now.vendor.fault("hidden", "incident")
    reply = now.call("GET", f"{TABLE}/incident", sysparm_limit=5)
    assert (reply.json["result"], int(reply.headers["X-Total-Count"]) > 5) == ([], True)
    assert now.call("GET", f"{TABLE}/incident/{INCIDENT}").status == 404
    assert now.delete("incident", INCIDENT).status == 404


@pytest.mark.parametrize(
    ("fault", "message", "detail"),
    [
        ("servicenow-403", "Operation Failed", "ACL Exception Delete Failed"),
        ("closed", "User Not Authorized", "Failed API level ACL Validation"),
        ("business-rule", "Operation Failed", f"Operation against file '{CASES}' was aborted"),
    ],
)
def test_three_forms_of_403(now, fault, message, detail):
    now.vendor.fault(fault, CASES)
    reply = now.delete(CASES, CASE)
    assert (reply.status, reply.json["error"]["message"]) == (403, message)
    assert reply.json["error"]["detail"].startswith(detail)
    assert CASE in now.held()["cases"]


def test_servicenow_403_by_itself_closes_the_cases(now):
    now.vendor.fault("servicenow-403", True)
    assert now.call("GET", f"{TABLE}/{CASES}").status == 403
    assert now.call("GET", f"{TABLE}/incident").status == 200


def test_unknown_table_is_400(now):
    reply = now.call("GET", f"{TABLE}/sn_nothing")
    told = {"message": "Invalid table sn_nothing", "detail": None}
    assert (reply.status, reply.json["error"]) == (400, told)


def test_child_classes_are_found_in_their_parent(now):
    row = now.call("GET", f"{TABLE}/sys_user/{USER}").json["result"]
    assert row["sys_class_name"] == "csm_consumer_user"
    assert now.call("GET", f"{TABLE}/customer_contact/{USER}").status == 404


def test_delete_clears_references_and_leaves_journal_and_copies(now):
    assert now.delete("sys_user", USER).status == 204
    assert now.call("GET", f"{TABLE}/incident/{INCIDENT}").json["result"]["caller_id"] == ""
    copy = now.rows("sys_audit_delete", f"documentkey={USER}")[0]
    assert copy["tablename"] == "csm_consumer_user"
    assert json.loads(copy["payload"])["email"] == MARIA.email
    assert now.held()["deletion_copies"] == {USER}
    assert "devices" not in now.held()
    assert now.delete("sys_user", USER).status == 404


def test_delete_of_a_case_leaves_journal_and_attachment(now):
    now.delete(CASES, CASE)
    held = now.held()
    assert JOURNAL in held["journal"]
    assert held["attachments"] == {made_id("sys_attachment", "maria/attachment")}


def test_rollback_copies_end_after_ten_days(now, later):
    now.delete(CASES, CASE)
    kept = [row for row in now.vendor.holdings("maria") if row["store"] == "rollback_copies"]
    assert [row["what"].startswith("rollback copy until") for row in kept] == [True]
    assert now.delete("sys_rollback_context", kept[0]["remote_id"]).status == 403
    later(days=11)
    assert "rollback_copies" not in now.held()


def test_patch_keeps_old_values_in_the_audit_and_drops_unknown_columns(now):
    body = {"email": "", "first_name": "Erased", "last_name": "Erased", "nothing": "x"}
    row = now.call("PATCH", f"{TABLE}/sys_user/{USER}", body).json["result"]
    assert (row["email"], row["name"], "nothing" in row) == ("", "Erased Erased", False)
    kept = now.rows("sys_audit", f"documentkey={USER}^fieldname=email")
    assert [each["oldvalue"] for each in kept] == [MARIA.email]


def test_audit_rows_stay_unless_opened(now):
    own = made_id("sys_audit", "maria/audit")
    assert now.delete("sys_audit", own).status == 403
    now.vendor.fault("audit-open", True)
    assert now.delete("sys_audit", own).status == 204
    assert "audit" not in now.held()


def test_lying_vendor_says_204_and_removes_nothing(now):
    now.vendor.fault("lying-vendor", True)
    assert now.delete(CASES, CASE).status == 204
    assert CASE in now.held()["cases"]


def test_rate_answers_429_with_headers(now):
    now.vendor.fault("rate", 1)
    reply = now.call("GET", f"{TABLE}/incident")
    assert (reply.status, reply.headers["Retry-After"]) == (429, "2")
    assert {"X-RateLimit-Limit", "X-RateLimit-Reset", "X-RateLimit-Rule"} <= set(reply.headers)
    assert now.call("GET", f"{TABLE}/incident").status == 200


def test_long_query_is_414(now):
    assert now.call("GET", f"{TABLE}/incident", sysparm_query="a" * 6001).status == 414


def test_batch_serves_some_and_hides_failure_behind_200(now):
    now.vendor.fault("batch-quota", 2)
    urls = [f"{TABLE}/incident/{INCIDENT}", f"{TABLE}/nothing", f"{TABLE}/incident"]
    asked = [{"id": str(at), "method": "GET", "url": quote(url)} for at, url in enumerate(urls)]
    reply = now.call("POST", "/api/now/v1/batch", {"rest_requests": asked})
    served = [each["status_code"] for each in reply.json["serviced_requests"]]
    assert (reply.status, served, reply.json["unserviced_requests"]) == (200, [200, 400], ["2"])


def test_stats_count_as_text_and_attachments_answer(now):
    reply = now.call("GET", f"/api/now/stats/{CASES}", sysparm_query=f"contact={USER}")
    assert reply.json == {"result": {"stats": {"count": "2"}}}
    own = made_id("sys_attachment", "maria/attachment")
    assert now.call("DELETE", f"/api/now/attachment/{own}").status == 204
    assert "attachments" not in now.held()


def test_dictionary_tells_own_columns_and_parents(now):
    names = {row["element"] for row in now.rows("sys_dictionary", "name=incident")}
    assert names == {"caller_id"}
    row = now.rows("sys_db_object", "name=incident", sysparm_exclude_reference_link="true")[0]
    parent = now.call("GET", f"{TABLE}/sys_db_object/{row['super_class']}").json["result"]
    assert parent["name"] == "task"


def test_everybody_known_holds_every_store(now):
    usual = {"users", "consumers", "cases", "incidents", "interactions", "journal",
             "attachments", "emails", "conversations", "messages", "devices", "audit", "history",
             "chat_profiles", "chat_accounts", "consumer_profiles"}  # fmt: skip
    for person in PEOPLE.values():
        own = set(now.held(person.key)) - {"watch_lists", "archived_emails"}
        assert own == (usual if person.crm else set())
    assert len(now.held()["cases"]) == len(now.held()["messages"]) == 2
    assert len(now.held()["archived_emails"]) == 1


def test_shared_watch_list_names_two_people(now):
    row = now.rows(CASES, "watch_listLIKEhousehold@example.org")[0]
    assert now.held("family1")["watch_lists"] == now.held("family2")["watch_lists"]
    assert now.held("family1")["watch_lists"] == {row["sys_id"]}


def test_ids_are_the_same_after_a_reset(now):
    before = now.held()
    now.delete(CASES, CASE)
    now.app.reset("demo", HOLDS)
    assert now.held() == before == Client(holding()).held()
