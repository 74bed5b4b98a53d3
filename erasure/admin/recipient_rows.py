"""The recipients of a case as its page shows them."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest

from erasure.admin import words
from erasure.admin.base import may
from erasure.admin.words import Badge
from erasure.models import ErasureCase, RecipientNotice

TITLES = {
    "told": "Record the notice",
    "answered": "Record the answer",
    "left-out": "Leave it out, with reason",
}


@dataclass(frozen=True, slots=True)
class RecipientRow:
    notice: RecipientNotice
    badge: Badge
    doings: list[tuple[str, str]]


def recipient_rows(request: HttpRequest, case: ErasureCase) -> dict[str, Any]:
    recording = may(request, "record_recipient")
    rows = [
        RecipientRow(row, words.recipient_badge(row), _open(row) if recording else [])
        for row in case.recipients.all()
    ]
    return {"recipients": rows, "may_name_recipient": recording}


def _open(row: RecipientNotice) -> list[tuple[str, str]]:
    if row.told_at is None:
        found = ["told"] if row.excused_at else ["told", "left-out"]
    else:
        found = [] if row.answered_at else ["answered"]
    return [(key, TITLES[key]) for key in found]
