"""The true date of receipt, where the first one was wrong."""

from datetime import datetime
from uuid import UUID

from erasure import clock
from erasure.cases.answered import count_answer
from erasure.cases.dates import extension_counts, place_of, recompute
from erasure.cases.move import locked, wake
from erasure.deadlines import local_date
from erasure.documents.words import day
from erasure.errors import InputError, StepError
from erasure.ledger.append import append
from erasure.models import Actor, ErasureCase


def correct_receipt(
    case_id: UUID, *, received_at: datetime, reason: str, actor: Actor
) -> ErasureCase:
    """Set when the request truly came in; every date follows from it.

    Raises:
        InputError: names the field: no reason, the future, or after it was entered here.
        StepError: the role or the state does not allow it.
    """
    if not actor.may("erasure.correct_receipt"):
        raise StepError("permission", "Your role does not allow to correct the receipt.")
    if not reason.strip():
        raise InputError("reason", "Say how it is known: the reason stands in the log.")
    with locked(case_id) as case:
        _refuse(case, received_at)
        before, case.received_at = case.received_at, received_at
        case.save(update_fields=["received_at"])
        count_answer(case)
        said = f"{reason.strip()} Received {_day(case, received_at)}, not {_day(case, before)}."
        if case.extended_at and not extension_counts(case):
            said += " The extension was told after month one and counts no more."
        private = {"actor": actor.key, "reason": said}
        append(case, "decision", private, decision="RECEIPT_CORRECTED")
        recompute(case, actor=actor)
        if actor.user:
            case.preparers.add(actor.user)
    wake(case_id)
    return case


def _refuse(case: ErasureCase, received_at: datetime) -> None:
    if not case.is_open() or case.answered_at:
        raise StepError("state", "The case is answered or ended: its dates are history.")
    if received_at.tzinfo is None or received_at > clock.now():
        raise InputError("received_at", "The date of receipt lies in the future.")
    if received_at > case.logged_at:
        raise InputError("received_at", "The request was entered here before that.")
    if received_at == case.received_at:
        raise InputError("received_at", "This is the receipt on record.")


def _day(case: ErasureCase, moment: datetime) -> str:
    return day(local_date(moment, place_of(case)))
