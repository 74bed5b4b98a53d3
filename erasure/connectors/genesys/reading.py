"""Reading the vendor's JSON strictly, and writing its dates and filters."""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import TypeVar

from erasure.connectors.base import Unanswered
from erasure.connectors.http import Json
from erasure.errors import BusyError, ErasureError, RefusedError
from erasure.values import Identifier, IdentifierKind

T = TypeVar("T")

_E164 = re.compile(r"\+[1-9][0-9]{6,14}\Z")
_EMAIL = re.compile(r"[^\s@<>,;:]+@[^\s@<>,;:]+\.[^\s@<>,;:]+\Z")
_SCHEMES = ("tel:", "sip:", "mailto:", "sms:")


def text(record: Json, key: str) -> str:
    """A text field; "" if it is absent or no text."""
    value = record.get(key)
    return value if isinstance(value, str) else ""


def number(record: Json, key: str) -> int | None:
    """A whole number; None if it is absent or no number."""
    value = record.get(key)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def inner(record: Json, key: str) -> Json:
    """An object field; empty if it is absent."""
    value = record.get(key)
    return value if isinstance(value, dict) else {}


def objects(record: Json, key: str) -> list[Json]:
    """A list of objects; empty if the key is absent, as the vendor does for no hits.

    Raises:
        RefusedError: something else stands there, or the record is an error.
    """
    if key in record:
        return only_objects(record[key])
    if "message" in record and "code" in record:
        raise RefusedError("The answer is an error that calls itself a success")
    return []


def entities(listing: Json) -> list[Json]:
    """The records of a page. Raises RefusedError if it has no such list."""
    return only_objects(listing.get("entities"))


def only_objects(value: object) -> list[Json]:
    """Every entry as an object. Raises RefusedError if one is not."""
    if not isinstance(value, list) or not all(isinstance(entry, dict) for entry in value):
        raise RefusedError("The answer holds something else than a list of records")
    return value


def strings(record: Json, key: str) -> list[str]:
    value = record.get(key)
    return [entry for entry in value if isinstance(entry, str)] if isinstance(value, list) else []


def required(record: Json, key: str) -> str:
    """An id that must be there. Raises RefusedError if it is not."""
    value = text(record, key)
    if not value:
        raise RefusedError(f"The answer holds a record without {key}")
    return value


def moment(value: str) -> datetime | None:
    """An ISO 8601 date of the vendor, aware; None if it is none."""
    try:
        read = datetime.fromisoformat(value)
    except ValueError:
        return None
    return read if read.tzinfo else read.replace(tzinfo=UTC)


def stamp(when: datetime) -> str:
    """The vendor's form of a moment: UTC with milliseconds."""
    return when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{when.microsecond // 1000:03d}Z"


def interval(start: datetime, end: datetime) -> str:
    return f"{stamp(start)}/{stamp(end)}"


def predicate(dimension: str, value: str) -> Json:
    return {"dimension": dimension, "operator": "matches", "value": value}


def any_of(predicates: Iterable[Json]) -> list[Json]:
    """A filter that matches when one of the predicates does."""
    return [{"type": "or", "predicates": list(predicates)}]


def chunks(entries: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    for start in range(0, len(entries), max(size, 1)):
        yield entries[start : start + max(size, 1)]


def email(value: str) -> Identifier | None:
    """An e-mail address in lower case; None if the value is none."""
    plain = _without_scheme(value)
    return Identifier(IdentifierKind.EMAIL, plain.lower()) if _EMAIL.match(plain) else None


def phone(value: str) -> Identifier | None:
    """An E.164 number, as +… or tel:+…, spaces dropped; None if the value is none."""
    plain = re.sub(r"[\s().-]", "", _without_scheme(value))
    return Identifier(IdentifierKind.PHONE, plain) if _E164.match(plain) else None


def address(value: str) -> Identifier | None:
    """The phone number or e-mail address an address field carries, if it carries one."""
    return phone(value) or email(value)


def _without_scheme(value: str) -> str:
    plain = value.strip()
    for scheme in _SCHEMES:
        if plain.lower().startswith(scheme):
            return plain[len(scheme) :]
    return plain


def distinct(found: Iterable[Identifier | None]) -> tuple[Identifier, ...]:
    """Each identifier once, in order."""
    return tuple(dict.fromkeys(identifier for identifier in found if identifier))


def unanswered(store: str, error: ErasureError, permissions: Iterable[str] = ()) -> Unanswered:
    """Why a store could not be searched; a 403 that names no permission gets the store's."""
    reason = str(error)
    if reason.startswith("The answer "):  # that names no endpoint
        reason = f"{store}: {reason}"
    if isinstance(error, RefusedError) and error.status == 403 and "(" not in reason:
        reason += f" (needs {', '.join(permissions)})"
    return Unanswered(store, reason, again=isinstance(error, BusyError))
