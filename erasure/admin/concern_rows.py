"""What was raised about a case, as its page shows it."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest

from erasure.admin import words
from erasure.admin.access import revealed_until
from erasure.admin.base import may
from erasure.admin.words import Badge
from erasure.models import Concern, ErasureCase, in_clear


@dataclass(frozen=True, slots=True)
class ConcernRow:
    concern: Concern
    badge: Badge
    note: str
    may_close: bool


def concern_rows(request: HttpRequest, case: ErasureCase) -> dict[str, Any]:
    """Each line; the notes only while the person is revealed."""
    recording = may(request, "record_concern")
    clear = revealed_until(request, case) is not None
    rows = [
        ConcernRow(
            row, words.concern_badge(row), _note(row, case) if clear else "",
            recording and row.closed_at is None,
        )
        for row in case.concerns.all()
    ]  # fmt: skip
    return {"concerns": rows, "may_record_concern": recording}


def _note(row: Concern, case: ErasureCase) -> str:
    row.case = case  # its keys are loaded
    return in_clear(lambda: row.note)
