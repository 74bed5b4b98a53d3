"""What one search of an org has met so far, and how it answers for each store."""

from dataclasses import dataclass, field

from erasure.connectors.base import Searched, Unanswered
from erasure.connectors.salesforce.finding import unanswered
from erasure.errors import BusyError, RefusedError
from erasure.values import StoreStatus

NO_OBJECT = "This org has no such object."
NOTE = (
    "Telephone numbers compared in their usual spellings and by their last digits. What lay in "
    "the recycle bin before the search is not looked for."
)


@dataclass(slots=True)
class Tally:
    """What one search has met so far. ``ids``: records that are the person's."""

    ids: set[str]
    joint: set[str] = field(default_factory=set)  # those of ``ids`` that are somebody else's too
    individuals: set[str] = field(default_factory=set)
    there: set[str] = field(default_factory=set)  # stores with an object in this org
    totals: dict[str, int] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)
    silent: dict[str, Unanswered] = field(default_factory=dict)
    by_hand: dict[str, str] = field(default_factory=dict)  # besides, by store
    said: dict[str, Searched] = field(default_factory=dict)  # of stores with an answer of their own

    def fail(self, store: str, error: BusyError | RefusedError, name: str = "") -> None:
        self.silent[store] = unanswered(store, error, name)

    def count(self, store: str) -> None:
        self.totals[store] = self.totals.get(store, 0) + 1

    def answer(self, store: str) -> Searched | Unanswered:
        if store in self.silent:
            return self.silent[store]
        if store in self.said:
            return self.said[store]
        if store not in self.there:
            return Searched(store, StoreStatus.NOT_PRESENT, 0, NO_OBJECT)
        total = self.totals.get(store, 0)
        status = StoreStatus.FOUND if total else StoreStatus.EMPTY
        note = f"{self.notes[store]} {NOTE}" if store in self.notes else NOTE
        return Searched(store, status, total, note, self.by_hand.get(store, ""))
