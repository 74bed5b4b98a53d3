"""Tasks are doorbells: they carry an id, may come twice or late, and a lost one costs time only."""

from datetime import timedelta
from uuid import uuid4

import pytest
from celery.signals import before_task_publish
from kombu.exceptions import OperationalError

from config.celery import app
from erasure import clock, tasks
from erasure.execution.claim import LEASE
from erasure.ledger import sequencer
from erasure.models import (
    Certificate,
    DataItem,
    Hold,
    IdentityDocument,
    LogEntry,
    OutboxEntry,
    Verification,
)
from erasure.values import CaseState, HoldState, ItemState, Role
from tests.execution.fakes import bench, outcomes, remote
from tests.factories import make_case, make_hold, make_user
from tests.world import HOUR, MINUTE, TO_THE_END, again, moving, served, states, world

__all__ = ["bench", "moving", "remote", "served", "world"]


@pytest.fixture
def rung():
    """Every message that was sent: task and arguments."""
    sent = []

    def note(sender, body, **rest):
        sent.append((sender, *body[0]))

    before_task_publish.connect(note)
    yield sent
    before_task_publish.disconnect(note)


class Deaf:
    """A worker that answers every ring twice, and now and then a sweep; no ring is kept."""

    def __init__(self, rung):
        self.rung = rung

    def run(self):
        for _ in range(60):
            if not self.rung:
                return
            name, key = self.rung.pop(0)[:2]
            task = {"erasure.tasks.wake": tasks.wake, "erasure.tasks.drain": tasks.drain}[name]
            task(key)
            task(key)

    def live(self, *steps):
        for step in steps:
            tasks.sweep()
            self.run()
            tasks.sequence()
            clock.advance(step)
        tasks.sweep()
        self.run()


def test_case_runs_from_search_to_certificate_on_rings_alone_each_delivered_twice(world, rung):
    worker = Deaf(rung)
    case = world.open("held")
    worker.live(MINUTE)
    assert again(case).state == CaseState.DPO_REVIEW
    world.approve(case)
    worker.live(*TO_THE_END, MINUTE)
    world.answer(case)
    worker.live(MINUTE, MINUTE, MINUTE)
    case = again(case)
    assert (case.state, set(states(case))) == (CaseState.COMPLETE, {"ERASED"})
    assert Certificate.objects.get().stage == Certificate.ISSUED
    assert {item.attempts for item in case.items.all()} == {1}
    assert world.calls("POST", "/gdpr/requests") == 1
    drained = sum(row.facts["items"] for row in case.log.filter(type="dispatch"))
    assert drained == case.items.count() + 2  # the bulk job's own start announces its two again


def test_messages_carry_ids_alone(world, rung):
    case = world.open("siobhan")
    Deaf(rung).live(MINUTE)
    world.approve(case)
    tasks.sweep()
    known = {str(case.pk), str(world.genesys.pk), str(world.crm.pk)}
    assert {argument for _, *arguments in rung for argument in arguments} <= known
    assert {name for name, *_ in rung} == {"erasure.tasks.wake", "erasure.tasks.drain"}


@pytest.mark.parametrize("state", CaseState)
def test_late_ring_for_a_case_in_any_state_does_no_harm(moving, db, rung, state):
    case = make_case(CaseState.RECEIVED)
    steps = case.log.count()
    type(case).objects.filter(pk=case.pk).update(state=state)
    tasks.wake(str(case.pk))
    tasks.wake(str(case.pk))
    moved = {CaseState.RECEIVED: CaseState.VALIDATING}
    if state not in (CaseState.DISCOVERY, CaseState.EXECUTING, CaseState.AWAITING_VENDOR):
        assert again(case).state == moved.get(state, state)
    assert case.log.filter(type="step").count() <= 1
    assert case.log.count() <= steps + 3
    assert Certificate.objects.count() == 0


def test_ring_for_a_case_that_is_gone_does_nothing(moving, db, rung):
    tasks.wake(str(uuid4()))
    tasks.drain(str(uuid4()))
    assert rung == []


def test_drain_rings_again_while_more_is_due(bench, remote, rung, monkeypatch):
    bench.case(plain=1)
    remote.before = lambda refs: clock.advance(2 * MINUTE)
    tasks.drain(str(bench.connection.pk))
    assert rung[-1] == ("erasure.tasks.drain", str(bench.connection.pk))


def test_drain_moves_the_case_on(bench, remote, rung):
    case = bench.case(plain=1)
    tasks.drain(str(bench.connection.pk))
    assert states(case) == {ItemState.ERASED: 1}
    assert again(case).waiting_for.startswith("Everything is settled.")


def test_sweep_brings_back_the_work_of_a_killed_worker(bench, remote, rung):
    case = bench.case(plain=1)
    DataItem.objects.update(
        state=ItemState.RUNNING, lease_owner="killed", lease_until=clock.now() + LEASE
    )
    tasks.sweep()
    assert states(case) == {ItemState.RUNNING: 1}
    clock.advance(LEASE + MINUTE)
    tasks.sweep()
    assert states(case) == {ItemState.PLANNED: 1}
    assert [row[2] for row in outcomes(case)] == ["FAILED"]
    assert ("erasure.tasks.drain", str(bench.connection.pk)) in rung


def test_sweep_rings_every_open_case_and_no_other(moving, db, rung):
    cases = {state: make_case(state) for state in CaseState}
    tasks.sweep()
    ended = {
        CaseState.COMPLETE, CaseState.PARTIAL_HOLD, CaseState.REFUSED, CaseState.CLOSED
    }  # fmt: skip
    expected = {("erasure.tasks.wake", str(cases[s].pk)) for s in CaseState if s not in ended}
    assert set(rung) == expected


def test_sweep_rings_an_ended_case_until_its_certificate_is_there(moving, db, rung):
    case = make_case(CaseState.COMPLETE, certificate_due=True)
    tasks.sweep()
    assert rung == [("erasure.tasks.wake", str(case.pk))]


def test_look_opens_the_review_of_a_hold_that_expired_and_releases_nothing(moving, db, rung):
    today = clock.now().date()
    hold = make_hold(make_user(Role.LEGAL), review_on=today)
    for _ in range(2):
        tasks.look()
    assert Hold.objects.get(pk=hold.pk).state == HoldState.REVIEW_DUE


def test_sweep_destroys_proof_of_identity_that_nobody_decided_on(moving, db, rung):
    case = make_case(CaseState.VALIDATING)
    row = IdentityDocument(
        case=case, verification=Verification.objects.get(case=case), page=1, data_sealed=b"sealed"
    )
    row.save()
    clock.advance(timedelta(days=29))
    tasks.sweep()
    assert IdentityDocument.objects.count() == 1
    clock.advance(timedelta(days=2))
    tasks.sweep()
    tasks.sweep()
    assert IdentityDocument.objects.count() == 0
    assert case.log.filter(type="identity").count() == 1


def test_sequence_twice_moves_the_outbox_once(moving, db):
    case = make_case()
    tasks.sequence()
    size = LogEntry.objects.count()
    tasks.sequence()
    assert (OutboxEntry.objects.count(), LogEntry.objects.count()) == (0, size)
    assert case.log.filter(log_index__isnull=True).count() == 0
    assert sequencer.sequence() == 0


def test_every_task_is_acknowledged_late_and_keeps_no_result():
    for task in (tasks.wake, tasks.drain, tasks.sweep, tasks.look, tasks.sequence):
        assert (task.acks_late, task.ignore_result) == (True, True)


@pytest.fixture
def broker_away(monkeypatch):
    """What Celery raises when nobody listens at the broker's address."""

    def refuse(*args, **options):
        raise OperationalError("Connection refused")

    monkeypatch.setattr(app, "send_task", refuse)


def test_broker_that_is_away_keeps_no_case_from_moving(
    moving, db, broker_away, caplog, django_capture_on_commit_callbacks
):
    case = make_case(CaseState.RECEIVED)
    clock.advance(HOUR)
    with django_capture_on_commit_callbacks(execute=True):
        tasks.wake(str(case.pk))
    assert again(case).state == CaseState.VALIDATING
    assert "The broker does not answer: the next sweep wakes the case." in caplog.messages
