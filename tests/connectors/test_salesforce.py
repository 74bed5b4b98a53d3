"""The connector against the sandbox's own org, over the same session as in production."""
# ruff: noqa: S608 - the statements are for an invented org

import logging
import re
from datetime import timedelta
from io import BytesIO
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from requests import ConnectionError, Response
from requests.adapters import BaseAdapter

from erasure import clock
from erasure.connectors.base import (
    Account,
    Control,
    Erased,
    Found,
    ItemRef,
    NotErased,
    RemoteJob,
    Reply,
    Searched,
    Seen,
    Unanswered,
)
from erasure.connectors.salesforce import Salesforce
from erasure.connectors.salesforce.grant import instance_url
from erasure.connectors.salesforce.org import Org
from erasure.connectors.salesforce.phones import spellings
from erasure.connectors.salesforce.search import unanswered
from erasure.connectors.salesforce.soql import id18, in_portions, quote
from erasure.connectors.salesforce.stores import FURTHER
from erasure.errors import BusyError, RefusedError, StoppedError
from erasure.sandbox import salesforce as sandbox
from erasure.sandbox.people import find, populate
from erasure.sandbox.salesforce.soql import unescape
from erasure.sandbox.vendor import DroppedError, Wire
from erasure.values import Identifier, IdentifierKind, JobState, StoreStatus

BASE = "http://127.0.0.1:9/salesforce"
PEOPLE = populate("demo")
MARIA, JO, SIOBHAN = (find(PEOPLE, key) for key in ("maria", "jo1", "siobhan"))
WRONG = "Salesforce: this is not the configured organisation."
BYSTANDER = next(one for one in PEOPLE if one.bystander)
EMAIL, PHONE, NAME = IdentifierKind.EMAIL, IdentifierKind.PHONE, IdentifierKind.NAME


class WsgiAdapter(BaseAdapter):
    """Hands a prepared request to a WSGI application instead of a socket."""

    def __init__(self, app):
        super().__init__()
        self.app = app

    def send(self, request, **_):
        parts = urlsplit(request.url)
        body = request.body.encode() if isinstance(request.body, str) else request.body or b""
        environ = {
            "REQUEST_METHOD": request.method,
            "SCRIPT_NAME": "/salesforce",
            "PATH_INFO": unquote(parts.path).removeprefix("/salesforce"),
            "QUERY_STRING": parts.query,
            "CONTENT_LENGTH": str(len(body)),
            "CONTENT_TYPE": request.headers.get("Content-Type", ""),
            "HTTP_HOST": parts.netloc,
            "HTTP_AUTHORIZATION": request.headers.get("Authorization", ""),
            "wsgi.url_scheme": parts.scheme,
            "wsgi.input": BytesIO(body),
        }
        response, held = Response(), []
        try:
            chunks = self.app(environ, lambda status, headers, *_: held.append((status, headers)))
        except DroppedError:
            raise ConnectionError("the sandbox hung up") from None
        response.raw = BytesIO(b"".join(chunks))
        response.status_code = int(held[-1][0][:3])
        response.headers.update(dict(held[-1][1]))
        response.url, response.request = request.url, request
        return response

    def close(self):
        """Nothing is open."""


class Pace:
    """A limiter that never makes anybody wait and notes who was blocked."""

    def __init__(self):
        self.blocked = []

    def wait(self):
        """At once."""

    def block(self, seconds):
        self.blocked.append(seconds)


class Rig:
    """A connector with the org behind it."""

    def __init__(self, options=None, **account):
        self.vendor = sandbox.Salesforce()
        self.vendor.reset(PEOPLE, options or {}, clock.now())
        self.wire = Wire(self.vendor)
        secrets = self.vendor.credentials()
        given = {"region": "GB"} | account
        self.account = Account(
            slug="salesforce",
            base_url=BASE,
            login_url=BASE,
            client_id=secrets["client_id"],
            client_secret=secrets["client_secret"],
            **given,
        )
        self.pace = Pace()
        self.connector = Salesforce(self.account, self.pace, adapter=WsgiAdapter(self.wire))

    def lookup(self, kind, value):
        return list(self.connector.lookup(Identifier(kind, value)))

    def found(self, person):
        """All contacts and cases of a person, by every identifier."""
        who = [Identifier(EMAIL, each) for each in person.emails]
        who += [Identifier(PHONE, each) for each in person.phones]
        return [row for row in self.connector.collect(who, []) if isinstance(row, Found)]

    def refs(self, person, store, **facts):
        rows = self.found(person)
        return [ItemRef(store, row.remote_id, **facts) for row in rows if row.store == store]

    def held(self, person):
        return {row["remote_id"] for row in self.vendor.holdings(person.key)}

    def held_of_others(self, person):
        return {one.key: self.held(one) for one in PEOPLE if one is not person}

    def seen(self, refs):
        return [each.seen for each in self.connector.verify(refs, [], [])]

    def finish(self, answers):
        """Poll the job of some answers to its end."""
        refs = tuple(each.ref for each in answers)
        job = RemoteJob(answers[0].job_kind, answers[0].remote_job, refs)
        while True:
            report = self.connector.poll(job, go)
            if report.state not in (JobState.SUBMITTED, JobState.RUNNING):
                return report


def go(refs):
    """The holds have nothing against it."""


def stop(refs):
    raise StoppedError("a hold covers it", held=True)


@pytest.fixture
def rig():
    return Rig()


@pytest.fixture
def later(monkeypatch, tmp_path):
    file = tmp_path / "clock"
    file.write_text("0")
    monkeypatch.setenv("ERASURE_CLOCK_FILE", str(file))
    return lambda **by: clock.advance(timedelta(**by))


def stores_of(answers):
    return {each.store: each for each in answers if isinstance(each, Searched | Unanswered)}


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
    [answer] = rig.lookup(EMAIL, MARIA.email)
    assert isinstance(answer, Unanswered)
    assert (answer.store, answer.again) == ("contacts", again)


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


def test_collect_finds_every_record_of_the_person(rig):
    people = rig.lookup(EMAIL, MARIA.email)
    who = [Identifier(EMAIL, each) for each in MARIA.emails]
    answers = list(rig.connector.collect(who, people))
    found = {each.remote_id for each in [*people, *answers] if isinstance(each, Found)}
    assert found == rig.held(MARIA)
    said = stores_of(answers)
    totals = {store: (said[store].status, said[store].total) for store in ("contacts", "cases")}
    assert set(said) == {store.name for store in Salesforce.stores}
    assert totals == {"contacts": (StoreStatus.FOUND, 2), "cases": (StoreStatus.FOUND, 2)}


def test_collect_of_a_stranger_says_that_both_stores_are_empty(rig):
    answers = list(rig.connector.collect([Identifier(EMAIL, "nobody@example.org")], []))
    first, second, *others = [(each.store, each.status) for each in answers]
    assert [first, second] == [("contacts", StoreStatus.EMPTY), ("cases", StoreStatus.EMPTY)]
    assert {store for store, _ in others} == {store.name for store in FURTHER}
    assert {status for _, status in others} <= {StoreStatus.EMPTY, StoreStatus.NOT_PRESENT}


@pytest.mark.parametrize(("hidden", "store"), [("Contact", "contacts"), ("Case", "cases")])
def test_collect_with_hidden_object_names_it_and_answers_for_the_other(rig, hidden, store):
    rig.vendor.fault("hidden", hidden)
    answers = stores_of(rig.connector.collect([Identifier(EMAIL, MARIA.email)], []))
    assert set(answers) == {each.name for each in Salesforce.stores}
    silent = [name for name, each in answers.items() if isinstance(each, Unanswered)]
    assert silent == [store]
    assert answers[store].reason.split()[0] == hidden
    assert answers[store].reason.split()[-1] == "INVALID_TYPE"


def test_collect_follows_every_page():
    rig = Rig({"salesforce": {"page": 1}})
    assert {each.remote_id for each in rig.found(MARIA)} == rig.held(MARIA)


class Answers:
    """A WSGI application that signs in and then gives the same answer to everything."""

    def __init__(self, body):
        self.body = body

    def __call__(self, environ, start_response):
        start_response("200 OK", [("Content-Type", "application/json")])
        if environ["PATH_INFO"].endswith("/token"):
            return [f'{{"access_token": "t", "instance_url": "{BASE}"}}'.encode()]
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
    connector = Salesforce(rig.account, rig.pace, adapter=WsgiAdapter(Answers(body)))
    [answer] = connector.lookup(Identifier(EMAIL, "ada@example.org"))
    assert isinstance(answer, Unanswered)


def test_lookup_drops_rows_that_do_not_match(rig):
    row = '{"Id": "003000000000001", "Email": "other@example.org", "Name": "Ada"}'
    body = f'{{"done": true, "records": [{row}]}}'
    connector = Salesforce(rig.account, rig.pace, adapter=WsgiAdapter(Answers(body)))
    assert list(connector.lookup(Identifier(EMAIL, "ada@example.org"))) == []


def test_erase_of_cases_then_contacts_leaves_nothing(rig):
    others = rig.held_of_others(MARIA)
    cases, contacts = rig.refs(MARIA, "cases"), rig.refs(MARIA, "contacts")
    for refs in (cases, contacts):
        answers = list(rig.connector.erase(refs, go))
        assert {(each.reply, each.job_kind) for each in answers} == {
            (Reply.ACCEPTED, "hard_delete")
        }
        report = rig.finish(answers)
        assert (report.state, report.undone) == (JobState.DONE, frozenset())
        assert rig.seen(refs) == [Seen.ABSENT, Seen.ABSENT]
    assert (rig.held(MARIA), rig.held_of_others(MARIA)) == (set(), others)


def test_erase_of_contact_with_cases_is_left_undone_by_the_job(rig):
    refs = rig.refs(JO, "contacts")
    report = rig.finish(list(rig.connector.erase(refs, go)))
    assert (report.state, report.undone) == (JobState.DONE, {refs[0].remote_id})
    assert rig.seen(refs) == [Seen.PRESENT]


def test_erase_one_by_one_says_why_a_record_stays(rig):
    [answer] = rig.connector.erase(rig.refs(JO, "contacts", single=True), go)
    assert (type(answer), type(answer.error)) == (NotErased, RefusedError)
    assert answer.error.code == "DELETE_FAILED"
    assert JO.name not in str(answer.error)


def test_erase_without_hard_delete_leaves_records_recoverable_for_15_days(rig, later):
    rig.vendor.fault("no-hard-delete", True)
    refs = rig.refs(MARIA, "cases")
    answers = list(rig.connector.erase(refs, go))
    presences = list(rig.connector.verify(refs, [], []))
    left = [each.recoverable_until - clock.now() for each in presences]
    assert [each.reply for each in answers] == [Reply.DONE, Reply.DONE]
    assert [each.seen for each in presences] == [Seen.RECOVERABLE, Seen.RECOVERABLE]
    assert [round(each / timedelta(days=1), 2) for each in left] == [15.0, 15.0]
    later(days=15, minutes=1)
    assert rig.seen(refs) == [Seen.ABSENT, Seen.ABSENT]


def test_erase_twice_is_harmless(rig):
    rig.vendor.fault("no-hard-delete", True)
    refs = rig.refs(MARIA, "cases")
    list(rig.connector.erase(refs, go))
    assert [each.reply for each in rig.connector.erase(refs, go)] == [Reply.ALREADY_GONE] * 2


def test_hard_delete_twice_leaves_nothing_undone(rig):
    refs = rig.refs(MARIA, "cases")
    rig.finish(list(rig.connector.erase(refs, go)))
    report = rig.finish(list(rig.connector.erase(refs, go)))
    assert (report.state, report.undone) == (JobState.DONE, frozenset())


def test_erase_of_locked_record_is_busy_and_the_others_go_on(rig):
    rig.vendor.fault("no-hard-delete", True)
    rig.vendor.fault("locked", 1)
    first, second = rig.connector.erase(rig.refs(MARIA, "cases"), go)
    assert (type(first.error), first.error.retry_after) == (BusyError, 10.0)
    assert (type(second), second.reply) == (Erased, Reply.DONE)


@pytest.mark.parametrize("permitted", [True, False])
def test_erase_stopped_by_a_hold_deletes_nothing(rig, permitted):
    rig.vendor.fault("no-hard-delete", not permitted)
    refs, before = rig.refs(MARIA, "cases"), rig.held(MARIA)
    answers = list(rig.connector.erase(refs, stop))
    assert [type(each.error) for each in answers] == [StoppedError, StoppedError]
    assert {job.state for job in rig.vendor.jobs.known.values()} <= {"Aborted"}
    assert rig.held(MARIA) == before


def test_erase_by_a_lying_vendor_is_seen_through(rig):
    rig.vendor.fault("lying-vendor", True)
    refs = rig.refs(MARIA, "cases")
    report = rig.finish(list(rig.connector.erase(refs, go)))
    assert (report.state, report.undone) == (JobState.DONE, frozenset())
    assert rig.seen(refs) == [Seen.PRESENT, Seen.PRESENT]


def test_erase_in_another_organisation_is_refused():
    refs = Rig().refs(MARIA, "cases")
    rig = Rig(organisation_id="00D000000000001")
    answers = list(rig.connector.erase(refs, go))
    assert [type(each.error) for each in answers] == [RefusedError, RefusedError]
    assert {each["method"] for each in rig.vendor.requests} == {"GET", "POST"}
    assert rig.vendor.jobs.known == {}


def test_other_organisation_is_never_searched_and_proves_nothing():
    refs = Rig().refs(MARIA, "cases")
    rig = Rig(organisation_id="00D000000000001")
    answers = [*rig.lookup(EMAIL, MARIA.email), *rig.connector.collect([], [])]
    reason = f"could not be searched: {WRONG}"
    assert answers == [
        Unanswered("contacts", f"Contact {reason}"),
        Unanswered("cases", f"Case {reason}"),
        Unanswered("contacts", f"Contact {reason}"),
        *(unanswered(store.name, RefusedError(WRONG)) for store in FURTHER),
    ]
    assert rig.lookup(NAME, MARIA.name) == []
    with pytest.raises(RefusedError):
        rig.seen(refs)
    with pytest.raises(RefusedError):
        rig.connector.sees(Control("cases", "", refs[0].remote_id))


def test_right_organisation_is_asked_for_once():
    own = sandbox.Salesforce().credentials()["organisation_id"]
    plain, checked = Rig(), Rig(organisation_id=own)
    for rig in (plain, checked):
        assert [len(rig.lookup(EMAIL, MARIA.email)) for _ in range(2)] == [1, 1]
    assert len(checked.vendor.requests) == len(plain.vendor.requests) + 1


@pytest.mark.parametrize("remote_id", ["", "1", "003/../x", "003" + "a" * 13, "003" + "a" * 12])
@pytest.mark.parametrize("single", [True, False])
def test_erase_of_what_is_no_case_id_is_refused(rig, remote_id, single):
    [answer] = rig.connector.erase([ItemRef("cases", remote_id, single=single)], go)
    assert type(answer.error) is RefusedError
    assert rig.vendor.requests == []
    assert rig.vendor.jobs.known == {}


def test_erase_when_down_is_busy(rig):
    refs = rig.refs(MARIA, "cases")
    rig.wire.fault("salesforce-down", True)
    assert {type(each.error) for each in rig.connector.erase(refs, go)} == {BusyError}


def test_poll_of_unknown_job_is_lost(rig):
    job = RemoteJob("hard_delete", "750000000000001")
    assert rig.connector.poll(job, go).state is JobState.LOST


def test_cancel_of_a_job_that_has_not_begun_keeps_every_record(rig):
    refs, before = rig.refs(MARIA, "cases"), rig.held(MARIA)
    [answer, _] = rig.connector.erase(refs, go)
    job = RemoteJob("hard_delete", answer.remote_job, tuple(refs))
    assert rig.connector.cancel(job) is True
    report = rig.connector.poll(job, go)
    assert (report.state, report.undone) == (JobState.ERROR, {ref.remote_id for ref in refs})
    assert rig.held(MARIA) == before


def test_cancel_of_a_finished_job_says_that_it_is_too_late(rig):
    answers = list(rig.connector.erase(rig.refs(MARIA, "cases"), go))
    rig.finish(answers)
    assert rig.connector.cancel(RemoteJob("hard_delete", answers[0].remote_job)) is False


def test_controls_are_records_of_somebody_else_and_seen(rig):
    found = rig.found(MARIA)
    controls = list(rig.connector.controls(found))
    assert sorted(each.store for each in controls) == ["cases", "contacts"]
    assert {each.remote_id for each in controls} & rig.held(MARIA) == set()
    assert [rig.connector.sees(each) for each in controls] == [True, True]


def test_controls_are_no_longer_seen_once_deleted(rig):
    control = next(c for c in rig.connector.controls(rig.found(MARIA)) if c.store == "cases")
    list(rig.connector.erase([ItemRef("cases", control.remote_id, single=True)], go))
    assert rig.connector.sees(control) is False


def test_sees_with_hidden_object_raises(rig):
    control = next(rig.connector.controls(rig.found(MARIA)))
    rig.vendor.fault("hidden", "Contact")
    with pytest.raises(RefusedError):
        rig.connector.sees(control)


def test_verify_with_hidden_object_raises_instead_of_absent(rig):
    refs = rig.refs(MARIA, "cases")
    rig.vendor.fault("hidden", "Case")
    with pytest.raises(RefusedError):
        rig.seen(refs)


def test_check_of_a_good_connection_is_all_right(rig):
    assert [(each.name, each.ok) for each in rig.connector.check()] == [
        ("Sign-in", True),
        ("Organisation", True),
        ("Contact", True),
        ("Case", True),
        ("View All Data", True),
        ("Modify All Data", True),
        ("Bulk API Hard Delete", True),
    ]


@pytest.mark.parametrize(
    ("fault", "value", "failed"),
    [
        ("no-hard-delete", True, ["Bulk API Hard Delete"]),
        ("hidden", "Case", ["Case"]),
        ("salesforce-down", True, ["Sign-in"]),
        ("html", True, ["Sign-in"]),
    ],
)
def test_check_names_what_fails_and_never_raises(rig, fault, value, failed):
    rig.wire.fault(fault, value)
    assert [each.name for each in rig.connector.check() if not each.ok] == failed


@pytest.mark.parametrize(
    "url",
    [
        "https://example.org",
        "https://salesforce.com.example.org",
        "https://x.salesforce.com@example.org",
        "https://notsalesforce.com",
        "http://x.salesforce.com",
        "http://127.0.0.1:10/salesforce",
        None,
    ],
)
def test_instance_on_a_foreign_host_is_refused(rig, url):
    with pytest.raises(RefusedError):
        instance_url(rig.account, {"instance_url": url})


def test_instance_of_the_vendor_is_accepted(rig):
    url = "https://example.my.salesforce.com"
    assert instance_url(rig.account, {"instance_url": url}) == url


def test_api_version_that_is_none_is_refused(rig):
    account = Account("s", BASE, BASE, "id", "secret", options={"api_version": "../x"})
    with pytest.raises(RefusedError):
        Org(account, rig.pace)


def test_no_personal_value_leaves_but_in_a_query_or_reaches_a_log(rig, caplog):
    caplog.set_level(logging.DEBUG)
    refs = rig.refs(SIOBHAN, "cases")
    rig.finish(list(rig.connector.erase(refs, go)))
    rig.wire.fault("hidden", "Contact")
    shown = "".join(each["path"] for each in rig.vendor.requests) + caplog.text
    shown += "".join(each.reason for each in rig.lookup(EMAIL, SIOBHAN.email))
    assert [value for value in SIOBHAN.identifiers() if value in unquote(shown)] == []


# Text and ids


@given(st.text(alphabet=st.characters(min_codepoint=32) | st.sampled_from("\n\r\t\b\f'\"\\")))
def test_quote_of_any_text_reads_back_as_that_text(text):
    literal = quote(text)
    assert unescape(literal) == text


@given(st.text(alphabet="'\\\n\"aé ", max_size=10_000))
def test_quote_leaves_no_bare_apostrophe_or_line_break(text):
    inner = quote(text)[1:-1].replace("\\\\", "").replace("\\'", "")
    assert (inner.count("'"), inner.count("\n")) == (0, 0)


def test_quote_of_ten_thousand_characters_reads_back_whole():
    text = "'\\\n\"" * 2_500
    assert unescape(quote(text)) == text


HOSTILE = [
    "' OR Name != '",
    "\\' OR Name != '",
    "\\",
    "'",
    "') OR (Name != '",
    "x' LIMIT 2000",
    "%",
    "_____________________",
    "\n' OR Id != null",
    "\\u0027 OR Name != \\u0027",
    "null",
    "\x00' OR Name != '",
    "' OR Name != '" * 1_000,
]


@pytest.mark.parametrize("value", HOSTILE)
@pytest.mark.parametrize("kind", [EMAIL, PHONE, NAME])
def test_lookup_with_hostile_value_finds_nobody(rig, kind, value):
    assert [each for each in rig.lookup(kind, value) if isinstance(each, Found)] == []
    assert sent_literals_are_closed(rig)


@pytest.mark.parametrize("kind", [EMAIL, PHONE])
def test_collect_with_hostile_values_finds_nobody(rig, kind):
    who = [Identifier(kind, value) for value in HOSTILE]
    assert [each for each in rig.connector.collect(who, []) if isinstance(each, Found)] == []
    assert sent_literals_are_closed(rig)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    value=st.text(alphabet="'\\\n\"()=,% aORLIMITNULLnull@.", max_size=60),
    kind=st.sampled_from([EMAIL, PHONE, NAME]),
)
def test_lookup_with_any_value_never_finds_a_stranger(rig, value, kind):
    rig.vendor.requests.clear()
    assert [each for each in rig.lookup(kind, value) if isinstance(each, Found)] == []
    assert sent_literals_are_closed(rig)


def sent_literals_are_closed(rig):
    """Every query the vendor received was a whole statement by its own strict grammar.

    A value that broke out of its literal would leave text between two literals
    other than what this connector writes there.
    """
    for each in rig.vendor.requests:
        for soql in parse_qs(urlsplit(each["url"]).query).get("q", []):
            outside = re.sub(r"\(,*\)", "()", "".join(strip_literals(soql)))
            if not set(outside.split()) <= WORDS:
                return False
    return True


WORDS = {"SELECT", "FROM", "WHERE", "IN", "Contact", "Case", "Email", "Name", "()"} | {
    "Id,Name,Email,Phone,MobilePhone,HomePhone,OtherPhone,CreatedDate",
    "Id,CaseNumber,ContactId,SuppliedEmail,SuppliedPhone,CreatedDate",
    *("Phone", "MobilePhone", "HomePhone", "OtherPhone", "SuppliedEmail", "SuppliedPhone"),
    *("PermissionsViewAllData", "UserPermissionAccess"),
}


def strip_literals(soql):
    """What stands outside the literals, read letter by letter."""
    inside = escaped = False
    for letter in soql:
        if not inside:
            if letter == "'":
                inside = True
            else:
                yield letter
            continue
        if escaped:
            escaped = False
        elif letter == "\\":
            escaped = True
        elif letter == "'":
            inside = False


@pytest.mark.parametrize(
    ("short", "long"),
    [("001A0000006Vm9r", "001A0000006Vm9rIAC"), ("003000000000001", "003000000000001AAA")],
)
def test_id_in_either_form_becomes_the_long_one(short, long):
    assert (id18(short), id18(long)) == (long, long)


@pytest.mark.parametrize(
    "text", ["", "003", "003-00000000001", "0030000000000012", None, 3, "é" * 15]
)
def test_id_of_another_form_is_refused(text):
    with pytest.raises(RefusedError):
        id18(text)


def test_portions_hold_every_value_once_and_stay_short():
    values = [f"{number:018d}" for number in range(1_000)]
    portions = list(in_portions([*values, *values]))
    assert [value for portion in portions for value in portion] == values
    assert max(len(",".join(map(quote, portion))) for portion in portions) <= 4_000


def test_spellings_of_a_number_are_those_people_type():
    wanted = {"+441632960101", "+44 1632 960101", "01632 960101", "01632960101"}
    wanted |= {"00441632960101", "(01632) 960101", "01632-960101"}
    assert wanted <= set(spellings("+441632960101", "GB"))


def test_spellings_elsewhere_leave_out_what_would_read_as_another_number():
    assert {each[0] for each in spellings("+441632960101", "DE")} == {"+", "0"}
    assert "01632 960101" not in spellings("+441632960101", "DE")
