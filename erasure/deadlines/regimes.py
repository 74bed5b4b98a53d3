"""What each law says of time: how long, how much longer, and what stops the clock.

Values for the controller's counsel to confirm. ``EU`` is Art. 12(3) GDPR with Regulation
1182/71; ``UK`` is UK GDPR Art. 12A (in force since 5 February 2026); ``CALIFORNIA`` is
11 CCR 7021 and Civil Code 1798.130; Brazil's LGPD (Art. 18) names no term for deletion:
the 15 days are those of its Art. 19, commonly used.
"""

from dataclasses import dataclass
from datetime import date

from dateutil.relativedelta import relativedelta

WORD = {1: "one", 3: "three"}


@dataclass(frozen=True, slots=True)
class Period:
    """Calendar months, then calendar days; the day it starts on is not counted."""

    months: int = 0
    days: int = 0

    def after(self, day: date) -> date:
        """The last day; the last one of a month that has no such day number."""
        return day + relativedelta(months=self.months, days=self.days)

    def __str__(self) -> str:
        """``one month``, ``45 days``."""
        parts = ((self.months, "month"), (self.days, "day"))
        said = (f"{WORD.get(n, n)} {unit}{'s' if n > 1 else ''}" for n, unit in parts if n)
        return " and ".join(said)


@dataclass(frozen=True, slots=True)
class Regime:
    """One law's calendar. ``extended`` is in all, counted from receipt; None: no extension."""

    key: str
    name: str
    source: str
    answer: Period
    extended: Period | None
    rolls: bool = True  # a last day that is no working day moves to the next one
    suspends: bool = False  # an identity question, asked in time, stops the clock
    restarts: bool = False  # the period runs from the identity information, if later
    acknowledge_within: int = 0  # working days; 0: no duty to acknowledge
    fixed: bool = True  # the law itself names the period


EU = Regime(
    "eu", "GDPR", "Art. 12(3) GDPR", Period(months=1), Period(months=3), suspends=True,
)  # fmt: skip
UK = Regime(
    "uk", "UK GDPR", "Art. 12A UK GDPR", Period(months=1), Period(months=3), restarts=True,
)  # fmt: skip
CALIFORNIA = Regime(
    "california", "CCPA", "11 CCR 7021", Period(days=45), Period(days=90),
    rolls=False, acknowledge_within=10,
)  # fmt: skip
BRAZIL = Regime("brazil", "LGPD", "Art. 18 and 19 LGPD", Period(days=15), None, fixed=False)

REGIMES = {regime.key: regime for regime in (EU, UK, CALIFORNIA, BRAZIL)}
OF_COUNTRY = {"GB": UK, "UK": UK, "US": CALIFORNIA, "BR": BRAZIL}
