"""Working days and local dates of the controller's establishment.

Regulation (EEC, Euratom) 1182/71: Art. 2 (working days are all days but public
holidays, Sundays and Saturdays), Art. 3(4) (a period that ends on another day
ends with the next working day).
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache, lru_cache
from zoneinfo import ZoneInfo

import holidays

from erasure.deadlines.regimes import EU, OF_COUNTRY, REGIMES, Regime
from erasure.errors import InputError

DAY = timedelta(days=1)
SATURDAY = 5


@dataclass(frozen=True, slots=True)
class Establishment:
    """Where the controller has to act. Its calendar counts, not the customer's.

    ``country`` is ISO 3166-1 ("DE"), ``zone`` an IANA name, ``subdivision`` the
    part of the country whose regional holidays count too ("BY"); None: only
    nationwide ones. ``regime`` is a key of ``REGIMES``; empty: that of the country.

    Raises:
        InputError: ``country``, ``zone``, ``subdivision`` or ``regime`` is unknown.
    """

    country: str = "DE"
    zone: str = "Europe/Berlin"
    subdivision: str | None = None
    regime: str = ""

    def __post_init__(self) -> None:
        refuse_unknown_place(self.country, self.subdivision)
        refuse_unknown_zone(self.zone)
        if self.regime and self.regime not in REGIMES:
            raise InputError("regime", f"This law is unknown. Choose {', '.join(REGIMES)}.")

    @property
    def law(self) -> Regime:
        """Whose periods count here."""
        return REGIMES[self.regime] if self.regime else OF_COUNTRY.get(self.country, EU)


@cache
def known_places() -> dict[str, list[str]]:
    """Countries with a calendar, and the parts of each."""
    return dict(holidays.list_supported_countries(include_aliases=True))


def refuse_unknown_place(country: str, subdivision: str | None) -> None:
    known = known_places()
    if country not in known or len(country) != 2:
        raise InputError(
            "country", "This country has no holiday calendar here. Give its two letters, like DE."
        )
    if subdivision is not None and subdivision not in known.get(country, ()):
        raise InputError(
            "subdivision", "This part of the country is unknown. Leave it empty or use its code."
        )


def refuse_unknown_zone(zone: str) -> None:
    try:
        ZoneInfo(zone)
    except (ValueError, OSError, LookupError):
        raise InputError(
            "zone", "This time zone is unknown. Give an IANA name, like Europe/Berlin."
        ) from None


def local_date(received_at: datetime, establishment: Establishment) -> date:
    """The day on which it was there: local, never UTC.

    Raises:
        InputError: ``received_at`` has no time zone.
    """
    if received_at.utcoffset() is None:
        raise InputError("received_at", "The time of receipt needs a time zone.")
    return received_at.astimezone(ZoneInfo(establishment.zone)).date()


def is_working_day(day: date, establishment: Establishment) -> bool:
    if day.weekday() >= SATURDAY:
        return False
    return day not in days_off(establishment.country, establishment.subdivision, day.year)


def roll_forward(day: date, establishment: Establishment) -> date:
    """The day itself or the next working day (Reg. 1182/71 Art. 3(4))."""
    while not is_working_day(day, establishment):
        day += DAY
    return day


def roll_back(day: date, establishment: Establishment) -> date:
    """The day itself or the last working day before it."""
    while not is_working_day(day, establishment):
        day -= DAY
    return day


@lru_cache(maxsize=256)
def days_off(country: str, subdivision: str | None, year: int) -> frozenset[date]:
    """Public holidays of one year.

    The years beside it are asked too: a substitute day may fall into this one.
    """
    found = holidays.country_holidays(
        country, subdiv=subdivision, years=(year - 1, year, year + 1), expand=False
    )
    return frozenset(day for day in found if day.year == year)
