"""Sixteen writers on PostgreSQL: the outbox against a head row that each of them locks.

Both designs write the same bytes in a schema of their own, which is dropped again.
"""

import time
import uuid
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass
from hashlib import sha256
from multiprocessing import get_context
from statistics import median
from typing import Any

import psycopg

from erasure.ledger.tables import LOG, OUTBOX, create_table, create_triggers
from erasure.management.benchmark.erase import Figure

WRITERS, PROCESSES, SECONDS, ROUNDS, TIMES = 16, 2, 3.0, 5, 3
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
    """Both designs in turn, each for some seconds; the median of the rounds."""
    with psycopg.connect(url, autocommit=True) as own:
        own.execute(f"CREATE SCHEMA {SCHEMA}")
        try:
            own.execute(f"SET search_path TO {SCHEMA}")
            for table in (OUTBOX, LOG):
                create_table(table, "postgresql", own.execute)
            create_triggers("postgresql", own.execute, (OUTBOX, LOG))
            own.execute(HEAD)
            own.execute("INSERT INTO head VALUES (1, 0, '')")
            rounds = [(_rate(url, _into_outbox), _rate(url, _under_head)) for _ in range(ROUNDS)]
            outbox, head_row = zip(*rounds, strict=True)
            return Rates(median(outbox), median(head_row))
        finally:
            own.execute(f"DROP SCHEMA {SCHEMA} CASCADE")


def _rate(url: str, write: Write) -> float:
    """Sixteen connections, in two processes: one alone would be what is measured."""
    begin = time.monotonic() + 0.5
    with ProcessPoolExecutor(PROCESSES, mp_context=get_context("fork")) as processes:
        mine = [processes.submit(_together, url, write, begin) for _ in range(PROCESSES)]
        return sum(one.result() for one in mine) / SECONDS


def _together(url: str, write: Write, begin: float) -> int:
    with ThreadPoolExecutor(WRITERS // PROCESSES) as threads:
        mine = [threads.submit(_one, url, write, begin) for _ in range(WRITERS // PROCESSES)]
        return sum(one.result() for one in mine)


def _one(url: str, write: Write, begin: float) -> int:
    written = 0
    with psycopg.connect(url, options=f"-c search_path={SCHEMA}") as connection:
        time.sleep(max(0.0, begin - time.monotonic()))
        while time.monotonic() < begin + SECONDS:
            write(connection)
            connection.commit()
            written += 1
    return written


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
