"""Dates beside the statutory ones: the interim letter and the tasks by hand."""

from collections.abc import Sequence
from datetime import timedelta

from django.utils import timezone

from erasure import clock
from erasure.documents.words import day
from erasure.models import ErasureCase, TaskDetail
from erasure.values import ItemState

INTERIM_FROM = timedelta(days=25)  # after receipt: what ends later ends too near the month
MOST_NAMED = 3


def interim_letter(case: ErasureCase) -> str:
    """Why the person is to be told that it takes longer (Art. 12(3)); "" when there is no need.

    A vendor's recycle bin keeps something beyond day 25, no answer is out and no
    interim letter either.
    """
    if case.answered_at or case.letters.filter(kind="interim").exists():
        return ""
    last = (
        case.items.filter(
            state=ItemState.REQUESTED, recoverable_until__gt=case.received_at + INTERIM_FROM
        )
        .select_related("connection")
        .order_by("-recoverable_until")
        .first()
    )
    if last is None or last.recoverable_until is None:
        return ""
    until = timezone.localtime(last.recoverable_until).date()
    return (
        f"Send an interim letter: in {last.connection.name} a record remains recoverable until "
        f"{day(until)}."
    )


def overdue_tasks(case: ErasureCase) -> Sequence[TaskDetail]:
    """Of the lines with a person those whose day has passed, the longest overdue first."""
    today = timezone.localtime(clock.now()).date()
    tasks = TaskDetail.objects.filter(
        item__case=case, item__state=ItemState.MANUAL, due_on__lt=today
    )
    return list(tasks.select_related("item__connection").order_by("due_on"))


def overdue_sentence(case: ErasureCase) -> str:
    """``Overdue: record 3 (Archive), due 2 Mar 2027.``; "" when no task is."""
    late = overdue_tasks(case)
    named = [
        f"record {task.item.place} ({task.item.connection.name}), due {day(task.due_on)}"
        for task in late[:MOST_NAMED]
    ]
    more = f" and {len(late) - MOST_NAMED} more" if len(late) > MOST_NAMED else ""
    return f"Overdue: {'; '.join(named)}{more}." if late else ""
