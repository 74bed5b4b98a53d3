"""Many requests from one file: previewed, confirmed, then taken in by a worker, each once.

Between the steps the file rests encrypted under a secret of its own, which goes with it.
"""

import logging
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError

from erasure import clock, notices
from erasure.errors import InputError, KeyMissingError, RefusedError, StepError
from erasure.intake.once import once
from erasure.intake.sheet import Row, read
from erasure.intake.stage import open_case
from erasure.models import (
    OPEN_STATES,
    Actor,
    Arrival,
    BulkImport,
    ErasureCase,
    SubjectIdentifier,
    User,
    blind,
)
from erasure.values import IdentifierKind

logger = logging.getLogger(__name__)

TASK = "erasure.tasks.take_in"
FORGOTTEN = timedelta(hours=1)  # a preview nobody confirmed
TRIED = timedelta(days=1)  # from the confirmation; what still fails then is left out
AT_ONCE = 25  # rows between two notes of how far it is
ASKED = 500  # indexes a query
KNOWN = "An open case has one of these addresses or numbers."
LEFT_OUT = "Requests of an import have no case"
NOT_ALLOWED = "Your role does not allow to record requests."


def preview(data: bytes, *, actor: Actor) -> BulkImport:
    """Read a file and keep its good rows sealed until they are confirmed. No case is written.

    Raises:
        InputError: ``file``; it cannot be read as a table.
        StepError: the role does not allow it.
    """
    user = _staff(actor)
    sheet = read(data)
    known = _known(sheet.rows)
    made = BulkImport(user=user, total=len(sheet.rows))
    made.seal_rows({
        "rows": [row.as_json() for row in sheet.rows],
        "wrong": [[each.line, each.column, each.said] for each in sheet.wrong],
        "notes": [[line, KNOWN] for line in known],
    })  # fmt: skip
    made.save(force_insert=True)
    return made


def _staff(actor: Actor) -> User:
    if actor.user is None or not actor.may("erasure.add_erasurecase"):
        raise StepError("permission", NOT_ALLOWED)
    return actor.user


def _known(rows: Sequence[Row]) -> list[int]:
    """Lines whose person may have an open case already. A hint: nothing is skipped for it."""
    lines: dict[str, list[int]] = {}
    for row in rows:
        for who in row.identifiers:
            if who.kind is not IdentifierKind.NAME:
                lines.setdefault(blind(who.kind, who.value), []).append(row.line)
    indexes = list(lines)
    found: set[int] = set()
    for start in range(0, len(indexes), ASKED):
        part = indexes[start : start + ASKED]
        known = SubjectIdentifier.objects.filter(
            blind_index__in=part, case__state__in=OPEN_STATES
        ).values_list("blind_index", flat=True)
        found.update(line for index in known for line in lines[index])
    return sorted(found)


def confirm(import_id: UUID, *, actor: Actor) -> None:
    """Have the good rows taken in. Confirmed twice is confirmed once.

    Raises:
        StepError: it is somebody else's, or no longer there.
    """
    with transaction.atomic():
        found = BulkImport.objects.select_for_update().filter(pk=import_id, user=_staff(actor))
        row = found.filter(ended_at__isnull=True).first()
        if row is None:
            raise StepError("state", "This preview is no longer there: choose the file again.")
        if row.confirmed_at is None:
            row.confirmed_at = clock.now()
            row.save(update_fields=["confirmed_at"])
        transaction.on_commit(partial(_ring, row.pk))


def _ring(import_id: UUID) -> None:
    """A lost ring costs a sweep's wait, never work."""
    try:
        current_app.send_task(TASK, args=[str(import_id)], ignore_result=True, retry=False)
    except OperationalError:
        return


def discard(import_id: UUID, *, actor: Actor) -> None:
    """Throw a preview away."""
    BulkImport.objects.filter(pk=import_id, user=_staff(actor), confirmed_at__isnull=True).delete()


def take_in(import_id: UUID, until: datetime) -> bool:
    """Open cases from where it stopped; whether more are left. Safe to run twice.

    Nothing is tried for longer than a day: then the file goes, and whoever sent it and the
    DPO are told which lines have no case.

    Raises:
        RefusedError: a line failed, and not for what is in it; the next sweep tries it again.
        KeyMissingError: the file does not open; the same.
    """
    row = BulkImport.objects.running().select_related("user").filter(pk=import_id).first()
    if row is None:
        return False
    actor = Actor(f"staff:{row.user_id}", row.user)
    last = row.confirmed_at is not None and row.confirmed_at < clock.now() - TRIED
    try:
        rows = row.opened_rows()["rows"]
    except KeyMissingError:
        if not last:
            raise
        row.end()
        _note(row)
        return False
    while row.ended_at is None and clock.now() < until:
        part = rows[row.done : row.done + AT_ONCE]
        left_out = [told["line"] for told in part if not _open(row, told, actor, last=last)]
        row.refused_lines += left_out
        row.done += len(part)
        if row.done >= len(rows):
            row.end()
        _note(row)
    return row.ended_at is None


def _open(row: BulkImport, told: Mapping[str, Any], actor: Actor, *, last: bool) -> bool:
    """Whether a line has its case now. What an unforeseen error says may quote it: unsaid."""
    key = f"{row.pk}:{told['line']}"
    try:
        once(Arrival.FILE, key, partial(_case, told, actor))
    except (InputError, StepError):
        return False
    except Exception as why:
        said = f"Line {told['line']} of import {row.pk} failed ({type(why).__name__})."
        if not last:
            raise RefusedError(said) from None
        logger.error("%s It is left out.", said)
        return Arrival.known(Arrival.FILE, key) is not None
    return True


def _note(row: BulkImport) -> None:
    """Write how far it is; at the end tell of what was left out."""
    with transaction.atomic():
        row.save()
        if row.ended_at and row.left_out:
            notices.tell(f"import:{row.pk}:dpo", LEFT_OUT, _told(row))
            if row.user.is_active:
                notices.tell(f"import:{row.pk}:sender", LEFT_OUT, _told(row), user=row.user)


def _told(row: BulkImport) -> str:
    text = f"{LEFT_OUT}: {row.left_out} of {row.total}."
    if row.refused_lines:
        text += f" Lines: {', '.join(map(str, row.refused_lines))}."
    if row.done < row.total:
        text += f" Rows that could not be read, at its end: {row.total - row.done}."
    return f"{text} The file is destroyed here: enter them by hand from your own copy."


def _case(told: Mapping[str, Any], actor: Actor) -> ErasureCase:
    each = Row.of(told)
    return open_case(
        channel=each.channel, name=each.name, identifiers=each.identifiers,
        received_at=each.received_at, language=each.language, text=each.text, actor=actor,
    )  # fmt: skip


def running() -> Iterator[UUID]:
    yield from BulkImport.objects.running().values_list("pk", flat=True)


def forget() -> int:
    """Throw away previews that nobody confirmed within the hour; how many."""
    return BulkImport.objects.forgotten(clock.now() - FORGOTTEN).delete()[0]


def shown(row: BulkImport) -> dict[str, Any]:
    """The rows of a preview; nothing once it has ended."""
    return row.opened_rows() if row.rows_sealed else {"rows": [], "wrong": [], "notes": []}
