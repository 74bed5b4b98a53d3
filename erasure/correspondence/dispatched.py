"""What follows from a proven dispatch, by whatever way the letter went."""

from datetime import datetime

from erasure.cases import count_answer, extend
from erasure.correspondence.gather import asked_now
from erasure.correspondence.rules import refuse_unless_due
from erasure.errors import InputError, StepError
from erasure.ledger.append import append
from erasure.models import ANSWERS, SYSTEM, Actor, ErasureCase, Letter
from erasure.notices import tell
from erasure.values import LetterKind


def dispatched(case: ErasureCase, letter: Letter, at: datetime, proof: str, actor: Actor) -> None:
    """Record that a letter left, and what that changes. Call under the case's lock."""
    letter.leave(at, proof[:300])
    try:
        _take_effect(case, letter, at)
    except (InputError, StepError) as why:
        letter.problem = f"It was sent, but changes nothing: {why}"[:300]
        subject = f"{case.reference}: a letter was sent and changes nothing"
        tell(f"letter:{letter.pk}", subject, letter.problem, case=case)
    letter.save()
    count_answer(case)
    private = {
        "actor": actor.key, "reason": str(letter.kind), "channel": letter.channel,
        "version": letter.version, "proof": letter.proof,
    }  # fmt: skip
    append(case, "decision", private, decision="LETTER_SENT")


def _take_effect(case: ErasureCase, letter: Letter, at: datetime) -> None:
    kind = LetterKind(letter.kind)
    if kind in ANSWERS:
        refuse_unless_due(case, kind)
        case.answered_at = at
        case.save(update_fields=["answered_at"])
    if kind == LetterKind.IDENTITY_REQUEST:
        _start_waiting(case, at)
    if kind == LetterKind.EXTENSION:
        extend(case, told_at=at, reason=letter.reason, actor=_writer(letter))


def _start_waiting(case: ErasureCase, at: datetime) -> None:
    """The question counts from when it left, not from when it was decided on; once."""
    asked = asked_now(case)
    if asked:
        asked.left(at)
        asked.save(update_fields=["asked_at", "reminded_at"])


def _writer(letter: Letter) -> Actor:
    """Who decided on it; the system where they may no more."""
    if letter.written_by is None or not letter.written_by.has_perm("erasure.extend_case"):
        return SYSTEM
    return Actor.of(letter.written_by)
