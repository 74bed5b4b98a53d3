"""The dates by which a person must have an answer (Art. 12(3)).

Calendar days; the day of receipt is not counted; the period ends on the same
day number of the month, or on the last day of a month that has no such day
(Reg. 1182/71 Art. 3; EDPB Guidelines 01/2022, paragraphs 157-163).
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from dateutil.relativedelta import relativedelta

from erasure.deadlines.calendar import (
    DAY,
    Establishment,
    is_working_day,
    local_date,
    roll_back,
    roll_forward,
)
from erasure.errors import InputError

MONTHS = 1
MONTHS_EXTENDED = 3  # in all, always from receipt
TARGET_DAYS = 30
ASK_WITHIN = 5  # working days in which an identity question still suspends


@dataclass(frozen=True, slots=True)
class Deadlines:
    """Three local dates of one case; each ends at 24:00 at the establishment."""

    statutory_base: date  # the month(s) alone: no roll-over, no suspension
    statutory_due: date  # the last lawful day, what an authority checks
    internal_target: date  # at most 30 days, never suspended, rolled back


def dates(
    received: date | datetime,
    establishment: Establishment,
    *,
    extended: bool = False,
    suspended_days: int = 0,
    restarted: date | datetime | None = None,
) -> Deadlines:
    """All dates of a request.

    ``received``: the local date, or the aware moment, of receipt at any contact
    point. ``extended``: an extension was told with reasons within the first
    month. ``suspended_days``: from :func:`suspension`. ``restarted``: receipt of
    the identity information, for UK establishments only.

    Raises:
        InputError: a moment without time zone, a negative suspension, or a
            restart where the law has none.
    """
    day = as_local_date(received, establishment)
    start = day if restarted is None else restart(day, restarted, establishment)
    base = statutory_base(start, extended=extended)
    return Deadlines(
        statutory_base=base,
        statutory_due=statutory_due(base, establishment, suspended_days=suspended_days),
        internal_target=internal_target(day, establishment, extended=extended),
    )


def statutory_base(received: date, *, extended: bool = False) -> date:
    """One month after receipt, three if extended; no roll-over."""
    return received + relativedelta(months=MONTHS_EXTENDED if extended else MONTHS)


def statutory_due(base: date, establishment: Establishment, *, suspended_days: int = 0) -> date:
    """The base, later by the days of suspension, rolled forward to a working day.

    Raises:
        InputError: ``suspended_days`` is negative.
    """
    if suspended_days < 0:
        raise InputError("suspended_days", "A suspension cannot be shorter than no days.")
    return roll_forward(base + timedelta(days=suspended_days), establishment)


def internal_target(
    received: date, establishment: Establishment, *, extended: bool = False
) -> date:
    """The earlier of 30 days and the month, rolled back; the whole base if extended."""
    base = statutory_base(received, extended=extended)
    if not extended:
        base = min(base, received + timedelta(days=TARGET_DAYS))
    return roll_back(base, establishment)


def suspension(
    received: date | datetime,
    asked: date | datetime,
    answered: date | datetime,
    establishment: Establishment,
    *,
    within: int = ASK_WITHIN,
) -> int:
    """Days an identity question stops the clock: from sent to sufficiently answered.

    None if the question left more than ``within`` working days after receipt:
    EDPB Guidelines 01/2022, paragraph 159, wants it asked without undue delay.

    Raises:
        InputError: the question lies before receipt, or the answer before the question.
    """
    came = as_local_date(received, establishment)
    sent = as_local_date(asked, establishment)
    back = as_local_date(answered, establishment)
    if sent < came:
        raise InputError("asked", "The question cannot be older than the request.")
    if back < sent:
        raise InputError("answered", "The answer cannot be older than the question.")
    late = working_days_after(came, sent, establishment) > within
    return 0 if late else (back - sent).days


def restart(received: date, restarted: date | datetime, establishment: Establishment) -> date:
    """The day from which a UK month runs (UK GDPR Art. 12A): the later of the two."""
    if not establishment.restarts_on_identity:
        raise InputError("restarted", "Only UK law starts the month again; use a suspension.")
    return max(received, as_local_date(restarted, establishment))


def as_local_date(moment: date | datetime, establishment: Establishment) -> date:
    if isinstance(moment, datetime):
        return local_date(moment, establishment)
    return moment


def working_days_after(start: date, end: date, establishment: Establishment) -> int:
    """Working days after ``start`` up to and with ``end``."""
    span = range(1, (end - start).days + 1)
    return sum(is_working_day(start + DAY * n, establishment) for n in span)
