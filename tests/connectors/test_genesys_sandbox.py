"""The connector against a vendor that behaves: over real HTTP, with ground truth."""

import threading
import time
import traceback
from collections import Counter
from datetime import timedelta

import pytest

from erasure import clock
from erasure.connectors.base import (
    Erased,
    Found,
    ItemRef,
    Leg,
    NotErased,
    RemoteJob,
    Reply,
    Seen,
    Unanswered,
)
from erasure.connectors.genesys import Genesys
from erasure.errors import BusyError
from erasure.sandbox.server import leaks, make_server
from erasure.values import Identifier, IdentifierKind, JobState, Verdict
from tests.connectors.given import CountingLimiter, account, allow

OPTIONS = {"rate_limit": 100_000, "job_step_seconds": 0.01}
BY_HAND = Counter(calibrations=1)  # no interface tells of it unless its calibrator is known


class World:
    """A sandbox that is being served, and a connector for each of its clients."""

    def __init__(self, server, port):
        self.port = port
        self.app = server.get_app()

    def reset(self, population, **options):
        self.app.reset(population, OPTIONS | options)
        return self.app.people[0]

    def connector(self, client="executor", **options):
        url = f"http://127.0.0.1:{self.port}/genesys"
        known = self.app.wires["genesys"].vendor.credentials()
        given = account(
            base_url=url,
            login_url=url,
            organisation_id=known["organization_id"],
            options={"poll_seconds": 0.02, **options},
            **known["clients"][client],
        )
        return Genesys(given, CountingLimiter())

    def held(self, person):
        """What the vendor truly holds, by store."""
        rows = self.app.holdings(person.key)
        return Counter(row["store"] for row in rows if row["system"] == "genesys")


@pytest.fixture(scope="module")
def served():
    server, port = make_server()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield World(server, port)
    server.shutdown()
    server.server_close()


@pytest.fixture
def world(served, monkeypatch, tmp_path):
    monkeypatch.setenv("ERASURE_CLOCK_FILE", str(tmp_path / "clock"))
    return served


class Hunt:
    """One person searched to the fixed point: what a discovery stage would do."""

    def __init__(self, genesys, person):
        self.lines, self.people, self.who = [], {}, []
        self._walk(genesys, Identifier(IdentifierKind.EMAIL, person.email))
        self.lines += genesys.collect(self.who, list(self.people.values()))
        found = [one for one in self.lines if isinstance(one, Found)]
        self.found = [*self.people.values(), *found]
        self.unanswered = [one for one in self.lines if isinstance(one, Unanswered)]

    def _walk(self, genesys, first):
        open_ends = [first]
        while open_ends:
            who = open_ends.pop(0)
            if who in self.who:
                continue
            self.who.append(who)
            for one in genesys.lookup(who):
                if isinstance(one, Unanswered):
                    self.lines.append(one)
                else:
                    self.people[one.store, one.remote_id] = one
                    open_ends += one.identifiers

    def refs(self, store):
        return [
            ItemRef(
                one.store,
                one.remote_id,
                one.parent_id,
                one.division,
                one.facts,
                one.occurred_at,
            )
            for one in self.found
            if one.store == store
        ]


def erase_all(genesys, hunt, clear=allow):
    """All that need not wait for another store; recording jobs run to their end."""
    jobs = {}
    for store in genesys.stores:
        refs = [] if store.after or store.leg is Leg.NATIVE else hunt.refs(store.name)
        for start in range(0, len(refs), store.batch):
            for answer in erase_patiently(genesys, refs[start : start + store.batch], clear):
                assert isinstance(answer, Erased), answer.error
                if answer.remote_job:
                    jobs.setdefault((answer.job_kind, answer.remote_job), []).append(answer.ref)
            finish(genesys, jobs, "recording_delete", clear)
    return jobs


def erase_to_the_end(genesys, hunt, **later):
    """The vendor's own job runs so long, then come the stores that waited for it."""
    jobs = erase_all(genesys, hunt)
    clock.advance(timedelta(**later))
    finish(genesys, jobs, "gdpr_delete")
    return [one.reply for one in genesys.erase(hunt.refs("external_contacts"), allow)]


def erase_patiently(genesys, refs, clear):
    for _ in range(50):
        answers = list(genesys.erase(refs, clear))
        busy = [one for one in answers if isinstance(one, NotErased)]
        if not any(isinstance(one.error, BusyError) for one in busy):
            return answers
        time.sleep(0.02)
    raise AssertionError("busy for too long")


def finish(genesys, jobs, kind, clear=allow):
    """Poll until every job of a kind has ended; each must have done all of its work."""
    for (own, key), refs in list(jobs.items()):
        if own != kind:
            continue
        for _ in range(100):
            report = genesys.poll(RemoteJob(own, key, tuple(refs)), clear)
            if report.state is not JobState.RUNNING:
                break
            time.sleep(0.02)
        assert (report.state, report.undone) == (JobState.DONE, frozenset())
        del jobs[own, key]


def read_back(genesys, hunt, person):
    seen = {}
    for store in genesys.stores:
        refs, size = hunt.refs(store.name), store.verify_batch
        batches = (refs[start : start + size] for start in range(0, len(refs), size))
        answers = [
            each for some in batches for each in genesys.verify(some, hunt.who, person.names)
        ]
        seen[store.name] = {one.seen for one in answers}
    return seen


def test_one_address_finds_all_four_records_and_all_that_hangs_on_them(world):
    maria = world.reset("demo")
    hunt = Hunt(world.connector(), maria)
    emails = {one.value for one in hunt.who if one.kind is IdentifierKind.EMAIL}
    phones = {one.value for one in hunt.who if one.kind is IdentifierKind.PHONE}
    assert hunt.unanswered == []
    assert (emails, phones) == (set(maria.emails), set(maria.phones))
    found = Counter()
    for one in hunt.found:
        found[one.store] += int(one.facts.get("recordings", 1))
    assert (found.pop("gdpr_subjects"), found["external_contacts"]) == (4, 4)
    assert found + BY_HAND == world.held(maria)


def test_erasure_leaves_nothing_and_every_read_back_says_so(world):
    maria = world.reset("demo")
    genesys = world.connector()
    hunt = Hunt(genesys, maria)
    controls = list(genesys.controls(hunt.found))
    assert erase_to_the_end(genesys, hunt, days=2) == [Reply.ALREADY_GONE] * 4
    assert world.held(maria) == BY_HAND
    expected = {
        store.name: {Seen.REDACTED if store.end is Verdict.ANONYMISED else Seen.ABSENT}
        for store in genesys.stores
        if hunt.refs(store.name)
    }
    seen = read_back(genesys, hunt, maria)
    assert {name: each for name, each in seen.items() if each} == expected
    wanted = {(one.store, one.division) for one in hunt.found}
    assert {(one.store, one.division) for one in controls} == wanted
    assert [genesys.sees(one) for one in controls] == [True] * len(controls)


def test_completed_native_job_is_no_redaction_yet(world):
    maria = world.reset("demo")
    genesys = world.connector()
    hunt = Hunt(genesys, maria)
    erase_to_the_end(genesys, hunt, hours=4)
    assert read_back(genesys, hunt, maria)["conversations"] == {Seen.PRESENT}


def test_vendor_that_lies_is_not_believed(world):
    maria = world.reset("demo")
    genesys = world.connector()
    hunt = Hunt(genesys, maria)
    world.app.fault("genesys.lying-vendor", True)
    erase_to_the_end(genesys, hunt, days=2)
    assert set.union(*read_back(genesys, hunt, maria).values()) == {Seen.PRESENT}


def test_other_people_lose_nothing(world):
    maria = world.reset("demo")
    others = [one for one in world.app.people if one.key != maria.key]
    before = {one.key: world.held(one) for one in others}
    genesys = world.connector()
    erase_to_the_end(genesys, Hunt(genesys, maria), days=2)
    assert {one.key: world.held(one) for one in others} == before
    assert world.app.wires["genesys"].vendor.disconnects == []


def test_many_conversations_take_few_calls(world):
    bench = world.reset("bench", bench={"conversations": 200, "recordings": 2, "evaluations": 0.2})
    genesys = world.connector()
    hunt = Hunt(genesys, bench)
    erase_all(genesys, hunt)
    singly = [ref for ref in hunt.refs("voice_recordings") if ref.facts.get("single")]
    one_by_one = len(hunt.refs("evaluations")) + 4 * len(singly)  # twice metadata, two dates
    assert len(hunt.refs("voice_recordings")) == 200
    assert genesys.http.calls <= 60 + one_by_one
    before = genesys.http.calls
    clock.advance(timedelta(hours=1))
    refs = hunt.refs("voice_recordings")
    batches = [refs[start : start + 100] for start in range(0, len(refs), 100)]
    seen = Counter(one.seen for some in batches for one in genesys.verify(some, (), ()))
    assert seen == {Seen.ABSENT: len(refs)}
    assert genesys.http.calls - before <= 12 * len(batches) + len(singly)


def test_job_that_skips_a_protected_recording_names_its_conversation(world):
    maria = world.reset("demo")
    genesys = world.connector()
    hunt = Hunt(genesys, maria)
    held = next(ref for ref in hunt.refs("voice_recordings") if not ref.facts.get("single"))
    body = {"conversationIds": [held.remote_id]}
    protect = "/api/v2/recordings/deletionprotection"
    genesys.http.send("PUT", protect, params={"protect": "true"}, json=body)
    assert genesys.recordings.protection.on([held.remote_id]) == {held.remote_id}
    [answer] = erase_patiently(genesys, [held], allow)
    job = RemoteJob(answer.job_kind, answer.remote_job, (held,))
    report = genesys.poll(job, allow)
    while report.state is JobState.RUNNING:
        time.sleep(0.02)
        report = genesys.poll(job, allow)
    assert (report.state, report.undone) == (JobState.DONE, {held.remote_id})


def test_lost_answer_does_not_submit_a_second_native_job(world):
    maria = world.reset("demo")
    genesys = world.connector()
    hunt = Hunt(genesys, maria)
    ref = hunt.refs("gdpr_subjects")[0]
    started = clock.now()
    world.app.fault("genesys.reset-after", 1)
    [lost] = genesys.erase([ref], allow)
    assert isinstance(lost.error, BusyError)
    again = ItemRef(ref.store, ref.remote_id, tries=2, first_tried=started)
    [found] = genesys.erase([again], allow)
    requests = world.app.wires["genesys"].vendor.org.gdpr_requests
    assert list(requests) == [found.remote_job]


@pytest.mark.parametrize("tries", [1, 2])
def test_lost_answer_does_not_submit_a_second_recording_job(world, tries):
    maria = world.reset("demo")
    genesys = world.connector()
    ref = next(
        one for one in Hunt(genesys, maria).refs("voice_recordings") if "single" not in one.facts
    )
    jobs = world.app.wires["genesys"].vendor.org.jobs
    world.app.fault("genesys.reset-after", 1)
    [lost] = genesys.erase([ref], allow)
    again = ItemRef(ref.store, ref.remote_id, occurred_at=ref.occurred_at, tries=tries)
    list(genesys.erase([again], allow))
    assert isinstance(lost.error, BusyError)
    assert len(jobs) == (2 if tries == 1 else 1)


def test_division_lost_is_noticed_by_the_controls(world):
    maria = world.reset("demo")
    genesys = world.connector()
    hunt = Hunt(genesys, maria)
    controls = list(genesys.controls(hunt.found))
    world.app.fault("genesys.division-lost", True)
    controls = [one for one in controls if one.store == "voice_recordings"]
    divisions = {one.division: genesys.sees(one) for one in controls}
    assert sorted(divisions.values()) == [False, False, True]  # each, and both together


def test_client_without_permissions_leaves_stores_unanswered_by_name(world):
    maria = world.reset("demo")
    hunt = Hunt(world.connector("narrow"), maria)
    assert {one.store for one in hunt.unanswered} == {"gdpr_subjects"}
    assert all("gdpr:subject:view" in one.reason for one in hunt.unanswered)
    failed = [one for one in world.connector("narrow").check() if not one.ok]
    unread = [one.name for one in failed if one.detail.startswith("GET")]
    assert unread == ["GDPR subjects", "Quality evaluations"]


def test_reader_may_search_but_not_erase(world):
    maria = world.reset("demo")
    genesys = world.connector("reader")
    hunt = Hunt(genesys, maria)
    assert hunt.unanswered == []
    [answer] = genesys.erase(hunt.refs("external_contacts")[:1], allow)
    assert str(answer.error) == (
        "DELETE /api/v2/externalcontacts/contacts/{contactId} answered 403"
        " missing.permissions (externalContacts:contact:delete)"
    )


@pytest.mark.parametrize(
    ("fault", "value", "store"),
    [
        ("total-beyond", 1, "gdpr_subjects"),
        ("query-job-fails", True, "conversations"),
        ("permission-lost", "analytics:conversationDetail:view", "conversations"),
    ],
)
def test_store_that_could_not_be_searched_is_unanswered(world, fault, value, store):
    maria = world.reset("demo")
    world.app.fault(f"genesys.{fault}", value)
    hunt = Hunt(world.connector(), maria)
    assert store in {one.store for one in hunt.unanswered}


@pytest.mark.parametrize("fault", ["html", "truncated", "5xx", "429", "down"])
def test_broken_network_is_never_an_empty_store(world, fault):
    maria = world.reset("demo")
    genesys = world.connector()
    genesys.http.sign_in()
    world.app.fault(f"genesys.{fault}", 1 if fault in ("5xx", "429") else True)
    hunt = Hunt(genesys, maria)
    world.app.fault(f"genesys.{fault}", False)
    stores = {one.store for one in hunt.unanswered}
    assert stores == {one.name for one in genesys.stores}


def test_token_that_ends_in_the_middle_is_renewed(world):
    maria = world.reset("demo", token_lifetime=86_400)
    genesys = world.connector()
    genesys.http.sign_in()
    clock.advance(timedelta(days=2))
    assert Hunt(genesys, maria).unanswered == []


def test_no_identifier_stands_in_a_url_a_header_a_log_or_an_error(world, caplog):
    caplog.set_level("DEBUG")
    maria = world.reset("demo")
    genesys = world.connector()
    hunt = Hunt(genesys, maria)
    erase_to_the_end(genesys, hunt, days=2)
    read_back(genesys, hunt, maria)
    world.app.fault("genesys.down", True)
    try:
        list(genesys.verify(hunt.refs("gdpr_subjects"), hunt.who, maria.names))
    except BusyError as error:
        told = "".join(traceback.format_exception(error))
    world.app.fault("genesys.down", False)
    assert leaks(world.app.requests(), maria.identifiers()) == []
    logged = "\n".join(f"{one.name} {one.getMessage()} {one.args}" for one in caplog.records)
    assert [one for one in maria.identifiers() if one in logged or one in told] == []
