"""What all that was seen so far says: whose each record is, and each identifier.

A picture is made anew from the facts after each wave; it depends on them alone.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Generic, Protocol, TypeVar

from erasure.identity import guard
from erasure.identity.guard import Doubt, counted, is_role, own_ids
from erasure.identity.names import Likeness, likeness, strangers, words
from erasure.values import Identifier, IdentifierKind, IdentifierState

CONFIRMED, IN_QUESTION = IdentifierState.CONFIRMED, IdentifierState.IN_QUESTION
LEAD, REJECTED = IdentifierState.LEAD, IdentifierState.REJECTED
WAITS = "Waits for the decision on the record that holds it."
UNCERTAIN = "Found on a record that may be somebody else's."
ELSEWHERE = "Found only on records that are somebody else's."
STRENGTH = (LEAD, IN_QUESTION, CONFIRMED, REJECTED)
Key = tuple[str, ...]


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

    @property
    def fields(self) -> Mapping[Identifier, str]: ...


R = TypeVar("R", bound=Record)


@dataclass(frozen=True, slots=True)
class Ground:
    """What people said: the person of themselves, the officer of what was found."""

    names: tuple[str, ...]
    given: frozenset[Identifier]
    accepted: frozenset[Identifier]
    rejected: frozenset[Identifier]

    @property
    def seeds(self) -> frozenset[Identifier]:
        return (self.given | self.accepted) - self.rejected


@dataclass(slots=True)
class Merged:
    """One record, as all look-ups together showed it."""

    store: str
    remote_id: str
    identifiers: set[Identifier] = field(default_factory=set)
    names: list[str] = field(default_factory=list)
    fields: dict[Identifier, str] = field(default_factory=dict)

    @property
    def named(self) -> bool:
        return any(words(name) for name in self.names)


@dataclass(slots=True)
class Facts(Generic[R]):
    """What each identifier found. Only grows."""

    key: Callable[[R], Key]
    found: dict[Identifier, dict[Key, R]] = field(default_factory=dict)
    merged: dict[Key, Merged] = field(default_factory=dict)
    found_by: dict[Key, set[Identifier]] = field(default_factory=dict)

    def take(self, who: Identifier, records: Iterable[R]) -> None:
        mine = self.found.setdefault(who, {})
        for record in records:
            name = self.key(record)
            if name not in mine or _weight(record) > _weight(mine[name]):
                mine[name] = record
            self.found_by.setdefault(name, set()).add(who)
            one = self.merged.setdefault(name, Merged(record.store, record.remote_id))
            one.identifiers.update(record.identifiers)
            one.names = sorted({*one.names, *record.names})
            for each, where in record.fields.items():
                one.fields[each] = min(one.fields.get(each, where), where)

    def best(self, name: Key) -> R:
        """The fullest of what was read of one record."""
        by = sorted(self.found_by[name], key=by_kind_and_value)
        return max((self.found[who][name] for who in by), key=_weight)

    def certainly(self, who: Identifier) -> list[Key]:
        """Records an identifier stands on, not merely resembles."""
        if who.kind is IdentifierKind.NAME:
            return []
        return [name for name, record in self.found.get(who, {}).items() if record.certain]


class Picture(Generic[R]):
    """The judgement. Only confirmed records vouch for what they hold."""

    def __init__(self, ground: Ground, facts: Facts[R]) -> None:
        self.ground, self.facts = ground, facts
        own = {name: own_ids(one) for name, one in facts.merged.items()}
        self.own = own
        self.standing_for: dict[Identifier, list[Key]] = {}
        for name, ids in own.items():
            for who in ids:
                self.standing_for.setdefault(who, []).append(name)
        self.blessed = {name for name in own if own[name] & ground.accepted}
        self.barred = {name for name in own if own[name] & ground.rejected} - self.blessed
        self.names = ground.names or self._names_on_seeds()
        self.like = {name: likeness(one.names, self.names) for name, one in facts.merged.items()}
        self.foreign = self.barred | {
            name for name, like in self.like.items()
            if like is Likeness.STRANGERS and name not in self.blessed
        }  # fmt: skip
        self.namesakes = {who for who in facts.found if self._confusable(who)}
        self.doubts = {who: self._doubt(who) for who in facts.found}
        self.theirs = {who for who in facts.found if self._is_theirs(who)}
        self.vouched: set[Identifier] = set()
        self.confirmed: set[Key] = set()
        self._spread()

    def wanted(self) -> frozenset[Identifier]:
        """What is to be looked up next."""
        return frozenset(filter(self._may_search, self.vouched - self.facts.found.keys()))

    def led_to(self, name: Key) -> set[Identifier]:
        return self.facts.found_by[name] & self.vouched

    def sighted(self) -> set[Key]:
        """The records something of the person's leads to."""
        return {name for name in self.facts.merged if self.led_to(name)}

    def of_record(self, name: Key) -> tuple[IdentifierState, Doubt]:
        """What a record counts as, and what there is to weigh."""
        said = {self._verdict(name, who) for who in self.led_to(name)}
        state = max((state for state, _ in said), key=STRENGTH.index)
        if state in (CONFIRMED, REJECTED):
            return state, Doubt()
        against = sorted(text for one, text in said if one is state)
        held = set(filter(_says_who, self.facts.merged[name].identifiers))
        if held & (self.theirs | self.ground.rejected):
            against.append(guard.SOMEBODY_ELSES)
        return state, Doubt(self._for_record(name), tuple(dict.fromkeys(against)))

    def of_identifier(self, who: Identifier) -> tuple[IdentifierState, Doubt]:
        """What an identifier counts as, and what there is to weigh."""
        if who in self.ground.rejected:
            return REJECTED, Doubt()
        if who.kind is IdentifierKind.NAME:
            return LEAD, Doubt()
        if who in self.ground.accepted:
            return CONFIRMED, Doubt()
        if own := [n for n in self.sighted() if who in self.own[n] and n not in self.confirmed]:
            return self.of_record(min(own, key=lambda n: (self._is_lead(n), n)))
        if who in self.vouched:
            doubt = self.doubts.get(who) or self._doubt(who)
            return (IN_QUESTION if doubt.reason else CONFIRMED), doubt
        return self._of_unvouched(who)

    def is_doubted(self, who: Identifier) -> bool:
        """Whether it may not be this person's alone, whatever was decided."""
        return who in self.doubts and bool(self.doubts[who].speaks_against)

    def _is_lead(self, name: Key) -> bool:
        return self.of_record(name)[0] is LEAD

    def _of_unvouched(self, who: Identifier) -> tuple[IdentifierState, Doubt]:
        """Seen only on records that are not, or not yet, the person's."""
        holders = [n for n in self.sighted() if who in self.facts.merged[n].identifiers]
        judged = {name: self.of_record(name) for name in sorted(holders)}
        open_ = {name: doubt for name, (state, doubt) in judged.items() if state is IN_QUESTION}
        if any(not self.own[name] for name in open_):
            own = next(doubt for name, doubt in open_.items() if not self.own[name])
            role = (guard.ROLE,) if is_role(who) else ()
            return IN_QUESTION, Doubt(own.speaks_for, (*role, *own.speaks_against))
        if open_:
            return LEAD, Doubt((), (WAITS,))
        leads = any(state is LEAD for state, _ in judged.values())
        return LEAD, Doubt((), (UNCERTAIN if leads else ELSEWHERE,))

    def _spread(self) -> None:
        """From the seeds over confirmed records to all they hold."""
        holders: dict[Identifier, set[Key]] = {}
        for name, one in self.facts.merged.items():
            for who in one.identifiers | self.facts.found_by[name]:
                holders.setdefault(who, set()).add(name)
        fresh = set(self.ground.seeds)
        while fresh:
            self.vouched |= fresh
            near = {name for who in fresh for name in holders.get(who, ())} - self.confirmed
            new = {name for name in near if self._confirms(name)}
            self.confirmed |= new
            held = {who for name in new for who in self.facts.merged[name].identifiers}
            fresh = held - self.vouched - self.ground.rejected

    def _confirms(self, name: Key) -> bool:
        return any(self._verdict(name, who)[0] is CONFIRMED for who in self.led_to(name))

    def _verdict(self, name: Key, who: Identifier) -> tuple[IdentifierState, str]:
        """What a record counts as that this identifier led to, and why no more."""
        if name in self.blessed:
            return CONFIRMED, ""
        if name in self.barred:
            return REJECTED, ""
        if who.kind is IdentifierKind.NAME or not self.facts.found[who][name].certain:
            return LEAD, guard.NAME_ALONE
        against = self._against(name, who)
        return (IN_QUESTION if against else CONFIRMED), against

    def _against(self, name: Key, who: Identifier) -> str:
        like = self.like[name]
        if like is Likeness.STRANGERS:
            return guard.OTHER_NAME
        if self._joined_wrongly(name):
            return guard.JOINED_WRONGLY
        if who in self.namesakes:
            return guard.NAMESAKE
        if like is Likeness.WEAK:
            return guard.WEAK_NAME
        if like is Likeness.SAME:
            return ""
        if self.facts.merged[name].named:
            return guard.NAME_UNKNOWN
        return self._against_unnamed(name, who)

    def _against_unnamed(self, name: Key, who: Identifier) -> str:
        """No name to go by: what it holds must be the person's already."""
        held = {each for each in self.facts.merged[name].identifiers if _says_who(each)}
        if self.doubts[who].reason:
            return guard.ONLY_SHARED
        if held & (self.theirs | self.ground.rejected):
            return guard.SOMEBODY_ELSES
        if who.kind in guard.IDS or not self.names:
            return ""
        sure = [e for e in held & self.vouched if not (e in self.doubts and self.doubts[e].reason)]
        new = held - self.vouched - self.own[name]
        return guard.NO_NAME if new and len(sure) < 2 else ""

    def _doubt(self, who: Identifier) -> Doubt:
        """What says that an identifier may not be this person's alone."""
        carriers = [name for name in self.facts.certainly(who) if self.facts.merged[name].named]
        others = [name for name in carriers if name in self.foreign - self.barred]
        mine = [n for n in carriers if n in self.blessed or self.like[n] is Likeness.SAME]
        mine = [name for name in mine if name not in self.barred]
        decided = [name for name in self.facts.certainly(who) if name in self.barred]
        against = [guard.ROLE] if is_role(who) else []
        if others:
            against.append(counted(len(others), _OTHERS))
        if decided:
            against.append(counted(len(decided), _DECIDED))
        if not self.names and self._disagree(carriers):
            against.append(guard.NAMES_DIFFER)
        if who in self.namesakes:
            against.append(guard.NUMBERS_DIFFER)
        speaks_for = [guard.GIVEN] if who in self.ground.given else []
        if mine:
            speaks_for.append(counted(len(mine), _MINE))
        return Doubt(tuple(speaks_for), tuple(against))

    def _for_record(self, name: Key) -> tuple[str, ...]:
        led = self.led_to(name)
        hers = sum(map(_says_who, led))
        speaks_for = [guard.SAME_NAME] if self.like[name] is Likeness.SAME else []
        if hers:
            speaks_for.append(guard.holds(hers))
        if any(who.kind is IdentifierKind.EXTERNAL_CONTACT for who in led - self.own[name]):
            speaks_for.append(guard.JOINED)
        return tuple(speaks_for)

    def _confusable(self, who: Identifier) -> bool:
        """Whether a name alone cannot tell apart the records an identifier leads to."""
        led = self._with_twins(self.facts.certainly(who))
        fit = [n for n in led if self.like[n] is not Likeness.STRANGERS]
        if any(n in self.barred and self.like[n] is not Likeness.UNKNOWN for n in fit):
            return True
        merged = self.facts.merged
        open_ = [n for n in fit if n not in self.barred and guard.numbers_of(merged[n])]
        return any(
            guard.numbers_differ(merged[n], merged[m])
            for n, m in combinations(open_, 2)
            if not {n, m} <= self.blessed
        )

    def _with_twins(self, names: Sequence[Key]) -> list[Key]:
        """These records, and those that stand for the same contact in another store."""
        own = {who for name in names for who in self.own[name]}
        return sorted({*names, *(name for who in own for name in self.standing_for.get(who, ()))})

    def _joined_wrongly(self, name: Key) -> bool:
        held = self.facts.merged[name].identifiers & self.ground.rejected
        return any(who.kind is IdentifierKind.EXTERNAL_CONTACT for who in held)

    def _is_theirs(self, who: Identifier) -> bool:
        names = set(self.facts.certainly(who))
        fit = {n for n in names if n in self.blessed or self.like[n] >= Likeness.WEAK}
        return bool(names & self.foreign) and not fit - self.barred

    def _names_on_seeds(self) -> tuple[str, ...]:
        """Without a name given: the one on the records of what was given, if they agree."""
        seeds = {n for who in self.ground.seeds for n in self.facts.certainly(who)}
        sure = self.blessed or {n for n in seeds if not self._by_role_alone(n)} - self.barred
        named = [name for name in sorted(sure) if self.facts.merged[name].named]
        if self._disagree(named):
            return ()
        return tuple(sorted({text for name in named for text in self.facts.merged[name].names}))

    def _by_role_alone(self, name: Key) -> bool:
        led = self.facts.found_by[name] & self.ground.seeds
        return all(is_role(who) for who in led)

    def _disagree(self, names: Sequence[Key]) -> bool:
        merged = self.facts.merged
        return any(strangers(merged[n].names, merged[m].names) for n, m in combinations(names, 2))

    def _may_search(self, who: Identifier) -> bool:
        if who in self.ground.seeds:
            return True
        return who.kind is not IdentifierKind.NAME and not is_role(who)


_MINE = "with the person's name carries it|with the person's name carry it"
_OTHERS = "under another name carries it|under another name carry it"
_DECIDED = "that is somebody else's carries it|that are somebody else's carry it"


def _says_who(who: Identifier) -> bool:
    """Addresses, numbers and customer ids; not names, not the systems' own record ids."""
    return who.kind not in (IdentifierKind.NAME, IdentifierKind.EXTERNAL_CONTACT)


def _weight(record: Record) -> tuple[bool, int, int]:
    return (record.certain, len(record.identifiers), len(record.names))


def by_kind_and_value(who: Identifier) -> tuple[str, str]:
    return (who.kind, who.value)
