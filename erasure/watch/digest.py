"""The morning mail of an officer: references and dates, nothing of a person."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from django.utils import timezone

from erasure import clock
from erasure.documents.words import count, day
from erasure.models import OPEN_STATES, ErasureCase, TaskDetail, User, VendorJob
from erasure.models.jobs import OPEN_JOBS
from erasure.values import ItemState, Role
from erasure.watch.events import Event, case_link

FROM_HOUR = 6  # local time
AHEAD = timedelta(days=14)
MOST = 40  # lines of one kind


def digests() -> Iterator[Event]:
    """One for each officer and day with something to say, once the day has begun."""
    there = timezone.localtime(clock.now())
    if there.hour < FROM_HOUR:
        return
    officers = User.objects.filter(groups__name=Role.OFFICER, is_active=True).exclude(email="")
    cases = _cases(there.date()) if officers else []
    for officer in officers:
        text = _text(officer, cases, there)
        if text:
            yield Event(
                f"digest:{officer.pk}:{there.date()}",
                f"Erasure on {day(there.date())}: what is due", text, user=officer,
            )  # fmt: skip


def _cases(today: date) -> list[ErasureCase]:
    near = ErasureCase.objects.filter(
        state__in=OPEN_STATES, answered_at=None, statutory_due__lte=today + AHEAD
    )
    return list(near.order_by("statutory_due", "reference").prefetch_related("preparers"))


def _text(officer: User, cases: list[ErasureCase], there: datetime) -> str:
    today = there.date()
    mine = [case for case in cases if officer in case.preparers.all()]
    others = [case for case in cases if case not in mine]
    parts = [
        _part("Your cases", [_due(case, today) for case in mine]),
        _part("Other open cases", [_due(case, today) for case in others]),
        _part("Your tasks by hand", _tasks(officer, today)),
        _part("Vendor jobs open too long", _jobs()),
    ]
    return "\n".join(part for part in parts if part)


def _part(title: str, lines: list[str]) -> str:
    if not lines:
        return ""
    more = [f"and {len(lines) - MOST} more"] if len(lines) > MOST else []
    return "\n".join([title, *(f"  {line}" for line in [*lines[:MOST], *more]), ""])


def _due(case: ErasureCase, today: date) -> str:
    left = (case.statutory_due - today).days
    when = {0: "today", 1: "tomorrow"}.get(left, f"in {left} days")
    if left < 0:
        when = f"{count(-left, 'day')} overdue"
    return (
        f"{case.reference}: answer due {day(case.statutory_due)}, {when}\n    {case_link(case.pk)}"
    )


def _tasks(officer: User, today: date) -> list[str]:
    tasks = TaskDetail.objects.filter(
        assignee=officer, item__state=ItemState.MANUAL, due_on__lte=today + AHEAD
    )
    return [
        f"{task.item.case.reference}: record {task.item.place}, due {day(task.due_on)}"
        for task in tasks.select_related("item__case", "item__connection")
    ]


def _jobs() -> list[str]:
    late = VendorJob.objects.filter(state__in=OPEN_JOBS, escalated_at__isnull=False)
    return [
        f"{job.case.reference}: {job.connection.name}, since {day(job.submitted_at.date())}"
        for job in late.select_related("case", "connection").order_by("submitted_at")
    ]
