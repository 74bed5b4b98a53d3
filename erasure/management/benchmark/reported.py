"""The monthly report against the loop everybody would write first: load every case, and count.

Both read the same rows in the same run, one after the other; what they count must agree. The
product counts more: also holds, jobs, letters and recipients. The twelve months of the
charts are no part of either.
"""

import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from statistics import median
from typing import Any, NamedTuple

from django.db import connection

from erasure import clock
from erasure.cases import start_clock
from erasure.documents.report_facts import Section
from erasure.management.benchmark.erase import Figure
from erasure.models import ErasureCase, Verification
from erasure.reporting import Period, figures_of, month_of
from erasure.reporting.period import zone
from erasure.values import CaseState, Channel, CloseReason, Ground, VerificationMethod

YEARS, TOGETHER, SEED = 5, 2000, 7
ALL_TIME, ONE_MONTH = 10, 100  # times faster than the loop, at least
DAY = timedelta(days=1)
S = CaseState
STATES = (S.COMPLETE,) * 6 + (S.PARTIAL_HOLD, S.REFUSED, S.CLOSED)
Counted = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Run:
    """One round over one period, in seconds."""

    what: str
    cases: int
    product: float
    loop: float


def seed(count: int) -> None:
    """Cases over five years, most of them ended: about one in thirty is answered too late.

    They lie in the table as they came in: a case is written when it is received.
    """
    chance = random.Random(SEED)  # noqa: S311  # nosec B311
    now = clock.now()
    ages = sorted((chance.random() for _ in range(count)), reverse=True)
    for first in range(0, count, TOGETHER):
        some = enumerate(ages[first : first + TOGETHER], first)
        cases = [_case(chance, now, now - age * YEARS * 365 * DAY, n) for n, age in some]
        ErasureCase.objects.bulk_create(cases)
        Verification.objects.bulk_create(_verified(chance, case) for case in cases)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _case(chance: random.Random, now: datetime, received: datetime, number: int) -> ErasureCase:
    case = ErasureCase(
        reference=f"ER-BENCH-{number}",
        channel=chance.choice(list(Channel)).value, received_at=received, logged_at=received,
        grounds=chance.sample([ground.value for ground in Ground], chance.choice((1, 1, 2))),
    )  # fmt: skip
    start_clock(case)
    answered = received + (2 + chance.random() * 28 + (chance.random() < 1 / 30) * 20) * DAY
    if answered < now:
        _end(case, chance.choice(STATES), answered, chance)
    return case


def _end(case: ErasureCase, state: CaseState, at: datetime, chance: random.Random) -> None:
    case.__dict__["state"] = state.value
    if state is S.CLOSED:
        case.closed_at, case.close_reason = at, CloseReason.WITHDRAWN
        return
    case.answered_at, case.answered_on = at, at.astimezone(zone()).date()
    case.seconds_to_answer = int((at - case.received_at).total_seconds())
    if state is S.REFUSED:
        case.closed_at, case.refusal_article = at, "12(5)"
        return
    case.approved_at = at - chance.random() * 4 * DAY
    case.completed_at, case.seconds_to_complete = at, case.seconds_to_answer


def _verified(chance: random.Random, case: ErasureCase) -> Verification:
    return Verification(
        case=case, state="CONFIRMED", decided_at=case.received_at + DAY,
        method=chance.choice(list(VerificationMethod)).value,
    )  # fmt: skip


def measure(rounds: int) -> Iterator[Run]:
    """All time, then the last month that is over; each by the product and by the loop.

    Raises:
        RuntimeError: the two do not agree.
    """
    now = clock.now()
    today = now.astimezone(zone()).date()
    last = (today.replace(day=1) - DAY).replace(day=1)
    month = month_of(last.year, last.month)
    whole = Period(date(today.year - YEARS - 1, 1, 1), today, now)
    for _ in range(rounds):
        yield _round("all time", whole, lambda: figures_of(whole))
        yield _round("one month", month, lambda: figures_of(month))


def _round(what: str, period: Period, count: Callable[[], tuple[Section, ...]]) -> Run:
    began = time.perf_counter()
    sections = count()
    product = time.perf_counter() - began
    began = time.perf_counter()
    cases, plain = loop(period)
    seconds = time.perf_counter() - began
    found = of_product(sections)
    if found != plain:
        wrong = ", ".join(key for key in plain if plain[key] != found[key])
        raise RuntimeError(f"The report and the loop do not agree on {what}: {wrong}.")
    return Run(what, cases, product, seconds)


def of_product(sections: tuple[Section, ...]) -> Counted:
    """What the loop counts too."""
    figures = {figure.key: figure for section in sections for figure in section.figures}
    lines = {
        key: {cell.key: cell.value for cell in figures[key].cells or ()}
        for key in ("by_channel", "by_country", "by_ground")
    }
    single = ("received", "open", "answered", "due", "overdue", "completed",
              "answer_median", "answer_p90", "completion_median", "completion_p90")  # fmt: skip
    shares = ("on_time", "target_met")
    return {
        **lines,
        **{key: figures[key].value for key in single},
        **{key: figures[key].part for key in shares},
    }


class Edges(NamedTuple):
    """What a plain program reads of a period, once: a property of it costs at each case."""

    first: date
    last: date
    start: datetime
    end: datetime
    today: date
    final: bool


def loop(period: Period) -> tuple[int, Counted]:
    """Load every case, and look at each."""
    edges = Edges(
        period.first, period.last, period.start, period.end, period.today, period.final
    )  # fmt: skip
    cases = list(ErasureCase.objects.all())
    received = [c for c in cases if edges.start <= c.received_at < edges.end]
    answered = [c for c in cases if c.answered_on and _within(edges, c.answered_on)]
    completed = [c for c in cases if c.completed_at and edges.start <= c.completed_at < edges.end]
    due = _due(cases, edges, "statutory_due")
    target = _due(cases, edges, "internal_target")
    return len(cases), {
        "by_channel": dict(Counter(c.channel for c in received)),
        "by_country": dict(Counter(c.country for c in received)),
        "by_ground": dict(Counter(ground for c in received for ground in c.grounds)),
        "received": len(received),
        "open": sum(_open(c, edges) for c in cases),
        "answered": len(answered),
        "due": len(due),
        "overdue": sum(
            c.is_open() and not c.answered_on and c.statutory_due < edges.today for c in cases
        ),
        "completed": len(completed),
        **_middle("answer", [c.seconds_to_answer or 0 for c in answered]),
        **_middle("completion", [c.seconds_to_complete or 0 for c in completed]),
        "on_time": sum(1 for c in due if c.answered_on and c.answered_on <= c.statutory_due),
        "target_met": sum(
            1 for c in target if c.answered_on and c.answered_on <= c.internal_target
        ),
    }


def _within(edges: Edges, day: date) -> bool:
    return edges.first <= day <= edges.last


def _due(cases: list[ErasureCase], edges: Edges, name: str) -> list[ErasureCase]:
    return [
        c
        for c in cases
        if _within(edges, day := getattr(c, name))
        and (day < edges.today or day == edges.today and c.answered_on)
        and not (c.state == S.CLOSED and not c.answered_on)
    ]


def _open(case: ErasureCase, edges: Edges) -> bool:
    if not edges.final:
        return case.is_open()
    ended = [at for at in (case.completed_at, case.closed_at) if at and at < edges.end]
    return case.received_at < edges.end and not ended


def _middle(name: str, seconds: list[int]) -> Counted:
    if not seconds:
        return {f"{name}_median": None, f"{name}_p90": None}
    ninth = sorted(seconds)[-(-len(seconds) * 9 // 10) - 1]
    return {
        f"{name}_median": round(median(seconds) / 86_400, 2),
        f"{name}_p90": round(ninth / 86_400, 2),
    }


def line(run: Run) -> str:
    return (
        f"  {run.what:<10} {run.cases:>8,} cases: report {run.product * 1000:>8,.0f} ms, "
        f"plain loop {run.loop * 1000:>8,.0f} ms, ratio {run.loop / run.product:>6,.0f}"
    )


def figures(runs: list[Run]) -> list[Figure]:
    """The ratio of the middle times. The target is PostgreSQL's; on SQLite it is not judged."""
    judged = connection.vendor == "postgresql"
    found = []
    for what, least in (("all time", ALL_TIME), ("one month", ONE_MONTH)):
        some = [run for run in runs if run.what == what]
        ratio = median(run.loop for run in some) / median(run.product for run in some)
        name = f"plain loop / report, {what}, {some[0].cases:,} cases, {connection.vendor}"
        found.append(Figure(name, ratio, f">= {least}", ratio >= least if judged else None))
    return found


def as_json(runs: list[Run]) -> dict[str, Any]:
    return {"runs": [asdict(run) for run in runs], "database": connection.vendor}
