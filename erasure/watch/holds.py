"""Holds whose day has come: a review opens, nothing is released, nothing is erased."""

from datetime import date, timedelta

from django.utils import timezone

from erasure import clock
from erasure.documents.words import day
from erasure.holds import mark_due
from erasure.models import Hold
from erasure.values import HoldState, Role
from erasure.watch.events import Event, hold_link, tell_new

AGAIN_AFTER = timedelta(days=14)


def review_holds() -> int:
    """Open the reviews that are due; tell Legal, and the DPO of one that nobody held."""
    today = timezone.localtime(clock.now()).date()
    mark_due(today)
    waiting = Hold.objects.filter(state=HoldState.REVIEW_DUE)
    events = [_event(hold, hold.due_on, today) for hold in waiting if hold.due_on]
    return tell_new(events)


def _event(hold: Hold, due: date, today: date) -> Event:
    late = today - due >= AGAIN_AFTER
    expired = hold.expires_on is not None and hold.expires_on <= today
    why = f"It expired on {day(hold.expires_on)}." if expired and hold.expires_on else (
        f"Its review was due on {day(due)}.")  # fmt: skip
    return Event(
        f"hold:{hold.pk}:{due}:{'late' if late else 'due'}",
        "A hold's review is two weeks overdue" if late else "A hold is to be reviewed",
        f"{why} It still protects until two people release it, or it is kept until a new date."
        f"\n\n{hold_link(hold.pk)}\n",
        role=Role.DPO if late else Role.LEGAL,
    )
