"""How a request stands, as the processor tells it."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from erasure.connectors.http import Answer, Json
from erasure.errors import RefusedError

OPEN = frozenset({"pending", "in_progress"})
WORDS = OPEN | {"completed", "cancelled"}
LEFT = ("failed", "skipped")  # recipients with which the processor did not get through
WAITING = ("pending", "in_progress")


@dataclass(frozen=True, slots=True)
class Status:
    word: str
    expected: datetime | None
    left: str  # recipients that are not done: "1 failed, 2 skipped"
    waiting: str  # recipients the processor still waits for
    unproven: str  # why the answer is not proven to be the processor's
    http_status: int

    @property
    def done(self) -> bool:
        """Completed, and no recipient stands out. Whether it is proven is another question."""
        return self.word == "completed" and not self.left and not self.waiting


def status_of(answer: Answer, request_id: str, unproven: str) -> Status:
    """Read GET /requests/{subject_request_id}.

    Raises:
        RefusedError: no JSON object, of another request, or no status we know.
    """
    told = answer.json_object()
    if told.get("subject_request_id") != request_id:
        raise RefusedError("GET /requests/{id}: the answer is about another request")
    word = told.get("request_status")
    if word not in WORDS:
        raise RefusedError("GET /requests/{id}: no status of the protocol")
    counted = Counter(_recipients(told))
    return Status(
        word=str(word),
        expected=moment(told.get("expected_completion_time")),
        left=_counted(counted, LEFT),
        waiting=_counted(counted, WAITING),
        unproven=unproven,
        http_status=answer.status,
    )


def moment(text: object) -> datetime | None:
    """An RFC 3339 time in UTC, also if it has no zone. None for null and what cannot be read."""
    if not isinstance(text, str):
        return None
    try:
        when = datetime.fromisoformat(text)
    except ValueError:
        return None
    if not 2000 <= when.year < 2200:  # nothing to count with
        return None
    return when.astimezone(UTC) if when.tzinfo else when.replace(tzinfo=UTC)


def _counted(counted: Counter[str], words: tuple[str, ...]) -> str:
    return ", ".join(f"{counted[word]} {word}" for word in words if counted[word])


def _recipients(told: Json) -> Iterator[str]:
    """``distribution_status`` of the extensions, whether under a domain or not."""
    extensions = told.get("extensions")
    if not isinstance(extensions, dict):
        return
    for holder in (extensions, *extensions.values()):
        rows = holder.get("distribution_status") if isinstance(holder, dict) else None
        for row in rows if isinstance(rows, list) else ():
            if isinstance(row, dict):
                yield str(row.get("status"))


def says_exists(body: bytes) -> bool:
    """A 400 that means: this id was accepted before. Its error may or may not be wrapped."""
    try:
        told: Any = json.loads(body)
    except (ValueError, RecursionError):
        return False
    error = told.get("error", told) if isinstance(told, dict) else None
    if not isinstance(error, dict):
        return False
    rows = error.get("errors")
    nested = [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
    return any(
        "already exists" in str(each.get("message", "")).lower() for each in (error, *nested)
    )
