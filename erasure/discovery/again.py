"""Ask every system for a person once more. No row is written and no transaction is open here."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from erasure.connectors.base import Connector, Found, ItemRef, Searched, Seen, Unanswered
from erasure.discovery.discover import heard, speakable
from erasure.discovery.search import Answers, Collected, collect_all, walk_identifiers
from erasure.errors import ErasureError, KeyMissingError
from erasure.identity import spellings
from erasure.models import ErasureCase, SystemConnection
from erasure.systems import stores_of
from erasure.values import Identifier, IdentifierKind, IdentifierState, StoreStatus, Verdict

THEIRS = (IdentifierState.CONFIRMED, IdentifierState.IN_QUESTION)
NOT_THERE = (Seen.REDACTED, Seen.ATTESTED)


@dataclass(frozen=True, slots=True)
class Person:
    """By what somebody is searched for, read from their case beforehand."""

    who: tuple[Identifier, ...]
    names: tuple[str, ...] = ()
    accepted: tuple[Identifier, ...] = ()
    rejected: tuple[Identifier, ...] = ()

    @classmethod
    def of(cls, case: ErasureCase) -> "Person":
        """Everything their records were ever erased by, names apart: those are leads at most.

        Raises:
            KeyMissingError: the search identifiers were destroyed.
        """
        rows = list(case.identifiers.exclude(kind=IdentifierKind.NAME))
        known = set(case.identifiers.once_confirmed().values_list("pk", flat=True))
        mine = tuple(row.as_value() for row in rows if row.pk in known)
        if not mine:
            raise KeyMissingError("The search identifiers of this case have been destroyed.")
        accepted = tuple(row.as_value() for row in rows if row.decided_at and row.pk in known)
        no = IdentifierState.REJECTED
        rejected = tuple(row.as_value() for row in rows if row.state == no)
        return cls(mine, tuple(case.known_names()), accepted, rejected)

    def forms(self) -> list[Identifier]:
        return [form for one in self.who for form in spellings(one)]


@dataclass(slots=True)
class Look:
    """What one search saw: certain records by connection, and what each store answered."""

    found: list[tuple[SystemConnection, Found]] = field(default_factory=list)
    stores: dict[str, StoreStatus] = field(default_factory=dict)

    @property
    def silent(self) -> list[str]:
        """Stores that could not be searched: nobody may call them clean."""
        return sorted(s for s, said in self.stores.items() if said is StoreStatus.UNANSWERED)


def look_for(person: Person, connections: Sequence[SystemConnection]) -> Look:
    """Search every store of these systems."""
    by_slug = {connection.slug: connection for connection in connections}
    connectors, broken = speakable(by_slug)
    width = min((connection.width for connection in connections), default=1)
    found, answers = walk_identifiers(
        connectors, person.who, person.names, person.accepted, person.rejected, max(1, width)
    )
    look = Look()
    for sighting in found.sightings:
        if sighting.state in THEIRS and sighting.record.certain:
            look.found.append((by_slug[sighting.record.slug], sighting.record.found))
    for part in collect_all(connectors, found):
        _take(look, by_slug[part.slug], part, answers, truncated=found.truncated)
    for slug in broken:
        for store in stores_of(by_slug[slug]):
            look.stores[f"{slug}.{store.name}"] = StoreStatus.UNANSWERED
    return look


def _take(
    look: Look, connection: SystemConnection, part: Collected, answers: Answers, *, truncated: bool
) -> None:
    """A store that nobody can look into is one for a person: neither silent nor clean."""
    blind = {s.name for s in stores_of(connection) if s.end is Verdict.ATTESTED}
    look.found += [(connection, f) for f in part.found if f.certain and f.store not in blind]
    for answer in heard(connection, part, answers):
        look.stores[f"{connection.slug}.{answer.store}"] = (
            StoreStatus.MANUAL if answer.store in blind else _status(answer, truncated=truncated)
        )


def _status(answer: Searched | Unanswered, *, truncated: bool) -> StoreStatus:
    """A walk that stopped at its limit has searched no store whole."""
    if isinstance(answer, Unanswered) or (truncated and answer.status is StoreStatus.EMPTY):
        return StoreStatus.UNANSWERED
    return answer.status


def truly_there(connector: Connector, refs: Sequence[ItemRef], person: Person) -> list[ItemRef]:
    """Of erased records that a search finds again those that are not merely redacted rows.

    One that cannot be read counts as there.
    """
    left = []
    for ref in refs:
        try:
            seen = [each.seen for each in connector.verify([ref], person.forms(), person.names)]
        except ErasureError:
            seen = []
        if not seen or seen[0] not in NOT_THERE:
            left.append(ref)
    return left
