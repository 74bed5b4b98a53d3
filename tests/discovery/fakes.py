"""Remote systems that are searched: they answer as they are told."""

from erasure.connectors.base import Control, Found, Searched, Store, Unanswered
from erasure.values import StoreStatus, System


def store(name):
    return Store(name, name.title(), "Searched.", "Erased.", "Read back.")


class Searchable:
    """``people`` are found by every look-up, ``records`` by the collection after it.

    ``during`` is called once, in the middle of a search, when the connector is made.
    """

    system = System.GENESYS
    stores = (store("people"), store("records"))

    def __init__(self):
        self.people, self.records, self.silent = [], [], []
        self.visible = [Control("people", "", "somebody"), Control("records", "", "something")]
        self.by_hand = {}  # store: what a person must do there
        self.looked, self.collected = 0, 0
        self.during = lambda: None

    def made(self, account, limiter):
        self.during()
        return self

    def lookup(self, who):
        self.looked += 1
        yield from self.people

    def collect(self, who, people):
        self.collected += 1
        yield from self.records
        silent = {one.store for one in self.silent}
        yield from self.silent
        for name in (store.name for store in self.stores):
            many = {"people": len(people), "records": len(self.records)}.get(name, 0)
            if name not in silent:
                status = StoreStatus.FOUND if many else StoreStatus.EMPTY
                yield Searched(name, status, many, manual=self.by_hand.get(name, ""))

    def controls(self, found):
        stores = {one.store for one in found}
        yield from (one for one in self.visible if one.store in stores)


def record(name, **given):
    return Found("records", name, **given)


def busy(name="records"):
    return Unanswered(name, "GET /things answered 503", again=True)
