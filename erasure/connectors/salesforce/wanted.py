"""Who is looked for: the condition that finds candidates, and the comparison that decides.

What the vendor returns is compared once more on our side and dropped if it does not
match, so that no quirk of its comparison brings in somebody else's record.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from erasure.connectors.http import Json
from erasure.connectors.salesforce.kinds import SObject
from erasure.connectors.salesforce.phones import e164, last_digits, spellings
from erasure.connectors.salesforce.soql import among, id18, in_portions, like, like_digits
from erasure.errors import RefusedError
from erasure.values import Identifier, IdentifierKind

LONGEST = 255  # characters: no field compared here holds a longer value
ONE_URL = 4_000  # characters of a condition; percent-encoded they fit a 16 kB URL
_ADDRESS = re.compile(r"[^\s;,<>\"]+@[^\s;,<>\"]+")
_NUMBER = re.compile(r"\+[0-9]{4,15}\Z")
_CALLED = (IdentifierKind.PHONE, IdentifierKind.WHATSAPP)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Values to compare, and ids of records that are the person's already."""

    region: str  # how local telephone numbers are read
    emails: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()  # E.164
    names: tuple[str, ...] = ()
    ids: frozenset[str] = frozenset()  # 18 characters

    @classmethod
    def of(cls, who: Iterable[Identifier], region: str, ids: Iterable[str] = ()) -> "Wanted":
        """Take what a field of the vendor can hold; ids of CRM records that are its own."""
        values = [each for each in who if 0 < len(each.value) <= LONGEST]
        own = (_own_id(each.value) for each in values if each.kind is IdentifierKind.CRM_CONTACT)
        return cls(
            region,
            _once(each.value for each in values if each.kind is IdentifierKind.EMAIL),
            _once(e.value for e in values if e.kind in _CALLED and _NUMBER.match(e.value)),
            _once(each.value for each in values if each.kind is IdentifierKind.NAME),
            frozenset({*filter(None, own), *ids}),
        )

    def conditions(self, kind: SObject) -> Iterator[str]:
        """WHERE conditions, joined by OR as far as one URL can hold them."""
        joined = ""
        for part in self._parts(kind):
            if joined and len(joined) + len(part) > ONE_URL:
                yield _narrowed(joined, kind)
                joined = ""
            joined = f"{joined} OR {part}" if joined else part
        if joined:
            yield _narrowed(joined, kind)

    def _parts(self, kind: SObject) -> Iterator[str]:
        """Telephone numbers in their usual spellings, and by their last digits however typed."""
        spelled = [each for phone in self.phones for each in spellings(phone, self.region)]
        asked = [(field, list(self.emails)) for field in kind.emails]
        asked += [(field, list(self.names)) for field in kind.names]
        asked += [(field, spelled) for field in kind.phones]
        asked += [(field, self._with(heads)) for field, heads in kind.links]
        if kind.by_id:
            asked.append(("Id", self._with((kind.prefix,))))
        for field, values in asked:
            yield from (among(field, some) for some in in_portions(values))
        for field in kind.phones:
            yield from (like_digits(field, last_digits(each)) for each in self.phones)
        for field in kind.lists:
            yield from (like(field, each) for each in self.emails)

    def _with(self, heads: tuple[str, ...]) -> list[str]:
        return sorted(each for each in self.ids if each[:3] in heads)

    def is_of(self, kind: SObject, row: Json) -> bool:
        """Whether a row is one of the records looked for."""
        return self.linked(kind, row) or self.named(kind, row) or any(self.carried(kind, row))

    def linked(self, kind: SObject, row: Json) -> bool:
        """By its own id, or that of a record it names."""
        own = kind.by_id and id18(row.get("Id")) in self.ids
        return own or any(row.get(f) and id18(row[f]) in self.ids for f, _ in kind.links)

    def named(self, kind: SObject, row: Json) -> bool:
        """By its name: a lead at most."""
        folded = {fold(each) for each in self.names}
        return any(fold(row.get(field)) in folded for field in kind.names)

    def carried(self, kind: SObject, row: Json) -> Iterator[Identifier]:
        """The identifiers looked for that stand in the row."""
        lists = " ; ".join(fold(row.get(field)) for field in kind.lists)
        there = {fold(row.get(field)) for field in kind.emails} | set(_ADDRESS.findall(lists))
        numbers = {e164(row.get(field), self.region) for field in kind.phones}
        yield from (Identifier(IdentifierKind.EMAIL, e) for e in self.emails if fold(e) in there)
        yield from (Identifier(IdentifierKind.PHONE, e) for e in self.phones if e in numbers)


def fold(value: object) -> str:
    """Text without the differences the vendor makes none of."""
    return value.strip().casefold() if isinstance(value, str) else ""


def _once(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(filter(None, values)))


def _own_id(text: str) -> str:
    try:
        return id18(text)
    except RefusedError:
        return ""


def _narrowed(condition: str, kind: SObject) -> str:
    return f"({condition}) AND {kind.only}" if kind.only else condition
