"""The one writer of the log: takes the outbox in, signs checkpoints.

Runs as its own process with one slot (queue ``ledger``); it alone reads the log key.
"""

import base64
import hmac
import os
import uuid
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction

from erasure import clock
from erasure.errors import KeyMissingError, TamperedError
from erasure.ledger.append import outbox_mac
from erasure.models import Checkpoint, DeletionLogEntry, LogEntry, OutboxEntry
from erasure.proof import canonical, entries
from erasure.proof.encoding import parse_time
from erasure.proof.merkle import Frontier, leaf_hash
from erasure.proof.note import Signer, open_checkpoint

BATCH = 5000
DRIFT = timedelta(seconds=300)
ADVISORY_LOCK = 0x65726173  # one sequencer at a time on PostgreSQL


def signer() -> Signer:
    """The log key under its origin.

    Raises:
        KeyMissingError: the file is not there or holds no key.
    """
    try:
        seed = base64.b64decode(Path(settings.LOG_KEY_FILE).read_text().strip(), validate=True)
        return Signer.from_seed(settings.LOG_ORIGIN, seed)
    except (OSError, ValueError):
        raise KeyMissingError(
            "The log key cannot be read (ERASURE_LOG_KEY_FILE): nothing is sequenced."
        ) from None


def sequence(batch: int = BATCH) -> int:
    """Move outbox rows into the log, and sign its new head. Returns how many moved.

    Raises:
        TamperedError: the log, its head or the outbox is not what was written. The
            log stays as it is until a person has looked.
    """
    key = signer()
    with transaction.atomic():
        if not _alone():
            return 0
        head = Checkpoint.objects.order_by("-size").first()
        frontier = _checked_head(head, key)
        rows = list(OutboxEntry.objects.order_by("id")[:batch])
        _check_macs(rows)
        if head is None:
            rows = [_first_entry(key, rows[0]), *rows] if rows else []
        if not rows:
            return 0
        _check_dates(rows, head)
        note = _write(rows, frontier, key)
    _remember(note.size, bytes(note.root))
    return len(rows)


def _alone() -> bool:
    """SQLite: the transaction began IMMEDIATE, so nobody else writes."""
    if connection.vendor != "postgresql":
        return True
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [ADVISORY_LOCK])
        return bool(cursor.fetchone()[0])


def _first_entry(key: Signer, first: OutboxEntry) -> OutboxEntry:
    """Entry 0 names the key that signs, dated as the first event."""
    at = parse_time(canonical.decode(bytes(first.bytes))["at"])
    row = OutboxEntry(
        uuid=uuid.uuid4(),
        bytes=entries.entry("key", at, vkey=str(key.vkey)),
        created_at=clock.now(),
    )
    row.mac = outbox_mac(row.uuid, bytes(row.bytes))
    row.save()
    return row


def _checked_head(head: Checkpoint | None, key: Signer) -> Frontier:
    """The tree's right edge, if the head is the one that was signed and nothing lies beyond."""
    last = LogEntry.objects.order_by("-seq").values_list("seq", flat=True).first()
    size = 0 if last is None else last + 1
    if head is None:
        if size:
            raise TamperedError("The log holds entries but no checkpoint.")
        _check_file(None)
        return Frontier()
    signed = open_checkpoint(head.note, [key.vkey])
    try:
        frontier = Frontier.load(bytes(head.frontier))
    except ValueError:
        raise TamperedError("The last checkpoint is not what was signed.") from None
    if (signed.size, signed.root) != (head.size, bytes(head.root)) or (
        frontier.size,
        frontier.root(),
    ) != (signed.size, signed.root):
        raise TamperedError("The last checkpoint is not what was signed.")
    if size != head.size:
        raise TamperedError("Log entries lie beyond the last checkpoint, or some are missing.")
    _check_file(head)
    return frontier


def _head_file() -> Path:
    return Path(settings.DATA) / "log-head"


def _check_file(head: Checkpoint | None) -> None:
    """The sequencer's own note of the last head must be in the database's past, never beyond."""
    try:
        lines = _head_file().read_text().splitlines()
    except FileNotFoundError:
        return
    if not lines:
        return
    size, _, root = lines[-1].partition(" ")
    if not size.isdecimal():
        raise TamperedError("The file of the log's last head is not what the sequencer wrote.")
    known = Checkpoint.objects.filter(size=int(size)).first()
    if known is None or bytes(known.root).hex() != root:
        raise TamperedError(
            "The database is older than the log's last head, or another one: was a backup restored?"
        )


def _remember(size: int, root: bytes) -> None:
    path = _head_file()
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "w") as file:
        file.write(f"{size} {root.hex()}\n")


def _check_macs(rows: list[OutboxEntry]) -> None:
    for row in rows:
        if not hmac.compare_digest(bytes(row.mac), outbox_mac(row.uuid, bytes(row.bytes))):
            raise TamperedError("An outbox row was altered.")


def _check_dates(rows: list[OutboxEntry], head: Checkpoint | None) -> None:
    newest = head.at if head else None
    ahead = clock.now() + DRIFT
    for row in rows:
        at = parse_time(canonical.decode(bytes(row.bytes))["at"])
        if at > ahead or (newest and at < newest - DRIFT):
            raise TamperedError("An outbox row is dated more than five minutes out of order.")
        newest = max(newest or at, at)


def _write(rows: list[OutboxEntry], frontier: Frontier, key: Signer) -> Checkpoint:
    made, moments = [], []
    for row in rows:
        data = bytes(row.bytes)
        leaf = leaf_hash(data)
        made.append(LogEntry(seq=frontier.size, uuid=row.uuid, bytes=data, leaf_hash=leaf))
        frontier.append(leaf)
        moments.append(parse_time(canonical.decode(data)["at"]))
    LogEntry.objects.bulk_create(made)
    places = {entry.uuid: entry.seq for entry in made}
    private = list(DeletionLogEntry.objects.filter(pk__in=places).only("pk", "log_index"))
    for half in private:
        half.log_index = places[half.pk]
    DeletionLogEntry.objects.bulk_update(private, ["log_index"], batch_size=500)
    head = Checkpoint.objects.order_by("-size").values_list("at", flat=True).first()
    root = frontier.root()
    point = Checkpoint.objects.create(
        size=frontier.size,
        root=root,
        frontier=frontier.dump(),
        note=key.sign(frontier.size, root),
        at=max([head, *moments] if head else moments),
    )
    OutboxEntry.objects.filter(pk__in=[row.pk for row in rows]).delete()
    return point
