"""Nobody answers: one reminder, and after a month the case is closed as unidentified.

Only a question that went out by mail is closed by itself, and only when a reminder has
been out long enough. One asked by word or letter is an officer's to close.
"""

from datetime import datetime
from functools import partial
from uuid import UUID

from dateutil.relativedelta import relativedelta
from django.db import transaction
from django.db.models import QuerySet

from erasure import clock
from erasure.cases import locked, move, wake
from erasure.models import SYSTEM, ErasureCase, Verification
from erasure.models.verification import REMIND_AFTER
from erasure.values import CaseState, Channel, CloseReason, Step, VerificationState

CLOSE_AFTER = relativedelta(months=1)


def due_reminders(now: datetime) -> list[UUID]:
    """Cases whose question has been out for 14 days, unanswered and not repeated."""
    rows = _silent().filter(
        asked_at__lte=now - REMIND_AFTER, reminded_at__isnull=True, letter_due=False
    )
    return list(rows.values_list("case", flat=True))


def remind(case_id: UUID) -> bool:
    """Have the letter written once more, with a fresh link. Says whether it was due."""
    with locked(case_id):
        due = case_id in due_reminders(clock.now())
        if due:
            _silent().filter(case=case_id).update(letter_due=True)
            transaction.on_commit(partial(wake, case_id))
    return due


def due_closings(now: datetime) -> list[UUID]:
    """Cases unanswered for a month, of which 14 days after the reminder."""
    rows = _silent().filter(asked_at__lte=now - CLOSE_AFTER, reminded_at__lte=now - REMIND_AFTER)
    return list(rows.values_list("case", flat=True))


def close_unidentified(case_id: UUID) -> ErasureCase | None:
    """Close a case whose question nobody answered; None: it is not due, or no more.

    The person can have it taken up again at any time.
    """
    with transaction.atomic():
        with locked(case_id):
            if case_id not in due_closings(clock.now()):
                return None
            row = _silent().get(case=case_id)
            row.expire(actor=SYSTEM)
            row.save()
        return move(case_id, Step.CLOSE, actor=SYSTEM, close_reason=CloseReason.UNIDENTIFIED)


def _silent() -> "QuerySet[Verification]":
    return Verification.objects.filter(
        state=VerificationState.ASKED, asked_by=Channel.EMAIL,
        case__state=CaseState.AWAITING_IDENTITY,
    )  # fmt: skip
