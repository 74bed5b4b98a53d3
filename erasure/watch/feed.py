"""The days a member of staff has to watch, for their calendar."""

from collections.abc import Iterator

from django.conf import settings
from django.db.models import Q

from erasure.documents.calendar import Entry
from erasure.models import OPEN_STATES, ErasureCase, Hold, TaskDetail, User
from erasure.values import ItemState
from erasure.watch.events import case_link, hold_link

MOST = 1000  # of each kind, the nearest first


def days_of(user: User) -> Iterator[Entry]:
    """Open cases, standing holds and own tasks, as far as the role sees them now."""
    if user.has_perm("erasure.view_erasurecase"):
        yield from _cases()
    if user.has_perm("erasure.view_hold"):
        yield from _holds()
    if user.has_perm("erasure.decide_item"):
        yield from _tasks(user)


def _cases() -> Iterator[Entry]:
    open_ = ErasureCase.objects.filter(state__in=OPEN_STATES, answered_at=None)
    for case in open_.order_by("statutory_due")[:MOST]:
        said = f"Answer due: {case.reference}"
        yield Entry(_uid("case", case.pk), case.statutory_due, said, case_link(case.pk))


def _holds() -> Iterator[Entry]:
    dated = Q(expires_on__isnull=False) | Q(review_on__isnull=False)
    for hold in Hold.objects.standing().filter(dated).order_by("placed_at")[:MOST]:
        if hold.due_on:
            yield Entry(_uid("hold", hold.pk), hold.due_on, "Hold to review", hold_link(hold.pk))


def _tasks(user: User) -> Iterator[Entry]:
    mine = TaskDetail.objects.filter(assignee=user, item__state=ItemState.MANUAL)
    for task in mine.select_related("item__case").order_by("due_on")[:MOST]:
        case = task.item.case
        said = f"Task by hand: {case.reference}, record {task.item.place}"
        yield Entry(_uid("task", task.pk), task.due_on, said, case_link(case.pk))


def _uid(kind: str, key: object) -> str:
    return f"{kind}-{key}@{settings.LOG_ORIGIN.partition('/')[0]}"
