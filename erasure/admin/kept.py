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
    """One line: what, where it stands, on which day, and what there is to say besides."""

    what: str
    badge: Badge
    day: str = ""
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
        return Row(what, Badge("Destroyed", "good"), words.day(words.local_day(each.destroyed_at)))
    day = words.day(each.first_day) if each.first_day else "—"
    if each.waits:
        return Row(what, Badge("Waits", "waiting"), day, each.waits)
    if each.is_due(today()):
        return Row(what, Badge("Goes within the hour", "running"), day)
    return Row(what, Badge("Kept"), f"from {day}")


def _later(each: LaterCheck) -> Row:
    what = f"{each.day} days, {words.day(words.local_day(each.due_at))}"
    if each.done_at:
        return Row(what, words.CHECK[CheckResult(each.result)], note=", ".join(_searched(each)))
    if each.attempts:
        return Row(what, Badge("A store was silent, it is asked again", "waiting"))
    return Row(what, Badge("To come"))


def _searched(each: LaterCheck) -> list[str]:
    answers = list(each.stores.values())
    silent, unseen = answers.count(StoreStatus.UNANSWERED), answers.count(StoreStatus.MANUAL)
    said = [(len(answers) - silent - unseen, "searched"), (silent, "silent"),
            (unseen, "that no interface can search")]  # fmt: skip
    return [f"{count(number, 'store')} {what}" for number, what in said if number]
