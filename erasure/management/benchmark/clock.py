"""How often a count of days misses the date that the law sets, over ten years of receipts."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Any

from erasure.deadlines import Establishment, dates

FIRST, LAST = date(2026, 1, 1), date(2035, 12, 31)
COUNTS = (30, 45)  # days, as handbooks and other laws have them
PLACES = (
    Establishment("DE", "Europe/Berlin"),
    Establishment("FR", "Europe/Paris"),
    Establishment("IE", "Europe/Dublin"),
    Establishment("PL", "Europe/Warsaw"),
    Establishment("ES", "Europe/Madrid"),
    Establishment("GB", "Europe/London"),
)


@dataclass(frozen=True, slots=True)
class Counted:
    """A count of days against the statutory date, for a request received on every day."""

    country: str
    days: int  # what is counted from receipt
    receipts: int
    wrong: int  # another day than the statutory one
    late: int  # after it: who trusts the count answers too late
    most_late: int  # days

    @property
    def wrong_share(self) -> float:
        return self.wrong / self.receipts

    @property
    def late_share(self) -> float:
        return self.late / self.receipts


def measure(places: Sequence[Establishment] = PLACES) -> Iterator[Counted]:
    for place in places:
        due = {day: dates(day, place).statutory_due for day in _every_day()}
        yield from (_against(place, due, count) for count in COUNTS)


def _every_day() -> list[date]:
    return [FIRST + timedelta(days=n) for n in range((LAST - FIRST).days + 1)]


def _against(place: Establishment, due: dict[date, date], count: int) -> Counted:
    off = [(day + timedelta(days=count) - last).days for day, last in due.items()]
    late = [days for days in off if days > 0]
    wrong = sum(days != 0 for days in off)
    return Counted(place.country, count, len(off), wrong, len(late), max(late, default=0))


def line(one: Counted) -> str:
    return (
        f"  {one.country}, {one.days} days from receipt: wrong for {one.wrong} of {one.receipts} "
        f"days ({one.wrong_share:.1%}), too late for {one.late} ({one.late_share:.1%}), "
        f"by up to {one.most_late}"
    )


def as_json(counted: Sequence[Counted]) -> dict[str, Any]:
    return {"from": str(FIRST), "to": str(LAST), "counts": [asdict(one) for one in counted]}
