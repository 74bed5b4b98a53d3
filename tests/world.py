"""The product and a vendor it really speaks to: one sandbox, one clock, one database.

Nothing waits: where the product would sleep, the shared clock moves on instead.
"""

import threading
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from functools import partial
from importlib import import_module
from types import SimpleNamespace

import pytest

from erasure import (
    clock,
    correspondence,
    evidence,
    execution,
    intake,
    protection,
    review,
    verification,
)
from erasure.cases import move
from erasure.discovery import discover
from erasure.identity import email, identifier
from erasure.ledger import sequencer
from erasure.limiter import Gate, ProcessWindow, Rate
from erasure.models import Actor, ErasureCase, SystemConnection, User
from erasure.sandbox.genesys.seed import EVALUATOR
from erasure.sandbox.server import make_server
from erasure.systems import connect
from erasure.values import IdentifierKind, Role, Step
from tests.factories import CALLED_BACK, make_user

OPTIONS = {"rate_limit": 100_000, "job_step_seconds": 0.01}
GENESYS = {"poll_seconds": 0.02, "calibrators": EVALUATOR, "outside_copies": "none"}
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
TO_THE_END = (4 * HOUR, 9 * HOUR)  # the vendor's own job, then its late redaction


def sleep(seconds):
    """Time passes at once; short naps are rounded up, so that a wait takes few of them."""
    clock.advance(timedelta(seconds=max(seconds, 0.25)))


def limiter(slug, per_minute, **where):
    """The product's gate over this process alone, on the clock that can be moved."""
    window = ProcessWindow(Rate(per_minute), lambda: clock.now().timestamp())
    return Gate(window, sleep=sleep)


class World:
    """Two connections, three members of staff, and the whole way of a case."""

    def __init__(self, app, url):
        self.app, self.url = app, url
        known = {name: wire.vendor.credentials() for name, wire in app.wires.items()}
        self.genesys = self.connect(
            "genesys-eu", "genesys", options=GENESYS,
            **known["genesys"]["clients"]["executor"],
        )  # fmt: skip
        crm = known["salesforce"]
        self.crm = self.connect(
            "crm", "salesforce", crm["client_id"], crm["client_secret"],
            options={"outside_copies": "none"},
        )  # fmt: skip
        self.clients = known["genesys"]["clients"]
        self.officer = self.staff(Role.OFFICER)
        self.dpo = self.staff(Role.DPO)
        self.legal = self.staff(Role.LEGAL)

    def staff(self, *roles):
        user = make_user(*roles)
        user.email = f"{user.username}@example.org"
        user.save()
        return Actor.of(User.objects.get(pk=user.pk))

    def connect(self, slug, system, client_id, client_secret, **given):
        row = SystemConnection(
            slug=slug, name=f"The {slug}", system=system, base_url=f"{self.url}/{system}",
            login_url=f"{self.url}/{system}", client_id=client_id, per_minute=0, region="GB",
            width=1, **given,
        )  # fmt: skip
        row.set_secret(client_secret)
        row.save()
        return row

    # -- what the vendors know

    @property
    def org(self):
        """The organisation behind the Genesys side."""
        return self.app.wires["genesys"].vendor.org

    def options(self, **changed):
        """Change how the Genesys side behaves from now on."""
        self.org.options = replace(self.org.options, **changed)

    def person(self, key):
        return next(one for one in self.app.people if one.key == key)

    def fault(self, **faults):
        """``genesys_down=True`` for the fault ``genesys.down``; underscores are hyphens."""
        for name, value in faults.items():
            vendor, _, own = name.partition("_")
            own = own.replace("_", "-")
            assert self.app.fault(f"{vendor}.{own}", value)

    def calls(self, method="", template="", since=0):
        """How often a template was asked for; all calls of the method without one."""
        return sum(
            1
            for one in self.app.requests()[since:]
            if (not method or one["method"] == method) and one["template"].endswith(template)
        )

    def rows(self, *, but):
        """Every row both vendors hold of everybody but one person, byte for byte."""
        org, crm = self.org, self.app.wires["salesforce"].vendor.org
        with org.lock:
            org.tick()
            named = {key: one.person for key, one in org.contacts.items()}
            talks = {key: one.person for key, one in org.conversations.items()}
            owners = [
                (org.contacts, lambda one: one.person),
                (org.conversations, lambda one: one.person),
                (org.outbound, lambda one: one.person),
                (org.notes, lambda one: named.get(one.contact, but)),
                (org.journeys, lambda one: one.person),
                (org.orphans, lambda one: one.person),
                *(
                    (rows, lambda one: talks.get(one.conversation, but))
                    for rows in (
                        org.recordings,
                        org.evaluations,
                        org.surveys,
                        org.voicemails,
                        org.calibrations,
                        org.transcripts,
                        org.summaries,
                    )
                ),
            ]
            rows = [
                repr(row) for table, owner in owners for row in table.values() if owner(row) != but
            ]
        rows += [repr(row) for row in crm.records.values() if row.owner != but]
        return sorted(rows)

    def lift(self):
        """A person takes every protection off at the vendor."""
        self.fault(genesys_protections_lifted=True)

    def held(self, key):
        return Counter(f"{row['system']}.{row['store']}" for row in self.app.holdings(key))

    # -- the way of a case

    def open(self, key, *more):
        """A request with one address, confirmed: the search may start."""
        person = self.person(key)
        known = [identifier(IdentifierKind.EMAIL, person.email)]
        known += [identifier(IdentifierKind.NAME, name) for name in person.other_names]
        return self.request(person.name, *known, *more)

    def request(self, name, *identifiers):
        """A confirmed request of anybody."""
        case = intake.open_case(
            channel="phone", name=name, identifiers=identifiers, received_at=clock.now(),
            actor=self.officer,
        )  # fmt: skip
        intake.start(case.pk)
        return self.confirm(case)

    def confirm(self, case):
        """The officer knows who asks, and on what ground."""
        return verification.confirm(
            case.pk, actor=self.officer, **CALLED_BACK,
            grounds=["17(1)(b)"], ground_reason="Consent withdrawn.",
        )  # fmt: skip

    def found(self, name, *identifiers):
        """A case in review of anybody."""
        case = self.request(name, *identifiers)
        assert discover(case.pk)
        return again(case)

    def searched(self, key, *more):
        """A case in review."""
        case = self.open(key, *more)
        assert discover(case.pk)
        return again(case)

    def approve(self, case):
        """Answer what is asked of the officer from the truth, then release."""
        case = self.answered(case)
        protection.look_again(case.pk)
        protection.protect(case.pk)
        review.refreeze(case.pk)
        for item in case.items.filter(state="PROPOSED", certain=False, lead=False):
            review.decide_item(item.pk, "exclude", actor=self.officer, reason="Not the person.")
        case = again(case)
        return review.approve(
            case.pk, actor=self.dpo, digest=case.inventory_digest, opinion="No objection."
        )

    def answered(self, case):
        """Confirm what is this person's alone, reject the rest, search again; nothing twice."""
        asked = set()
        while rows := list(case.identifiers.filter(state="IN_QUESTION")):
            mine = self.alone(case)
            for row in rows:
                assert row.pk not in asked, "asked twice"
                asked.add(row.pk)
                review.decide_identifier(row.pk, confirm=row.value in mine, actor=self.officer)
            move(case.pk, Step.REDISCOVER, actor=self.officer)
            assert discover(case.pk)
            case = again(case)
        return again(case)

    def alone(self, case):
        """Every value that belongs to the person of a case and to nobody else."""
        given = {row.value for row in case.identifiers.filter(given=True)}
        values = {
            one.key: {*map(email, one.emails), *one.phones, *one.external_ids}
            for one in self.app.people
        }
        for key, contact in self.org.contacts.items():
            values[contact.person].add(key)
        mine = [key for key, own in values.items() if own & given]
        others = {each for key, own in values.items() if key not in mine[:1] for each in own}
        return values[mine[0]] - others if mine else set()

    def executing(self, key):
        """A case that was approved; no call has left yet."""
        return self.approve(self.searched(key))

    def work(self, case):
        """Every worker at once, until nothing is due."""
        for _ in range(50):
            protection.protect(case.pk)
            due = execution.connections_with_work()
            busy = [execution.drain(one, clock.now() + MINUTE) for one in due]
            case = execution.progress(case.pk)
            if not any(busy) and case.pk not in protection.cases_with_work():
                return case
        raise AssertionError("There is always something to do.")

    def live(self, case, *steps):
        """Work, and let time pass between."""
        case = self.work(case)
        for step in steps:
            clock.advance(step)
            execution.reclaim()
            case = self.work(case)
        return case

    def answer(self, case):
        kind = correspondence.answer_kind(again(case))
        correspondence.record_answer(
            case.pk, actor=self.officer, kind=kind, channel="letter", text="What we erased.",
            dispatched_at=clock.now(), proof="Registered letter 1.",
        )  # fmt: skip
        return execution.progress(case.pk)

    def certify(self, case):
        """Wait for the sequencer as the tasks do."""
        for _ in range(4):
            sequencer.sequence()
            certificate = evidence.issue(case.pk)
            if certificate:
                return certificate
        raise AssertionError("No certificate came.")


def again(case):
    """The case as it stands: a protected state is never refreshed in place."""
    return ErasureCase.objects.get(pk=case.pk)


def states(case, *stores):
    """How many items are in which state; of all stores or of these."""
    rows = case.items.filter(store__in=stores) if stores else case.items.all()
    return Counter(rows.values_list("state", flat=True))


@pytest.fixture(scope="session")
def served():
    """The sandbox on a free port, for as long as the tests run."""
    server, port = make_server()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield SimpleNamespace(app=server.get_app(), url=f"http://127.0.0.1:{port}")
    server.shutdown()
    server.server_close()


def own_time(monkeypatch, folder):
    """A clock of one's own, and no real waiting."""
    monkeypatch.setenv("ERASURE_CLOCK_FILE", str(folder / "clock"))
    draining = import_module("erasure.execution.drain")  # the package names its function so
    monkeypatch.setattr(draining, "time", SimpleNamespace(sleep=sleep))
    monkeypatch.setattr("erasure.systems.connect.limiter_for", limiter)


def no_naps(monkeypatch):
    """A connector that waits for a vendor's job moves the clock on instead."""
    for system, make in list(connect.CONNECTORS.items()):
        monkeypatch.setitem(connect.CONNECTORS, system, partial(make, sleep=sleep))


@pytest.fixture
def moving(monkeypatch, settings, tmp_path):
    """A clock of the test's own, a log of its own, and no real waiting."""
    own_time(monkeypatch, tmp_path)
    settings.DATA = tmp_path


@pytest.fixture
def world(served, moving, monkeypatch, db):
    """Freshly seeded vendors, connected."""
    no_naps(monkeypatch)
    served.app.reset("demo", OPTIONS)
    return World(served.app, served.url)
