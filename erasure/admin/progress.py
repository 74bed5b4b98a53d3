"""How far a case is: its seven stages, and one bar for each system."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count

from erasure.admin.words import Badge
from erasure.documents.words import count
from erasure.models import ErasureCase, StoreSearch
from erasure.values import CaseState, ItemState, StoreStatus

S, I = CaseState, ItemState  # noqa: E741
STAGES = ("Intake", "Verification", "Discovery", "Review", "Execution", "Evidence", "Reporting")
AT = {
    S.RECEIVED: 0, S.VALIDATING: 1, S.AWAITING_IDENTITY: 1, S.DISCOVERY: 2, S.DPO_REVIEW: 3,
    S.EXECUTING: 4, S.AWAITING_VENDOR: 4, S.COMPLETE: 5, S.PARTIAL_HOLD: 5,
}  # fmt: skip
RUNNING = (S.DISCOVERY, S.EXECUTING, S.AWAITING_VENDOR)
OUT_OF_SCOPE = (I.EXCLUDED,)
STAYS = (
    (I.HELD, "held"), (I.EXEMPT, "exempt"), (I.MANUAL, "for a person"),
    (I.ERASED, "ended already"), (I.EXCLUDED, "not this person’s"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Stage:
    name: str
    tone: str  # done, now, ahead
    said: str  # the same for those who do not see it


@dataclass(frozen=True, slots=True)
class Bar:
    system: str
    done: int
    total: int
    said: str
    tone: str = "running"


def stages(case: ErasureCase, *, certified: bool) -> list[Stage]:
    """The strip under the header. A case that ended without erasure stands nowhere on it."""
    at = AT.get(CaseState(case.state), -1)
    if certified and at == len(STAGES) - 2:
        at = len(STAGES) - 1
    tones = [("done", "done") if n < at else ("now", "present stage") if n == at else ("ahead", "")
             for n in range(len(STAGES))]  # fmt: skip
    return [Stage(name, *tone) for name, tone in zip(STAGES, tones, strict=True)]


def bars(case: ErasureCase) -> list[Bar]:
    """One line a system: stores asked in discovery, records read back afterwards."""
    return _asked(case) if case.state == S.DISCOVERY else _read_back(case)


def _asked(case: ErasureCase) -> list[Bar]:
    rows = case.searches.order_by("connection__name").values("connection__name", "status")
    by_system: dict[str, Counter[str]] = {}
    for row in rows.annotate(n=Count("pk")):
        by_system.setdefault(row["connection__name"], Counter())[row["status"]] += row["n"]
    return [_asked_bar(system, counted) for system, counted in by_system.items()]


def _asked_bar(system: str, counted: Counter[str]) -> Bar:
    total, silent = counted.total(), counted[StoreStatus.UNANSWERED]
    done = total - counted[""]
    said = f"{done} of {count(total, 'store')} asked"
    if silent:
        return Bar(system, done, total, f"{said}, {silent} unanswered", "waiting")
    return Bar(system, done, total, said)


def _read_back(case: ErasureCase) -> list[Bar]:
    rows = case.items.exclude(state__in=OUT_OF_SCOPE).order_by("connection__name")
    by_system: dict[str, Counter[str]] = {}
    for row in rows.values("connection__name", "state").annotate(n=Count("pk")):
        by_system.setdefault(row["connection__name"], Counter())[row["state"]] += row["n"]
    return [_read_bar(system, counted) for system, counted in by_system.items()]


def _read_bar(system: str, counted: Counter[str]) -> Bar:
    total, gone = counted.total(), counted[I.ERASED]
    kept, vendor = counted[I.HELD] + counted[I.EXEMPT], counted[I.REQUESTED]
    hand = counted[I.FAILED] + counted[I.MANUAL]
    parts = [f"{gone} of {total} read back"]
    parts += [f"{kept} kept"] if kept else []
    parts += [f"{vendor} waiting for the vendor"] if vendor else []
    parts += [f"{hand} for a person"] if hand else []
    tone = "waiting" if hand else "good" if gone + kept == total else "running"
    return Bar(system, gone + kept, total, ", ".join(parts), tone)


def inventory_words(case: ErasureCase) -> list[str]:
    """What approval would release and what it would leave, counted."""
    rows = case.items.order_by().values("state").annotate(n=Count("pk"))
    counted = Counter({row["state"]: row["n"] for row in rows})
    going = counted[I.PROPOSED] + counted[I.PLANNED]
    said = [f"{count(going, 'record')} to be erased"]
    others = [(state, words) for state, words in STAYS if counted[state]]
    return said + [f"{count(counted[state], 'record')} {words}" for state, words in others]


def silent_stores(searches: Iterable[StoreSearch]) -> Badge:
    """No store unanswered is good news, and says so."""
    silent = [search for search in searches if search.status == StoreStatus.UNANSWERED]
    open_ = sum(not search.decision for search in silent)
    if open_:
        return Badge(f"{count(open_, 'store')} unanswered", "danger")
    if silent:
        return Badge("Every unanswered store is decided on", "waiting")
    return Badge("No store unanswered", "good")
