"""Stores no interface reaches: a person does what is to be done, or nothing is there."""

from collections.abc import Iterator, Sequence

from erasure.connectors.base import (
    Clear,
    Control,
    Erased,
    ItemRef,
    NotErased,
    Presence,
    Searched,
)
from erasure.connectors.genesys import stores
from erasure.connectors.genesys.options import Options, listed
from erasure.connectors.genesys.part import Beside, Person
from erasure.connectors.genesys.stores import COPIES, DNC
from erasure.errors import RefusedError
from erasure.values import Identifier, StoreStatus

LONGEST = 300  # characters of what a person is told to do
NO_COPIES = "none"  # what the connection says if nothing leaves the platform


class Lines:
    """Do-not-contact lists and copies outside, as the connection declares them."""

    names: tuple[str, ...] = (DNC, COPIES)

    def __init__(self, options: Options) -> None:
        self.options = options

    def collect(self, person: Person) -> Iterator[Searched]:
        """One line for the whole store where there is something for a person to do."""
        yield self._do_not_contact()
        yield self._copies()

    def _do_not_contact(self) -> Searched:
        lists = listed(self.options.dnc_lists)
        if not lists:
            note = "no list is named in the connection"
            return Searched(DNC, StoreStatus.NOT_PRESENT, note=note)
        note = f"{len(lists)} named in the connection; no interface reads an entry"
        return Searched(DNC, StoreStatus.MANUAL, note=note, manual=stores.MANUAL[DNC])

    def _copies(self) -> Searched:
        where = self.options.outside_copies.strip()
        if where.casefold() == NO_COPIES:
            note = "declared in the connection: no copies leave the platform"
            return Searched(COPIES, StoreStatus.NOT_PRESENT, note=note)
        if not where:
            note = "the connection does not say where copies are"
            return Searched(COPIES, StoreStatus.MANUAL, note=note, manual=stores.MANUAL[COPIES])
        task = "Look for the person, delete what is found, attach the evidence. Where: " + where
        note = "the connection names where copies are"
        return Searched(COPIES, StoreStatus.MANUAL, note=note, manual=task[:LONGEST])

    def erase(self, refs: Sequence[ItemRef], clear: Clear) -> Iterator[Erased | NotErased]:
        raise _only_a_person()

    def verify(
        self, refs: Sequence[ItemRef], who: Sequence[Identifier], names: Sequence[str]
    ) -> Iterator[Presence]:
        raise _only_a_person()

    def control(self, store: str, beside: Beside) -> str:
        return ""

    def sees(self, control: Control) -> bool:
        return False


def _only_a_person() -> RefusedError:
    return RefusedError("No interface reaches this store: a person must do this")
