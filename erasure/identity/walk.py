"""The fixed point: from what a person gave to all that is known to be theirs.

Breadth first, each identifier once. After each wave everything is judged anew from
all that was seen, so that neither the order given nor the order found changes the result.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from erasure.identity.picture import Facts, Ground, Key, Picture, Record, by_kind_and_value
from erasure.values import Identifier, IdentifierState

LIMIT = 1000  # identifiers looked up in one walk
CUT_OFF = "Not searched: the search stopped at its limit."

R = TypeVar("R", bound=Record)
Each = Callable[..., Iterable[Any]]  # as map: calls a function for each, answers in order


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an identifier was seen: on this record, found by that identifier."""

    record: Key
    store: str
    by: Identifier
    field: str = ""  # where on the record: "other e-mail"


@dataclass(frozen=True, slots=True)
class Known:
    """An identifier, what it counts as, and why. ``origins`` is empty if it was given.

    ``reason`` is the question in one line; what there is to weigh stands beside it.
    """

    identifier: Identifier
    state: IdentifierState
    reason: str
    searched: bool
    origins: tuple[Origin, ...]
    speaks_for: tuple[str, ...] = ()
    speaks_against: tuple[str, ...] = ()
    shared: bool = False  # confirmed by the officer, though others may use it too


@dataclass(frozen=True, slots=True)
class Sighting(Generic[R]):
    """A record, the identifiers that found it, and what it counts as.

    CONFIRMED: theirs, it widened the search. IN_QUESTION: the officer decides, by the
    record's own id if it carries one. LEAD: a name or fuzzy hit. REJECTED: the officer
    said it is somebody else's; it is no item of the case.
    """

    record: R
    state: IdentifierState
    by: tuple[Identifier, ...]
    speaks_for: tuple[str, ...] = ()
    speaks_against: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Seen:
    """One identifier on one record: an edge of the graph, a row of evidence."""

    identifier: Identifier
    record: Key
    store: str
    state: IdentifierState  # of the record
    looked_up: bool  # this identifier led to the record
    field: str  # "other e-mail"; empty if the system did not say


@dataclass(frozen=True, slots=True)
class Walk(Generic[R]):
    """Everything found. ``truncated``: the limit was hit, the picture is incomplete."""

    identifiers: tuple[Known, ...]
    sightings: tuple[Sighting[R], ...]
    truncated: bool

    def in_state(self, state: IdentifierState) -> tuple[Identifier, ...]:
        return tuple(each.identifier for each in self.identifiers if each.state is state)

    def shared(self) -> frozenset[Identifier]:
        """Confirmed ones that other people may use too."""
        return frozenset(each.identifier for each in self.identifiers if each.shared)

    def questions(self) -> tuple[Known, ...]:
        """What the officer must decide on: everything in question."""
        return tuple(e for e in self.identifiers if e.state is IdentifierState.IN_QUESTION)

    def evidence(self, key: Callable[[R], Key] | None = None) -> Iterator[Seen]:
        """Every edge: what each record carries as what, and which of it led there."""
        for sighting in self.sightings:
            record, led = sighting.record, frozenset(sighting.by)
            name = (key or plain_key)(record)
            for who in sorted({*record.identifiers, *led}, key=by_kind_and_value):
                field = record.fields.get(who, "")
                yield Seen(who, name, record.store, sighting.state, who in led, field)


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

    ``names``: all names of the person, former ones too. ``accepted`` and ``rejected``:
    what the officer decided of identifiers in question; a record's own id decides on the
    record. An accepted identifier is never asked about again, yet a record it leads to
    is the person's only if its own contents allow that. ``key`` tells records apart;
    with several connections it must name the connection.

    ``each`` calls ``lookup`` for the identifiers of a wave, in order or side by side.
    Errors of ``lookup`` pass through: a failed search is never an empty one.
    """
    ground = Ground(tuple(names), frozenset(start), frozenset(accepted), frozenset(rejected))
    facts: Facts[R] = Facts(key)
    cut_off: set[Identifier] = set()
    picture = Picture(ground, facts)
    while wanted := picture.wanted() - cut_off:
        wave = sorted(wanted, key=lambda who: (who not in ground.seeds, by_kind_and_value(who)))
        room = max(0, limit - len(facts.found))
        cut_off.update(wave[room:])
        for who, found in zip(wave[:room], each(lookup, wave[:room]), strict=True):
            facts.take(who, found)
        picture = Picture(ground, facts)
    return _end(picture, cut_off)


def _end(picture: Picture[R], cut_off: set[Identifier]) -> Walk[R]:
    sightings, origins = [], dict[Identifier, set[Origin]]()
    for name in sorted(picture.sighted()):
        record, state, doubt = picture.facts.best(name), *picture.of_record(name)
        by = tuple(sorted(picture.led_to(name), key=by_kind_and_value))
        sightings.append(Sighting(record, state, by, doubt.speaks_for, doubt.speaks_against))
        for who in picture.facts.merged[name].identifiers:
            field = picture.facts.merged[name].fields.get(who, "")
            seen = (Origin(name, record.store, one, field) for one in by)
            origins.setdefault(who, set()).update(seen)
    everything = picture.ground.seeds | origins.keys() | picture.ground.rejected
    return Walk(
        identifiers=tuple(
            _known(picture, who, who in cut_off, origins.get(who, set()))
            for who in sorted(everything, key=by_kind_and_value)
        ),
        sightings=tuple(sightings),
        truncated=bool(cut_off),
    )


def _known(picture: Picture[R], who: Identifier, cut_off: bool, origins: Iterable[Origin]) -> Known:
    state, doubt = picture.of_identifier(who)
    against = doubt.speaks_against
    if cut_off and state is IdentifierState.CONFIRMED and who not in picture.ground.accepted:
        state, against = IdentifierState.IN_QUESTION, (CUT_OFF,)
    open_ = state in (IdentifierState.IN_QUESTION, IdentifierState.LEAD)
    return Known(
        who,
        state,
        against[0] if open_ and against else "",
        who in picture.facts.found,
        tuple(sorted(origins, key=_by_record)),
        doubt.speaks_for if open_ else (),
        against if open_ else (),
        state is IdentifierState.CONFIRMED and picture.is_doubted(who),
    )


def _by_record(origin: Origin) -> tuple[Key, str, str]:
    return (origin.record, origin.by.kind, origin.by.value)
