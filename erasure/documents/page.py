"""One A4 page after another: sizes, styles, running lines. Lengths are in points.

Page numbers are written last, when the number of pages is known.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from typing import Any

from reportlab.lib.colors import Color, HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfbase.pdfmetrics import getFont
from reportlab.pdfgen.canvas import Canvas

from erasure.documents.text import BOLD, REGULAR, Style, drawable, width

WIDE, HIGH = A4
MARGIN = 22 * mm
ROOM = WIDE - 2 * MARGIN
TOP, BOTTOM = HIGH - MARGIN, MARGIN + 4 * mm
MUTED, LINE = "#5b6570", "#dfe3e7"

TITLE = Style(BOLD, 18, 24)
RESULT = Style(REGULAR, 13, 19)
WARNING = Style(BOLD, 13, 19)
HEADING = Style(BOLD, 10.5, 15)
BODY = Style(REGULAR, 9.5, 13.5)
LETTER = Style(REGULAR, 10, 15)
STRONG = Style(BOLD, 10, 15)
SMALL = Style(REGULAR, 8, 11.5)
ROW = Style(REGULAR, 7.5, 10.5)
NOTE = Style(REGULAR, 8, 11.5, MUTED)
MARK = Style(BOLD, 8.5, 12)


@dataclass(frozen=True, slots=True)
class Frame:
    """What stands on every page: running title, reference, a mark such as CONFIDENTIAL."""

    title: str
    reference: str
    mark: str = ""
    paging: str = "Page %(number)s of %(pages)s"


@cache
def _colour(code: str) -> Color:
    return HexColor(code)


class Pages(Canvas):
    """A canvas that keeps its pages until their number is known."""

    def __init__(self, out: BytesIO, frame: Frame) -> None:
        super().__init__(out, pagesize=A4, invariant=1, initialFontName=REGULAR)
        self.frame = frame
        self.kept: list[dict[str, Any]] = []
        self.shown: dict[tuple[str, str, float], str] = {}

    def showPage(self) -> None:  # noqa: N802 (ReportLab's name)
        self.kept.append(dict(self.__dict__))
        self._startPage()

    def save(self) -> None:
        kept = self.kept
        for number, page in enumerate(kept, 1):
            self.__dict__.update(page)
            self._furnish(number, len(kept))
            super().showPage()
        super().save()

    def _furnish(self, number: int, pages: int) -> None:
        """Write the running lines. They are no content, so a screen reader skips them."""
        self.add("/Artifact <</Type /Pagination>> BDC")
        top, foot = HIGH - MARGIN + 5 * mm, MARGIN - 5 * mm
        if number > 1:
            self.put(MARGIN, top, self.frame.title, NOTE)
        if self.frame.mark:
            self.put(WIDE - MARGIN - width(self.frame.mark, MARK), top, self.frame.mark, MARK)
        self.rule(foot + 4.5 * mm)
        self.put(MARGIN, foot, self.frame.reference, NOTE)
        last = self.frame.paging % {"number": number, "pages": pages}
        self.put(WIDE - MARGIN - width(last, NOTE), foot, last, NOTE)
        self.add("EMC")

    def add(self, operators: str) -> None:
        """Add raw operators to the page's content."""
        self._code.append(operators)

    def put(self, x: float, y: float, line: str, style: Style) -> None:
        """Draw one line with its baseline at ``y``."""
        if self._fillColorObj is not _colour(style.colour):
            self.setFillColor(_colour(style.colour))
        self.add(f"BT 1 0 0 1 {x:.2f} {y:.2f} Tm {self._shown(line, style)} ET")

    def _shown(self, line: str, style: Style) -> str:
        """The operators that show a line; the same ones stand in a column thousands of times."""
        key = (line, style.font, style.size)
        if key not in self.shown:
            font, parts = getFont(style.font), []
            for subset, codes in font.splitString(drawable(line, style.font), self._doc):
                inside = font.getSubsetInternalName(subset, self._doc)
                parts.append(f"{inside} {style.size:g} Tf ({self._escape(codes)}) Tj")
            # To the next line: who extracts the text sees where this one ends.
            self.shown[key] = f"{style.leading:g} TL {' '.join(parts)} T*"
        return self.shown[key]

    def squares(self, x: float, y: float, side: float, rows: Sequence[Sequence[bool]]) -> None:
        """Draw a pattern of black squares, such as a QR code, with its top left at x, y."""
        self.setFillColor(_colour("#000000"))
        for down, row in enumerate(rows, 1):
            for right, black in enumerate(row):
                if black:
                    self.rect(x + right * side, y - down * side, side, side, stroke=0, fill=1)

    def rule(self, y: float, colour: str = LINE) -> None:
        red, green, blue = _colour(colour).rgb()
        self.add(
            f"{red:.4f} {green:.4f} {blue:.4f} RG 0.5 w "
            f"{MARGIN:.2f} {y:.2f} m {WIDE - MARGIN:.2f} {y:.2f} l S"
        )
