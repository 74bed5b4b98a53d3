"""A case as an authority reads it: one heading after the other, and an index of the files.

It holds personal data: CONFIDENTIAL on every page.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from erasure.documents.archive import About, archive
from erasure.documents.page import NOTE, ROOM, SMALL, Frame
from erasure.documents.sheet import GAP, Column, Sheet
from erasure.documents.text import width
from erasure.documents.words import moment

CONFIDENTIAL = "CONFIDENTIAL"
Row = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """One heading: what it shows, a table, and where in the pack the files lie."""

    key: str
    title: str
    shows: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    files: tuple[str, ...] = ()
    none: str = "Nothing is on record."


@dataclass(frozen=True, slots=True)
class CaseFile:
    """``made_at`` is aware, in the establishment's zone."""

    reference: str
    controller: str
    made_at: datetime
    parts: tuple[Part, ...]


def render_case_file(file: CaseFile) -> bytes:
    """Every part in full, as PDF/A-3b. The same facts give the same bytes."""
    sheet = _sheet("Case file", file)
    for part in file.parts:
        columns = _columns(part)
        sheet.heading(part.title, keep=NOTE.leading + sheet.high(columns, part.rows[:2], SMALL))
        sheet.paragraph(part.shows, NOTE)
        if part.rows:
            sheet.table(columns, part.rows, style=SMALL)
        else:
            sheet.paragraph(part.none, SMALL)
    return _finish(sheet, "Case file", file)


def render_index(file: CaseFile, check: Sequence[str]) -> bytes:
    """What lies where, by the headings that authorities ask for; how to check it."""
    sheet = _sheet("Index", file)
    sheet.space(8)
    sheet.table(
        (Column("Asked for", 150), Column("What it shows"), Column("Where it is", 150)),
        [
            (part.title, part.shows, ", ".join(("case-file.pdf", *part.files)))
            for part in file.parts
        ],
        style=SMALL,
    )
    sheet.heading("How to check the certificates without us", keep=80)
    sheet.broken(check, SMALL)
    return _finish(sheet, "Index", file)


def _sheet(name: str, file: CaseFile) -> Sheet:
    sheet = Sheet(Frame(f"{name} {file.reference}", file.reference, CONFIDENTIAL))
    sheet.paragraph(file.controller, NOTE)
    sheet.title(f"{name}, {file.reference}")
    sheet.paragraph(f"As of {moment(file.made_at)}. It holds personal data.", NOTE)
    return sheet


def _columns(part: Part) -> list[Column]:
    """Narrow columns get the line they ask for; the wide ones share what is left."""
    cells = zip(part.columns, *part.rows, strict=True)
    asked = [max(width(cell, SMALL) for cell in column) + 1 for column in cells]
    room, given = ROOM - GAP * (len(asked) - 1), dict[int, float]()
    for place in sorted(range(len(asked)), key=asked.__getitem__):
        given[place] = min(asked[place], room / (len(asked) - len(given)))
        room -= given[place]
    return [Column(name, given[place]) for place, name in enumerate(part.columns)]


def _finish(sheet: Sheet, name: str, file: CaseFile) -> bytes:
    about = About(
        title=f"{name} {file.reference}",
        author=file.controller,
        subject="Record of a request under Art. 17 GDPR (Art. 5(2)). Confidential.",
        at=file.made_at,
    )
    return archive(sheet.finish(), about, sheet.root)
