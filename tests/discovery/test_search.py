"""What one system is asked of a person, without a database."""

from dataclasses import replace

from erasure.connectors.base import Found, Searched
from erasure.discovery.search import Hit, collect
from erasure.identity import walk
from erasure.values import Identifier, IdentifierKind, StoreStatus
from tests.discovery.fakes import Searchable, store

OWN = Identifier(IdentifierKind.EMAIL, "ada@example.org")
SHARED = Identifier(IdentifierKind.EMAIL, "household@example.org")
RECORDS = [
    Found("people", "1", identifiers=(OWN, SHARED), names=("Ada Beispiel",)),
    Found("people", "2", identifiers=(SHARED,), names=("Bernd Muster",)),
]


class Processor(Searchable):
    """A system that is told of the person and answers nothing of what it holds."""

    stores = (replace(store("subject_data"), told=True),)

    def collect(self, who, people):
        self.asked = tuple(who)
        yield Searched("subject_data", StoreStatus.FOUND, 1)


def walked(accepted):
    def lookup(who):
        return [Hit("system", one) for one in RECORDS if who in one.identifiers]

    return walk([OWN], lookup, names=["Ada Beispiel"], accepted=accepted)


def test_address_others_share_is_not_named_to_a_system_that_erases_what_it_is_told():
    system = Processor()
    answer = collect("processor", system, walked([SHARED]))
    assert system.asked == (OWN,)
    assert answer.stores[0].manual.startswith("1 of the person's identifiers may be other people's")
    assert len(answer.stores[0].manual) <= 300


def test_address_others_share_is_searched_where_each_record_is_looked_at():
    system = Searchable()
    system.stores = (store("people"), store("records"))
    asked = []
    system.collect = lambda who, people: asked.extend(who) or iter(())
    collect("system", system, walked([SHARED]))
    assert set(asked) == {OWN, SHARED}


def test_nothing_is_left_to_a_person_where_no_address_is_shared():
    system = Processor()
    answer = collect("processor", system, walked([]))
    assert (system.asked, answer.stores[0].manual) == ((OWN,), "")
