"""Go on with a new log where the old one was lost, or is not what was signed.

The new log has another origin. Its entry 0 names the key and, in ``prev``, the last
checkpoint known of the old log, so nobody can pass off one for the other. From entry 1 on
it holds what of the old log still has its signed root, each entry at its old index: proofs
of a case's entries and certificates go on from there. Then come the entries that are
lost and that the cases can still tell, made anew from their private halves. How many stay
lost is an entry too.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from os import replace
from uuid import UUID

from django.conf import settings
from django.db import transaction

from erasure.crypto.keys import Purpose
from erasure.errors import ErasureError, KeyMissingError, RefusedError, TamperedError
from erasure.ledger.append import append_system, rebuilt
from erasure.ledger.daily import kept_anchors
from erasure.ledger.head import head_file, remember
from erasure.ledger.keys import known_vkeys, signer
from erasure.ledger.sequencer import BATCH, Waiting, alone, key_entry, write
from erasure.ledger.tables import set_aside
from erasure.models import Checkpoint, DeletionLogEntry, LogEntry, OutboxEntry, case_key
from erasure.proof import anchors
from erasure.proof.entries import entry
from erasure.proof.merkle import EMPTY_ROOT, Frontier, leaf_hash
from erasure.proof.note import Checkpoint as Head
from erasure.proof.note import Vkey, open_checkpoint
from erasure.proof.scopes import CaseKeys


@dataclass(frozen=True, slots=True)
class Recovered:
    """Entries: known to have been, taken over at their index, made anew, still lost."""

    known: int
    kept: int
    regained: int
    lost: int
    aside: str  # what the old table is called now


def recover(also: Sequence[bytes] = ()) -> Recovered:
    """Begin the log of ERASURE_LOG_ORIGIN. Every other process is stopped.

    ``also``: heads of the old log that were kept elsewhere.

    Raises:
        RefusedError: the origin is not a new one, or the old log has no head to name.
        TamperedError: the log contradicts a head that was kept; somebody has to look first.
        KeyMissingError: there is no log key.
    """
    with transaction.atomic():
        if not alone():
            raise RefusedError("The sequencer is running: stop every process first.")
        last, heads = _last_known(also)
        kept = _sound(heads)
        told = list(_not_in(kept))
        aside = set_aside()
        DeletionLogEntry.objects.update(log_index=None)
        size, regained = _begin(last, _old(aside, kept), told)
        lost = max(0, last.head.size - size)
        append_system("log.recovered", lost)
        if head_file().exists():
            replace(head_file(), head_file().with_name(f"log-head.{aside}"))
        remember(0, EMPTY_ROOT)
        point = Checkpoint.objects.latest("size")
        remember(point.size, bytes(point.root))
    return Recovered(last.head.size, max(kept - 1, 0), regained, lost, aside)


@dataclass(frozen=True, slots=True)
class _Known:
    head: Head
    note: str


def _last_known(also: Sequence[bytes]) -> tuple[_Known, list[_Known]]:
    """The largest head of the old log, and every one, from database and anchors alike."""
    vkeys = known_vkeys()
    notes = [*Checkpoint.objects.values_list("note", flat=True), *_notes(also)]
    found = [one for one in (_opened(text, vkeys) for text in notes) if one]
    if any(one.head.origin == settings.LOG_ORIGIN for one in found):
        raise RefusedError(
            "ERASURE_LOG_ORIGIN names a log that exists: set it to a new name, ending in /log/2 "
            "after /log/1."
        )
    if not found:
        raise RefusedError("No signed head of the old log is known: name one with --anchor.")
    # Of several logs, it is the newest one that was lost: its keys were named last.
    origins = {one.head.origin for one in found}
    newest = next(key.name for key in reversed(vkeys) if key.name in origins)
    heads = [one for one in found if one.head.origin == newest]
    return max(heads, key=lambda one: one.head.size), heads


def _notes(also: Sequence[bytes]) -> Iterator[str]:
    for data in chain((data for _, data in kept_anchors()), also):
        try:
            yield anchors.unwrap(data)[0] if data.startswith(b"{") else data.decode()
        except (ErasureError, UnicodeDecodeError):
            continue


def _opened(text: str, vkeys: Sequence[Vkey]) -> _Known | None:
    try:
        return _Known(open_checkpoint(text.replace("\r\n", "\n"), vkeys), text)
    except TamperedError:
        return None


def _sound(heads: Sequence[_Known]) -> int:
    """How many of the first entries have a root that was signed.

    Raises:
        TamperedError: a head of that size or a smaller one has another root.
    """
    roots: dict[int, set[bytes]] = {}
    for one in heads:
        roots.setdefault(one.head.size, set()).add(one.head.root)
    edge, sound = Frontier(), 0
    rows = LogEntry.objects.order_by("seq").values_list("seq", "bytes")
    wrong: list[int] = []
    for seq, data in rows.iterator(chunk_size=BATCH):
        if seq != edge.size:
            break
        edge.append(leaf_hash(bytes(data)))
        wanted = roots.get(edge.size)
        if wanted == {edge.root()}:
            sound = edge.size
        elif wanted:
            wrong.append(edge.size)
    if any(size <= sound for size in wrong):
        raise TamperedError(
            "The log has two histories: a head that was signed does not lead to a later one. "
            "Put back a database from before."
        )
    return sound


def _not_in(kept: int) -> Iterator[DeletionLogEntry]:
    """Private halves whose entry is neither among those kept nor on its way, as they followed."""
    there = LogEntry.objects.filter(seq__lt=kept).values("uuid")
    rows = DeletionLogEntry.objects.exclude(pk__in=there)
    rows = rows.exclude(pk__in=OutboxEntry.objects.values("uuid")).select_related("case", "item")
    placed = rows.filter(log_index__isnull=False).order_by("log_index")
    yield from placed
    yield from rows.filter(log_index__isnull=True).order_by("at", "number")


def _old(table: str, kept: int) -> Iterator[tuple[UUID, bytes]]:
    """The entries that are kept, but for the first; the new one takes its place."""
    sql = f"SELECT * FROM {table} WHERE seq >= %s AND seq < %s ORDER BY seq"  # noqa: S608  # nosec B608
    for first in range(1, kept, BATCH):
        for row in LogEntry.objects.raw(sql, [first, min(first + BATCH, kept)]):
            yield row.uuid, bytes(row.bytes)


def _begin(
    last: _Known, old: Iterator[tuple[UUID, bytes]], told: Sequence[DeletionLogEntry]
) -> tuple[int, int]:
    """Write the new log; its size, and how many entries were made anew."""
    own, anew = signer(), list(_made_anew(told))
    rows = chain((_taken_over(name, data, str(own.vkey)) for name, data in old), anew)
    one = next(rows, None)
    if one is None:
        raise RefusedError("Nothing of the old log or of any case is left to begin with.")
    rows = chain([key_entry(str(own.vkey), one.at, prev=last.note), one], rows)
    edge, point = Frontier(), None
    while some := list(islice(rows, BATCH)):
        point = write(some, edge, [own], point)
    return edge.size, len(anew)


def _taken_over(name: UUID, data: bytes, vkey: str) -> Waiting:
    """The entry as it is; one that named a key of the old log names that of the new one."""
    row = Waiting.read(name, data)
    return Waiting.read(name, entry("key", row.at, vkey=vkey)) if row.vkey else row


def _made_anew(rows: Sequence[DeletionLogEntry]) -> Iterator[Waiting]:
    keys: dict[UUID, CaseKeys] = {}
    for row in rows:
        try:
            if row.case_id not in keys:
                keys[row.case_id] = CaseKeys(case_key(row.case, Purpose.LOG))
            yield Waiting.read(row.pk, rebuilt(row, keys[row.case_id]))
        except KeyMissingError:
            continue  # counted as lost
