"""What the log costs: sequencing, verifying, proving; and what a killed sequencer leaves behind."""

import multiprocessing
import os
import random
import signal
import time
import uuid
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from django.db import connection, connections
from django.test.utils import CaptureQueriesContext

from erasure import clock
from erasure.ledger import sequencer
from erasure.ledger.append import append_system, outbox_mac
from erasure.ledger.head import last_head
from erasure.ledger.tree import Tree
from erasure.ledger.trusted import own_trust
from erasure.ledger.verify import verify
from erasure.management.benchmark.erase import Figure
from erasure.models import LogEntry, OutboxEntry
from erasure.proof import entries, merkle

SEQUENCED, VERIFIED = 10_000, 50_000  # a second, at least
QUERIES, HASHES = 5, 20  # of an inclusion proof at a million leaves, at most
TOGETHER = 5000
WRITERS = 4
LONGEST_LIFE = 0.25  # seconds until a sequencer is killed


@dataclass(frozen=True, slots=True)
class Log:
    """A log of so many entries: a second, and for one proof."""

    leaves: int
    sequenced: float
    verified: float
    queries: int
    hashes: int


@dataclass(frozen=True, slots=True)
class Killed:
    """What was committed by the writers, and what of it stands in the log how often."""

    kills: int
    committed: int
    logged: int
    gaps: int
    doubles: int
    passed: bool


def measure(leaves: int) -> Log:
    """Sequence so many entries of no case, verify all of them, prove one.

    Raises:
        RuntimeError: the log does not pass its verification.
    """
    seconds = 0.0
    for first in range(0, leaves, 20 * TOGETHER):
        _wait_in_outbox(min(20 * TOGETHER, leaves - first))
        began = time.perf_counter()
        while sequencer.sequence() >= sequencer.BATCH:
            pass
        seconds += time.perf_counter() - began
    began = time.perf_counter()
    report = verify(own_trust())
    verifying = time.perf_counter() - began
    if not report.passed:
        raise RuntimeError(next(one.text for one in report.findings if one.state != "passed"))
    queries, hashes = _prove(report.size)
    return Log(report.size, leaves / seconds, report.size / verifying, queries, hashes)


def _wait_in_outbox(count: int) -> None:
    now = clock.now()
    data = entries.entry("system", now, event="benchmark", count=1)
    for first in range(0, count, TOGETHER):
        names = [uuid.uuid4() for _ in range(min(TOGETHER, count - first))]
        OutboxEntry.objects.bulk_create(
            OutboxEntry(uuid=name, bytes=data, mac=outbox_mac(name, data), created_at=now)
            for name in names
        )


def _prove(size: int) -> tuple[int, int]:
    """Queries and hashes of the costliest of some inclusion proofs."""
    asked, hashes = 0, 0
    for index in (0, size // 3, size // 2, size - 1):
        with CaptureQueriesContext(connection) as queries:
            proof = merkle.inclusion_proof(index, size, Tree(size))
        asked, hashes = max(asked, len(queries)), max(hashes, len(proof))
    return asked, hashes


def kill(kills: int) -> Killed:
    """Kill the sequencer at so many random points while others write; then let one finish."""
    before = LogEntry.objects.count()
    fork = multiprocessing.get_context("fork")
    stop, written = fork.Event(), fork.Queue()
    connections.close_all()
    writers = [fork.Process(target=_write, args=(stop, written)) for _ in range(WRITERS)]
    for each in writers:
        each.start()
    for _ in range(kills):
        one = fork.Process(target=_sequence_on)
        one.start()
        time.sleep(random.uniform(0, LONGEST_LIFE))  # noqa: S311 - any moment will do
        if one.pid:
            os.kill(one.pid, signal.SIGKILL)
        one.join()
    stop.set()
    committed: list[uuid.UUID] = [name for _ in writers for name in written.get()]
    for each in writers:
        each.join()
    while sequencer.sequence():
        pass
    return _counted(kills, committed, before)


def _write(stop: Any, written: Any) -> None:
    """A writer: commits entry after entry, and tells in the end which."""
    connections.close_all()
    mine = []
    while not stop.is_set():
        mine.append(append_system("benchmark"))
    connections.close_all()
    written.put(mine)


def _sequence_on() -> None:
    connections.close_all()
    while True:
        sequencer.sequence(batch=random.randint(1, 40))  # noqa: S311


def _counted(kills: int, committed: Sequence[uuid.UUID], before: int) -> Killed:
    found = list(LogEntry.objects.order_by("seq").values_list("seq", "uuid"))
    names = {name for _, name in found}
    gaps = sum(seq != place for place, (seq, _) in enumerate(found))
    mine = len(found) - max(before, 1)  # entry 0 names the key
    return Killed(
        kills, len(committed), mine, gaps + len(set(committed) - names),
        len(found) - len(names), verify(own_trust()).passed and last_head() is not None,
    )  # fmt: skip


def figures(log: Log, killed: Killed | None) -> list[Figure]:
    found = [
        _least(f"entries sequenced a second, {log.leaves:,} in all", log.sequenced, SEQUENCED),
        _least("leaves verified a second, L1 to L9", log.verified, VERIFIED),
        _most(f"queries of an inclusion proof at {log.leaves:,}", log.queries, QUERIES),
        _most(f"hashes of an inclusion proof at {log.leaves:,}", log.hashes, HASHES),
    ]
    if killed:
        lost = abs(killed.committed - killed.logged)
        found += [
            _most(f"entries lost or too many, {killed.kills} sequencers killed", lost, 0),
            _most("gaps in the log after the kills", killed.gaps, 0),
            _most("entries that stand twice after the kills", killed.doubles, 0),
            _least("the log passes its verification after the kills", killed.passed, 1),
        ]
    return found


def _least(name: str, value: float, least: float) -> Figure:
    return Figure(name, float(value), f">= {least:,}", value >= least)


def _most(name: str, value: float, most: float) -> Figure:
    return Figure(name, float(value), f"<= {most:,}", value <= most)


def line(log: Log) -> str:
    return (
        f"  {log.leaves:>9,} entries: {log.sequenced:,.0f} sequenced a second, {log.verified:,.0f} "
        f"verified a second; a proof takes {log.hashes} hashes and {log.queries} queries"
    )


def killed_line(killed: Killed) -> str:
    return (
        f"  {killed.kills} sequencers killed while {WRITERS} processes wrote: {killed.committed:,} "
        f"entries committed, {killed.logged:,} in the log, {killed.gaps} missing, "
        f"{killed.doubles} twice"
    )


def as_json(log: Log, killed: Killed | None) -> dict[str, Any]:
    return {"log": asdict(log), "killed": asdict(killed) if killed else None}
