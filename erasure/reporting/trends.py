"""Twelve months side by side, the one of the report last."""

from datetime import date

from django.db.models import Count, F, Q
from django.db.models.functions import TruncMonth

from erasure.documents.report_facts import Point, Trend, Unit
from erasure.models import ErasureCase
from erasure.reporting.answers import fell_due
from erasure.reporting.figures import spread
from erasure.reporting.period import Period, zone

MONTHS = 12


def trends(period: Period) -> tuple[Trend, ...]:
    months = [period.back(n) for n in range(MONTHS - 1, -1, -1)]
    whole = Period(months[0].first, period.last, period.now)
    return (_received(whole, months), _on_time(whole, months), _days(months))


def _received(whole: Period, months: list[Period]) -> Trend:
    rows = ErasureCase.objects.filter(received_at__gte=whole.start, received_at__lt=whole.end)
    month = TruncMonth("received_at", tzinfo=zone())
    counted = rows.order_by().annotate(month=month).values_list("month").annotate(n=Count("pk"))
    found = {at.date(): n for at, n in counted}
    points = tuple(Point(each.first, found.get(each.first, 0), each.final) for each in months)
    return Trend("received", "Requests received", "By month of receipt.", Unit.COUNT, points)


def _on_time(whole: Period, months: list[Period]) -> Trend:
    kept = Count("pk", filter=Q(answered_on__lte=F("statutory_due")))
    rows = fell_due(whole, "statutory_due").order_by().annotate(month=TruncMonth("statutory_due"))
    found: dict[date, tuple[int, int]] = {
        month: (kept, due)
        for month, kept, due in rows.values_list("month").annotate(kept=kept, due=Count("pk"))
    }
    points = (_share(each, *found.get(each.first, (0, 0))) for each in months)
    said = "Of the answers that fell due in each month; an open request past its date is a miss."
    return Trend("on_time", "Answers on time", said, Unit.SHARE, tuple(points))


def _share(month: Period, part: int, whole: int) -> Point:
    value = round(part / whole, 4) if whole else None
    return Point(month.first, value, month.final, whole=whole, part=part)


def _days(months: list[Period]) -> Trend:
    points = []
    for each in months:
        rows = ErasureCase.objects.filter(answered_on__range=(each.first, each.last))
        found = spread(rows, "seconds_to_answer")
        points.append(Point(each.first, found.median, each.final, whole=found.known))
    said = "Median of the answers sent in each month, from receipt."
    return Trend("days", "Days to answer", said, Unit.DAYS, tuple(points))
