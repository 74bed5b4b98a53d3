"""A table of requests as people save it from a spreadsheet: read row by row, nothing written.

Cells are text and stay text: nothing is calculated, and a name that begins like a formula
is refused.
"""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils import timezone

from erasure import clock
from erasure.errors import InputError
from erasure.identity import parse_many
from erasure.intake.stage import MOST_IDENTIFIERS
from erasure.values import Channel, Identifier, IdentifierKind

MOST_ROWS = 5000
MOST_BYTES = 5 * 2**20
LONGEST_TEXT = 8000
CHANNELS = (Channel.EMAIL, Channel.LETTER, Channel.PHONE, Channel.IN_PERSON)
COLUMNS = (
    "name", "other names", "emails", "phones", "customer numbers", "channel", "received",
    "language", "request",
)  # fmt: skip
KINDS = {
    "emails": IdentifierKind.EMAIL,
    "phones": IdentifierKind.PHONE,
    "customer numbers": IdentifierKind.CUSTOMER,
    "name": IdentifierKind.NAME,
    "other names": IdentifierKind.NAME,
}
DATES = ("%Y-%m-%d", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M", "%d.%m.%Y", "%d.%m.%Y %H:%M")
FORMULA = ("=", "+", "-", "@", "\t", "\r")
BOMS = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}


@dataclass(frozen=True, slots=True)
class Row:
    """One request; ``line`` is where it stands in the file."""

    line: int
    name: str = field(repr=False)
    identifiers: tuple[Identifier, ...]
    channel: str
    received_at: datetime
    language: str
    text: str = field(repr=False)

    def as_json(self) -> dict[str, Any]:
        return {
            "line": self.line, "name": self.name, "channel": self.channel,
            "identifiers": [[who.kind, who.value] for who in self.identifiers],
            "received_at": self.received_at.isoformat(), "language": self.language,
            "text": self.text,
        }  # fmt: skip

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> "Row":
        known = [Identifier(IdentifierKind(kind), value) for kind, value in told["identifiers"]]
        received = datetime.fromisoformat(told["received_at"])
        return cls(**{**told, "identifiers": tuple(known), "received_at": received})


@dataclass(frozen=True, slots=True)
class Wrong:
    """What keeps a row out. No value in it."""

    line: int
    column: str
    said: str


@dataclass(frozen=True, slots=True)
class Sheet:
    rows: tuple[Row, ...]
    wrong: tuple[Wrong, ...]


def read(data: bytes) -> Sheet:
    """Take a CSV file apart; every row is good, or named with what is wrong in it.

    Raises:
        InputError: ``file``; it cannot be read as a table at all.
    """
    lines = _lines(_text(data))
    head = _head(next(lines, (0, []))[1])
    rows: list[Row] = []
    wrong: list[Wrong] = []
    seen: dict[frozenset[Identifier], int] = {}
    filled = ((line, cells) for line, cells in lines if any(cell.strip() for cell in cells))
    for number, (line, cells) in enumerate(filled, start=1):
        if number > MOST_ROWS:
            raise _refusal(f"At most {MOST_ROWS:,} requests are taken from one file: split it.")
        wrong += _take(line, dict(zip(head, cells, strict=False)), rows, seen)
    if not rows and not wrong:
        raise _refusal("There is no row under the heading.")
    return Sheet(tuple(rows), tuple(wrong))


def _take(
    line: int, cells: Mapping[str, str], rows: list[Row], seen: dict[frozenset[Identifier], int]
) -> Iterator[Wrong]:
    """Add the row of a line, or say what is wrong with it."""
    given = {column: _cell(cells.get(column, "")) for column in COLUMNS}
    found: list[Identifier] = []
    wrong: list[Wrong] = []
    for column, kind in KINDS.items():
        try:
            found += _identifiers(given[column], column, kind)
        except InputError as why:
            wrong += [Wrong(line, column, said.removeprefix("Line 1: ")) for said in _each(why)]
    received = _received(given["received"])
    wrong += [Wrong(line, column, said) for column, said in _complaints(given, found, received)]
    searchable = frozenset(who for who in found if who.kind is not IdentifierKind.NAME)
    if not wrong and searchable in seen:
        wrong.append(Wrong(line, "emails", f"The same person stands in line {seen[searchable]}."))
    if wrong or received is None:
        yield from wrong
        return
    seen[searchable] = line
    language = given["language"].lower() or "en"
    rows.append(
        Row(line, given["name"], tuple(dict.fromkeys(found)), given["channel"].lower(), received,
            language, given["request"])
    )  # fmt: skip


def _identifiers(text: str, column: str, kind: IdentifierKind) -> Sequence[Identifier]:
    if kind is IdentifierKind.NAME and text.startswith(FORMULA):
        raise InputError(column, "This begins like a formula. Write the name alone.")
    return parse_many(text, settings.COUNTRY, kind, field=column)


def _each(why: InputError) -> list[str]:
    return str(why).split("\n")


def _complaints(
    given: Mapping[str, str], found: Sequence[Identifier], received: datetime | None
) -> Iterator[tuple[str, str]]:
    if not any(who.kind is not IdentifierKind.NAME for who in found):
        yield "emails", "Give an e-mail address, a phone number or a customer number."
    if len(found) > MOST_IDENTIFIERS:
        yield "emails", f"Give at most {MOST_IDENTIFIERS} names, addresses and numbers."
    if given["channel"].lower() not in list(CHANNELS):
        yield "channel", f"Write {', '.join(CHANNELS[:-1])} or {CHANNELS[-1]}."
    if received is None:
        yield "received", "Write the date as 2027-03-05 or 05.03.2027, with or without a time."
    elif received > clock.now():
        yield "received", "The date of receipt lies in the future."
    languages = [code for code, _ in settings.LANGUAGES]
    if given["language"].lower() not in ("", *languages):
        yield "language", f"Write {', '.join(languages)}, or leave it empty."
    if len(given["request"]) > LONGEST_TEXT:
        yield "request", f"At most {LONGEST_TEXT:,} characters are taken."


def _received(text: str) -> datetime | None:
    for form in DATES:
        try:
            return timezone.make_aware(datetime.strptime(text, form))  # noqa: DTZ007
        except ValueError:
            continue
    return None


def _cell(text: str) -> str:
    """Without the apostrophe by which spreadsheets mark text."""
    return text.strip().removeprefix("'")


def _text(data: bytes) -> str:
    if not data.strip():
        raise _refusal("The file is empty.")
    if len(data) > MOST_BYTES:
        raise _refusal(f"The file is larger than {MOST_BYTES // 2**20} MB: split it.")
    try:
        text = data.decode(BOMS.get(data[:2], "utf-8-sig"))
    except UnicodeDecodeError:
        raise _refusal("The letters cannot be read. Save the table as “CSV UTF-8”.") from None
    if "\0" in text:
        raise _refusal("This is no CSV file. Save the table as “CSV UTF-8”.")
    return text


def _lines(text: str) -> Iterator[tuple[int, list[str]]]:
    """Each record with the number of its last line in the file."""
    first = text.lstrip().partition("\n")[0]
    separator = max(";,\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        for cells in reader:
            yield reader.line_num, cells
    except csv.Error:
        raise _refusal(f"Line {reader.line_num} cannot be read: look at its quotes.") from None


def _head(cells: Sequence[str]) -> list[str]:
    """
    Raises:
        InputError: ``file``; a column is missing, unknown or stands twice.
    """
    head = [" ".join(cell.replace("_", " ").split()).lower() for cell in cells]
    unknown = [name for name in head if name and name not in COLUMNS]
    if unknown or len(set(head)) != len(head) or not {"channel", "received"} <= set(head):
        raise _refusal(
            f"The first line must name the columns, each once: {', '.join(COLUMNS)}. "
            "“channel” and “received” are needed."
        )
    return head


def _refusal(text: str) -> InputError:
    return InputError("file", text)
