"""The dates by which a person must have an answer (Art. 12(3)).

Calendar days; the day of receipt is not counted; the period ends on the same
day number of the month, or on the last day of a month that has no such day
(Reg. 1182/71 Art. 3; EDPB Guidelines 01/2022, paragraphs 157-163).
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from erasure.deadlines.calendar import (
    DAY,
    Establishment,
    is_working_day,
    local_date,
    roll_back,
    roll_forward,
)
from erasure.deadlines.regimes import EU, Regime
from erasure.errors import InputError

TARGET_DAYS = 30
ASK_WITHIN = 5  # working days in which an identity question still suspends


@dataclass(frozen=True, slots=True)
class Deadlines:
    """Three local dates of one case; each ends at 24:00 at the establishment."""

    statutory_base: date  # the period alone: no roll-over, no suspension
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
    period. ``suspended_days``: from :func:`suspension`. ``restarted``: receipt of
    the identity information, where the law starts the period again with it.

    Raises:
        InputError: a moment without time zone, or an extension, suspension or restart
            that is negative or that the law does not know.
    """
    law = establishment.law
    day = as_local_date(received, establishment)
    start = day if restarted is None else restart(day, restarted, establishment)
    if suspended_days and not law.suspends:
        raise InputError("suspended_days", f"The {law.name} knows no suspension.")
    base = statutory_base(start, law, extended=extended)
    return Deadlines(
        statutory_base=base,
        statutory_due=statutory_due(base, establishment, suspended_days=suspended_days),
        internal_target=internal_target(day, establishment, extended=extended),
    )


def statutory_base(received: date, law: Regime = EU, *, extended: bool = False) -> date:
    """The law's period after receipt, the whole longer one if extended; no roll-over.

    Raises:
        InputError: the law has no extension.
    """
    if extended and law.extended is None:
        raise InputError("extended", f"The {law.name} knows no extension.")
    period = law.extended if extended and law.extended else law.answer
    return period.after(received)


def statutory_due(base: date, establishment: Establishment, *, suspended_days: int = 0) -> date:
    """The base, later by the days of suspension, rolled forward to a working day.

    Raises:
        InputError: ``suspended_days`` is negative.
    """
    if suspended_days < 0:
        raise InputError("suspended_days", "A suspension cannot be shorter than no days.")
    last = base + timedelta(days=suspended_days)
    return roll_forward(last, establishment) if establishment.law.rolls else last


def internal_target(
    received: date, establishment: Establishment, *, extended: bool = False
) -> date:
    """The earlier of 30 days and the period, rolled back; the whole base if extended."""
    base = statutory_base(received, establishment.law, extended=extended)
    if not extended:
        base = min(base, received + timedelta(days=TARGET_DAYS))
    return roll_back(base, establishment)


def tell_by(
    received: date | datetime,
    establishment: Establishment,
    *,
    restarted: date | datetime | None = None,
) -> date:
    """The last day on which an extension can be told, with its reasons (Art. 12(3)).

    No suspension is counted: whether one moves this date is nowhere decided.
    """
    return dates(received, establishment, restarted=restarted).statutory_due


def acknowledge_by(received: date | datetime, establishment: Establishment) -> date | None:
    """The last day of the duty to acknowledge; None where there is no such duty."""
    within = establishment.law.acknowledge_within
    came = day = as_local_date(received, establishment)
    while working_days_after(came, day, establishment) < within:
        day += DAY
    return day if within else None


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
    EDPB Guidelines 01/2022, paragraph 159, wants it asked without undue delay. None
    either where the law knows no suspension.

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
    if not establishment.law.suspends:
        return 0
    in_time = sent <= ask_by(came, establishment, within=within)
    return (back - sent).days if in_time else 0


def ask_by(
    received: date | datetime, establishment: Establishment, *, within: int = ASK_WITHIN
) -> date:
    """The last day on which an identity question is asked without undue delay."""
    came = day = as_local_date(received, establishment)
    while working_days_after(came, day + DAY, establishment) <= within:
        day += DAY
    return day


def restart(received: date, restarted: date | datetime, establishment: Establishment) -> date:
    """The day from which a UK month runs (UK GDPR Art. 12A): the later of the two."""
    if not establishment.law.restarts:
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
