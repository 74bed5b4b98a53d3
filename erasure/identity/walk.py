"""The fixed point: from what a person gave to all that is known to be theirs.

Breadth first, each identifier once, level by level and sorted within a level,
so that neither the order given nor the order found changes the result.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, TypeVar

from erasure.identity.names import namesakes, strangers
from erasure.identity.question import is_role, question
from erasure.values import Identifier, IdentifierKind, IdentifierState

LIMIT = 200  # identifiers looked up in one walk
CUT_OFF = "Not searched: the search stopped at its limit."
STRANGER = "Found on a record under another name."
UNNAMED = "Found through an identifier that may be shared."
UNCERTAIN = "Found on a record that may be somebody else's."


class Record(Protocol):
    """What the walk needs of a record; a connector's ``Found`` has it."""

    @property
    def store(self) -> str: ...

    @property
    def remote_id(self) -> str: ...

    @property
    def identifiers(self) -> Sequence[Identifier]: ...

    @property
    def names(self) -> Sequence[str]: ...

    @property
    def certain(self) -> bool: ...


R = TypeVar("R", bound=Record)
Key = tuple[str, ...]
Each = Callable[..., Iterable[Any]]  # as map: calls a function for each, answers in order


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an identifier was seen: on this record, found by that identifier."""

    record: Key
    store: str
    by: Identifier


@dataclass(frozen=True, slots=True)
class Known:
    """An identifier, what it counts as, and why. ``origins`` is empty if it was given."""

    identifier: Identifier
    state: IdentifierState
    reason: str
    searched: bool
    origins: tuple[Origin, ...]


@dataclass(frozen=True, slots=True)
class Sighting(Generic[R]):
    """A record, the identifiers that found it, and what it counts as.

    CONFIRMED: theirs, it widened the search. IN_QUESTION: the officer decides.
    LEAD: a name or fuzzy hit.
    """

    record: R
    state: IdentifierState
    by: tuple[Identifier, ...]


@dataclass(frozen=True, slots=True)
class Walk(Generic[R]):
    """Everything found. ``truncated``: the limit was hit, the picture is incomplete."""

    identifiers: tuple[Known, ...]
    sightings: tuple[Sighting[R], ...]
    truncated: bool

    def in_state(self, state: IdentifierState) -> tuple[Identifier, ...]:
        return tuple(each.identifier for each in self.identifiers if each.state is state)


def plain_key(record: Record) -> Key:
    return (record.store, record.remote_id)


def walk(
    start: Iterable[Identifier],
    lookup: Callable[[Identifier], Iterable[R]],
    limit: int = LIMIT,
    *,
    names: Sequence[str] = (),
    accepted: Collection[Identifier] = (),
    rejected: Collection[Identifier] = (),
    key: Callable[[R], Key] = plain_key,
    each: Each = map,
) -> Walk[R]:
    """Look up, widen by what was found, until nothing new appears.

    ``names``: all names of the person, former ones too. ``accepted`` and
    ``rejected``: what the officer decided of identifiers in question. ``key``
    tells records apart; with several connections it must name the connection.

    A record widens the search only if it is certain and not under another name;
    one reached through an identifier in question must carry the person's name.
    ``each`` calls ``lookup`` for the identifiers of a wave, in order or side by side.
    Errors of ``lookup`` pass through: a failed search is never an empty one.
    """
    path: Path[R] = Path(tuple(names), frozenset(accepted), frozenset(rejected), key)
    given = frozenset(start) - path.rejected
    frontier = given
    while frontier:
        room = max(0, limit - len(path.doubts))
        wave = sorted(frontier, key=by_kind_and_value)
        path.cut_off.update(wave[room:])
        for who, found in zip(wave[:room], each(lookup, wave[:room]), strict=True):
            path.settle(who, list(found))
        frontier = frozenset(path.wanted) - path.doubts.keys() - path.cut_off
    return path.end(given)


@dataclass(slots=True)
class Path(Generic[R]):
    """The walk while it goes on."""

    names: tuple[str, ...]
    accepted: frozenset[Identifier]
    rejected: frozenset[Identifier]
    key: Callable[[R], Key]
    doubts: dict[Identifier, str] = field(default_factory=dict)  # looked up: why in question
    cut_off: set[Identifier] = field(default_factory=set)
    wanted: set[Identifier] = field(default_factory=set)
    records: dict[Key, Sighting[R]] = field(default_factory=dict)
    origins: dict[Identifier, dict[Origin, IdentifierState]] = field(default_factory=dict)

    def settle(self, who: Identifier, found: Sequence[R]) -> None:
        """Take in all that one identifier found."""
        self.doubts[who] = "" if who in self.accepted else question(who, self.names, found)
        for record in found:
            state = self.state_of(record, who)
            self.remember(record, who, state)
            if state is IdentifierState.CONFIRMED:
                self.wanted.update(each for each in record.identifiers if self.may_search(each))

    def state_of(self, record: R, who: Identifier) -> IdentifierState:
        if not record.certain or who.kind is IdentifierKind.NAME:
            return IdentifierState.LEAD
        if strangers(record.names, self.names):
            return IdentifierState.IN_QUESTION
        if self.doubts[who] and not namesakes(record.names, self.names):
            return IdentifierState.IN_QUESTION
        return IdentifierState.CONFIRMED

    def may_search(self, who: Identifier) -> bool:
        if who in self.rejected or who.kind is IdentifierKind.NAME:
            return False
        return who in self.accepted or not is_role(who)

    def remember(self, record: R, who: Identifier, state: IdentifierState) -> None:
        key = self.key(record)
        before = self.records.get(key)
        by = {who, *(before.by if before else ())}
        best = max(state, before.state, key=STRENGTH.index) if before else state
        self.records[key] = Sighting(record, best, tuple(sorted(by, key=by_kind_and_value)))
        for each in record.identifiers:
            self.origins.setdefault(each, {})[Origin(key, record.store, who)] = state

    def end(self, given: frozenset[Identifier]) -> Walk[R]:
        everything = sorted(given | self.origins.keys() | self.rejected, key=by_kind_and_value)
        return Walk(
            identifiers=tuple(self.known(each) for each in everything),
            sightings=tuple(self.records[key] for key in sorted(self.records)),
            truncated=bool(self.cut_off),
        )

    def known(self, who: Identifier) -> Known:
        state, reason = self.judge(who)
        origins = sorted(self.origins.get(who, ()), key=by_record)
        return Known(who, state, reason, who in self.doubts, tuple(origins))

    def judge(self, who: Identifier) -> tuple[IdentifierState, str]:
        if who in self.rejected:
            return IdentifierState.REJECTED, ""
        if who.kind is IdentifierKind.NAME:
            return IdentifierState.LEAD, ""
        if who in self.cut_off:
            return IdentifierState.IN_QUESTION, CUT_OFF
        if who in self.doubts:
            doubt = self.doubts[who]
            return (IdentifierState.IN_QUESTION if doubt else IdentifierState.CONFIRMED), doubt
        return self.judge_unsearched(who)

    def judge_unsearched(self, who: Identifier) -> tuple[IdentifierState, str]:
        """A role address, or seen only on records that do not widen the search."""
        if reason := question(who, (), ()):
            return IdentifierState.IN_QUESTION, reason
        if set(self.origins[who].values()) == {IdentifierState.LEAD}:
            return IdentifierState.LEAD, UNCERTAIN
        return IdentifierState.IN_QUESTION, STRANGER if self.names else UNNAMED


STRENGTH = (IdentifierState.LEAD, IdentifierState.IN_QUESTION, IdentifierState.CONFIRMED)


def by_kind_and_value(who: Identifier) -> tuple[str, str]:
    return (who.kind, who.value)


def by_record(origin: Origin) -> tuple[Key, str, str]:
    return (origin.record, origin.by.kind, origin.by.value)
