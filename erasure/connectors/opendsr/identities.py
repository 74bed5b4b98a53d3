"""The person's identifiers as a processor is told them, and the id of a request."""

import hashlib
import hmac
import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from erasure.values import Identifier, IdentifierKind

TYPES = {
    IdentifierKind.EMAIL: "email",
    IdentifierKind.CUSTOMER: "controller_customer_id",
}
FORMATS = ("raw", "sha256", "sha1", "md5")  # the first that is supported
PHONE_TYPES = ("mobile_number", "phone_number_2", "phone_number_3")
Row = dict[str, str]


@dataclass(frozen=True, slots=True)
class Told:
    """What is sent of a person. Rows are in a fixed order."""

    identities: tuple[Row, ...]
    phones: tuple[Row, ...]  # of the extension
    too_many: int  # phone numbers for which the extension has no place
    unsent: tuple[str, ...]  # kinds the processor does not take

    def __repr__(self) -> str:
        return f"Told({len(self.identities)}, {len(self.phones)})"


def told(
    who: Iterable[Identifier], supported: Collection[tuple[str, str]], *, phones: bool
) -> Told:
    """Each identifier once, in the first format the processor lists for its type."""
    known = sorted(set(who), key=lambda one: (one.kind, one.value))
    rows, numbers, unsent = [], [], set()
    for one in known:
        row = _row(one, supported)
        if row:
            rows.append(row)
        elif one.kind is IdentifierKind.PHONE and phones:
            numbers.append(one.value)
        else:
            unsent.add(str(one.kind))
    kept = [
        {"identity_type": kind, "identity_value": value}
        for kind, value in zip(PHONE_TYPES, numbers, strict=False)
    ]
    return Told(tuple(rows), tuple(kept), len(numbers) - len(kept), tuple(sorted(unsent)))


def _row(one: Identifier, supported: Collection[tuple[str, str]]) -> Row | None:
    kind = TYPES.get(one.kind, "")
    form = next((form for form in FORMATS if (kind, form) in supported), "")
    if not form:
        return None
    return {
        "identity_type": kind,
        "identity_value": _formatted(one, form),
        "identity_format": form,
    }


def _formatted(one: Identifier, form: str) -> str:
    """Hashed over trimmed UTF-8, an e-mail address in small letters."""
    if form == "raw":
        return one.value
    plain = one.value.strip()
    if one.kind is IdentifierKind.EMAIL:
        plain = plain.lower()
    return hashlib.new(form, plain.encode(), usedforsecurity=False).hexdigest()


def request_id(secret: str, *parts: str) -> str:
    """A UUID in the shape of version 4, small letters: the same parts give the same."""
    message = "\0".join(("erasure-opendsr-request/v1", *parts)).encode()
    digest = hmac.new(secret.encode(), message, hashlib.sha256).digest()
    return str(UUID(bytes=digest[:16], version=4))


def first_id(secret: str, slug: str, rows: Sequence[Row]) -> str:
    """The id of the first request about these identities over this connection."""
    return request_id(secret, slug, *sorted(as_json([row]) for row in rows))


def next_id(first: str, number: int) -> str:
    """The id of the how-manieth request about the same: the first keeps its own.

    A request that has ended is never taken for a new one: its end says nothing of
    what the processor received since. Keyed by the first id, which outlives a change
    of the connection's secret.
    """
    return request_id(first, str(number)) if number else first


def as_json(rows: Sequence[Row]) -> str:
    return json.dumps(list(rows), ensure_ascii=False, sort_keys=True)
