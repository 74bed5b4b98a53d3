"""From which day what a case holds may be destroyed: dates in, dates out.

The GDPR sets no period (Art. 5(1)(e)); the defaults are those most authorities
accept: the inventory soon, request and letters as long as claims can be brought.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from dateutil.relativedelta import relativedelta

from erasure.errors import InputError

PROOF_DAYS = 30  # a proof of identity on which nobody decided
LEAST_MONTHS = 12  # no case file is destroyed sooner, whatever is configured
MOST_CHECKS = 12


class Stage(StrEnum):
    """What is destroyed together, in this order. Each is one secret of the case."""

    DOCUMENTS = "documents"
    INVENTORY = "inventory"
    FILE = "file"
    LOG = "log"


@dataclass(frozen=True, slots=True)
class Periods:
    """How long what is kept, counted from the end of a case unless said otherwise.

    Raises:
        InputError: a period is negative, too short, or out of order.
    """

    inventory_days: int = 30
    checks: tuple[int, ...] = (7, 30, 90)  # days after completion on which is searched again
    grace_days: int = 30  # the inventory waits so long for the last check and a decision on it
    file_months: int = 36
    log_months: int = 36  # the log secret goes last
    register_days: int = 365  # from an erasure; until the last backup with the record is gone
    suppression_months: int = 36

    def __post_init__(self) -> None:
        for name in ("inventory_days", "grace_days", "register_days", "suppression_months"):
            if getattr(self, name) < 0:
                raise InputError(name, f"{name}: a period cannot be shorter than nothing.")
        if self.file_months < LEAST_MONTHS:
            text = f"file_months: a case file is kept for {LEAST_MONTHS} months at least."
            raise InputError("file_months", text)
        if self.log_months < self.file_months:
            raise InputError("log_months", "log_months: the log secret goes after the file.")
        _refuse_odd_checks(self.checks)


def _refuse_odd_checks(checks: Sequence[int]) -> None:
    """Rising days, so that each check says something the one before did not."""
    if list(checks) != sorted(set(checks)) or any(day < 1 for day in checks):
        raise InputError("checks", "checks: give rising numbers of days, like 7, 30, 90.")
    if len(checks) > MOST_CHECKS:
        raise InputError("checks", f"checks: at most {MOST_CHECKS} searches after the end.")


@dataclass(frozen=True, slots=True)
class Schedule:
    """The first local day on which each stage may be destroyed."""

    documents: date
    inventory: date
    inventory_at_last: date  # even if the last check or a decision is still out
    file: date
    log: date

    def first_day(self, stage: Stage) -> date:
        return getattr(self, stage.value)


def schedule(ended: date, periods: Periods, *, checked: bool) -> Schedule:
    """The dates of a case that ended on a local day.

    ``checked``: it is searched again after the end, and the search identifiers are
    needed until the last time.
    """
    last = max(periods.checks, default=0) if checked else 0
    inventory = ended + timedelta(days=max(periods.inventory_days, last))
    at_last = inventory + timedelta(days=periods.grace_days)
    file = max(ended + relativedelta(months=periods.file_months), at_last)
    log = max(ended + relativedelta(months=periods.log_months), file)
    return Schedule(ended, inventory, at_last, file, log)


def proof_until(uploaded: date) -> date:
    """The day on which a proof of identity goes, decided on or not."""
    return uploaded + timedelta(days=PROOF_DAYS)


def register_until(erased: date, periods: Periods, backup_days: int = 0) -> date:
    """How long an erasure can be repeated; ``backup_days``: what one system says of its own."""
    return erased + timedelta(days=backup_days or periods.register_days)


def suppressed_until(ended: date, periods: Periods) -> date:
    return ended + relativedelta(months=periods.suppression_months)
