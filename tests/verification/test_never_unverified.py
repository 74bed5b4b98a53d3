"""Nothing is ever erased for somebody whose identity was not verified, by whatever way."""

from datetime import timedelta

import pytest

from erasure import clock, execution, tasks
from erasure.cases import refusals
from erasure.errors import StepError
from erasure.models import Actor, ErasureCase, Verification
from erasure.models.conditions import identity_confirmed
from erasure.review import approve
from erasure.values import CaseState, ItemState, Role, Step
from erasure.values import VerificationState as V
from tests.admin.urls import step as step_url
from tests.cases.given import WITH, actors, ready_case
from tests.cases.test_move import outcome_of
from tests.execution.fakes import bench, remote
from tests.factories import PASSWORD, make_user
from tests.world import MINUTE, moving

__all__ = ["bench", "moving", "remote"]
pytestmark = pytest.mark.django_db

S = CaseState
UNVERIFIED = [V.OPEN, V.ASKED, V.ANSWERED, V.REJECTED, V.EXPIRED]
GATES = {
    Step.CONFIRM_IDENTITY: S.VALIDATING,
    Step.FINISH_DISCOVERY: S.DISCOVERY,
    Step.APPROVE: S.DPO_REVIEW,
}
ERASING = (S.EXECUTING, S.AWAITING_VENDOR)


def unverified(case, state, *, after_confirmation):
    """The last word on identity; an earlier confirmation does not count against it."""
    if after_confirmation:
        later = clock.now() + timedelta(seconds=1)
        Verification.objects.create(case=case, state=state, opened_at=later)
    else:
        case.verifications.update(state=state)


@pytest.mark.parametrize("after_confirmation", [False, True], ids=["never", "no longer"])
@pytest.mark.parametrize("state", UNVERIFIED)
@pytest.mark.parametrize("step", GATES)
def test_gate_on_the_way_to_erasure_is_shut_for_everybody(step, state, after_confirmation):
    case = ready_case(GATES[step], step)
    unverified(case, state, after_confirmation=after_confirmation)
    who = actors().values()
    ends = {outcome_of(case, step, actor) for actor in who}
    assert ends <= {"condition", "permission", "actor", "four eyes"}
    assert "condition" in ends
    said = [text for actor in who for text in refusals(case, step, actor)]
    assert identity_confirmed.refusal in said


def test_every_way_to_erasure_leads_through_a_gate():
    """From the transitions themselves: without those that ask for identity none is reached."""
    ways = list(ErasureCase._meta.get_field("state").get_all_transitions(ErasureCase))
    reached, size = {S.RECEIVED}, 0
    while size != len(reached):
        size = len(reached)
        reached |= {
            S(way.target) for way in ways
            if way.source in reached and identity_confirmed not in way.conditions
        }  # fmt: skip
    assert not reached & {*ERASING, S.DPO_REVIEW, S.PARTIAL_HOLD, S.COMPLETE}
    assert reached >= {S.VALIDATING, S.AWAITING_IDENTITY, S.CLOSED, S.REFUSED}


@pytest.mark.parametrize("state", UNVERIFIED)
def test_tasks_in_any_state_send_nothing(bench, remote, state):
    """Even if a row were put into execution past every door, no call leaves."""
    case = bench.case(plain=2, bulk=2, wide=1)
    case.verifications.update(state=state)
    for where in (each for each in CaseState if each != S.DISCOVERY):  # which erases nothing
        ErasureCase.objects.filter(pk=case.pk).update(state=where)
        tasks.wake(str(case.pk))
        execution.drain(bench.connection.pk, clock.now() + MINUTE)
    assert remote.sent == []
    assert not case.items.filter(state=ItemState.ERASED).exists()


def test_rejection_after_approval_stops_the_calls_that_have_not_left(bench, remote):
    case = bench.case(plain=2)
    later = clock.now() + timedelta(seconds=1)
    Verification.objects.create(case=case, state=V.REJECTED, opened_at=later)
    execution.drain(bench.connection.pk, clock.now() + MINUTE)
    assert remote.sent == []


@pytest.mark.parametrize("state", UNVERIFIED)
def test_approval_by_the_dpo_is_refused_and_plans_nothing(state):
    case = ready_case(S.DPO_REVIEW, Step.APPROVE)
    case.verifications.update(state=state)
    dpo = Actor.of(make_user(Role.DPO))
    with pytest.raises(StepError) as refused:
        approve(case.pk, actor=dpo, digest=case.inventory_digest, **WITH[Step.APPROVE])
    assert refused.value.refused_by == "condition"
    assert not case.items.exclude(state=ItemState.PROPOSED).exists()


@pytest.mark.parametrize("role", list(Role))
def test_admin_pages_open_no_way_round(client, role):
    case = ready_case(S.VALIDATING)
    case.verifications.update(state=V.REJECTED, decided_at=clock.now())
    client.login(username=make_user(role).username, password=PASSWORD)
    for act in ("confirm_identity", "approve", "rediscover", "release", "identity_answered"):
        client.post(step_url(case, act), {"method": "ID_COPY", "grounds": ["17(1)(b)"]})
        client.post(step_url(case, act), {**WITH[Step.APPROVE], "digest": case.inventory_digest})
    assert ErasureCase.objects.get(pk=case.pk).state == S.VALIDATING


def test_rejection_while_a_call_is_about_to_leave_stops_it(bench, remote):
    """The gate is asked once more behind the limiter's wait, by whoever holds the lease."""
    case = bench.case(plain=1)
    later = clock.now() + timedelta(seconds=1)
    remote.before = lambda refs: Verification.objects.create(
        case=case, state=V.REJECTED, opened_at=later
    )
    execution.drain(bench.connection.pk, clock.now() + MINUTE)
    assert (remote.sent, case.items.get().state) == ([], ItemState.PLANNED)
