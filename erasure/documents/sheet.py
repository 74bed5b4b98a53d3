"""Sheets filled from top to bottom, straight on the canvas. Lengths are in points.

Rows come from an iterator and are drawn page by page, so time grows with
their number and no more.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from io import BytesIO
from itertools import zip_longest

from reportlab.graphics import renderPDF
from reportlab.graphics.barcode.qrencoder import QRCode, QRErrorCorrectLevel
from reportlab.graphics.shapes import Drawing

from erasure.documents.page import (
    BODY,
    BOTTOM,
    HEADING,
    LINE,
    MARGIN,
    MUTED,
    NOTE,
    ROOM,
    TITLE,
    TOP,
    Frame,
    Pages,
)
from erasure.documents.tags import Element
from erasure.documents.text import BOLD, REGULAR, Style, drawable, is_right_to_left, width, wrap

GAP = 12.0  # between columns
RULED = 3.0  # above and below the text of a row with a rule
MOST_LINES = 40  # of one cell: a row always fits on a page
QR_SIDE = 62.0
INDENT, DASH = 14.0, "\u2013"  # of a list

Pair = tuple[str, str]
Cell = str | tuple[str, str]  # the second text stands below the first, smaller


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its heading, its width in points (0: what is left), numbers to the right."""

    heading: str
    width: float = 0
    right: bool = False
    muted: bool = False


class Sheet:
    """Headings, paragraphs and tables, one below the other, each tagged for screen readers."""

    def __init__(self, frame: Frame) -> None:
        self._out = BytesIO()
        self._canvas = Pages(self._out, frame)
        self.root = Element("Document")
        self._open = [self.root]
        self._page, self._marks, self._y = 0, 0, TOP
        self._room, self._clear = ROOM, TOP

    def finish(self) -> bytes:
        """The PDF, not yet with its structure, metadata and attachments."""
        self._canvas.showPage()
        self._canvas.save()
        return self._out.getvalue()

    # -- what a document is made of

    def title(self, text: str) -> None:
        self.lines("H1", wrap(text, TITLE, self._room), TITLE)

    def heading(self, text: str, keep: float = 60) -> None:
        """A heading that stays on one page with the next ``keep`` points."""
        self.space(13)
        self._need(HEADING.leading + keep)
        self.lines("H2", wrap(text, HEADING, ROOM), HEADING)
        self.space(2)

    def paragraph(self, text: str, style: Style = BODY) -> None:
        self.broken([text], style)

    def broken(self, texts: Iterable[str], style: Style = BODY) -> None:
        """One paragraph whose line ends are kept."""
        lines = [line for text in texts for line in wrap(text, style, self._room)]
        self.lines("P", lines, style)

    def lines(self, tag: str, lines: Iterable[str], style: Style) -> None:
        """Lines that are already broken, under one tag, over as many pages as they need."""
        with self._element(Element(tag)):
            for line in lines:
                self._need(style.leading)
                self._y -= style.leading
                self._say(MARGIN, self._y + 0.25 * style.leading, [line], style)

    def points(self, texts: Iterable[str], style: Style = BODY) -> None:
        """A list: a dash before each text, its further lines indented."""
        with self._element(Element("L")):
            for text in texts:
                with self._element(Element("LI")):
                    self._point(wrap(text, style, self._room - INDENT), style)

    def _point(self, lines: Sequence[str], style: Style) -> None:
        for number, line in enumerate(lines):
            self._need(style.leading)
            self._y -= style.leading
            y = self._y + 0.25 * style.leading
            if not number:
                with self._element(Element("Lbl")):
                    self._say(MARGIN, y, [DASH], style)
            with self._element(Element("LBody")):
                self._say(MARGIN + INDENT, y, [line], style)

    @property
    def left(self) -> float:
        """How many points are left on this page."""
        return self._y - BOTTOM

    def turn(self) -> None:
        """Go on at the top of the next page."""
        self.clear()
        if self._y < TOP:
            self._turn()

    def keep(self, points: float) -> None:
        """Turn the page unless so much room is left on it."""
        self._need(points)

    def space(self, points: float) -> None:
        """Leave room, unless at the top of a page."""
        if self._y < TOP:
            self._y -= points

    def table(
        self,
        columns: Sequence[Column],
        rows: Iterable[Sequence[Cell]],
        *,
        style: Style = BODY,
        total: Sequence[Cell] | None = None,
    ) -> None:
        """A ruled table whose headings are repeated on each page; ``total`` is set in bold."""
        columns = _fitted(columns)
        with self._element(Element("Table")):
            self._headings(columns)
            for row in rows:
                self._row(columns, row, style)
            if total is not None:
                self._row(columns, total, replace(style, font=BOLD))

    def fitting(
        self, columns: Sequence[Column], rows: Sequence[Sequence[Cell]], style: Style, room: float
    ) -> int:
        """How many of the first rows of a table, its headings and a line more, fit into room."""
        count = 0
        while count < len(rows) and self.high(columns, rows[: count + 1], style) <= room:
            count += 1
        return count

    def high(
        self, columns: Sequence[Column], rows: Sequence[Sequence[Cell]], style: Style
    ) -> float:
        """The height of a table with these rows, one-line headings and a line more."""
        columns = _fitted(columns)
        cells = [
            [_broken(cell, style, col.width) for cell, col in zip(row, columns, strict=True)]
            for row in rows
        ]
        heights = [max(_height(cell, style) for cell in row) + 2 * RULED for row in cells]
        return NOTE.leading + 6 + sum(heights) + style.leading + 2 * RULED

    def facts(self, pairs: Sequence[Pair], label: float = 106, style: Style = BODY) -> None:
        """Labels and values, one pair a line."""
        self._facts([Column("", label, muted=True), Column("")], pairs, style)

    def facts_beside(self, left: Sequence[Pair], right: Sequence[Pair]) -> None:
        """Labels and values in two columns of pairs."""
        columns = [
            Column("", 64, muted=True),
            Column(""),
            Column("", 90, muted=True),
            Column("", 122),
        ]
        pairs = zip_longest(left, right, fillvalue=("", ""))
        self._facts(columns, ((*first, *second) for first, second in pairs))

    def _facts(
        self, columns: Sequence[Column], rows: Iterable[Sequence[str]], style: Style = BODY
    ) -> None:
        columns = _fitted(columns)
        with self._element(Element("Table")):
            for row in rows:
                self._row(columns, row, style, ruled=False)

    def chart(self, drawing: Drawing, spoken: str) -> None:
        """A drawing over the whole width; ``spoken`` stands for it where it is not seen."""
        self._need(drawing.height)
        self._y -= drawing.height
        with self._element(Element("Figure", alternative=spoken)):
            self._canvas.add(self._mark([]))
            renderPDF.draw(drawing, self._canvas, MARGIN, self._y)
            self._canvas.add("EMC")

    def qr(self, text: str, spoken: str) -> None:
        """A QR code at the top right; what follows keeps clear of it until ``clear``.

        ``spoken`` stands for it where pictures are not seen.
        """
        code = QRCode(None, QRErrorCorrectLevel.M)
        code.addData(text)
        code.make()
        side = QR_SIDE / code.getModuleCount()
        with self._element(Element("Figure", alternative=spoken)):
            self._canvas.add(self._mark([]))
            self._canvas.squares(MARGIN + ROOM - QR_SIDE, self._y, side, code.modules)
            self._canvas.add("EMC")
        self._room, self._clear = ROOM - QR_SIDE - GAP, self._y - QR_SIDE

    def clear(self) -> None:
        """Go on below the QR code, over the whole width."""
        self._room, self._y = ROOM, min(self._y, self._clear)

    # -- rows

    def _headings(self, columns: Sequence[Column], *, again: bool = False) -> None:
        cells = [wrap(column.heading, NOTE, column.width) for column in columns]
        high = max(map(len, cells)) * NOTE.leading + 6
        if not again:
            self._need(high + 2 * BODY.leading)
        self._y -= high
        with self._element(Element("TR"), hidden=again):
            for column, x, lines in zip(columns, _lefts(columns), cells, strict=True):
                y = self._y + 5 + (len(lines) - 1) * NOTE.leading
                with self._element(Element("TH", scope="Column"), hidden=again):
                    self._say(x, y, lines, NOTE, column, hidden=again)
        self._rule(MUTED)

    def _row(
        self, columns: Sequence[Column], row: Sequence[Cell], style: Style, *, ruled: bool = True
    ) -> None:
        cells = [_broken(cell, style, col.width) for cell, col in zip(row, columns, strict=True)]
        above = RULED if ruled else 0.5
        high = max(_height(cell, style) for cell in cells) + 2 * above
        if self._y - high < BOTTOM:
            self._turn()
            if ruled:
                self._headings(columns, again=True)
        top = self._y - above
        self._y -= high
        with self._element(Element("TR")):
            for number, (column, x, cell) in enumerate(
                zip(columns, _lefts(columns), cells, strict=True)
            ):
                head = not ruled and number % 2 == 0
                with self._element(Element("TH", scope="Row") if head else Element("TD")):
                    self._cell(x, top, cell, _look(cell, column, style), column)
        if ruled:
            self._rule(LINE)

    def _cell(
        self, x: float, top: float, cell: tuple[list[str], list[str]], style: Style, column: Column
    ) -> None:
        main, below = cell
        self._say(x, top - 0.75 * style.leading, main, style, column)
        if below:
            y = top - len(main) * style.leading - 0.75 * NOTE.leading
            self._say(x, y, below, NOTE, column)

    # -- drawing

    def _say(
        self,
        x: float,
        y: float,
        lines: Sequence[str],
        style: Style,
        column: Column | None = None,
        *,
        hidden: bool = False,
    ) -> None:
        """Draw lines downwards from baseline ``y`` as one piece of marked content."""
        self._canvas.add("/Artifact BMC" if hidden else self._mark(lines))
        for line in lines:
            left = x
            if column and column.right:
                left = x + column.width - width(line, style)
            self._canvas.put(left, y, line, style)
            y -= style.leading
        self._canvas.add("EMC")

    def _mark(self, lines: Sequence[str]) -> str:
        """Open marked content; text that is drawn in another order than read says what it is."""
        element, number = self._open[-1], self._marks
        element.kids.append((self._page, number))
        self._marks += 1
        said = " ".join(lines)
        actual = ""
        if is_right_to_left(said) or any(drawable(line, REGULAR) != line for line in lines):
            actual = f" /ActualText <{said.encode('utf-16-be').hex().join(('feff', ''))}>"
        return f"/{element.tag} <</MCID {number}{actual}>> BDC"

    def _rule(self, colour: str) -> None:
        self._canvas.add("/Artifact BMC")
        self._canvas.rule(self._y, colour)
        self._canvas.add("EMC")

    # -- pages and elements

    def _need(self, points: float) -> None:
        if self._y - points < BOTTOM:
            self._turn()

    def _turn(self) -> None:
        self._canvas.showPage()
        self._page, self._marks, self._y = self._page + 1, 0, TOP

    @contextmanager
    def _element(self, element: Element, *, hidden: bool = False) -> Iterator[None]:
        if hidden:
            yield
            return
        self._open[-1].kids.append(element)
        self._open.append(element)
        yield
        self._open.pop()


def room_for(rows: Sequence[object]) -> float:
    """About how many points a table of a few rows takes; a longer one may be broken."""
    return 26.0 + 30 * min(len(rows), 5)


def _fitted(columns: Sequence[Column]) -> list[Column]:
    """Give the columns without a width an equal share of what is left."""
    taken = sum(column.width for column in columns) + GAP * (len(columns) - 1)
    share = (ROOM - taken) / max(1, sum(not column.width for column in columns))
    return [column if column.width else replace(column, width=share) for column in columns]


def _lefts(columns: Sequence[Column]) -> list[float]:
    lefts = [MARGIN]
    for column in columns[:-1]:
        lefts.append(lefts[-1] + column.width + GAP)
    return lefts


def _broken(cell: Cell, style: Style, room: float) -> tuple[list[str], list[str]]:
    main, below = (cell, "") if isinstance(cell, str) else cell
    lines = wrap(main, style, room, most=MOST_LINES)
    return lines, wrap(below, NOTE, room, most=MOST_LINES // 4) if below else []


def _height(cell: tuple[list[str], list[str]], style: Style) -> float:
    return len(cell[0]) * style.leading + len(cell[1]) * NOTE.leading


def _look(cell: tuple[list[str], list[str]], column: Column, style: Style) -> Style:
    quiet = column.muted or (column.right and cell[0] == ["0"])
    return replace(style, colour=MUTED) if quiet else style
