"""One row of an org, its id, and the words of a refusal."""

import re
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from string import ascii_lowercase, ascii_uppercase, digits

from .literals import ID as ID
from .literals import Value

_ALPHABET = digits + ascii_uppercase + ascii_lowercase
_CHECK = ascii_uppercase + "012345"
_WORD = re.compile(r"[^\W_]+")
Values = dict[str, Value]


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a record was not deleted, changed or shown."""

    code: str
    message: str
    status: int = 400
    fields: tuple[str, ...] = ()


@dataclass(slots=True)
class Record:
    """One row. ``owner`` is the key of the person it is about; empty: nobody's."""

    kind: str
    owner: str
    values: Values
    purged: bool = False
    deleted_at: datetime | None = None
    parent: str = ""  # id of the record whose deletion took this one along
    changed_at: datetime | None = None
    indexed: str = ""  # what the search index still holds of it after a change

    @property
    def id(self) -> str:
        return str(self.values["Id"])

    @property
    def live(self) -> bool:
        """Neither in the bin nor gone."""
        return self.deleted_at is None

    def text(self) -> str:
        """Everything in it that a full-text search reads."""
        own = (value for name, value in self.values.items() if not name.endswith("Id"))
        return "\n".join(value for value in own if isinstance(value, str))


NOT_FOUND = Refusal("NOT_FOUND", "The requested resource does not exist", 404)
UNKNOWN_ID = Refusal("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id")


def words(text: str) -> list[str]:
    """The words of a text as an index of one keeps them."""
    return _WORD.findall(text.lower())


def checked(id15: str) -> str:
    """The 18-character form of an id: one letter for the upper case in every five."""
    marks = (
        sum(1 << at for at, letter in enumerate(part) if letter in ascii_uppercase)
        for part in (id15[0:5], id15[5:10], id15[10:15])
    )
    return id15 + "".join(_CHECK[mark] for mark in marks)


def made_id(prefix: str, *parts: object) -> str:
    """An id that depends on nothing but its parts."""
    number = int.from_bytes(sha256("/".join(map(str, parts)).encode()).digest())
    letters = (_ALPHABET[number // 62**place % 62] for place in range(12))
    return checked(prefix + "".join(letters))


def stamp(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.000+0000")
