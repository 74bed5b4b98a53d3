"""The one writer of the log: takes the outbox in, signs checkpoints.

Runs as its own process with one slot (queue ``ledger``); it alone reads the log key.
"""

import hmac
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from uuid import UUID, uuid4

from django.db import connection, transaction
from django.db.models import OuterRef, Subquery

from erasure import clock
from erasure.errors import TamperedError
from erasure.ledger.append import outbox_mac
from erasure.ledger.head import checked_edge, head_file, last_head, remember
from erasure.ledger.keys import signers
from erasure.ledger.tables import LOG
from erasure.ledger.tree import write_tiles
from erasure.models import Checkpoint, DeletionLogEntry, LogEntry, LogKey, OutboxEntry
from erasure.proof import entries
from erasure.proof.encoding import parse_time
from erasure.proof.merkle import EMPTY_ROOT, Frontier, leaf_hash
from erasure.proof.note import Signer, checkpoint_text

BATCH = 5000
AT, KEY = b'{"at":"', b'"type":"key"'  # as the canonical bytes of an entry have them
DRIFT = timedelta(seconds=300)
ADVISORY_LOCK = 0x65726173  # one sequencer at a time on PostgreSQL
INSERT = f"INSERT INTO {LOG} (seq, uuid, bytes, leaf_hash) VALUES (%s, %s, %s, %s)"  # noqa: S608  # nosec B608


@dataclass(frozen=True, slots=True)
class Waiting:
    """An outbox row whose MAC is right: its name, its bytes, their date, a key they name."""

    uuid: UUID
    data: bytes
    at: datetime
    vkey: str  # of a ``key`` entry

    @classmethod
    def read(cls, name: UUID, data: bytes) -> "Waiting":
        if data.startswith(AT) and KEY not in data:  # no need to read the rest of it
            return cls(name, data, _moment(data[len(AT) : data.index(b'"', len(AT))]), "")
        value = json.loads(data.decode())
        vkey = value["vkey"] if value["type"] == "key" else ""
        return cls(name, data, parse_time(value["at"]), vkey)


@lru_cache(maxsize=1024)
def _moment(text: bytes) -> datetime:
    """Rows that wait together are of few seconds."""
    return parse_time(text.decode())


def sequence(batch: int = BATCH) -> int:
    """Move outbox rows into the log, and sign its new head. Returns how many moved.

    Raises:
        TamperedError: the log, its head or the outbox is not what was written. The
            log stays as it is until a person has looked.
        KeyMissingError: there is no log key.
    """
    with transaction.atomic():
        if not alone():
            return 0
        head = last_head()
        keys = signers(head.note if head else None)
        edge = checked_edge(head, keys)
        rows = _checked_rows(batch)
        rows = _with_key_entries(rows, keys, first=head is None)
        if not rows:
            return 0
        _check_dates(rows, head)
        if head is None and not head_file().exists():
            remember(0, EMPTY_ROOT)  # from now on a missing file is a lost one
        made = write(rows, edge, keys, head)
    remember(made.size, bytes(made.root))
    return len(rows)


def alone() -> bool:
    """SQLite: the transaction began IMMEDIATE, so nobody else writes."""
    if connection.vendor != "postgresql":
        return True
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [ADVISORY_LOCK])
        return bool(cursor.fetchone()[0])


def _checked_rows(batch: int) -> list[Waiting]:
    """The next rows of the outbox, each as it was written and none in the log already."""
    waiting = OutboxEntry.objects.order_by("id").values_list("uuid", "bytes", "mac", "id")
    raw = list(waiting[:batch])
    for name, data, mac, _ in raw:
        if not hmac.compare_digest(bytes(mac), outbox_mac(name, bytes(data))):
            raise TamperedError("An outbox row was altered.")
    if raw:
        taken = OutboxEntry.objects.filter(id__lte=raw[-1][3])
        if LogEntry.objects.filter(uuid__in=taken.values("uuid")).exists():
            raise TamperedError("An outbox row is in the log already.")
    return [Waiting.read(name, bytes(data)) for name, data, *_ in raw]


def _with_key_entries(rows: list[Waiting], keys: Sequence[Signer], *, first: bool) -> list[Waiting]:
    """Entry 0 names the key that signs, dated as the first event; a new key is named last."""
    if first and rows and not rows[0].vkey:
        rows = [key_entry(str(keys[0].vkey), rows[0].at), *rows]
    if len(keys) > 1 and (rows or not first):
        rows = [*rows, key_entry(str(keys[1].vkey), clock.now())]
    return rows


def key_entry(vkey: str, at: datetime, **clear: str) -> Waiting:
    """Put a ``key`` entry into the outbox."""
    data = entries.entry("key", at, vkey=vkey, **clear)
    row = OutboxEntry(uuid=uuid4(), bytes=data, created_at=clock.now())
    row.mac = outbox_mac(row.uuid, data)
    row.save()
    return Waiting.read(row.uuid, data)


def _check_dates(rows: Sequence[Waiting], head: Checkpoint | None) -> None:
    newest = head.at if head else None
    ahead = clock.now() + DRIFT
    for row in rows:
        at = row.at
        if at > ahead or (newest and at < newest - DRIFT):
            raise TamperedError("An outbox row is dated more than five minutes out of order.")
        newest = max(newest or at, at)


def write(
    rows: Sequence[Waiting], edge: Frontier, keys: Sequence[Signer], head: Checkpoint | None
) -> Checkpoint:
    """Entries, places of private rows, tiles and the signed head; the outbox rows go."""
    start, made = edge.size, []
    named = LogEntry._meta.get_field("uuid").get_db_prep_value
    for row in rows:
        leaf = leaf_hash(row.data)
        made.append((edge.size, named(row.uuid, connection), row.data, leaf))
        if row.vkey:
            LogKey.objects.get_or_create(vkey=row.vkey, defaults={"index": edge.size})
        edge.append(leaf)
    with connection.cursor() as cursor:  # four times as fast as bulk_create
        cursor.executemany(INSERT, made)
    new = LogEntry.objects.filter(seq__gte=start)
    place = new.filter(uuid=OuterRef("pk")).values("seq")
    halves = DeletionLogEntry.objects.filter(pk__in=new.values("uuid"))
    halves.update(log_index=Subquery(place))
    write_tiles(edge.size)
    root = edge.root()
    note = keys[0].sign(edge.size, root)
    for key in keys[1:]:
        note += key.signature_line(checkpoint_text(key.origin, edge.size, root))
    moments = [row.at for row in rows]
    point = Checkpoint.objects.create(
        size=edge.size, root=root, frontier=edge.dump(), note=note,
        at=max([head.at, *moments] if head else moments),
    )  # fmt: skip
    OutboxEntry.objects.filter(uuid__in=new.values("uuid")).delete()
    return point
