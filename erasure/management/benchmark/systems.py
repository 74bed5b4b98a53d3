"""One person in four systems, one of them slow: all at once against each alone."""

import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from datetime import timedelta
from statistics import median
from typing import Any

from django.db import connections

from erasure import clock, execution
from erasure.discovery import discover
from erasure.management.benchmark import product
from erasure.management.benchmark.erase import NO_LIMIT, VENDOR_TIME, Figure
from erasure.management.demo import run, sandbox
from erasure.models import OPEN_JOBS, ErasureCase, SystemConnection
from erasure.values import ItemState, System

PERSON = "siobhan"
SYSTEMS = {"genesys-eu": 1, "crm": 4, "service-desk": 1, "surveys": 1}  # times the latency
TOGETHER = "together"
MOST = 1.25  # times the slowest system alone
OPEN = (ItemState.PLANNED, ItemState.RUNNING, ItemState.REQUESTED)
COPIES_END = timedelta(days=11)  # what can be rolled back is kept ten days
NAP = 0.1  # seconds
PATIENCE = 600.0  # seconds for one case


@dataclass(frozen=True, slots=True)
class Run:
    """One case, from the start of its search to its last read-back.

    ``seconds`` of wall time: what a vendor takes to work a job off, or keeps in a bin, is
    skipped by moving the clock once nothing is due. That takes all systems at once, so none
    may keep a deletion for days: it would be read back when the others have ended.
    ``left``: records the sandbox truly holds once such copies have ended.
    """

    way: str  # together, or the one connection that was enabled
    calls: int
    seconds: float
    left: int


def measure(slugs: Sequence[str], rounds: int, talks: int, latency: int) -> Iterator[Run]:
    """In each round every system alone, then all of them. ``latency``: ms of the fast ones."""
    for _ in range(rounds):
        for slug in slugs:
            yield _run(slug, [slug], talks, latency)
        yield _run(TOGETHER, slugs, talks, latency)


def _run(way: str, slugs: Sequence[str], talks: int, latency: int) -> Run:
    rows = list(SystemConnection.objects.filter(slug__in=slugs))
    _prepare(rows, talks, latency)
    start = time.monotonic()
    case = product.request(sandbox.person(PERSON))
    discover(case.pk)
    product.approve(case)
    _work(case, rows, start + PATIENCE)
    seconds = time.monotonic() - start
    clock.advance(COPIES_END)
    kinds = {row.system for row in rows}
    left = sum(row["system"] in kinds for row in sandbox.holdings(PERSON))
    return Run(way, len(sandbox.call("requests")["requests"]), seconds, left)


def _prepare(rows: Sequence[SystemConnection], talks: int, latency: int) -> None:
    systems = dict(SystemConnection.objects.values_list("slug", "system"))
    paces = {systems[slug]: latency * times for slug, times in SYSTEMS.items()}
    run.reset(everywhere=True, talks=talks, latency_ms=paces, rate_limit=NO_LIMIT, **VENDOR_TIME)
    SystemConnection.objects.update(enabled=False, per_minute=0)
    SystemConnection.objects.filter(pk__in=[row.pk for row in rows]).update(enabled=True)
    for desk in SystemConnection.objects.filter(system=System.SERVICENOW):
        desk.options["rollback_days"] = 0
        desk.save()


def _work(case: ErasureCase, rows: Sequence[SystemConnection], end: float) -> None:
    """As the tasks do: one drain for each system, side by side, until all has ended.

    Raises:
        RuntimeError: it does not end in time.
    """
    with ThreadPoolExecutor(len(rows)) as workers:
        while True:
            for done in [workers.submit(_drain, row, case, end) for row in rows]:
                done.result()
            now = execution.progress(case.pk)
            if not now.items.filter(state__in=OPEN).exists():
                return
            if time.monotonic() > end:
                raise RuntimeError(f"The case did not end in time. {now.waiting_for}")
            if run.quiet(now):
                clock.advance(max(run.until_next(now), timedelta(seconds=1)))


def _drain(row: SystemConnection, case: ErasureCase, end: float) -> None:
    """Until nothing of this system is due within a minute, whatever the others do."""
    try:
        while execution.drain(row.pk, clock.now() + timedelta(minutes=1)) or _due_soon(row, case):
            execution.progress(case.pk)
            if time.monotonic() > end:
                return
    finally:
        connections.close_all()


def _due_soon(row: SystemConnection, case: ErasureCase) -> bool:
    """Whether something falls due before the sweep would ring again; then wait a moment."""
    soon = clock.now() + timedelta(minutes=1)
    jobs = case.jobs.filter(connection=row, state__in=OPEN_JOBS, next_poll__lte=soon)
    items = case.items.filter(connection=row, state__in=OPEN, next_try__lte=soon)
    if not (jobs.exists() or items.exists()):
        return False
    time.sleep(NAP)
    return True


def figures(runs: Sequence[Run]) -> list[Figure]:
    """Ratios of medians of one session."""
    ways = {each.way for each in runs}
    medians = {way: median(r.seconds for r in runs if r.way == way) for way in ways}
    alone = [medians[way] for way in ways - {TOGETHER}]
    ratio, gain = medians[TOGETHER] / max(alone), sum(alone) / medians[TOGETHER]
    left = sum(each.left for each in runs)
    return [
        Figure("wall time, together / slowest system alone", ratio, f"<= {MOST}", ratio <= MOST),
        Figure("one after the other / together", gain, "", None),
        Figure("records left in the systems", left, "0", left == 0),
    ]


def line(one: Run, latency: int) -> str:
    pace = f"{SYSTEMS[one.way] * latency} ms a call" if one.way in SYSTEMS else ""
    return (
        f"  {one.way:<14} {pace:<14} {one.calls:>5} calls, {one.seconds:>6.1f} s, {one.left} left"
    )


def as_json(runs: Sequence[Run], found: Sequence[Figure]) -> dict[str, Any]:
    """Medians are of these raw values."""
    return {
        "latency_times": SYSTEMS,
        "runs": [asdict(one) for one in runs],
        "figures": [asdict(figure) for figure in found],
        "met": all(figure.met is not False for figure in found),
    }
