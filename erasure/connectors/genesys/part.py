"""One store behind the connector's verbs, and what every store is asked about."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from erasure.connectors.base import (
    Clear,
    Control,
    Erased,
    Found,
    ItemRef,
    NotErased,
    Presence,
    Searched,
    Unanswered,
)
from erasure.connectors.genesys.rows import Conversation
from erasure.connectors.genesys.stores import CONTACTS
from erasure.connectors.http import Json
from erasure.errors import ErasureError, RefusedError
from erasure.values import Identifier, IdentifierKind, StoreStatus


@dataclass(frozen=True, slots=True)
class Person:
    """All that is known when the stores are searched."""

    who: tuple[Identifier, ...]
    names: tuple[str, ...]  # of the person's certain records
    people: tuple[Found, ...]  # contacts and GDPR subjects that are the person's
    rows: tuple[Conversation, ...]  # the person's conversations


@dataclass(frozen=True, slots=True)
class Beside:
    """Somebody else's record, of which a part may make a control."""

    division: str
    contact: str = ""  # its id, for stores that hang on a contact
    record: Json = field(default_factory=dict)  # the contact as the list has it
    row: Conversation | None = None  # for stores that hang on a conversation
    own: frozenset[str] = frozenset()  # remote ids of the person's own records of the store

    def __repr__(self) -> str:
        return "Beside()"


class Part(Protocol):
    """One store, or several alike. Errors of a call pass through unless said otherwise."""

    names: tuple[str, ...]  # of the stores, as in ``stores``

    def collect(self, person: Person) -> Iterator[Found | Searched | Unanswered]:
        """The person's records here, then one Searched or Unanswered for each name.

        Raises nothing of a call: a failed search is an Unanswered.
        """

    def erase(self, refs: Sequence[ItemRef], clear: Clear) -> Iterator[Erased | NotErased]:
        """As ``Connector.erase``; a store with no call of its own raises RefusedError."""

    def verify(
        self, refs: Sequence[ItemRef], who: Sequence[Identifier], names: Sequence[str]
    ) -> Iterator[Presence]:
        """As ``Connector.verify``."""

    def control(self, store: str, beside: Beside) -> str:
        """The remote id of a control made of somebody else's record; "" if it cannot serve.

        Best a record of the very store. Where others may have none: the parent itself,
        if this store's own endpoint answers 200 for it and the parent is in sight.
        """

    def sees(self, control: Control) -> bool:
        """Read the control afresh: the same endpoint as ``verify``, the same credential."""


def each(
    erase_one: Callable[[ItemRef, Clear], Erased], refs: Sequence[ItemRef], clear: Clear
) -> Iterator[Erased | NotErased]:
    """Erase items one by one; one that fails does not keep the others."""
    for ref in refs:
        try:
            yield erase_one(ref, clear)
        except ErasureError as error:
            yield NotErased(ref, error)


def not_by_itself(store: str) -> RefusedError:
    """What ``erase`` of a store without a call of its own raises."""
    return RefusedError(f"{store}: erased by the vendor's own job only")


def heads_of(person: Person) -> list[Found]:
    """The person's contacts without those merged into another one of them."""
    contacts = [one for one in person.people if one.store == CONTACTS]
    heads = {one.remote_id for one in contacts if not one.facts.get("ancestor")}
    return [one for one in contacts if one.remote_id in heads or not heads & _others(one)]


def _others(contact: Found) -> set[str]:
    kind = IdentifierKind.EXTERNAL_CONTACT
    return {one.value for one in contact.identifiers if one.kind is kind} - {contact.remote_id}


def searched(store: str, total: int, note: str = "") -> Searched:
    """A store was searched whole: found so many, or none."""
    return Searched(store, StoreStatus.FOUND if total else StoreStatus.EMPTY, total, note)
