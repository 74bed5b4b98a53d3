"""The dates of a case: which, why these, and what would change them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.http import HttpRequest

from erasure import clock
from erasure.admin import words
from erasure.admin.base import may
from erasure.cases import dates_of, decide_by, extension_counts, place_of, proof_due, tell_by
from erasure.deadlines import TARGET_DAYS, Establishment, acknowledge_by, ask_by, local_date
from erasure.documents.words import capital, count
from erasure.models import ErasureCase, VendorJob, Verification
from erasure.values import CaseState, VerificationState

BEING_ASKED = (VerificationState.ASKED, VerificationState.ANSWERED)
MAY_BE_ASKED = (CaseState.RECEIVED, CaseState.VALIDATING)
ERASING = (CaseState.EXECUTING, CaseState.AWAITING_VENDOR)
weekday = words.weekday


@dataclass(frozen=True, slots=True)
class Date:
    label: str
    day: date
    relative: str = ""
    nearest: bool = False
    tone: str = "plain"


@dataclass(frozen=True, slots=True)
class Proof:
    """The second clock: from approval to the proven end of erasure."""

    until: datetime
    said: str
    tone: str


def case_dates(request: HttpRequest, case: ErasureCase) -> dict[str, Any]:
    """For the page of a case."""
    running = case.is_open() and case.answered_at is None
    return {
        "dates": dates(case),
        "proof": _proof(case),
        "slow_jobs": [_slow(job) for job in _slow_jobs(case)],
        "date_reasons": list(_reasons(case)),
        "date_changes": list(_changes(case)) if running else [],
        "may_correct": running and may(request, "correct_receipt"),
    }


def _slow_jobs(case: ErasureCase) -> list[VendorJob]:
    if case.state not in ERASING:
        return []
    told = case.jobs.filter(escalated_at__isnull=False, ended_at=None)
    return list(told.select_related("connection"))


def _slow(job: VendorJob) -> str:
    days = count((clock.now() - job.submitted_at).days, "day")
    return f"A job at {job.connection.name} has been open for {days}: ask the vendor about it."


def dates(case: ErasureCase) -> list[Date]:
    """The three dates; the next one that has not passed is emphasised while no answer is out."""
    law = place_of(case).law
    found = [
        ("Our target", case.internal_target),
        (f"{str(law.answer if not extension_counts(case) else law.extended).capitalize()}",
         case.statutory_base),
        ("Answer due", case.statutory_due),
    ]  # fmt: skip
    waiting = case.is_open() and case.answered_at is None
    ahead = [day for _, day in found if day >= words.today()]
    nearest = min(ahead) if waiting and ahead else None
    marked = next((n for n in (2, 0, 1) if found[n][1] == nearest), 2 if waiting else -1)
    late = waiting and not ahead
    return [
        Date(label, day, words.in_days(day), n == marked, "danger" if late else "plain")
        for n, (label, day) in enumerate(found)
    ]


def _proof(case: ErasureCase) -> Proof | None:
    until = proof_due(case)
    if until is None:
        return None
    left = until - clock.now()
    if left < timedelta(0):
        return Proof(until, "passed", "danger")
    hours = int(left.total_seconds() // 3600)
    said = f"in {count(hours, 'hour')}" if hours else "in less than an hour"
    return Proof(until, said, "plain")


def _reasons(case: ErasureCase) -> Iterator[tuple[str, str]]:
    """Label and sentence for each date."""
    place = place_of(case)
    received = local_date(case.received_at, place)
    yield (
        "Received",
        f"{weekday(received)}, the local date in {place.zone}. That day is not counted.",
    )
    if by := acknowledge_by(received, place):
        yield "Acknowledge by", f"{weekday(by)}: {place.law.acknowledge_within} working days."
    yield "Our target", _why_target(case, place, received)
    period = place.law.extended if extension_counts(case) else place.law.answer
    start = case.restarted_on or received
    since = "the identity information" if case.restarted_on else "receipt"
    yield (
        str(period).capitalize(),
        f"Counted from {since} on {weekday(start)} ({place.law.source}).",
    )
    yield "Answer due", _why_due(case, place)


def _why_target(case: ErasureCase, place: Establishment, received: date) -> str:
    law, thirty = place.law, received + timedelta(days=TARGET_DAYS)
    whole = law.answer.after(received)
    if extension_counts(case) and law.extended:
        said, last = f"{law.extended} from receipt", law.extended.after(received)
    elif thirty <= whole:
        said, last = f"{TARGET_DAYS} days from receipt", thirty
    else:
        said, last = f"{law.answer} from receipt, which is shorter than {TARGET_DAYS} days", whole
    if case.internal_target != last:
        said += f"; {weekday(last)} is no working day, so the one before"
    return f"{capital(said)}."


def _why_due(case: ErasureCase, place: Establishment) -> str:
    said, last = [], case.statutory_base + timedelta(days=case.suspended_days)
    if extension_counts(case) and case.extended_at:
        told = weekday(local_date(case.extended_at, place))
        said.append(f"Extended: the person was told on {told}, in time.")
    if case.suspended_days:
        said.append(f"{count(case.suspended_days, 'day')} later by the identity question.")
    if case.statutory_due != last:
        said.append(f"{weekday(last)} is no working day, so the next one counts.")
    elif not place.law.rolls:
        said.append("Weekends and holidays move nothing here.")
    else:
        said.append("A working day: nothing is moved.")
    if not place.law.fixed:
        said.append("The law names no term; this one is commonly used.")
    return " ".join(said)


def _changes(case: ErasureCase) -> Iterator[str]:
    place = place_of(case)
    yield from _question(case, place)
    if extension_counts(case):
        yield (
            f"The extension covers no refusal: one, also in part, is due by "
            f"{weekday(decide_by(case))}."
        )
    elif place.law.extended:
        yield _extension(case)
    if case.extended_at and not extension_counts(case):
        yield "The extension on record was told after month one: it does not count."


def _extension(case: ErasureCase) -> str:
    last = tell_by(case)
    if words.today() > last:
        return f"An extension is not possible any more: it had to be told by {weekday(last)}."
    longer = dates_of(case, extended=True).statutory_due
    return (
        f"If the case is complex: an extension, told to the person with its reasons by "
        f"{weekday(last)}, makes the answer due on {weekday(longer)}."
    )


def _question(case: ErasureCase, place: Establishment) -> Iterator[str]:
    if not (place.law.suspends or place.law.restarts):
        return
    row: Verification | None = case.verifications.order_by("-opened_at").first()
    if row and row.asked_at and row.state in BEING_ASKED:
        yield _asked(row.asked_at, case, place)
    elif case.state in MAY_BE_ASKED and row and row.asked_at is None:
        if place.law.restarts:
            yield "A question of identity starts the month again with a sufficient answer."
            return
        last = ask_by(case.received_at, place, within=settings.ASK_WITHIN)
        if words.today() <= last:
            yield (
                f"In reasonable doubt: a question of identity, sent by {weekday(last)}, stops the "
                "clock until it is answered."
            )


def _asked(asked_at: datetime, case: ErasureCase, place: Establishment) -> str:
    asked = weekday(local_date(asked_at, place))
    if place.law.restarts:
        return f"The identity question of {asked}: a sufficient answer starts the month again."
    if local_date(asked_at, place) > ask_by(case.received_at, place, within=settings.ASK_WITHIN):
        return f"The identity question of {asked} was sent too late to stop the clock."
    return (
        f"The identity question of {asked}: a sufficient answer moves what is due by the days "
        "it took; our target stays."
    )
