"""Every store of a case: how it was searched, what was found and erased, and why not all.

The case page, the discovery report and the demonstration say it from here.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db.models import Count, Min, Q

from erasure.connectors.base import Store
from erasure.documents.words import ANSWER, capital, count, listed
from erasure.models import ErasureCase, StoreSearch, line_index
from erasure.systems import store_of, stores_of
from erasure.values import ItemState, StoreDecision, StoreStatus, Verdict

I, V = ItemState, Verdict  # noqa: E741
LEAD, DOUBT = "LEAD", "DOUBT"  # beside the states: a name alone; the officer is asked
OPEN = {
    I.REQUESTED: "with the vendor, not yet read back",
    I.RUNNING: "being erased",
    I.PLANNED: "to be erased",
    I.PROPOSED: "not yet approved",
    DOUBT: "in question: is it this person?",
}
WITH_REASON = {I.FAILED: "failed", I.MANUAL: "for a person"}
VERDICT = {V.VERIFIED_ABSENT: "read back: gone", V.ANONYMISED: "anonymised", V.ATTESTED: "attested"}
DECIDED = {
    StoreDecision.MANUAL: "Not searched, a person looks",
    StoreDecision.ATTESTED: "Not searched, attested",
}


@dataclass(frozen=True, slots=True)
class Covered:
    """One store of one connection. ``states`` counts records, and the line, by state."""

    search: StoreSearch
    store: Store
    states: Counter[str]
    verdicts: Counter[str]
    found: int  # records of the person; leads by name and whole-store lines are none
    line: bool  # a line for a part that no interface reaches, or that did not answer
    reasons: dict[str, str] = field(default_factory=dict)  # one for each state, for people
    articles: dict[str, list[str]] = field(default_factory=dict)

    @property
    def connection(self) -> str:
        return str(self.search.connection.name)

    @property
    def title(self) -> str:
        return self.store.title

    @property
    def status(self) -> str:
        """What the store answered, in words."""
        return ANSWER[self.search.status]

    @property
    def erased(self) -> int:
        return self.states[I.ERASED]

    @property
    def verdict(self) -> str:
        """``12 read back: gone, 1 attested``; empty while nothing has ended."""
        return ", ".join(f"{self.verdicts[v]} {said}" for v, said in VERDICT.items()
                         if self.verdicts[v])  # fmt: skip

    @property
    def quiet(self) -> bool:
        """Searched, and nothing is there: good news that needs no second look."""
        calm = self.search.status in (StoreStatus.EMPTY, StoreStatus.NOT_PRESENT)
        return calm and not self.states

    @property
    def why_not(self) -> str:
        """Why not everything there is erased, in one sentence; empty if everything is."""
        parts = [*self._unsearched(), *self._kept(), *self._stuck()]
        parts += [f"{self.states[s]} {said}" for s, said in OPEN.items() if self.states[s]]
        if leads := self.states[LEAD]:
            parts.append(f"{count(leads, 'lead')} by name, not confirmed")
        text = capital("; ".join(part.rstrip(".") for part in parts))
        return f"{text}." if text and not text.endswith("?") else text

    def _unsearched(self) -> list[str]:
        search = self.search
        if search.decision:
            return [f"{DECIDED[StoreDecision(search.decision)]}: {search.decision_reason}"]
        if search.status == StoreStatus.UNANSWERED:
            return [f"Not searched: {search.note}" if search.note else "Not searched"]
        if search.status == StoreStatus.NOT_PRESENT:
            return [search.note or "No such feature there"]
        return []

    def _kept(self) -> list[str]:
        parts = []
        for state, said in ((I.HELD, "held"), (I.EXEMPT, "kept")):
            if self.states[state]:
                under = listed([f"Art. {each}" for each in self.articles.get(state, ())])
                parts.append(f"{self._many(state)} {said} under {under}: {self.reasons[state]}")
        return parts

    def _stuck(self) -> list[str]:
        return [
            f"{self._many(state)} {said}: {self.reasons[state]}"
            for state, said in WITH_REASON.items()
            if self.states[state] and not (self.line and self.search.decision)
        ]

    def _many(self, state: str) -> str:
        alone = self.line and self.states.total() == 1
        return "the whole store" if alone else str(self.states[state])


def coverage(case: ErasureCase) -> list[Covered]:
    """Every store that was to answer, by connection, in the order the system declares them."""
    searches = list(case.searches.select_related("connection", "decided_by"))
    tallies: dict[tuple[UUID, str], _Tally] = {}
    for row in _counted(case, {search.store for search in searches}):
        tallies.setdefault((row["connection"], row["store"]), _Tally()).take(row)
    covered = [
        _covered(search, tallies.get((search.connection_id, search.store), _Tally()))
        for search in searches
    ]
    return sorted(covered, key=_declared)


def _counted(case: ErasureCase, stores: set[str]) -> Iterable[Any]:
    """Items by store, state, verdict and doubt, with an example of their reasons."""
    is_line = Q(remote_index__in=[line_index(case.pk, store) for store in stores])
    rows = case.items.exclude(state=I.EXCLUDED).order_by()
    by = rows.values("connection", "store", "state", "verdict", "lead", "certain", "article")
    return by.annotate(n=Count("pk"), lines=Count("pk", filter=is_line), why=Min("reason"))


@dataclass(slots=True)
class _Tally:
    states: Counter[str] = field(default_factory=Counter)
    verdicts: Counter[str] = field(default_factory=Counter)
    reasons: dict[str, str] = field(default_factory=dict)
    articles: dict[str, list[str]] = field(default_factory=dict)
    lines: int = 0

    def take(self, row: dict[str, Any]) -> None:
        state, n = _state(row), row["n"]
        self.states[state] += n
        self.lines += row["lines"]
        self.reasons.setdefault(state, row["why"])
        if state == I.ERASED:
            self.verdicts[row["verdict"]] += n
        if row["article"] and row["article"] not in self.articles.setdefault(state, []):
            self.articles[state].append(row["article"])


def _state(row: dict[str, Any]) -> str:
    if row["state"] == I.PROPOSED and not row["certain"]:
        return LEAD if row["lead"] else DOUBT
    return str(row["state"])


def _covered(search: StoreSearch, tally: _Tally) -> Covered:
    store = store_of(search.connection, search.store)
    found = tally.states.total() - tally.states[LEAD] - tally.lines
    return Covered(
        search, store, tally.states, tally.verdicts, found, bool(tally.lines),
        tally.reasons, tally.articles,
    )  # fmt: skip


def _declared(row: Covered) -> tuple[str, int]:
    names = [store.name for store in stores_of(row.search.connection)]
    known = row.store.name in names
    return row.connection, names.index(row.store.name) if known else len(names)
