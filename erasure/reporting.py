"""What the DPO reports each month, counted by the database."""

from calendar import monthrange
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Avg, Count, DateField, F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce, TruncDate

from erasure import clock
from erasure.errors import InputError
from erasure.models import ANSWERS, OPEN_STATES, ErasureCase, Letter
from erasure.values import CaseState

DAY = 86_400
DEFINITIONS = {
    "received": "Requests received in the month, by the establishment's date.",
    "answered": "Answers sent in the month.",
    "due": "Cases whose statutory date fell in the month and is over or answered, and not "
    "withdrawn or closed unanswered.",
    "answered_on_time": "Of those due, first answered on or before the statutory date.",
    "on_time_rate": "The share of those due that was on time; an open overdue case is a miss.",
    "completed": "Cases that ended erased, wholly or with items kept, in the month.",
    "days_to_complete": "Receipt to the proven end of erasure, of those completed.",
    "pending": "Open at the end of the month, or now if the month is not over.",
    "partial_holds": "Cases in which held or exempt items remain, now.",
}


def parse_month(text: str) -> tuple[int, int]:
    """
    Raises:
        InputError: not YYYY-MM, or a month that has not begun.
    """
    try:
        first = datetime.strptime(text, "%Y-%m").replace(tzinfo=_zone())
    except ValueError:
        raise InputError("month", "Write the month as YYYY-MM, like 2026-11.") from None
    if first > clock.now():
        raise InputError("month", "This month has not begun.")
    return first.year, first.month


def monthly(year: int, month: int) -> dict[str, object]:
    """The figures of one month. ``final`` is false while the month is not over."""
    first, last = date(year, month, 1), date(year, month, monthrange(year, month)[1])
    start, end = _moment(first), _moment(last + timedelta(days=1))
    cases = ErasureCase.objects.all()
    received = cases.filter(received_at__gte=start, received_at__lt=end)
    completed = cases.filter(completed_at__gte=start, completed_at__lt=end)
    due, on_time = _on_time(first, last)
    return {
        "month": f"{year:04d}-{month:02d}",
        "final": clock.now() >= end,
        "as_of": clock.now().isoformat(timespec="seconds"),
        "total": received.count(),
        "by_channel": _by(received, "channel"),
        "answered": cases.filter(answered_at__gte=start, answered_at__lt=end).count(),
        "due": due,
        "answered_on_time": on_time,
        "on_time_rate": round(on_time / due, 4) if due else None,
        "completed": completed.count(),
        "days_to_complete": _days(completed),
        "pending": _pending(end),
        "partial_holds": cases.filter(state=CaseState.PARTIAL_HOLD).count(),
        "refused": _by(cases.filter(closed_at__gte=start, closed_at__lt=end), "refusal_article"),
        "definitions": DEFINITIONS,
    }


def _on_time(first: date, last: date) -> tuple[int, int]:
    """A case released or reopened later was still answered when its first letter went out."""
    letters = Letter.objects.dispatched().filter(case=OuterRef("pk"), kind__in=ANSWERS)
    first_letter = Subquery(letters.order_by("dispatched_at").values("dispatched_at")[:1])
    answer = Coalesce(first_letter, "answered_at")
    today = clock.now().astimezone(_zone()).date()
    counted = ErasureCase.objects.annotate(
        answered_on=TruncDate(answer, tzinfo=_zone(), output_field=DateField())
    ).filter(
        Q(statutory_due__lt=today) | Q(statutory_due=today, answered_on__isnull=False),
        ~Q(state=CaseState.CLOSED, answered_on__isnull=True),
        statutory_due__range=(first, last),
    )
    row = counted.aggregate(
        due=Count("pk"), on_time=Count("pk", filter=Q(answered_on__lte=F("statutory_due")))
    )
    return row["due"], row["on_time"]


def _days(completed) -> dict[str, float | None]:  # type: ignore[no-untyped-def]
    """Median and mean in days; the median by two rows of the sorted column."""
    count = completed.count()
    if not count:
        return {"median": None, "average": None}
    column = "seconds_to_complete"
    seconds = completed.order_by(column).values_list(column, flat=True)
    middle = list(seconds[(count - 1) // 2 : count // 2 + 1])
    mean = completed.aggregate(mean=Avg("seconds_to_complete"))["mean"]
    return {"median": round(sum(middle) / len(middle) / DAY, 2), "average": round(mean / DAY, 2)}


def _pending(end: datetime) -> int:
    """Open then: received before, and neither completed nor closed before."""
    if clock.now() < end:
        return ErasureCase.objects.filter(state__in=OPEN_STATES).count()
    ended = Q(completed_at__lt=end) | Q(closed_at__lt=end)
    return ErasureCase.objects.filter(received_at__lt=end).exclude(ended).count()


def _by(cases, field: str) -> dict[str, int]:  # type: ignore[no-untyped-def]
    rows = cases.exclude(**{field: ""}).values(field).annotate(n=Count("pk")).order_by(field)
    return {row[field]: row["n"] for row in rows}


def _zone() -> ZoneInfo:
    return ZoneInfo(settings.TIME_ZONE)


def _moment(day: date) -> datetime:
    return datetime.combine(day, time(), _zone())
