"""The calendar of Art. 12(3): dates in, dates out. Rank 1: no Django, no clock.

A month is not thirty days, and nobody computes one anywhere else.
"""

from erasure.deadlines.calendar import (
    Establishment,
    is_working_day,
    local_date,
    roll_back,
    roll_forward,
)
from erasure.deadlines.dates import (
    ASK_WITHIN,
    TARGET_DAYS,
    Deadlines,
    acknowledge_by,
    ask_by,
    dates,
    internal_target,
    statutory_base,
    statutory_due,
    suspension,
    tell_by,
)
from erasure.deadlines.regimes import REGIMES, Regime

__all__ = [
    "ASK_WITHIN",
    "REGIMES",
    "TARGET_DAYS",
    "Deadlines",
    "Establishment",
    "Regime",
    "acknowledge_by",
    "ask_by",
    "dates",
    "internal_target",
    "is_working_day",
    "local_date",
    "roll_back",
    "roll_forward",
    "statutory_base",
    "statutory_due",
    "suspension",
    "tell_by",
]
