"""When a letter of which kind belongs into a case. Nothing is written or sent here."""

from datetime import datetime

from erasure.cases import refuse_extension
from erasure.errors import StepError
from erasure.models import ANSWERS, KEPT, OPEN_STATES, ErasureCase
from erasure.models.cases import BEFORE_EXECUTION
from erasure.values import CaseState, CloseReason, ItemState, LetterKind

S, K = CaseState, LetterKind
EXECUTION = (S.EXECUTING, S.AWAITING_VENDOR)
STATES: dict[LetterKind, tuple[CaseState, ...]] = {
    K.ACKNOWLEDGEMENT: tuple(BEFORE_EXECUTION),
    K.IDENTITY_REQUEST: (S.AWAITING_IDENTITY,),
    K.EXTENSION: tuple(OPEN_STATES),
    K.INTERIM: (S.DISCOVERY, S.DPO_REVIEW, *EXECUTION),
    K.COMPLETE: EXECUTION,
    K.PARTIAL_HOLD: EXECUTION,
    K.HOLD_RELEASED: EXECUTION,
    K.REFUSAL: (S.VALIDATING, S.DPO_REVIEW),
}
OUTCOMES = (K.COMPLETE, K.PARTIAL_HOLD, K.HOLD_RELEASED)


def answer_kind(case: ErasureCase) -> LetterKind:
    """The letter that tells the outcome of a case, as its records stand."""
    if case.items.filter(state__in=KEPT).exists():
        return K.PARTIAL_HOLD
    return K.HOLD_RELEASED if gone_since_the_hold(case) else K.COMPLETE


def gone_since_the_hold(case: ErasureCase) -> bool:
    """Whether something was erased after a letter said that something was kept."""
    told = case.letters.dispatched().filter(kind=K.PARTIAL_HOLD).order_by("dispatched_at").last()
    if told is None:
        return False
    return case.items.filter(state=ItemState.ERASED, ended_at__gt=told.dispatched_at).exists()


def refuse_unless_due(
    case: ErasureCase, kind: LetterKind, *, sent_at: datetime | None = None
) -> None:
    """``sent_at``: when it left, of a letter sent outside.

    Raises:
        StepError: says why no such letter belongs here now.
        InputError: an extension can no longer be told.
    """
    if not (case.state in STATES[kind] or _closes_unidentified(case, kind)):
        raise StepError("state", f"The case is {case.state}: no {said(kind)} letter belongs here.")
    if kind in ANSWERS and case.answered_at:
        raise StepError("state", "The answer to the person is on record already.")
    if kind in OUTCOMES and not case.finished_execution():
        raise StepError("condition", "Items are still open: an outcome cannot be told yet.")
    if kind in OUTCOMES and kind != answer_kind(case):
        due = said(answer_kind(case))
        raise StepError("condition", f"By its records the case is answered by a {due} letter.")
    if kind == K.EXTENSION:
        refuse_extension(case, told_at=sent_at)


def _closes_unidentified(case: ErasureCase, kind: LetterKind) -> bool:
    """Closing as unidentified needs its notice (Art. 12(4)), before or after."""
    closed = case.state == S.CLOSED and case.close_reason == CloseReason.UNIDENTIFIED
    return kind == K.REFUSAL and (closed or case.state == S.AWAITING_IDENTITY)


def said(kind: LetterKind) -> str:
    """``partial hold``."""
    return kind.replace("_", " ").lower()
