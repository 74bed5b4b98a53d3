"""Encoded queries: the only place where a value becomes part of one.

There is no escape character. A value that could be read as more than a value is never
sent whole: the query takes the part before it, and the caller compares exactly.
"""

import re
from collections.abc import Iterable, Iterator, Sequence

from erasure.errors import RefusedError

MOST_IDS = 100  # of one IN: 3,300 characters, of about 6,000 the vendor takes
LONGEST = 255  # characters: no address or number compared here is longer
SHORTEST = 3  # characters of a value cut short: fewer would match half the table

_ID = re.compile(r"[0-9a-f]{32}\Z")
_COLUMN = re.compile(r"[a-z][a-z0-9_]{0,79}\Z")
_UNSAFE = re.compile(r"\^|javascript:", re.IGNORECASE)


def sys_id(text: object) -> str:
    """A record id. Raises RefusedError: it is none."""
    if not isinstance(text, str) or not _ID.match(text):
        raise RefusedError("ServiceNow: this is no record id.")
    return text


def is_id(text: object) -> bool:
    """Whether a value is a record id."""
    return isinstance(text, str) and bool(_ID.match(text))


def column(name: str) -> str:
    """The name of a column or table. Raises RefusedError: it cannot be one."""
    if not _COLUMN.match(name):
        raise RefusedError("ServiceNow: this is no name of a column or table.")
    return name


def equals(columns: Iterable[str], value: str) -> str:
    """The condition that one of the columns equals the value, or begins like it.

    Raises:
        RefusedError: nothing of the value can be sent.
    """
    part = _sendable(value)
    return _any(columns, "=" if part == value else "STARTSWITH", part)


def holds(columns: Iterable[str], value: str) -> str:
    """The condition that one of the columns contains the value, or its beginning.

    Raises:
        RefusedError: nothing of the value can be sent.
    """
    return _any(columns, "LIKE", _sendable(value))


def ends(columns: Iterable[str], value: str) -> str:
    """The condition that one of the columns ends with these digits.

    Raises:
        RefusedError: the value is no end of a telephone number.
    """
    if not re.fullmatch(r"[0-9 ()./-]{4,9}", value) or not value[0].isdigit():
        raise RefusedError("ServiceNow: this is no end of a telephone number.")
    return _any(columns, "ENDSWITH", value)


def among(name: str, ids: Sequence[str]) -> str:
    """The condition that a column is one of the record ids; there must be one."""
    if not ids:
        raise RefusedError("ServiceNow: a query for no record at all.")
    return f"{column(name)}IN{','.join(sys_id(each) for each in ids)}"


def in_portions(ids: Iterable[str]) -> Iterator[Sequence[str]]:
    """The ids once each and in order, as many at a time as one query takes."""
    every = sorted(set(ids))
    for at in range(0, len(every), MOST_IDS):
        yield every[at : at + MOST_IDS]


def _sendable(value: str) -> str:
    """The value, or what stands before the first thing that is more than a value."""
    if not value.strip():
        raise RefusedError("ServiceNow: an empty value would match every empty field.")
    if len(value) > LONGEST or not value.isprintable():
        raise RefusedError("ServiceNow: a value is too long or has control characters.")
    unsafe = _UNSAFE.search(value)
    if unsafe is None:
        return value
    part = value[: unsafe.start()]
    if len(part.strip()) < SHORTEST:
        raise RefusedError("ServiceNow: a value cannot be searched for without being evaluated.")
    return part


def _any(columns: Iterable[str], operator: str, value: str) -> str:
    conditions = [f"{column(name)}{operator}{value}" for name in columns]
    if not conditions:
        raise RefusedError("ServiceNow: a query on no column at all.")
    return "^OR".join(conditions)
