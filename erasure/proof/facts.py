"""What the entries of one case say, recomputed from nothing but those entries.

Issuing and verifying use the same computation, so a certificate can state only
what its entries give.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from erasure.proof.entries import STATUSES, Line
from erasure.proof.scopes import case_scope, item_scope
from erasure.values import FINAL_OUTCOMES, CaseState, Outcome

_KEPT = (Outcome.HELD, Outcome.EXEMPT)


@dataclass(frozen=True, slots=True)
class NotReached:
    """A store that could not be searched, and what the DPO decided about it."""

    store: str
    decision: str  # MANUAL or ATTESTED
    reason: str  # a code, e.g. no_interface


@dataclass(frozen=True, slots=True)
class Facts:
    """Recomputed facts of a case. ``problems`` is empty when they hold together."""

    state: str  # where the steps lead
    items: int  # as the last inventory counts them
    entries: int
    last_outcomes: tuple[str, ...]  # of every item that has one, by item number
    by_store: Mapping[str, Mapping[str, int]]
    unanswered: tuple[str, ...]  # by the last inventory
    not_reached: tuple[NotReached, ...]  # sorted by store
    started_at: str | None  # first dispatch
    finished_at: str | None  # last outcome
    completed_at: str | None  # the step to COMPLETE, if the case is there
    next_scope: str  # the scope of the case's next event
    certificates: tuple[tuple[int, str], ...]  # version, SHA-256 of those issued before
    problems: tuple[str, ...]

    @property
    def status(self) -> str | None:
        """COMPLETE or PARTIAL_HOLD, or None while no certificate may be issued."""
        if issue_refusal(self.last_outcomes, self.unanswered):
            return None
        return status_of(self.last_outcomes)

    def kept(self) -> dict[str, int]:
        """Items HELD or EXEMPT, by store."""
        sums = {
            store: sum(counts.get(outcome, 0) for outcome in _KEPT)
            for store, counts in self.by_store.items()
        }
        return {store: items for store, items in sums.items() if items}


def issue_refusal(last_outcomes: Iterable[str], unanswered: Sequence[str]) -> str | None:
    """Why no certificate may be issued, or None.

    ``last_outcomes``: the last outcome of every item; ``unanswered``: stores that
    could not be searched and that nobody decided about.
    """
    if unanswered:
        return f"{len(unanswered)} store(s) have not answered: {', '.join(unanswered)}."
    open_items = sum(1 for outcome in last_outcomes if outcome not in FINAL_OUTCOMES)
    if open_items:
        return f"The last outcome of {open_items} item(s) is not final."
    return None


def status_of(last_outcomes: Iterable[str]) -> str:
    """The status that final outcomes give: PARTIAL_HOLD as soon as one item is kept."""
    complete, partial = STATUSES
    return partial if any(outcome in _KEPT for outcome in last_outcomes) else complete


def recompute(lines: Iterable[Line]) -> Facts:
    """The facts of a case from all its entries, in the order of the log."""
    tally, count = _Tally(), 0
    for line in lines:
        tally.take(line)
        count += 1
    return tally.facts(count)


@dataclass(slots=True)
class _Item:
    store: str
    events: int = 0
    outcome: str = ""


@dataclass(slots=True)
class _Tally:
    """Counts one entry after the other."""

    state: str = CaseState.RECEIVED
    events: int = 0
    inventory: Mapping[str, Any] | None = None
    items: dict[int, _Item] = field(default_factory=dict)
    stores: set[str] = field(default_factory=set)
    decided: dict[str, NotReached] = field(default_factory=dict)
    silent: set[str] = field(default_factory=set)  # unanswered at any time
    lines_due: set[str] = field(default_factory=set)  # decided about since the last search
    certificates: list[tuple[int, str]] = field(default_factory=list)
    started_at: str | None = None
    finished_at: str | None = None
    moved_at: str | None = None
    problems: list[str] = field(default_factory=list)

    def take(self, line: Line) -> None:
        entry, kind = line.entry, line.entry["type"]
        if kind == "outcome":
            self._outcome(line, entry)
            return
        if line.scope != case_scope(self.events):
            self._problem(line, f"has scope {line.scope} where {case_scope(self.events)} is due")
        if (kind == "opened") != (self.events == 0):
            self._problem(line, "does not fit: the first entry, and no other, opens the case")
        self.events += 1
        if kind == "step":
            self._step(line, entry)
        elif kind == "inventory":
            self._inventory(line, entry)
        elif kind == "decision" and "store" in entry:
            store = entry["store"]
            self.decided[store] = NotReached(store, entry["decision"], entry["reason"])
            self.lines_due.add(store)
        elif kind == "dispatch":
            self.started_at = self.started_at or entry["at"]
        elif kind == "certificate":
            self.certificates.append((entry["version"], entry["sha256"]))

    def _outcome(self, line: Line, entry: Mapping[str, Any]) -> None:
        parts = line.scope.split("/")
        number = int(parts[1])
        item = self.items.setdefault(number, _Item(entry["store"]))
        if line.scope != item_scope(number, item.events):
            self._problem(line, f"has scope {line.scope} where event {item.events} is due")
        if entry["store"] != item.store:
            self._problem(line, f"moves item {number} to another store")
        item.events += 1
        item.outcome = entry["outcome"]
        self.stores.add(item.store)
        self.finished_at = entry["at"]

    def _step(self, line: Line, entry: Mapping[str, Any]) -> None:
        if entry["from"] != self.state:
            self._problem(line, f"steps from {entry['from']} while the case is {self.state}")
        if (entry["from"], entry["to"]) == (CaseState.DPO_REVIEW, CaseState.DISCOVERY):
            self.lines_due.clear()  # searched again: what answers by then needs no line
        self.state, self.moved_at = entry["to"], entry["at"]

    def _inventory(self, line: Line, entry: Mapping[str, Any]) -> None:
        if self.inventory and entry["items"] < self.inventory["items"]:
            self._problem(line, "counts fewer items than the inventory before it")
        named = {*entry["stores"], *entry["unanswered"], *self.decided}
        if lost := sorted(self.silent - named):
            self._problem(line, f"leaves out {lost[0]}, which had not answered")
        self.silent.update(entry["unanswered"])
        self.inventory = entry
        self.stores.update(entry["stores"])

    def _problem(self, line: Line, text: str) -> None:
        self.problems.append(f"Entry {line.index} {text}.")

    def facts(self, entries: int) -> Facts:
        if not self.events:
            self.problems.append("No entry opens the case.")
        if self.inventory is None:
            self.problems.append("The case has no inventory.")
        count = self.inventory["items"] if self.inventory else 0
        strange = sorted(set(self.items) ^ set(range(count)))
        if strange:
            self.problems.append(
                f"{count} item(s) were found, but {len(strange)} item(s) have no outcome "
                f"or lie beyond that number; the first is item {strange[0]}."
            )
        if bare := sorted(self.lines_due - {item.store for item in self.items.values()}):
            self.problems.append(f"No item stands for {bare[0]}, which was decided about.")
        return Facts(
            state=self.state,
            items=count,
            entries=entries,
            last_outcomes=tuple(self.items[number].outcome for number in sorted(self.items)),
            by_store=self._by_store(),
            unanswered=tuple(self.inventory["unanswered"]) if self.inventory else (),
            not_reached=tuple(self.decided[store] for store in sorted(self.decided)),
            started_at=self.started_at,
            finished_at=self.finished_at,
            completed_at=self.moved_at if self.state == CaseState.COMPLETE else None,
            next_scope=case_scope(self.events),
            certificates=tuple(self.certificates),
            problems=tuple(self.problems),
        )

    def _by_store(self) -> dict[str, dict[str, int]]:
        counts = {store: Counter[str]() for store in sorted(self.stores)}
        for item in self.items.values():
            counts[item.store][item.outcome] += 1
        return {store: dict(sorted(count.items())) for store, count in counts.items()}
