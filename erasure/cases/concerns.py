"""What is raised about a case: complaints, questions of authorities, the wrong person erased.

They move no state: a refusal is taken up again by ``reopen``, and what was erased stays so.
"""

from datetime import datetime
from uuid import UUID

from erasure import clock
from erasure.cases.move import locked
from erasure.errors import InputError, StepError
from erasure.ledger.append import append
from erasure.models import Actor, Concern, ErasureCase
from erasure.models.concerns import CONCERNS, OUTCOMES
from erasure.values import ConcernKind, ConcernOutcome, Step

RECORD = "erasure.record_concern"
LONGEST = 1000
WITH_REFUSAL = (Step.REFUSE.value, Step.HOLD_BACK.value)  # wholly, or in part


def record_concern(
    case_id: UUID, *, kind: str, raised_at: datetime, note: str, actor: Actor
) -> Concern:
    """Record what was raised, and when it came in.

    Raises:
        InputError: names the field. StepError: the role does not allow it.
        KeyMissingError: the case file is destroyed.
    """
    _refuse(actor)
    if kind not in list(ConcernKind):
        raise InputError("kind", "Choose what was raised.")
    if not note.strip():
        raise InputError("note", "Say in a sentence what it is about.")
    with locked(case_id) as case:
        if raised_at.tzinfo is None or not case.received_at <= raised_at <= clock.now():
            raise InputError("raised_at", "It came in between the receipt and now.")
        row = Concern(case=case, kind=kind, raised_at=raised_at, recorded_by=actor.user)
        row.note = note.strip()[:LONGEST]
        row.save(force_insert=True)
        _log(case, actor, "CONCERN_RECORDED", CONCERNS[ConcernKind(kind)])
    return row


def close_concern(
    concern_id: UUID, *, outcome: str, article: str, closed_at: datetime, actor: Actor
) -> None:
    """Record how it ended. ``article``: of the refusal that is reversed, for no other outcome.

    Raises:
        InputError: names the field. StepError: role, or it ended already.
    """
    _refuse(actor)
    if outcome not in list(ConcernOutcome):
        raise InputError("outcome", "Choose how it ended.")
    with locked(Concern.objects.values_list("case", flat=True).get(pk=concern_id)) as case:
        row = case.concerns.get(pk=concern_id)
        if row.closed_at:
            raise StepError("state", "This ended already.")
        if closed_at.tzinfo is None or not row.raised_at <= closed_at <= clock.now():
            raise InputError("closed_at", "It ended between the day it came in and now.")
        _check_article(case, outcome, article)
        row.outcome, row.article, row.closed_at = outcome, article, closed_at
        row.recorded_by = actor.user
        row.save(update_fields=["outcome", "article", "closed_at", "recorded_by"])
        _log(case, actor, "CONCERN_CLOSED", said(row))


def said(row: Concern) -> str:
    """What it is and how it ended, without a word about anybody."""
    what = CONCERNS[ConcernKind(row.kind)]
    if not row.outcome:
        return what
    article = f", Art. {row.article}" if row.article else ""
    return f"{what}: {OUTCOMES[ConcernOutcome(row.outcome)].lower()}{article}"


def _check_article(case: ErasureCase, outcome: str, article: str) -> None:
    if outcome != ConcernOutcome.REVERSED:
        if article:
            raise InputError("article", "An article stands beside a reversed refusal alone.")
        return
    if not article:
        raise InputError("article", "Name the article of the refusal that is reversed.")
    if not case.log.filter(type="step", facts__step__in=WITH_REFUSAL).exists():
        raise InputError("outcome", "Nothing was refused in this case.")


def _refuse(actor: Actor) -> None:
    if not actor.may(RECORD):
        raise StepError("permission", "Your role does not allow to record what is raised.")


def _log(case: ErasureCase, actor: Actor, decision: str, reason: str) -> None:
    append(case, "decision", {"actor": actor.key, "reason": reason}, decision=decision)
