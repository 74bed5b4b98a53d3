"""Whole cases through the product, each recorded from its first call to its last.

A run is a function of a ``World`` that has just been seeded. Together they make the
connector send all it can send: with nothing in the way, with a hold, with a vendor that
is busy, silent, full, slow, or loses the answer.
"""

import shutil
import tempfile
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import transaction
from django.test import override_settings

from erasure import clock, execution, holds
from erasure.cases import move
from erasure.connectors.genesys.stores import VOICE
from erasure.discovery import discover
from erasure.discovery.discover import TRIES
from erasure.models import Hold
from erasure.sandbox.server import make_server
from erasure.systems import connector_for
from erasure.values import HoldScope, Step
from tests.contract.recording import Exchange, Recorder
from tests.world import (
    DAY,
    HOUR,
    MINUTE,
    OPTIONS,
    TO_THE_END,
    World,
    again,
    no_naps,
    own_time,
    states,
)


@dataclass(frozen=True, slots=True)
class Recorded:
    """What went over the wire, and what stopped the run before its end."""

    exchanges: list[Exchange]
    failure: Exception | None


SOON = (MINUTE, 5 * MINUTE, 30 * MINUTE)
RUNS = {}


def run(population="demo", **options):
    """Register a run, and how the sandbox is seeded for it."""

    def register(function):
        RUNS[function.__name__] = (function, population, OPTIONS | options)
        return function

    return register


@run()
def whole_case(world):
    """Checked, searched, approved, erased, read back, answered, audited."""
    assert all(line.ok for line in connector_for(world.genesys).check())
    case = world.live(world.executing("maria"), *TO_THE_END)
    assert states(case)["ERASED"] > 30
    audited(world)


def audited(world):
    """What the vendor itself wrote down of the case, by both of its queries."""
    connector, now = connector_for(world.genesys), clock.now() + MINUTE
    clock.advance(MINUTE)
    assert list(connector.audits(now - DAY, now, ()))
    clock.advance(30 * DAY)
    assert list(connector.audits(now - 60 * DAY, clock.now(), ()))


@run("bench", bench={"conversations": 30, "evaluations": 0.1})
def many_conversations(world):
    """Counted by a job, erased by a job, counted again."""
    case = world.live(world.executing("bench"), *TO_THE_END)
    assert states(case, VOICE)["ERASED"] > 10


@run()
def held_conversation(world):
    """One conversation is kept and protected, the others go."""
    case = world.searched("held")
    hold(world, case)
    case = world.live(world.approve(again(case)), *TO_THE_END)
    assert world.calls("PUT", "/recordings/deletionprotection") == 1
    assert states(case, VOICE) == {"HELD": 1, "ERASED": 1}


@run()
def hold_when_the_job_is_ready(world):
    """The job is cancelled, never started."""
    case = world.executing("held")
    world.options(job_step_seconds=600)
    case = world.work(case)
    hold(world, case)
    world.live(case, HOUR, DAY)
    assert "CANCELLED" in {job.state for job in world.org.jobs.values()}


def hold(world, case):
    new = Hold(
        reference="MATTER-7", scope=HoldScope.CONVERSATION, article="17(3)(e)",
        reason="A claim is pending.", public_wording="Kept for a legal claim.",
        placed_by=world.legal.user, review_on=clock.now().date() + timedelta(days=90),
    )  # fmt: skip
    holds.place(new, actor=world.legal, conversations=[(world.genesys, by_job(case))])


def by_job(case):
    """A conversation whose recordings a job erases, not a date on each."""
    items = case.items.filter(store=VOICE)
    return next(each.locator["parent_id"] for each in items if "single" not in each.ref().facts)


@run()
def halted_case(world):
    """An officer stops a case whose vendor job has not begun."""
    case = world.executing("held")
    world.options(job_step_seconds=600)
    case = world.work(case)
    move(case.pk, Step.HALT, actor=world.officer)
    execution.stop_jobs(case.pk)


@run()
def lost_answers(world):
    """Each request that was carried out and not answered is looked for before another."""
    case = world.executing("held")
    world.fault(genesys_reset_after=4)
    world.live(case, *SOON, *TO_THE_END)
    assert world.calls("GET", "/gdpr/requests")
    assert world.calls("GET", "/recording/jobs")


@run()
def job_leaves_something_behind(world):
    """What the vendor protects is skipped, named as such and tried one by one."""
    case = world.executing("held")
    world.org.conversations[by_job(case)].protected = True
    world.live(case, *SOON)
    assert world.calls("GET", "/failedrecordings")


@run()
def busy_vendor(world):
    """Three calls in ten are answered 429, then 503."""
    case = world.executing("held")
    for fault in ("429", "5xx"):
        world.app.fault(f"genesys.{fault}", 0.3)
        discover(world.open("siobhan").pk)
        world.live(case, *SOON)
        world.app.fault(f"genesys.{fault}", 0)
    world.live(case, *TO_THE_END)


@run(job_step_seconds=600)
def slow_search(world):
    """The vendor's search job is never ready: it is given up and called off."""
    world.genesys.options = world.genesys.options | {"job_wait_seconds": 0.05}
    world.genesys.save()
    case = patiently(world.open("held"))
    assert "UNANSWERED" in set(case.searches.values_list("status", flat=True))


def patiently(case):
    """As often as the sweep would ring."""
    for _ in range(TRIES):
        if discover(case.pk):
            return again(case)
        clock.advance(HOUR)
    return again(case)


@contextmanager
def served():
    """The sandbox on a free port, with a recorder before it."""
    server, port = make_server()
    recorder = Recorder(server.get_app())
    server.set_app(recorder)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield recorder, f"http://127.0.0.1:{port}"
    finally:
        server.shutdown()
        server.server_close()


def record(name, recorder, url):
    """All exchanges of one run, on a clock and rows of its own that are then forgotten."""
    function, population, options = RUNS[name]
    folder = Path(tempfile.mkdtemp(prefix="run-"))
    recorder.exchanges, failure = [], None
    try:
        with (
            pytest.MonkeyPatch.context() as patch,
            override_settings(DATA=folder),
            transaction.atomic(),
        ):
            own_time(patch, folder)
            no_naps(patch)
            recorder.app.reset(population, options)
            try:
                function(World(recorder.app, url))
            except Exception as why:  # noqa: BLE001 - raised again by the test of this run
                failure = why
            transaction.set_rollback(True)
    finally:
        shutil.rmtree(folder)
    return Recorded(recorder.exchanges, failure)
