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
    Deadlines,
    acknowledge_by,
    dates,
    in_time,
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
    "Deadlines",
    "Establishment",
    "Regime",
    "acknowledge_by",
    "dates",
    "in_time",
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
