"""What SQLite refuses over any connection: one without the pragma that the product's own has.

Without ``recursive_triggers`` a row that is replaced fires no delete trigger.
"""

import sqlite3

import pytest
from django.db import connection

from erasure.ledger.tables import (
    CHECKPOINT,
    LOG,
    OUTBOX,
    TABLES,
    TILE,
    create_table,
    create_triggers,
    guards,
    missing_triggers,
    restore_triggers,
)

KEYS = ("rowid", "oid", "_rowid_")
NEXT = {  # a row that may be written
    LOG: {"seq": 3, "uuid": "new", "bytes": b"x", "leaf_hash": b"x"},
    TILE: {"level": 0, "number": 3, "hashes": b"x", "root": b"x"},
    CHECKPOINT: {"size": 4, "root": b"x", "frontier": b"x", "note": "x", "at": "x"},
    OUTBOX: {"uuid": "new", "bytes": b"x", "mac": b"x", "created_at": "x"},
}
AFTER = {  # what the one after it has otherwise
    LOG: {"seq": 4, "uuid": "newer"},
    TILE: {"number": 4},
    CHECKPOINT: {"size": 5},
    OUTBOX: {"uuid": "newer"},
}
STANDS = {LOG: ("seq", 1), TILE: ("number", 1), CHECKPOINT: ("size", 2), OUTBOX: ("id", 2)}


@pytest.fixture
def plain():
    """Three rows in each table; none of the outbox is in the log."""
    made = sqlite3.connect(":memory:", isolation_level=None)
    for table in TABLES:
        create_table(table, "sqlite", made.execute)
    create_triggers("sqlite", made.execute)
    for n in range(3):
        write(made, LOG, NEXT[LOG] | {"seq": n, "uuid": f"old {n}"})
        write(made, TILE, NEXT[TILE] | {"number": n})
        write(made, CHECKPOINT, NEXT[CHECKPOINT] | {"size": n + 1})
        write(made, OUTBOX, NEXT[OUTBOX] | {"uuid": f"waits {n}"})
    assert made.execute("PRAGMA recursive_triggers").fetchone() == (0,)
    yield made
    made.close()


def write(database, table, row, word="INSERT"):
    names, marks = ", ".join(row), ", ".join("?" * len(row))
    database.execute(f"{word} INTO {table} ({names}) VALUES ({marks})", list(row.values()))  # noqa: S608


def rows(database):
    return {
        table: database.execute(f"SELECT rowid, * FROM {table} ORDER BY rowid").fetchall()  # noqa: S608
        for table in TABLES
    }


def refused(database, change):
    before = rows(database)
    with pytest.raises(sqlite3.IntegrityError):
        change()
    assert rows(database) == before


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("value", [2, "2", 2.0], ids=repr)
def test_table_refuses_a_row_in_place_of_one_with_its_hidden_key(plain, table, key, value):
    row = {key: value} | NEXT[table]
    refused(plain, lambda: write(plain, table, row, "INSERT OR REPLACE"))
    refused(plain, lambda: write(plain, table, row, "REPLACE"))


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("key", KEYS)
def test_table_refuses_a_row_in_place_of_one_with_a_negative_key(plain, table, key):
    """What a row of no given key seems to have while it is not written."""
    write(plain, table, {key: -1} | NEXT[table])
    row = {key: -1} | NEXT[table] | AFTER[table]
    refused(plain, lambda: write(plain, table, row, "INSERT OR REPLACE"))


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("word", ["INSERT OR REPLACE", "REPLACE", "INSERT OR IGNORE", "INSERT"])
def test_table_refuses_a_row_in_place_of_one_with_its_key(plain, table, word):
    name, value = STANDS[table]
    refused(plain, lambda: write(plain, table, NEXT[table] | {name: value}, word))


@pytest.mark.parametrize(("table", "name"), [(LOG, "old 1"), (OUTBOX, "waits 1")])
def test_table_refuses_a_row_in_place_of_one_with_its_name(plain, table, name):
    row = NEXT[table] | {"uuid": name}
    refused(plain, lambda: write(plain, table, row, "INSERT OR REPLACE"))


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("word", ["UPDATE", "UPDATE OR REPLACE", "UPDATE OR IGNORE"])
def test_table_refuses_to_change_a_row_or_its_keys(plain, table, word):
    own, value = STANDS[table]
    for name in (own, *KEYS):
        for to in (value, 9):
            sql = f"{word} {table} SET {name} = ? WHERE rowid = 3"
            refused(plain, lambda sql=sql, to=to: plain.execute(sql, [to]))


@pytest.mark.parametrize("table", TABLES)
def test_table_refuses_to_change_a_row_that_is_written_again(plain, table):
    name, value = STANDS[table]
    names, row = {TILE: "level, number"}.get(table, name), NEXT[table] | {name: value}
    marks = ", ".join("?" * len(row))
    column = "root" if "root" in row else "bytes"
    sql = f"INSERT INTO {table} ({', '.join(row)}) VALUES ({marks})"  # noqa: S608
    sql += f" ON CONFLICT ({names}) DO UPDATE SET {column} = x'00'"
    refused(plain, lambda: plain.execute(sql, list(row.values())))


@pytest.mark.parametrize("table", TABLES)
def test_table_refuses_to_lose_a_row(plain, table):
    refused(plain, lambda: plain.execute(f"DELETE FROM {table} WHERE rowid = 2"))  # noqa: S608
    refused(plain, lambda: plain.execute(f"DELETE FROM {table}"))  # noqa: S608


@pytest.mark.parametrize("table", TABLES)
def test_table_accepts_the_next_row(plain, table):
    write(plain, table, NEXT[table])
    assert [row[0] for row in rows(plain)[table]] == [1, 2, 3, 4]


if connection.vendor == "sqlite":  # rows of others have no hidden key

    @pytest.mark.django_db
    def test_missing_triggers_names_those_that_know_no_hidden_key_and_restore_mends_them():
        """As an earlier version made them."""
        old = [guard for guard in guards("sqlite") if guard.event == "INSERT"]
        with connection.cursor() as cursor:
            for one in old:
                cursor.execute(f"DROP TRIGGER {one.name}")
                cursor.execute(
                    f"CREATE TRIGGER {one.name} BEFORE INSERT ON {one.table} WHEN {one.when}"
                    f" BEGIN SELECT RAISE(ABORT, '{one.text}'); END"
                )
        assert missing_triggers() == {one.name for one in old}
        restore_triggers()
        assert missing_triggers() == set()
