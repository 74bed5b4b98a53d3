"""The product and the plain loop, alternately, over the same person; figures and targets."""

import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from itertools import count
from statistics import median
from typing import Any

from django.conf import settings

from erasure.management.benchmark import product
from erasure.management.benchmark.plain_loop import PlainLoop
from erasure.management.demo import sandbox

PERSON = "bench"
LIMIT = 300  # calls a minute, as the vendor allows
NO_LIMIT = 10**9
LATENCY = 50  # milliseconds
WIDTH = 16  # calls of the product side by side, a setting of the connection
SHARES = (0.05, 1.0)  # of the conversations have an evaluation
VENDOR_TIME: dict[str, Any] = {  # the vendor's own slow work would hide what is measured
    "job_step_seconds": 0.02,
    "gdpr_seconds": 0.2,
    "gdpr_redaction_seconds": 0.0,
    "recording_removal_seconds": 0.0,
    "evaluation_lag_seconds": 0.0,
    "search_lag_seconds": 0.0,
}
MOST_CALLS = 0.35  # of the loop's, finding and erasing
TIMES_FASTER = 8.0  # without a limit
MOST_WALL = 1.1  # times calls / rate, with the limit
_numbers = count(1)


@dataclass(frozen=True, slots=True)
class Size:
    conversations: int
    recordings: int  # of each conversation
    rounds: int
    latency_ms: int = LATENCY
    width: int = WIDTH


@dataclass(frozen=True, slots=True)
class Run:
    """One way, one person, once. ``calls`` find and erase; ``reading`` look again."""

    way: str  # product or loop
    share: float
    limit: int  # calls a minute; 0: none
    calls: int
    reading: int
    seconds: float
    left: int  # records the vendor truly holds, and the case does not name

    @property
    def every_call(self) -> int:
        return self.calls + self.reading


@dataclass(frozen=True, slots=True)
class Figure:
    """One ratio or count, and whether it meets its target (None: for information)."""

    name: str
    value: float
    target: str
    met: bool | None


def measure(size: Size, *, limited: bool, loop_limited: bool) -> Iterator[Run]:
    """Every run, as it ends: without a limit in each round, with it once."""
    for share in SHARES:
        for _ in range(size.rounds):
            yield run_product(size, share, 0)
            yield run_loop(size, share, 0)
        if limited:
            yield run_product(size, share, LIMIT)
            if loop_limited:
                yield run_loop(size, share, LIMIT)


def run_product(size: Size, share: float, limit: int) -> Run:
    credentials = _prepare(size, share, limit)
    connection = product.connect(f"bench-{next(_numbers)}", credentials, limit, size.width)
    ran = product.run(connection, sandbox.person(PERSON))
    calls = len(sandbox.call("requests")["requests"])
    left = max(0, len(held()) - ran.named)
    return Run("product", share, limit, calls - ran.reading, ran.reading, ran.seconds, left)


def run_loop(size: Size, share: float, limit: int) -> Run:
    executor = _prepare(size, share, limit)["genesys"]["clients"]["executor"]
    person = sandbox.person(PERSON)
    loop = PlainLoop(
        f"{settings.SANDBOX_URL}/genesys", executor["client_id"], executor["client_secret"]
    )
    start = time.monotonic()
    loop.erase(person["emails"], person["phones"])
    seconds = time.monotonic() - start
    time.sleep(1 + VENDOR_TIME["gdpr_seconds"])  # the vendor may finish what was asked of it
    return Run("loop", share, limit, loop.calls, 0, seconds, len(held()))


def _prepare(size: Size, share: float, limit: int) -> dict[str, Any]:
    """The sandbox anew; its credentials."""
    bench = {
        "conversations": size.conversations, "recordings": size.recordings, "evaluations": share,
    }  # fmt: skip
    sandbox.reset(
        PERSON, bench=bench, latency_ms=size.latency_ms,
        rate_limit=limit or NO_LIMIT, **VENDOR_TIME,
    )  # fmt: skip
    return dict(sandbox.call("credentials"))


def held() -> list[dict[str, str]]:
    """What the vendor truly holds of the person, whatever its interface says."""
    return [row for row in sandbox.holdings(PERSON) if row["system"] == "genesys"]


def figures(runs: list[Run]) -> list[Figure]:
    """Ratios of medians taken in one session, never milliseconds."""
    found = []
    for share in sorted({run.share for run in runs}):
        found += list(_figures(share, [run for run in runs if run.share == share]))
    return found


def _figures(share: float, runs: list[Run]) -> Iterator[Figure]:
    at = f"evaluations on {share:.0%}"
    mine = [run for run in runs if run.way == "product"]
    free = [run for run in mine if not run.limit]
    loops = [run for run in runs if run.way == "loop" and not run.limit]
    calls = median(run.calls for run in free) / median(run.calls for run in loops)
    yield Figure(f"calls, product / loop, {at}", calls, f"<= {MOST_CALLS}", calls <= MOST_CALLS)
    faster = median(run.seconds for run in loops) / median(run.seconds for run in free)
    yield Figure(
        f"time without a limit, loop / product, {at}", faster, f">= {TIMES_FASTER:g}",
        faster >= TIMES_FASTER,
    )  # fmt: skip
    for run in mine:
        if run.limit:
            wall = run.seconds / (run.every_call / (run.limit / 60))
            yield Figure(
                f"wall time / (calls / rate), {at}", wall, f"<= {MOST_WALL}", wall <= MOST_WALL
            )
    for run in runs:
        if run.way == "loop" and run.limit:
            yield Figure(f"loop under the limit, seconds, {at}", run.seconds, "", None)
    left = sum(run.left for run in mine)
    yield Figure(f"items left and not named, {at}", left, "0", left == 0)


def as_json(size: Size, runs: list[Run], found: list[Figure]) -> dict[str, Any]:
    """Medians are of these raw values."""
    return {
        "size": asdict(size),
        "limit_per_minute": LIMIT,
        "runs": [asdict(run) for run in runs],
        "figures": [asdict(figure) for figure in found],
        "met": all(figure.met is not False for figure in found),
    }


def line(run: Run) -> str:
    limit = f"{run.limit}/min" if run.limit else "no limit"
    return (
        f"  {run.way:<8} evaluations {run.share:>4.0%}  {limit:<9} {run.calls:>5} calls,"
        f" {run.reading:>4} reading back, {run.seconds:>7.1f} s, {run.left} left"
    )


def verdict(figure: Figure) -> str:
    met = {True: "met", False: "MISSED", None: ""}[figure.met]
    target = f"target {figure.target}" if figure.target else ""
    return f"  {figure.name:<58} {figure.value:>8.3f}  {target:<15} {met}".rstrip()
