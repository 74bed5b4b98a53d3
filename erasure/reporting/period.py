"""The month a report is about, by the establishment's dates."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from dateutil.relativedelta import relativedelta
from django.conf import settings

from erasure import clock
from erasure.errors import InputError

EARLIEST = 2000


@dataclass(frozen=True, slots=True)
class Period:
    """From the first local day to the last, both included, and how it looks now."""

    first: date
    last: date
    now: datetime

    @property
    def start(self) -> datetime:
        return _midnight(self.first)

    @property
    def end(self) -> datetime:
        """The first moment after it."""
        return _midnight(self.last + timedelta(days=1))

    @property
    def final(self) -> bool:
        return self.now >= self.end

    @property
    def seen(self) -> datetime:
        """Its end, or now while it is not over."""
        return min(self.end, self.now)

    @property
    def today(self) -> date:
        return self.now.astimezone(zone()).date()

    def back(self, months: int) -> "Period":
        first = self.first - relativedelta(months=months)
        return month_of(first.year, first.month)


def parse_month(text: str) -> tuple[int, int]:
    """
    Raises:
        InputError: not YYYY-MM, or a month that has not begun.
    """
    try:
        first = datetime.strptime(text, "%Y-%m").replace(tzinfo=zone())
    except ValueError:
        raise InputError("month", "Write the month as YYYY-MM, like 2026-11.") from None
    if first.year < EARLIEST:
        raise InputError("month", f"There is no report before {EARLIEST}.")
    if first > clock.now():
        raise InputError("month", "This month has not begun.")
    return first.year, first.month


def month_of(year: int, month: int) -> Period:
    days = monthrange(year, month)[1]
    return Period(date(year, month, 1), date(year, month, days), clock.now())


def zone() -> ZoneInfo:
    return ZoneInfo(settings.TIME_ZONE)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), zone())
