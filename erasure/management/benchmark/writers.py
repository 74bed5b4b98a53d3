"""Sixteen writers on PostgreSQL: the outbox against a head row that each of them locks.

Both designs write the same bytes in a schema of their own, which is dropped again.
"""

import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import psycopg

from erasure.ledger.tables import LOG, OUTBOX, create_table, create_triggers
from erasure.management.benchmark.erase import Figure

WRITERS, SECONDS, TIMES = 16, 4.0, 3
SCHEMA = f"erasure_bench_{uuid.uuid4().hex[:8]}"
DATA, MAC = b"x" * 213, b"m" * 32
HEAD = "CREATE TABLE head (id int PRIMARY KEY, size bigint NOT NULL, root bytea NOT NULL)"
Write = Callable[[Any], None]


@dataclass(frozen=True, slots=True)
class Rates:
    """Entries a second, committed one by one."""

    outbox: float
    head_row: float


def measure(url: str) -> Rates:
    """Both designs after one another, each for some seconds."""
    with psycopg.connect(url, autocommit=True) as own:
        own.execute(f"CREATE SCHEMA {SCHEMA}")
        try:
            own.execute(f"SET search_path TO {SCHEMA}")
            for table in (OUTBOX, LOG):
                create_table(table, "postgresql", own.execute)
            create_triggers("postgresql", own.execute, (OUTBOX, LOG))
            own.execute(HEAD)
            own.execute("INSERT INTO head VALUES (1, 0, '')")
            return Rates(_rate(url, _into_outbox), _rate(url, _under_head))
        finally:
            own.execute(f"DROP SCHEMA {SCHEMA} CASCADE")


def _rate(url: str, write: Write) -> float:
    counts = [0] * WRITERS
    end = time.monotonic() + SECONDS

    def work(mine: int) -> None:
        with psycopg.connect(url, options=f"-c search_path={SCHEMA}") as connection:
            while time.monotonic() < end:
                write(connection)
                connection.commit()
                counts[mine] += 1

    threads = [threading.Thread(target=work, args=(n,)) for n in range(WRITERS)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    return sum(counts) / SECONDS


def _into_outbox(connection: Any) -> None:
    connection.execute(
        f"INSERT INTO {OUTBOX} (uuid, bytes, mac, created_at) VALUES (%s, %s, %s, now())",  # noqa: S608  # nosec B608
        [uuid.uuid4(), DATA, MAC],
    )


def _under_head(connection: Any) -> None:
    """The place in the log is taken while everybody else waits for the row."""
    row = connection.execute("SELECT size, root FROM head WHERE id = 1 FOR UPDATE").fetchone()
    size, root = row
    leaf = sha256(b"\x00" + DATA).digest()
    connection.execute(
        f"INSERT INTO {LOG} (seq, uuid, bytes, leaf_hash) VALUES (%s, %s, %s, %s)",  # noqa: S608  # nosec B608
        [size, uuid.uuid4(), DATA, leaf],
    )
    connection.execute(
        "UPDATE head SET size = %s, root = %s WHERE id = 1",
        [size + 1, sha256(root + leaf).digest()],
    )


def figures(rates: Rates) -> list[Figure]:
    ratio = rates.outbox / rates.head_row
    name = f"outbox against a locked head row, {WRITERS} writers"
    return [Figure(name, ratio, f">= {TIMES}", ratio >= TIMES)]


def line(rates: Rates) -> str:
    return (
        f"  {WRITERS} writers on PostgreSQL: {rates.outbox:,.0f} entries a second into the outbox, "
        f"{rates.head_row:,.0f} under a locked head row"
    )
