"""What the database itself refuses; the same on SQLite and PostgreSQL."""

import uuid

import pytest
from django.db import DatabaseError, connection, transaction

from erasure import clock
from erasure.ledger.append import append_system
from erasure.ledger.sequencer import sequence
from erasure.ledger.tables import LOG, OUTBOX, missing_triggers, restore_triggers
from erasure.models import Checkpoint, LogEntry, OutboxEntry
from tests.ledger.conftest import guards_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def logged():
    """Two entries in the log, a checkpoint over them, one row still in the outbox."""
    append_system("sign-in.failed", 3)
    sequence()
    append_system("log.alarm")


def rows():
    return [list(model.objects.order_by("pk").values())
            for model in (LogEntry, Checkpoint, OutboxEntry)]  # fmt: skip


def entry(seq, row_uuid=None):
    return LogEntry(seq=seq, uuid=row_uuid or uuid.uuid4(), bytes=b"{}", leaf_hash=b"\0" * 32)


def checkpoint(size):
    return Checkpoint(size=size, root=b"", frontier=b"", note="", at=clock.now())


def outbox(**given):
    return OutboxEntry(
        **{"uuid": uuid.uuid4(), "bytes": b"{}", "mac": b"", "created_at": clock.now(), **given}
    )


def replace_first_entry():
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(
                f"INSERT OR REPLACE INTO {LOG} (seq, uuid, bytes, leaf_hash) "  # noqa: S608
                "VALUES (0, 'a', 'b', 'c')"
            )
        else:
            cursor.execute(f"TRUNCATE {LOG}")


def replace_outbox_row():
    kept = OutboxEntry.objects.get()
    with connection.cursor() as cursor:
        word = "INSERT OR REPLACE" if connection.vendor == "sqlite" else "INSERT"
        cursor.execute(
            f"{word} INTO {OUTBOX} (id, uuid, bytes, mac, created_at) "  # noqa: S608
            "VALUES (%s, %s, %s, %s, %s)",
            [kept.pk, uuid.uuid4().hex, b"{}", b"", clock.now()],
        )


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
        pytest.param(replace_first_entry, id="replace or truncate"),
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
    assert (LogEntry.objects.count(), Checkpoint.objects.count()) == (3, 2)


def test_missing_triggers_after_migrate_are_none():
    assert missing_triggers() == set()


def test_missing_triggers_names_what_a_rebuilt_table_lost_and_restore_brings_it_back(unguarded):
    with unguarded(LOG):
        assert missing_triggers() == {"log_no_update", "log_no_delete", "log_in_order"}
    assert missing_triggers() == set()


def test_restore_triggers_twice_leaves_each_once():
    with connection.cursor() as cursor:
        before = sorted(guards_of(cursor, LOG) + guards_of(cursor, OUTBOX))
        restore_triggers()
        restore_triggers()
        assert sorted(guards_of(cursor, LOG) + guards_of(cursor, OUTBOX)) == before
