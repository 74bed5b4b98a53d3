"""Dates that come near: the answer, a refusal inside month one, the proven end of erasure."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q

from erasure import clock
from erasure.cases import decide_by, place_of, proof_due
from erasure.cases.dates import PROVEN_WITHIN
from erasure.deadlines import local_date
from erasure.documents.words import count, day
from erasure.models import KEPT, OPEN_STATES, DataItem, ErasureCase
from erasure.models.cases import BEFORE_EXECUTION
from erasure.values import CaseState
from erasure.watch.events import Event, case_link

WARN_AT = (0, 1, 3, 7, 14)  # days before
PASSED = -1
AROUND = timedelta(days=WARN_AT[-1] + 1)  # no zone is a whole day away
ERASING = (CaseState.EXECUTING, CaseState.AWAITING_VENDOR)


def warnings() -> Iterator[Event]:
    yield from _answers()
    yield from _refusals()
    yield from _proofs()


def reached(due: date, today: date) -> int | None:
    """The tightest warning that is due: days before, PASSED, or None."""
    left = (due - today).days
    if left < 0:
        return PASSED
    return next((days for days in WARN_AT if left <= days), None)


def in_words(days: int) -> str:
    """``is due in 3 days``, for a threshold."""
    said = {PASSED: "is overdue", 0: "is due today", 1: "is due tomorrow"}
    return said.get(days, f"is due within {count(days, 'day')}")


def _unanswered(**where: Any) -> Iterator[tuple[ErasureCase, date]]:
    """Open cases without an answer, and the local date at the establishment of each."""
    now = clock.now()
    for case in ErasureCase.objects.filter(state__in=OPEN_STATES, answered_at=None, **where):
        yield case, local_date(now, place_of(case))


def _answers() -> Iterator[Event]:
    for case, today in _unanswered(statutory_due__lte=clock.now().date() + AROUND):
        days = reached(case.statutory_due, today)
        if days is not None:
            yield Event(
                f"answer:{case.pk}:{case.statutory_due}:{days}",
                f"{case.reference}: the answer {in_words(days)}",
                f"The answer to the person {in_words(days)}: {day(case.statutory_due)}. "
                f"The case is {case.state}.\n\n{case_link(case.pk)}\n",
                case,
            )


def _refusals() -> Iterator[Event]:
    """An extension covers no refusal, also not one in part (Art. 12(4))."""
    kept = Exists(DataItem.objects.filter(case=OuterRef("pk"), state__in=KEPT))
    extended = ErasureCase.objects.filter(
        Q(state__in=BEFORE_EXECUTION) | kept, extended_at__isnull=False, answered_at=None,
        state__in=OPEN_STATES,
    )  # fmt: skip
    now = clock.now()
    for case in extended:
        last = decide_by(case)
        days = reached(last, local_date(now, place_of(case)))
        if days is not None and last < case.statutory_due:
            yield Event(
                f"refusal:{case.pk}:{last}:{days}",
                f"{case.reference}: a refusal or records kept {in_words(days)}",
                f"The extension covers no refusal: what is kept or refused {in_words(days)} to be "
                f"told, {day(last)}.\n\n{case_link(case.pk)}\n",
                case,
            )


def _proofs() -> Iterator[Event]:
    """72 hours after approval not every record is read back."""
    late = clock.now() - PROVEN_WITHIN
    for case in ErasureCase.objects.filter(state__in=ERASING, approved_at__lte=late):
        yield Event(
            f"proof:{case.pk}:{case.approved_at:%Y%m%dT%H%M%S}",
            f"{case.reference}: erasure is not proven 72 hours after approval",
            f"Erasure was approved 72 hours ago and is not yet read back everywhere. Its page says "
            f"what it waits for.\n\n{case_link(case.pk)}\n",
            case,
            holds=lambda case=case: proof_due(case) is not None,  # type: ignore[misc]
        )
