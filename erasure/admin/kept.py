"""On a case page: what is destroyed when, and what the searches after the end found."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest

from erasure.admin import words
from erasure.admin.base import may
from erasure.admin.words import Badge
from erasure.documents.words import RETAINED, count
from erasure.models import ErasureCase, LaterCheck
from erasure.retention import Planned, ended_on, plan_of, today
from erasure.values import CheckResult, StoreStatus


@dataclass(frozen=True, slots=True)
class Row:
    """One line: what, on which day, where it stands, and what it waits for."""

    what: str
    day: str
    badge: Badge
    waits: str = ""


@dataclass(frozen=True, slots=True)
class Later:
    """One search after the end."""

    what: str
    badge: Badge
    note: str = ""


def kept(request: HttpRequest, case: ErasureCase) -> dict[str, Any]:
    """Only of a case that has ended: before, no day can be named."""
    if ended_on(case) is None:
        return {}
    given: dict[str, Any] = {
        "kept": [_row(each) for each in plan_of(case)],
        "later": [_later(each) for each in case.checks.all()],
    }
    if may(request, "view_followup"):
        rows = list(case.follow_ups.select_related("new_case"))
        given |= {
            "follow_ups": rows,
            "came_back": next((r for r in rows if r.state == "OPEN"), None),
        }
    return given


def _row(each: Planned) -> Row:
    what = RETAINED[each.stage]
    if each.destroyed_at:
        return Row(what, words.day(words.local_day(each.destroyed_at)), Badge("Destroyed", "good"))
    day = words.day(each.first_day) if each.first_day else "—"
    if each.waits:
        return Row(what, day, Badge("Waits", "waiting"), each.waits)
    if each.is_due(today()):
        return Row(what, day, Badge("Goes within the hour", "running"))
    return Row(what, f"from {day}", Badge("Kept"))


def _later(each: LaterCheck) -> Later:
    what = f"{each.day} days, {words.day(words.local_day(each.due_at))}"
    if each.done_at is None:
        said = (
            Badge("A store was silent, it is asked again", "waiting")
            if each.attempts
            else Badge("To come")
        )
        return Later(what, said)
    answers = list(each.stores.values())
    silent = answers.count(StoreStatus.UNANSWERED)
    unseen = answers.count(StoreStatus.MANUAL)
    notes = [f"{count(len(answers) - silent - unseen, 'store')} searched"] if answers else []
    notes += [f"{count(silent, 'store')} silent"] if silent else []
    notes += [f"{count(unseen, 'store')} that no interface can search"] if unseen else []
    return Later(what, words.CHECK[CheckResult(each.result)], ", ".join(notes))
