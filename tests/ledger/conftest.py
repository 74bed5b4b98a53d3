from contextlib import contextmanager

import pytest
from django.db import connection

from erasure.ledger.tables import restore_triggers


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    """The sequencer's own note of the log's head, apart for each test."""
    settings.DATA = tmp_path
    return tmp_path


@pytest.fixture
def unguarded():
    """What somebody with the database in hand does: the triggers of a table are off meanwhile."""

    @contextmanager
    def off(table):
        with connection.cursor() as cursor:
            for name in guards_of(cursor, table):
                if connection.vendor == "sqlite":
                    cursor.execute(f"DROP TRIGGER {name}")
                else:
                    cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER {name}")
        yield
        restore_triggers()

    return off


def guards_of(cursor, table):
    if connection.vendor == "sqlite":
        cursor.execute(
            "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = %s", [table]
        )
    else:
        cursor.execute(
            "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgrelid = %s::regclass",
            [table],
        )
    return [row[0] for row in cursor.fetchall()]
