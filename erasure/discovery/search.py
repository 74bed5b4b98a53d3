"""Ask the systems. No row is written and no transaction is open here."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import product

from erasure.connectors.base import Connector, Control, Found, Searched, Unanswered
from erasure.errors import BusyError, ErasureError
from erasure.identity import Walk, spellings, walk
from erasure.values import Identifier, IdentifierState

UNSAID = (
    "{} of the person's identifiers may be other people's too and are not named to this system. "
    "Ask in writing for what it keeps of this person under them, have that erased, attach the "
    "answer."
)


@dataclass(frozen=True, slots=True)
class Hit:
    """A found record, and the connection it was found in."""

    slug: str
    found: Found

    @property
    def store(self) -> str:
        return f"{self.slug}.{self.found.store}"

    @property
    def remote_id(self) -> str:
        return self.found.remote_id

    @property
    def identifiers(self) -> Sequence[Identifier]:
        return self.found.identifiers

    @property
    def names(self) -> Sequence[str]:
        return self.found.names

    @property
    def certain(self) -> bool:
        return self.found.certain

    @property
    def fields(self) -> Mapping[Identifier, str]:
        return self.found.fields


@dataclass(slots=True)
class Answers:
    """What the walk met on its way: per connection, the stores that did not answer."""

    unanswered: dict[str, dict[str, Unanswered]] = field(default_factory=dict)

    def note(self, slug: str, answer: Unanswered) -> None:
        self.unanswered.setdefault(slug, {}).setdefault(answer.store, answer)


@dataclass(frozen=True, slots=True)
class Collected:
    """All that one connection holds besides the records that stand for the person."""

    slug: str
    found: tuple[Found, ...]
    stores: tuple[Searched | Unanswered, ...]
    controls: tuple[Control, ...]


def walk_identifiers(
    connectors: dict[str, Connector],
    start: Iterable[Identifier],
    names: Sequence[str],
    accepted: Sequence[Identifier],
    rejected: Sequence[Identifier],
    width: int = 1,
) -> tuple[Walk[Hit], Answers]:
    """Look every identifier up once in every system, side by side, until nothing is new.

    ``width``: calls that one system takes at a time.
    """
    answers = Answers()
    systems = max(1, len(connectors))
    with ThreadPoolExecutor(systems * width) as pool, ThreadPoolExecutor(width) as wave:

        def lookup(who: Identifier) -> list[Hit]:
            pairs = list(product(spellings(who), connectors.items()))
            hits = []
            for slug, found in pool.map(_lookup, *zip(*pairs, strict=True)):
                for each in found:
                    if isinstance(each, Unanswered):
                        answers.note(slug, each)
                    else:
                        hits.append(Hit(slug, each))
            return hits

        found = walk(
            start, lookup, names=names, accepted=accepted, rejected=rejected, each=wave.map
        )
    return found, answers


def _lookup(who: Identifier, at: tuple[str, Connector]) -> tuple[str, list[Found | Unanswered]]:
    slug, connector = at
    return slug, _safely(connector, partial(connector.lookup, who))


def _safely(
    connector: Connector, ask: Callable[[], Iterator[Found | Unanswered]]
) -> list[Found | Unanswered]:
    """A connector that fails outright leaves all its stores unanswered, never empty."""
    met: list[Found | Unanswered] = []
    try:
        met.extend(ask())
    except ErasureError as why:
        again = isinstance(why, BusyError)
        met.extend(Unanswered(store.name, str(why), again) for store in connector.stores)
    return met


def collect(slug: str, connector: Connector, found: Walk[Hit]) -> Collected:
    """Everything else of the person in one system, and the control records beside it."""
    confirmed = found.in_state(IdentifierState.CONFIRMED)
    told = {store.name for store in connector.stores if store.told}
    unsaid = found.shared() if told else frozenset()
    confirmed = tuple(one for one in confirmed if one not in unsaid)
    who = list(dict.fromkeys(form for one in confirmed for form in spellings(one)))
    people = _people(slug, found, frozenset(who))
    more: list[Found] = []
    stores: dict[str, Searched | Unanswered] = {}
    controls: tuple[Control, ...] = ()
    try:
        for each in connector.collect(who, people):
            if isinstance(each, Found):
                more.append(each)
            elif not isinstance(stores.get(each.store), Unanswered):
                stores[each.store] = _unsaid(each, len(unsaid)) if each.store in told else each
        controls = tuple(connector.controls([*people, *more]))
    except ErasureError as why:
        again = isinstance(why, BusyError)
        for store in connector.stores:
            stores.setdefault(store.name, Unanswered(store.name, str(why), again))
    for store in connector.stores:
        silent = Unanswered(store.name, "The connector did not say whether it searched this store.")
        stores.setdefault(store.name, silent)
    return Collected(slug, tuple(more), tuple(stores.values()), controls)


def _unsaid(answer: Searched | Unanswered, number: int) -> Searched | Unanswered:
    """What is left to a person, where identifiers that others share may not be named."""
    if not number or isinstance(answer, Unanswered) or answer.manual:
        return answer
    return replace(answer, manual=UNSAID.format(number))


def _people(slug: str, found: Walk[Hit], who: Collection[Identifier]) -> list[Found]:
    """The person's records there, with those of their identifiers that are the person's alone.

    A number shared with a neighbour stands on the record, and nothing may be searched by it.
    """
    sure = [e.record for e in found.sightings if e.state is IdentifierState.CONFIRMED]
    return [
        replace(each.found, identifiers=tuple(one for one in each.found.identifiers if one in who))
        for each in sure
        if each.slug == slug
    ]


def collect_all(connectors: dict[str, Connector], found: Walk[Hit]) -> Iterator[Collected]:
    """Each connection as it finishes: a slow one does not keep the others."""
    with ThreadPoolExecutor(max_workers=max(1, len(connectors))) as pool:
        waiting = [pool.submit(collect, slug, one, found) for slug, one in connectors.items()]
        for each in waiting:
            yield each.result()
