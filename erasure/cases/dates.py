"""The dates of a case: the statutory ones, the interim letter, and the tasks by hand.

A case keeps the place and the law it began under: changed settings move no stored date.
Everything here that changes a case is called under its lock.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.conf import settings
from django.utils import timezone

from erasure import clock, deadlines
from erasure.deadlines import Deadlines, Establishment, local_date
from erasure.documents.words import count, day
from erasure.errors import InputError, StepError
from erasure.ledger.append import append
from erasure.models import SYSTEM, Actor, ErasureCase, TaskDetail, Verification
from erasure.values import CaseState, ItemState, LetterKind, LetterState, VerificationState

INTERIM_FROM = timedelta(days=25)  # after receipt: what ends later ends too near the month
PROVEN_WITHIN = timedelta(hours=72)  # from approval to the read-back of the last record
MOST_NAMED = 3
DATES = ("statutory_base", "statutory_due", "internal_target", "suspended_days", "restarted_on")


def establishment() -> Establishment:
    """Where the controller is now, by the settings: what a new case begins under."""
    return Establishment(
        settings.COUNTRY, settings.TIME_ZONE, settings.SUBDIVISION or None, settings.REGIME
    )


def place_of(case: ErasureCase) -> Establishment:
    """The place and the law a case began under."""
    return Establishment(case.country, case.zone, case.subdivision or None, case.regime)


def start_clock(case: ErasureCase) -> None:
    """Give a new case its place, its law and its three dates. Save after."""
    place = establishment()
    case.country, case.zone, case.regime = place.country, place.zone, place.law.key
    case.subdivision = place.subdivision or ""
    _set_dates(case)


def recompute(
    case: ErasureCase, *, actor: Actor = SYSTEM, why: str = "DEADLINE_MOVED", reason: str = ""
) -> bool:
    """Set and save the dates by what is on record; a date that moves has its log entry.

    Says whether what is due moved. An identity question that a confirmed proof answered
    counts as :func:`deadlines.suspension` has it; an extension that was told too late,
    by a receipt that was corrected since, counts no more.
    """
    before = case.statutory_due
    _set_dates(case)
    case.save(update_fields=DATES)
    if case.statutory_due == before:
        return False
    moved = f"Due {day(case.statutory_due)} instead of {day(before)}."
    said = " ".join(part for part in (reason.strip(), _stopped(case), moved) if part)
    append(case, "decision", {"actor": actor.key, "reason": said}, decision=why)
    return True


def _stopped(case: ErasureCase) -> str:
    if case.restarted_on:
        return f"The period runs from {day(case.restarted_on)}."
    days = case.suspended_days
    return f"Stopped for {count(days, 'day')} by the identity question." if days else ""


def _set_dates(case: ErasureCase) -> None:
    place = place_of(case)
    case.suspended_days, case.restarted_on = _identity(case, place)
    found = dates_of(case, extended=extension_counts(case))
    case.statutory_base, case.statutory_due = found.statutory_base, found.statutory_due
    case.internal_target = found.internal_target


def dates_of(case: ErasureCase, *, extended: bool) -> Deadlines:
    """The dates as they are, or would be, with or without the extension."""
    return deadlines.dates(
        case.received_at, place_of(case), extended=extended,
        suspended_days=case.suspended_days, restarted=case.restarted_on,
    )  # fmt: skip


def tell_by(case: ErasureCase) -> date:
    """The last day on which the person can be told of an extension."""
    return deadlines.tell_by(case.received_at, place_of(case), restarted=case.restarted_on)


def decide_by(case: ErasureCase) -> date:
    """The last day for a refusal, also in part: no extension moves it (Art. 12(4))."""
    return dates_of(case, extended=False).statutory_due


def proof_due(case: ErasureCase) -> datetime | None:
    """When erasure is to have ended, read back, after approval; None when nothing runs."""
    erasing = case.state in (CaseState.EXECUTING, CaseState.AWAITING_VENDOR)
    if not erasing or case.approved_at is None or case.finished_execution():
        return None
    return case.approved_at + PROVEN_WITHIN


def extension_counts(case: ErasureCase) -> bool:
    """Whether the person was told in time that it takes longer."""
    if case.extended_at is None:
        return False
    return local_date(case.extended_at, place_of(case)) <= tell_by(case)


def _identity(case: ErasureCase, place: Establishment) -> tuple[int, date | None]:
    """Days of suspension, and the local day from which the period runs anew (UK)."""
    row = _answered_question(case)
    if row is None or row.asked_at is None or row.answered_at is None:
        return 0, None
    if place.law.restarts:
        return 0, max(local_date(row.answered_at, place), local_date(case.received_at, place))
    if not case.received_at <= row.asked_at <= row.answered_at:  # a receipt corrected past it
        return 0, None
    days = deadlines.suspension(
        case.received_at, row.asked_at, row.answered_at, place, within=settings.ASK_WITHIN
    )
    return days, None


def _answered_question(case: ErasureCase) -> Verification | None:
    """The question that a proof, found sufficient, answered; the doubt is on record."""
    if case._state.adding:
        return None
    confirmed = case.verifications.filter(state=VerificationState.CONFIRMED)
    asked = confirmed.filter(asked_at__isnull=False, answered_at__isnull=False)
    return asked.exclude(doubt="").order_by("-answered_at").first()


def extend(case: ErasureCase, *, told_at: datetime, reason: str, actor: Actor) -> None:
    """Two further months, once, told to the person with reasons inside month one (Art. 12(3)).

    ``told_at``: the proven dispatch of the letter.

    Raises:
        InputError: no reason, a time that is not possible, or the letter came too late.
        StepError: the role, the state or the law does not allow it.
    """
    if not (actor.is_system or actor.may("erasure.extend_case")):
        raise StepError("permission", "Your role does not allow to extend the time.")
    refuse_extension(case, told_at=told_at)
    if not reason.strip():
        raise InputError("reason", "Say why the case is complex: the reason is told and kept.")
    case.extended_at, case.extended_by = told_at, actor.user
    case.extension_reason = reason.strip()
    case.save(update_fields=["extended_at", "extended_by", "extension_reason_sealed"])
    recompute(case, actor=actor, why="TIME_EXTENDED", reason=reason)


def refuse_extension(case: ErasureCase, *, told_at: datetime | None = None) -> None:
    """Whether the time of a case can be extended by a letter sent then, or now.

    Raises:
        StepError: state or law. InputError: the time of the letter.
    """
    told_at, place = told_at or clock.now(), place_of(case)
    if case.extended_at:
        raise StepError("state", "The time was extended already; there is one extension.")
    if not case.is_open() or case.answered_at:
        raise StepError("state", "The case is answered or ended: there is nothing to extend.")
    if place.law.extended is None:
        raise StepError("condition", f"The {place.law.name} knows no extension.")
    if told_at.tzinfo is None or not case.received_at <= told_at <= clock.now():
        raise InputError("told_at", "The letter was sent between the receipt and now.")
    if local_date(told_at, place) > tell_by(case):
        raise InputError(
            "told_at", f"An extension had to be told by {day(tell_by(case))}: the date stands."
        )


def interim_letter(case: ErasureCase) -> str:
    """Why the person is to be told that it takes longer (Art. 12(3)); "" when there is no need.

    A vendor's recycle bin keeps something beyond day 25, no answer is out and no
    interim letter either.
    """
    if case.answered_at or _told_meanwhile(case):
        return ""
    last = (
        case.items.filter(
            state=ItemState.REQUESTED, recoverable_until__gt=case.received_at + INTERIM_FROM
        )
        .select_related("connection")
        .order_by("-recoverable_until")
        .first()
    )
    if last is None or last.recoverable_until is None:
        return ""
    until = timezone.localtime(last.recoverable_until).date()
    return (
        f"Send an interim letter: in {last.connection.name} a record remains recoverable until "
        f"{day(until)}."
    )


def _told_meanwhile(case: ErasureCase) -> bool:
    """An interim letter left, or is on its way."""
    letters = case.letters.filter(kind=LetterKind.INTERIM)
    return letters.exclude(state__in=[LetterState.WITHDRAWN, LetterState.RETURNED]).exists()


def overdue_tasks(case: ErasureCase) -> Sequence[TaskDetail]:
    """Of the lines with a person those whose day has passed, the longest overdue first."""
    today = timezone.localtime(clock.now()).date()
    tasks = TaskDetail.objects.filter(
        item__case=case, item__state=ItemState.MANUAL, due_on__lt=today
    )
    return list(tasks.select_related("item__connection").order_by("due_on"))


def overdue_sentence(case: ErasureCase) -> str:
    """``Overdue: record 3 (Archive), due 2 Mar 2027.``; "" when no task is."""
    late = overdue_tasks(case)
    named = [
        f"record {task.item.place} ({task.item.connection.name}), due {day(task.due_on)}"
        for task in late[:MOST_NAMED]
    ]
    more = f" and {len(late) - MOST_NAMED} more" if len(late) > MOST_NAMED else ""
    return f"Overdue: {'; '.join(named)}{more}." if late else ""
