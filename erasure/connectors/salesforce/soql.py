"""Text and ids in SOQL: the only place where a value becomes part of a statement.

Names of objects and fields are written in this package, never taken from input.
What a LIKE brings is a candidate only: it is compared once more on our side.
"""

import re
from collections.abc import Iterable, Iterator, Sequence

from erasure.errors import RefusedError

MOST_CHARACTERS = 4_000  # of the literals of one IN; percent-encoded they fit a 16 kB URL

_ESCAPES = str.maketrans(
    {
        **{"\\": r"\\", "'": r"\'", '"': r"\""},
        **{"\n": r"\n", "\r": r"\r", "\t": r"\t", "\b": r"\b", "\f": r"\f"},
    }
)
_SOSL = str.maketrans({mark: f"\\{mark}" for mark in "?&|!{}[]()^~*:\\\"'+-"})
_ID = re.compile(r"[a-zA-Z0-9]{15}([a-zA-Z0-9]{3})?\Z")
_CHECK = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"


def quote(text: str) -> str:
    """A string literal that means exactly ``text`` (SOQL: quoted string escape sequences)."""
    return f"'{text.translate(_ESCAPES)}'"


def among(field: str, values: Iterable[str]) -> str:
    """The condition that a field equals one of the values; there must be one."""
    return f"{field} IN ({','.join(quote(value) for value in values)})"


def like(field: str, part: str) -> str:
    """The condition that a field contains ``part``, its own wildcards taken literally."""
    inner = quote(part)[1:-1].replace("%", r"\%").replace("_", r"\_")
    return f"{field} LIKE '%{inner}%'"


def like_digits(field: str, number: str) -> str:
    """The condition that the last seven digits stand in a field, whatever is between them."""
    digits = [each for each in number if each in "0123456789"][-7:]
    return f"{field} LIKE '%{'%'.join(digits)}%'"


def find(text: str) -> str:
    """A SOSL search phrase that means exactly ``text``; line breaks and tabs become spaces."""
    spaced = " ".join(text.split())
    return '{"' + spaced.translate(_SOSL) + '"}'


def in_portions(values: Iterable[str]) -> Iterator[Sequence[str]]:
    """The values once each, in portions whose literals are short enough for one URL."""
    portion: list[str] = []
    length = 0
    for value in dict.fromkeys(values):
        size = len(quote(value)) + 1
        if portion and length + size > MOST_CHARACTERS:
            yield portion
            portion, length = [], 0
        portion.append(value)
        length += size
    if portion:
        yield portion


def id18(text: object) -> str:
    """A record id in its 18-character form, whichever of the two was given.

    Raises:
        RefusedError: it is no record id.
    """
    if not isinstance(text, str) or not _ID.match(text):
        raise RefusedError("Salesforce: this is no record id.")
    marks = (
        sum(1 << at for at, letter in enumerate(part) if "A" <= letter <= "Z")
        for part in (text[0:5], text[5:10], text[10:15])
    )
    return text[:15] + "".join(_CHECK[mark] for mark in marks)
