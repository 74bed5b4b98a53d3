"""``move``: the only door to a case's state.

Admin, API and tasks all come through here, so they cannot differ in who may do what.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any
from uuid import UUID

from celery import current_app
from django.db import transaction
from django_fsm import TransitionNotAllowed
from kombu.exceptions import OperationalError

from erasure.errors import StepError
from erasure.ledger.append import append
from erasure.models import Actor, ErasureCase, Hold
from erasure.values import Step

WAKE = "erasure.tasks.wake"
logger = logging.getLogger(__name__)

# Steps by which staff prepare a decision: who took one cannot approve.
PREPARING = frozenset(
    {
        Step.START_VALIDATION,
        Step.ASK_IDENTITY,
        Step.IDENTITY_ANSWERED,
        Step.CONFIRM_IDENTITY,
        Step.REDISCOVER,
    }
)


@contextmanager
def locked(case_id: UUID) -> Iterator[ErasureCase]:
    """The case under its row lock, in one transaction (SQLite: BEGIN IMMEDIATE)."""
    with transaction.atomic():
        yield ErasureCase.objects.select_for_update(of=("self",)).get(pk=case_id)


def move(case_id: UUID, step: Step, *, actor: Actor, **given: Any) -> ErasureCase:
    """Take one step and log it, both or neither.

    Raises:
        StepError: names what refused: state, actor, permission, four eyes or condition.
    """
    step = Step(step)
    with locked(case_id) as case:
        before = case.state
        refuse_unless_allowed(case, step, actor)
        try:
            case.taking(step)(actor=actor, **given)
        except TransitionNotAllowed:
            raise StepError("state", f"The case is {before}: {step} is not possible.") from None
        case.due_at, case.waiting_for = None, ""
        case.save()
        if actor.user and step in PREPARING:
            case.preparers.add(actor.user)
        why = str(given.get("close_reason") or given.get("article") or given.get("reason") or "")
        moved: dict[str, Any] = {"step": step.value, "from": str(before), "to": str(case.state)}
        append(case, "step", {"actor": actor.key, "reason": why}, **moved)
        transaction.on_commit(partial(wake, case.pk))
    return case


def wake(case_id: UUID) -> None:
    """Ring the doorbell. A lost ring costs a sweep's wait, never work."""
    try:
        current_app.send_task(WAKE, args=[str(case_id)], ignore_result=True, retry=False)
    except OperationalError:
        logger.warning("The broker does not answer: the next sweep wakes the case.")


def refuse_unless_allowed(case: ErasureCase, step: Step, actor: Actor) -> None:
    """
    Raises:
        StepError: the first thing that stands in the way.
    """
    for refused_by, text in _objections(case, step, actor):
        raise StepError(refused_by, text)


def refusals(case: ErasureCase, step: Step, actor: Actor) -> list[str]:
    """Everything that stands in the way of a step, in words; empty when it may be taken."""
    return [text for _, text in _objections(case, step, actor)]


def steps_for(case: ErasureCase, actor: Actor) -> list[Step]:
    """Steps that state, role and four eyes allow; conditions may still refuse."""
    return [
        step
        for step in Step
        if not any(by != "condition" for by, _ in _objections(case, step, actor))
    ]


def _objections(case: ErasureCase, step: Step, actor: Actor) -> Iterator[tuple[str, str]]:
    way = _transition(case, step)
    if way is None:
        yield (
            "state",
            f"{_said(step)} is not possible while the case is in state {_said(case.state)}.",
        )
        return
    yield from _objections_to_actor(case, way, step, actor)
    for condition in way.conditions:
        if not condition(case):
            refusal = condition.refusal
            yield "condition", refusal(case) if callable(refusal) else refusal


def _objections_to_actor(
    case: ErasureCase, way: Any, step: Step, actor: Actor
) -> Iterator[tuple[str, str]]:
    if actor.is_system or actor.is_person:
        if not way.custom.get("system" if actor.is_system else "person"):
            yield "actor", f"{_said(step)} is a decision of staff."
        return
    if actor.user is None or not way.has_perm(case, actor.user):
        yield "permission", f"Your role does not allow {_said(step)}."
        return
    if not four_eyes(case, way.custom.get("four_eyes"), actor):
        yield "four eyes", FOUR_EYES[way.custom["four_eyes"]]


def _said(name: str) -> str:
    """“confirm identity” for ``confirm_identity``."""
    return f"“{name.replace('_', ' ').lower()}”"


FOUR_EYES = {
    "preparers": "You prepared this case: somebody else must approve it.",
    "hold_placers": "You placed or released a hold of this case: somebody else must release it.",
}


def four_eyes(case: ErasureCase, rule: str | None, actor: Actor) -> bool:
    """May this person, or is a second pair of eyes needed?"""
    if rule == "preparers":
        return not case.preparers.filter(pk=actor.user.pk).exists() if actor.user else False
    if rule == "hold_placers":
        involved = Hold.objects.filter(items__case=case)
        return not involved.filter(placed_by=actor.user).exists()
    return True


def _transition(case: ErasureCase, step: Step) -> Any:
    """The transition of a step from the case's present state, or None."""
    fsm = case.taking(step)._django_fsm
    return fsm.get_transition(case.state)
