"""How far a case is: its seven stages, and one bar for each system."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count

from erasure.admin.words import Badge
from erasure.documents.words import count
from erasure.models import ErasureCase, StoreSearch, SystemConnection
from erasure.systems import store_of
from erasure.values import CaseState, ItemState, StoreStatus

S, I = CaseState, ItemState  # noqa: E741
STAGES = ("Intake", "Verification", "Discovery", "Review", "Execution", "Evidence", "Reporting")
AT = {
    S.RECEIVED: 0, S.VALIDATING: 1, S.AWAITING_IDENTITY: 1, S.DISCOVERY: 2, S.DPO_REVIEW: 3,
    S.EXECUTING: 4, S.AWAITING_VENDOR: 4, S.COMPLETE: 5, S.PARTIAL_HOLD: 5,
}  # fmt: skip
RUNNING = (S.DISCOVERY, S.EXECUTING, S.AWAITING_VENDOR)
OUT_OF_SCOPE = (I.EXCLUDED,)


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


@dataclass(frozen=True, slots=True)
class Inventory:
    """Records of one store by what approval makes of them."""

    store: str
    going: int
    kept: int
    by_hand: int
    excluded: int
    ended: int


def stages(case: ErasureCase, *, certified: bool) -> list[Stage]:
    """The strip under the header. A case that ended without erasure stands nowhere on it."""
    at = AT.get(CaseState(case.state), -1)
    if certified and at == len(STAGES) - 2:
        at = len(STAGES) - 1
    tones = [("done", "done") if n < at else ("now", "present stage") if n == at else ("ahead", "")
             for n in range(len(STAGES))]  # fmt: skip
    return [Stage(name, *tone) for name, tone in zip(STAGES, tones, strict=True)]


def bars(case: ErasureCase) -> list[Bar]:
    """One line a system: stores asked in discovery, records read back from approval on."""
    if case.state == S.DISCOVERY:
        return _asked(case)
    return _read_back(case) if AT.get(CaseState(case.state), 0) >= AT[S.EXECUTING] else []


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


def inventory(case: ErasureCase) -> list[Inventory]:
    """What approval would release and what it would leave, store by store and in all.

    A lead that nobody confirmed is not this person's.
    """
    rows = case.items.order_by("connection__name", "store")
    counted: dict[tuple[UUID, str], Counter[str]] = {}
    for row in rows.values("connection", "store", "state", "lead").annotate(n=Count("pk")):
        state = I.EXCLUDED if row["lead"] and row["state"] == I.PROPOSED else row["state"]
        counted.setdefault((row["connection"], row["store"]), Counter())[state] += row["n"]
    connections = SystemConnection.objects.in_bulk({connection for connection, _ in counted})
    lines = [
        _inventory(f"{connections[pk].name}: {store_of(connections[pk], store).title}", states)
        for (pk, store), states in counted.items()
    ]
    total: Counter[str] = sum(counted.values(), Counter())
    return [*lines, _inventory("All", total)] if lines else []


def _inventory(store: str, states: Counter[str]) -> Inventory:
    going = states[I.PROPOSED] + states[I.PLANNED]
    kept = states[I.HELD] + states[I.EXEMPT]
    others = going + kept + states[I.MANUAL] + states[I.EXCLUDED]
    return Inventory(
        store, going, kept, states[I.MANUAL], states[I.EXCLUDED], states.total() - others
    )


def silent_stores(searches: Iterable[StoreSearch]) -> Badge:
    """No store unanswered is good news, and says so."""
    silent = [search for search in searches if search.status == StoreStatus.UNANSWERED]
    open_ = sum(not search.decision for search in silent)
    if open_:
        return Badge(f"{count(open_, 'store')} unanswered", "danger")
    if silent:
        return Badge("Every unanswered store is decided on", "waiting")
    return Badge("No store unanswered", "good")
