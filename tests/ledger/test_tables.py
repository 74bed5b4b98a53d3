"""What the database itself refuses; the same on SQLite and PostgreSQL."""

import uuid

import pytest
from django.db import DatabaseError, connection, transaction

from erasure import clock
from erasure.ledger.append import append_system
from erasure.ledger.sequencer import sequence
from erasure.ledger.tables import LOG, OUTBOX, TABLES, TILE, missing_triggers, restore_triggers
from erasure.models import Checkpoint, LogEntry, OutboxEntry, Tile
from tests.ledger.conftest import guards_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def logged():
    """Two entries in the log, a checkpoint over them, one row still in the outbox."""
    append_system("sign-in.failed", 3)
    sequence()
    tile(0).save(force_insert=True)
    append_system("log.alarm")


def rows():
    return [list(model.objects.order_by("pk").values())
            for model in (LogEntry, Tile, Checkpoint, OutboxEntry)]  # fmt: skip


def entry(seq, row_uuid=None):
    return LogEntry(seq=seq, uuid=row_uuid or uuid.uuid4(), bytes=b"{}", leaf_hash=b"\0" * 32)


def checkpoint(size):
    return Checkpoint(size=size, root=b"", frontier=b"", note="", at=clock.now())


def tile(number, level=0):
    return Tile(level=level, number=number, hashes=b"", root=b"")


def replace(table, **row):
    """SQLite: the row takes the place of the one with its key. PostgreSQL has no such thing."""
    word = "INSERT OR REPLACE" if connection.vendor == "sqlite" else "INSERT"
    names, marks = ", ".join(row), ", ".join(["%s"] * len(row))
    with connection.cursor() as cursor:
        cursor.execute(f"{word} INTO {table} ({names}) VALUES ({marks})", list(row.values()))  # noqa: S608


def truncate(table):
    with connection.cursor() as cursor:
        word = "DELETE FROM" if connection.vendor == "sqlite" else "TRUNCATE"
        cursor.execute(f"{word} {table}")


def outbox(**given):
    return OutboxEntry(
        **{"uuid": uuid.uuid4(), "bytes": b"{}", "mac": b"", "created_at": clock.now(), **given}
    )


def replace_outbox_row():
    kept = OutboxEntry.objects.get()
    replace(OUTBOX, id=kept.pk, uuid=uuid.uuid4().hex, bytes=b"{}", mac=b"", created_at=clock.now())


def replace_by_uuid():
    """The secondary key: the next index, but the name of an entry that stands."""
    kept = LogEntry.objects.get(seq=1)
    replace(LOG, seq=2, uuid=kept.uuid.hex, bytes=b"{}", leaf_hash=b"")


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda: LogEntry.objects.update(bytes=b"{}"), id="edit entry"),
        pytest.param(lambda: LogEntry.objects.filter(seq=0).update(seq=9), id="renumber entry"),
        pytest.param(lambda: LogEntry.objects.filter(seq=1).delete(), id="delete entry"),
        pytest.param(lambda: entry(3).save(force_insert=True), id="leave a gap"),
        pytest.param(lambda: entry(-1).save(force_insert=True), id="insert before the first"),
        pytest.param(
            lambda: entry(2, LogEntry.objects.get(seq=1).uuid).save(force_insert=True),
            id="same entry twice",
        ),
        pytest.param(
            lambda: replace(LOG, seq=0, uuid=uuid.uuid4().hex, bytes=b"{}", leaf_hash=b""),
            id="replace entry",
        ),
        pytest.param(replace_by_uuid, id="replace entry by its name"),
        pytest.param(
            lambda: replace(LOG, seq=None, uuid=uuid.uuid4().hex, bytes=b"{}", leaf_hash=b""),
            id="entry without an index",
        ),
        *(pytest.param(lambda t=t: truncate(t), id=f"truncate {t}") for t in TABLES),
        pytest.param(lambda: Tile.objects.update(root=b"x"), id="edit tile"),
        pytest.param(lambda: Tile.objects.all().delete(), id="delete tile"),
        pytest.param(lambda: tile(2).save(force_insert=True), id="leave out a tile"),
        pytest.param(lambda: tile(1, level=1).save(force_insert=True), id="first tile of a level"),
        pytest.param(
            lambda: replace(TILE, level=0, number=0, hashes=b"", root=b""), id="replace tile"
        ),
        pytest.param(
            lambda: replace(
                "erasure_checkpoint", size=2, root=b"", frontier=b"", note="", at=clock.now()
            ),
            id="replace checkpoint",
        ),
        pytest.param(lambda: Checkpoint.objects.update(note=""), id="edit checkpoint"),
        pytest.param(lambda: Checkpoint.objects.all().delete(), id="delete checkpoint"),
        pytest.param(lambda: checkpoint(1).save(force_insert=True), id="shrink"),
        pytest.param(lambda: checkpoint(2).save(force_insert=True), id="checkpoint twice"),
        pytest.param(lambda: OutboxEntry.objects.update(bytes=b"{}"), id="edit outbox"),
        pytest.param(lambda: OutboxEntry.objects.all().delete(), id="lose outbox row"),
        pytest.param(replace_outbox_row, id="replace outbox row"),
        pytest.param(
            lambda: outbox(uuid=OutboxEntry.objects.get().uuid).save(force_insert=True),
            id="outbox row twice",
        ),
    ],
)
def test_database_refuses_what_would_change_the_log(logged, change):
    before = rows()
    with pytest.raises(DatabaseError), transaction.atomic():
        change()
    assert rows() == before


def test_database_accepts_the_next_entry_and_a_larger_checkpoint(logged):
    entry(2).save(force_insert=True)
    checkpoint(3).save(force_insert=True)
    tile(1).save(force_insert=True)
    tile(0, level=1).save(force_insert=True)
    assert [model.objects.count() for model in (LogEntry, Checkpoint, Tile)] == [3, 2, 3]


def test_missing_triggers_after_migrate_are_none():
    assert missing_triggers() == set()


def test_missing_triggers_names_what_a_rebuilt_table_lost_and_restore_brings_it_back(unguarded):
    with unguarded(LOG):
        lost = {"log_no_update", "log_no_delete", "log_in_order"}
        if connection.vendor == "postgresql":
            lost.add("erasure_log_no_truncate")
        assert missing_triggers() == lost
    assert missing_triggers() == set()


def test_missing_triggers_names_a_guard_that_lets_everything_pass_and_restore_mends_it():
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("DROP TRIGGER log_no_update")
            cursor.execute(
                f"CREATE TRIGGER log_no_update BEFORE UPDATE ON {LOG} WHEN 0 BEGIN SELECT 1; END"
            )
        else:
            cursor.execute(
                "CREATE OR REPLACE FUNCTION log_no_update() RETURNS trigger LANGUAGE plpgsql"
                " AS $$ BEGIN RETURN NEW; END $$"
            )
    assert missing_triggers() == {"log_no_update"}
    restore_triggers()
    assert missing_triggers() == set()


def test_restore_triggers_twice_leaves_each_once():
    with connection.cursor() as cursor:
        before = sorted(guards_of(cursor, LOG) + guards_of(cursor, OUTBOX))
        restore_triggers()
        restore_triggers()
        assert sorted(guards_of(cursor, LOG) + guards_of(cursor, OUTBOX)) == before
