"""The connector against a small instance in memory that has the Table API's traps."""

import json
import re
from datetime import timedelta
from io import BytesIO
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from requests import Response
from requests.adapters import BaseAdapter

from erasure import clock
from erasure.connectors.base import Erased, Found, NotErased, Reply, Searched, Seen, Unanswered
from erasure.connectors.servicenow import ServiceNow, query
from erasure.connectors.servicenow.stores import KINDS, STORES
from erasure.errors import BusyError, RefusedError, StoppedError
from erasure.values import Identifier, IdentifierKind, StoreStatus
from tests.connectors.given import CountingLimiter, account, allow, ref

BASE = "https://invented.service-now.com"
EMAIL, PHONE, NAME = IdentifierKind.EMAIL, IdentifierKind.PHONE, IdentifierKind.NAME
ADA, BOB, STAFF, CASE, OTHER, NOTE, MAIL, GROUP, ROLE = (f"{n:032x}" for n in range(1, 10))
TRACES = ("audit", "history", "deletion_copies")
OF_CASES = {"of": "sn_customerservice_case"}
COLUMNS = {
    kind.table: {
        *kind.people, *kind.emails, *kind.lists, *kind.phones, *kind.blanked,
        *([kind.of] if kind.of else []), *([kind.key] if kind.trace else []),
        "sys_id", "sys_class_name", "name", "watch_list",
    }
    for kind in KINDS
    if not kind.table.startswith("ar_") and not kind.linked
}  # fmt: skip
COLUMNS["sys_user_has_role"] = {"sys_id", "user", "role"}
COLUMNS["sys_history_line"] = {"sys_id", "set"}
COLUMNS["sys_user_role"] = {"sys_id", "name"}
CONDITION = re.compile(r"([a-z_]+)(STARTSWITH|ENDSWITH|ISNOTEMPTY|LIKE|IN|=|>)(.*)", re.DOTALL)


class Instance(BaseAdapter):
    """Ignores invalid columns, counts before access rules, answers in strings."""

    def __init__(self):
        super().__init__()
        self.tables = {name: {} for name in COLUMNS} | {"sys_db_object": {}}
        self.tables["sys_dictionary"] = {
            f"{n:032x}": {"name": table, "element": column}
            for n, (table, column) in enumerate(
                ((t, c) for t, names in COLUMNS.items() for c in sorted(names)), start=1000
            )
        }
        self.hidden, self.refused, self.stubborn = set(), {}, set()
        self.asked, self.audited = [], True

    def put(self, table, own, **row):
        self.tables[table][own] = row

    def send(self, request, **_):
        status, body, headers = self.answer(request)
        response = Response()
        response.status_code, response.url, response.request = status, request.url, request
        response.raw = BytesIO(b"" if body is None else json.dumps(body).encode())
        response.headers.update(headers)
        return response

    def answer(self, request):
        parts = urlsplit(request.url)
        asked = {key: value[0] for key, value in parse_qs(parts.query).items()}
        self.asked.append((request.method, unquote(parts.path), asked.get("sysparm_query", "")))
        if parts.path == "/oauth_token.do":
            return 200, {"access_token": "t", "expires_in": 1799}, {}
        table, _, own = parts.path.removeprefix("/api/now/v2/table/").partition("/")
        if table not in self.tables:
            return 400, failure(f"Invalid table {table}"), {}
        if (request.method, table) in self.refused:
            return self.refused[request.method, table], failure("Operation Failed"), {}
        rows = self.tables[table]
        if not own:
            return self.listed(rows, asked)
        if own not in rows or own in self.hidden:
            return 404, failure("No Record found"), {}
        if request.method == "DELETE":
            gone = rows.pop(own)
            if self.audited and table != "sys_audit_delete":
                self.put("sys_audit_delete", f"{len(self.asked):031x}f", documentkey=own, **gone)
            return 204, None, {}
        if request.method == "PATCH":
            sent = json.loads(request.body)
            rows[own] |= {key: sent[key] for key in sent if key not in self.stubborn}
        return 200, {"result": {**rows[own], "sys_id": own}}, {}

    def listed(self, rows, asked):
        groups = []
        for part in asked.get("sysparm_query", "").split("^"):
            if part.startswith("OR") and not part.startswith("ORDERBY"):
                groups[-1].append(part[2:])
            elif part and not part.startswith("ORDERBY"):
                groups.append([part])
        every = {own: {**row, "sys_id": own} for own, row in sorted(rows.items())}
        hits = [row for row in every.values() if all(any_of(row, one) for one in groups)]
        page = hits[: int(asked["sysparm_limit"])]
        seen = [row for row in page if row["sys_id"] not in self.hidden]
        return 200, {"result": seen}, {"X-Total-Count": str(len(hits))}


def any_of(row, group):
    known = [CONDITION.fullmatch(one) for one in group]
    known = [match for match in known if match and match[1] in row]
    return not known or any(holds(row[m[1]], m[2], m[3]) for m in known)


def holds(have, operator, want):
    have, want = have.casefold(), want.casefold()
    return {
        "=": have == want, "STARTSWITH": have.startswith(want), "ENDSWITH": have.endswith(want),
        "LIKE": want in have, "IN": have in want.split(","), ">": have > want,
        "ISNOTEMPTY": bool(have),
    }[operator]  # fmt: skip


def failure(message):
    return {"error": {"message": message, "detail": None}, "status": "failure"}


class Rig:
    def __init__(self, organisation="", **options):
        self.vendor = vendor = Instance()
        contact = {"sys_class_name": "customer_contact", "mobile_phone": "", "home_phone": ""}
        vendor.put("sys_user", ADA, email="Ada.Beispiel@Example.org", phone="(01632) 960101",
                   name="Ada Beispiel", first_name="Ada", last_name="Beispiel",
                   user_name="ada.beispiel", **contact)  # fmt: skip
        vendor.put("sys_user", BOB, email="bob@example.org", phone="+44 20 7946 0101",
                   name="Bob Muster", **contact)  # fmt: skip
        vendor.put("sys_user", STAFF, email="staff@example.org", phone="", name="Ada Beispiel",
                   **contact | {"sys_class_name": "sys_user"})  # fmt: skip
        vendor.put("sys_user_role", ROLE, name="itil")
        vendor.put("sys_user_has_role", ROLE, user=STAFF, role=ROLE)
        vendor.put("sn_customerservice_case", CASE, contact=ADA, consumer="", watch_list="")
        vendor.put("sn_customerservice_case", OTHER, contact=BOB, consumer="", watch_list="")
        vendor.put("sys_journal_field", NOTE, element_id=CASE)
        mail = {"copied": "", "blind_copied": "", "user": "", "user_id": "", "instance": ""}
        vendor.put("sys_email", MAIL, **mail | {"recipients": "ada.beispiel@example.org"})
        both = "ada.beispiel@example.org,bob@example.org"
        vendor.put("sys_email", GROUP, **mail | {"recipients": both})
        made = account(
            base_url=BASE, login_url=BASE, region="GB", organisation_id=organisation,
            options=options,
        )  # fmt: skip
        self.connector = ServiceNow(made, CountingLimiter(), adapter=vendor)

    def lookup(self, kind, value):
        return list(self.connector.lookup(Identifier(kind, value)))

    def collect(self, email="ada.beispiel@example.org"):
        return list(self.connector.collect([Identifier(EMAIL, email)], self.lookup(EMAIL, email)))

    def erase(self, item, clear=allow):
        [answer] = self.connector.erase([item], clear)
        return answer

    def seen(self, item):
        [presence] = self.connector.verify([item], [], [])
        return presence


@pytest.fixture
def rig():
    return Rig()


def test_stores_name_only_stores_that_exist():
    names = {store.name for store in STORES}
    assert all(names.issuperset((*store.after, *store.through)) for store in STORES)


def test_lookup_by_email_in_another_case_finds_that_contact_alone(rig):
    [found] = rig.lookup(EMAIL, "ada.beispiel@example.org")
    assert (found.store, found.remote_id, found.certain) == ("users", ADA, True)
    assert Identifier(PHONE, "+441632960101") in found.identifiers


def test_column_for_addresses_the_instance_has_added_is_searched_and_overwritten(rig):
    described = {"name": "sys_user", "element": "u_private", "internal_type": "email"}
    rig.vendor.put("sys_dictionary", "f" * 32, **described)
    for own in (ADA, BOB, STAFF):
        rig.vendor.tables["sys_user"][own]["u_private"] = ""
    rig.vendor.tables["sys_user"][ADA]["u_private"] = "ada@example.net"
    [found] = rig.lookup(EMAIL, "ada@example.net")
    assert (found.remote_id, Identifier(EMAIL, "ada@example.net") in found.identifiers) == (
        ADA,
        True,
    )
    rig.vendor.stubborn.add("u_private")
    assert isinstance(rig.erase(ref("users", ADA)), NotErased)


def test_lookup_by_phone_with_the_same_last_digits_finds_no_stranger(rig):
    assert [each.remote_id for each in rig.lookup(PHONE, "+441632960101")] == [ADA]


def test_lookup_by_name_finds_leads_only(rig):
    assert [each.certain for each in rig.lookup(NAME, "ada beispiel")] == [False, False]


def test_lookup_of_an_employee_is_a_lead_and_never_erased(rig):
    [found] = rig.lookup(EMAIL, "staff@example.org")
    assert not found.certain
    answer = rig.erase(ref("users", STAFF, facts=found.facts))
    assert isinstance(answer, NotErased)
    assert STAFF in rig.vendor.tables["sys_user"]


def test_collect_finds_records_and_what_hangs_on_them(rig):
    found = [each for each in rig.collect() if isinstance(each, Found)]
    own = {(each.store, each.remote_id) for each in found if each.certain}
    traces = {(store, one) for store in TRACES for one in (ADA, CASE)}
    assert own == {("cases", CASE), ("journal", NOTE), ("emails", MAIL)} | traces
    assert [each.remote_id for each in found if not each.certain] == [GROUP]


def test_neighbour_with_the_same_number_is_not_collected_nor_anything_of_theirs(rig):
    bob = rig.vendor.tables["sys_user"][BOB]
    bob["home_phone"] = "+44 1632 960101"
    shared = Identifier(PHONE, "+441632960101")
    [ada, _] = sorted(rig.lookup(PHONE, shared.value), key=lambda each: each.remote_id)
    who = [Identifier(EMAIL, "ada.beispiel@example.org"), shared]
    found = [each for each in rig.connector.collect(who, [ada]) if isinstance(each, Found)]
    named = {each.remote_id for each in found if each.certain}
    assert (ada.remote_id, CASE in named, named & {BOB, OTHER}) == (ADA, True, set())


def test_log_of_a_call_that_nothing_else_leads_to_tells_its_number(rig):
    rig.vendor.put("sn_openframe_phone_log", NOTE, number="01632 960101", interaction="")
    found = list(rig.connector.collect([Identifier(PHONE, "+441632960101")], []))
    [call] = [each for each in found if isinstance(each, Found)]
    assert (call.remote_id, call.joint) == (NOTE, False)
    assert call.identifiers == (Identifier(PHONE, "+441632960101"),)


def test_device_of_somebody_else_with_the_persons_address_is_joint(rig):
    row = {"email_address": "ada.beispiel@example.org", "phone_number": ""}
    rig.vendor.put("cmn_notif_device", BOB, user=BOB, **row)
    rig.vendor.put("cmn_notif_device", ADA, user=ADA, **row)
    rig.vendor.put("cmn_notif_device", NOTE, user="", **row)
    found = [each for each in rig.collect() if isinstance(each, Found)]
    joint = {each.remote_id: each.joint for each in found if each.store == "devices"}
    assert joint == {BOB: True, ADA: False, NOTE: False}


def test_mail_to_the_person_on_somebody_elses_case_is_joint_with_its_attachments(rig):
    rig.vendor.tables["sys_email"][MAIL]["instance"] = OTHER
    rig.vendor.put("sys_attachment", NOTE, table_sys_id=MAIL)
    found = [each for each in rig.collect() if isinstance(each, Found)]
    joint = {(each.store, each.remote_id) for each in found if each.joint}
    assert joint == {("emails", MAIL), ("attachments", NOTE)}


def test_company_with_the_persons_number_is_a_lead(rig):
    rig.vendor.put("customer_account", CASE, phone="01632 960101", name="Ada & Sons")
    found = list(rig.connector.collect([Identifier(PHONE, "+441632960101")], []))
    [account] = [each for each in found if isinstance(each, Found)]
    assert (account.store, account.certain) == ("accounts", False)


@pytest.mark.parametrize(
    ("declared", "status", "task"),
    [
        ({}, StoreStatus.MANUAL, "Look for the person in system logs"),
        ({"outside_copies": "Clone of June"}, StoreStatus.MANUAL, "Look for the person, delete"),
        ({"outside_copies": "None"}, StoreStatus.NOT_PRESENT, ""),
    ],
)
def test_logs_and_copies_are_for_a_person_unless_there_are_none(declared, status, task):
    told = Rig(**declared).collect()
    [said] = [each for each in told if each.store == "copies_outside"]
    assert (said.status, said.manual.startswith(task), bool(said.manual)) == (
        status,
        True,
        bool(task),
    )


def test_collect_ends_with_one_answer_for_every_store(rig):
    ends = [each.store for each in rig.collect() if isinstance(each, Searched | Unanswered)]
    assert sorted(ends) == sorted(store.name for store in STORES)


def test_collect_where_a_table_is_absent_says_not_present(rig):
    del rig.vendor.tables["incident"]
    [answer] = [each for each in rig.collect() if each.store == "incidents"]
    assert answer.status is StoreStatus.NOT_PRESENT


@pytest.mark.parametrize(("rows", "closed"), [(1, False), (0, False), (0, True)])
def test_legacy_chat_with_rows_or_closed_to_us_is_a_persons_task(rig, rows, closed):
    rig.vendor.tables["live_message"] = {f"{n:032x}": {} for n in range(rows)}
    if closed:
        rig.vendor.refused["GET", "live_message"] = 403
    [answer] = [each for each in rig.collect() if each.store == "messages"]
    assert ("live_message, which is not searched" in answer.manual) == (rows > 0 or closed)


def test_collect_where_a_table_is_closed_names_it(rig):
    rig.vendor.refused["GET", "incident"] = 403
    [answer] = [each for each in rig.collect() if each.store == "incidents"]
    assert isinstance(answer, Unanswered)
    assert "incident" in answer.reason


def test_collect_where_rows_are_hidden_is_unanswered(rig):
    rig.vendor.hidden.add(NOTE)
    [answer] = [each for each in rig.collect() if each.store == "journal"]
    assert isinstance(answer, Unanswered)
    assert "hidden rows: 1 exist, 0" in answer.reason


def test_lookup_where_the_column_is_missing_never_queries_by_it(rig):
    dictionary = rig.vendor.tables["sys_dictionary"]
    for own in [o for o, r in dictionary.items() if r == {"name": "sys_user", "element": "email"}]:
        del dictionary[own]
    answers = rig.lookup(EMAIL, "ada.beispiel@example.org")
    assert [type(each) for each in answers] == [Unanswered]
    assert not any("email" in q for _, path, q in rig.vendor.asked if path.endswith("sys_user"))


def test_collect_over_several_pages_reads_every_row():
    rig = Rig(page_size=1)
    for n in range(20, 27):
        rig.vendor.put("sys_journal_field", f"{n:032x}", element_id=CASE)
    assert len([e for e in rig.collect() if isinstance(e, Found) and e.store == "journal"]) == 8


def test_lookup_with_more_hits_than_allowed_stops():
    rig = Rig(most_hits=0)
    assert isinstance(rig.lookup(EMAIL, "bob@example.org")[0], Unanswered)


def test_erase_of_a_person_overwrites_before_it_deletes(rig):
    asked = []
    answer = rig.erase(ref("users", ADA), asked.append)
    assert (answer.reply, answer.http_status, len(asked)) == (Reply.DONE, 204, 2)
    [copy] = rig.vendor.tables["sys_audit_delete"].values()
    assert (copy["email"], copy["first_name"]) == ("", "Erased")


def test_erase_where_a_column_stays_deletes_nothing(rig):
    rig.vendor.stubborn.add("email")
    answer = rig.erase(ref("users", ADA))
    assert str(answer.error) == "sys_user: columns were not overwritten: email"
    assert ADA in rig.vendor.tables["sys_user"]


def test_erase_that_a_hold_stops_never_leaves(rig):
    def stop(refs):
        raise StoppedError("a hold covers it", held=True)

    assert isinstance(rig.erase(ref("cases", CASE), stop).error, StoppedError)
    assert CASE in rig.vendor.tables["sn_customerservice_case"]


def test_erase_twice_says_already_gone(rig):
    replies = [rig.erase(ref("cases", CASE)).reply for _ in range(2)]
    assert replies == [Reply.DONE, Reply.ALREADY_GONE]


@pytest.mark.parametrize(("status", "error"), [(403, RefusedError), (503, BusyError)])
def test_erase_that_fails_says_whether_to_try_again(rig, status, error):
    rig.vendor.refused["DELETE", "sn_customerservice_case"] = status
    assert isinstance(rig.erase(ref("cases", CASE)).error, error)


def test_erase_of_deletion_copies_refused_becomes_a_persons_task(rig):
    rig.erase(ref("cases", CASE))
    rig.vendor.refused["DELETE", "sys_audit_delete"] = 403
    answer = rig.erase(ref("deletion_copies", CASE, facts=OF_CASES))
    assert isinstance(answer.error, RefusedError)
    assert "administrator" in str(answer.error)
    assert rig.seen(ref("deletion_copies", CASE, facts=OF_CASES)).seen is Seen.PRESENT


def test_erase_of_deletion_copies_deletes_those_of_that_record_alone(rig):
    rig.erase(ref("cases", CASE))
    rig.erase(ref("cases", OTHER))
    assert isinstance(rig.erase(ref("deletion_copies", CASE, facts=OF_CASES)), Erased)
    kept = [row["documentkey"] for row in rig.vendor.tables["sys_audit_delete"].values()]
    assert kept == [OTHER]


@pytest.mark.parametrize("store", TRACES)
def test_trace_is_neither_erased_nor_absent_while_its_record_is_there(rig, store):
    item = ref(store, CASE, facts=OF_CASES)
    assert str(rig.erase(item).error).startswith("The record is still in sn_customerservice_case")
    assert rig.seen(item).seen is Seen.PRESENT


def of_history(rig):
    """Two lines of a history of the case, one of another; the case itself is gone."""
    rig.erase(ref("cases", CASE))
    for own, about in ((NOTE, CASE), (OTHER, BOB)):
        rig.vendor.put("sys_history_set", own, id=about)
    for own, above in ((ADA, NOTE), (MAIL, NOTE), (BOB, OTHER)):
        rig.vendor.put("sys_history_line", own, set=above)
    return ref("history", CASE, facts=OF_CASES)


def test_history_goes_with_its_lines_and_no_others(rig):
    item = of_history(rig)
    assert (rig.seen(item).seen, rig.erase(item).reply) == (Seen.PRESENT, Reply.DONE)
    assert set(rig.vendor.tables["sys_history_set"]) == {OTHER}
    assert set(rig.vendor.tables["sys_history_line"]) == {BOB}
    assert rig.seen(item).seen is Seen.ABSENT


def test_history_stays_as_long_as_its_lines_do(rig):
    item = of_history(rig)
    rig.vendor.refused["DELETE", "sys_history_line"] = 403
    assert "rows of sys_history_set whose id is the id" in str(rig.erase(item).error)
    assert set(rig.vendor.tables["sys_history_set"]) == {NOTE, OTHER}
    assert rig.seen(item).seen is Seen.PRESENT


def test_history_lines_that_cannot_be_told_apart_are_not_asked_for(rig):
    item = of_history(rig)
    dictionary = rig.vendor.tables["sys_dictionary"]
    for own in [o for o, r in dictionary.items() if r["name"] == "sys_history_line"]:
        if dictionary[own]["element"] == "set":
            del dictionary[own]
    assert "no column set" in str(rig.erase(item).error)
    assert len(rig.vendor.tables["sys_history_line"]) == 3


def test_trace_of_a_hidden_record_is_not_absent(rig):
    rig.vendor.hidden.add(CASE)
    assert rig.seen(ref("deletion_copies", CASE, facts=OF_CASES)).seen is Seen.PRESENT


def test_trace_of_an_unknown_table_is_not_erased(rig):
    assert isinstance(rig.erase(ref("deletion_copies", CASE)).error, RefusedError)


def test_verify_of_a_hidden_row_is_present(rig):
    rig.vendor.hidden.add(CASE)
    assert rig.seen(ref("cases", CASE)).seen is Seen.PRESENT


def test_verify_within_ten_days_is_recoverable_then_absent(rig):
    rig.erase(ref("cases", CASE))
    now = clock.now()
    recent = rig.seen(ref("cases", CASE, first_tried=now - timedelta(days=9)))
    assert (recent.seen, recent.recoverable_until) == (Seen.RECOVERABLE, now + timedelta(days=1))
    old = rig.seen(ref("cases", CASE, first_tried=now - timedelta(days=11)))
    assert (old.seen, old.http_status) == (Seen.ABSENT, 404)


def test_rollback_window_begins_with_the_deletion_not_with_a_first_try_that_deleted_nothing(rig):
    rig.erase(ref("cases", CASE))
    now = clock.now()
    tried = {"first_tried": now - timedelta(days=30), "requested_at": now - timedelta(days=1)}
    seen = rig.seen(ref("cases", CASE, **tried))
    assert (seen.seen, seen.recoverable_until) == (Seen.RECOVERABLE, now + timedelta(days=9))


def test_verify_of_a_mail_whose_copy_is_kept_is_recoverable_without_an_end(rig):
    rig.erase(ref("emails", MAIL))
    presence = rig.seen(ref("emails", MAIL))
    assert (presence.seen, presence.recoverable_until) == (Seen.RECOVERABLE, None)


def test_collect_hands_foreign_watch_lists_to_a_person_and_takes_no_record(rig):
    row = rig.vendor.tables["sn_customerservice_case"][OTHER]
    row["watch_list"] = f"{STAFF},Ada.Beispiel@example.org"
    rig.vendor.tables["sn_customerservice_case"][CASE]["watch_list"] = ADA
    answers = [each for each in rig.collect() if each.store == "cases"]
    assert [each.remote_id for each in answers if isinstance(each, Found)] == [CASE]
    assert answers[-1].manual.endswith(f"1 rows of sn_customerservice_case: {OTHER}")


def test_controls_name_somebody_elses_row_and_sees_it(rig):
    [control] = rig.connector.controls([Found("cases", CASE)])
    assert (control.remote_id, rig.connector.sees(control)) == (OTHER, True)
    rig.vendor.hidden.add(OTHER)
    assert not rig.connector.sees(control)


def test_basic_sign_in_asks_for_no_token():
    rig = Rig(auth="basic")
    assert len(rig.lookup(EMAIL, "bob@example.org")) == 1
    assert not any(path == "/oauth_token.do" for _, path, _ in rig.vendor.asked)


@pytest.mark.parametrize("name", ["invented", "another"])
def test_only_the_configured_instance_is_searched_and_erased(name):
    rig = Rig(organisation="invented")
    rig.vendor.tables["sys_properties"] = {ADA: {"name": "instance_name", "value": name}}
    [found] = rig.lookup(EMAIL, "bob@example.org")[:1]
    assert isinstance(found, Found if name == "invented" else Unanswered)
    assert isinstance(rig.erase(ref("cases", CASE)), Erased if name == "invented" else NotErased)
    assert (CASE in rig.vendor.tables["sn_customerservice_case"]) == (name == "another")


def test_check_of_a_sound_instance_is_well():
    lines = [each for each in Rig().connector.check() if each.name != "Clock"]
    assert all(each.ok for each in lines)


@pytest.mark.parametrize("value", ["", " ", "a\nb", "x" * 256, "javascript:gs.now()", "^a", "a^b"])
def test_query_refuses_what_cannot_be_sent(value):
    with pytest.raises(RefusedError):
        query.equals(["email"], value)


NASTY = st.one_of(
    st.text(alphabet="ab'\\%_^\n@.,=javscript:ORNQ", max_size=40),
    st.sampled_from(["javascript:gs.now()", "a" * 10_000, "ada^ORsys_idISNOTEMPTY", "%", "^NQ"]),
    st.text(max_size=30).map(lambda tail: f"ada.beispiel@example.org^{tail}"),
)


@settings(max_examples=80, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(value=NASTY, kind=st.sampled_from([EMAIL, PHONE, NAME]))
def test_no_value_finds_somebody_else_or_adds_a_condition(value, kind):
    rig = Rig()
    people = [each for each in rig.lookup(kind, value) if isinstance(each, Found)]
    answers = [*people, *rig.connector.collect([Identifier(kind, value)], people)]
    assert [each for each in answers if isinstance(each, Found)] == []
    for _, _, asked in rig.vendor.asked:
        parts = re.split(r"\^(?=OR[a-z]|sys_id>|ORDERBY|elementISNOTEMPTY)", asked)
        assert not any("^" in part or "javascript:" in part.lower() for part in parts)
