"""Months side by side, as bars or as a line: ink and one accent, zero-based, labelled directly.

Lengths are in points. A month that is not over is drawn hollow.
"""

from collections.abc import Sequence

from reportlab.graphics.shapes import Circle, Drawing, Line, Rect, String
from reportlab.lib.colors import HexColor

from erasure.documents.page import LINE, MUTED, ROOM
from erasure.documents.report_facts import Point, Trend, Unit
from erasure.documents.text import REGULAR
from erasure.documents.words import MONTHS

INK, ACCENT = HexColor("#1b1f24"), HexColor("#0b5e6b")
GREY, HAIR, PAPER = HexColor(MUTED), HexColor(LINE), HexColor("#ffffff")
HIGH, FOOT, HEAD = 104.0, 24.0, 14.0  # of a chart, its month names, the room for a label on top
SIZE = 7.0
BAR = 0.56  # of a month's room


def chart(trend: Trend) -> Drawing:
    drawing = Drawing(ROOM, HIGH)
    slot = ROOM / max(1, len(trend.points))
    drawing.add(_hair(FOOT, GREY))
    top = _top(trend)
    if trend.unit is Unit.SHARE:
        drawing.add(_hair(_at(1, top), HAIR))
    if trend.unit is Unit.COUNT:
        _bars(drawing, trend, slot, top)
    else:
        _line(drawing, trend, slot, top)
    for number, point in enumerate(trend.points):
        _month(drawing, trend.points, number, (number + 0.5) * slot)
        if point.withheld:
            drawing.add(_text((number + 0.5) * slot, FOOT + 4, "under 5", GREY))
    return drawing


def spoken(trend: Trend) -> str:
    """The same in words, for who does not see it."""
    said = (f"{_name(point)}: {shown_value(trend.unit, point) or 'none'}" for point in trend.points)
    return f"{trend.label}. {'; '.join(said)}."


def _top(trend: Trend) -> float:
    """What the scale ends at; it begins at zero."""
    if trend.unit is Unit.SHARE:
        return 1.0
    return max((point.value or 0 for point in trend.points), default=0) or 1.0


def _at(value: float, top: float) -> float:
    return FOOT + value / top * (HIGH - FOOT - HEAD)


def _bars(drawing: Drawing, trend: Trend, slot: float, top: float) -> None:
    wide = slot * BAR
    for number, point in enumerate(trend.points):
        if point.value is None:
            continue
        middle, y = (number + 0.5) * slot, _at(point.value, top)
        if point.value:
            drawing.add(
                Rect(
                    middle - wide / 2, FOOT, wide, y - FOOT, strokeColor=ACCENT, strokeWidth=0.8,
                    fillColor=ACCENT if point.final else PAPER,
                )
            )  # fmt: skip
        drawing.add(_text(middle, y + 4, shown_value(trend.unit, point)))


def _line(drawing: Drawing, trend: Trend, slot: float, top: float) -> None:
    """Neighbours are joined; a month without a value leaves a gap."""
    placed = [
        ((number + 0.5) * slot, _at(point.value, top)) if point.value is not None else None
        for number, point in enumerate(trend.points)
    ]
    for one, other in zip(placed, placed[1:], strict=False):
        if one and other:
            drawing.add(Line(*one, *other, strokeColor=ACCENT, strokeWidth=1.2))
    for at, point in zip(placed, trend.points, strict=True):
        if at:
            fill = ACCENT if point.final else PAPER
            drawing.add(Circle(*at, 2.3, fillColor=fill, strokeColor=ACCENT, strokeWidth=1))
            drawing.add(_text(at[0], at[1] + 5, shown_value(trend.unit, point)))


def _month(drawing: Drawing, points: Sequence[Point], number: int, x: float) -> None:
    """The month's name; the year under the first of each."""
    point = points[number]
    drawing.add(_text(x, FOOT - 10, MONTHS[point.month.month - 1], INK if point.final else GREY))
    if not number or point.month.month == 1:
        drawing.add(_text(x, FOOT - 20, str(point.month.year), GREY))
    elif not point.final:
        drawing.add(_text(x, FOOT - 20, "so far", GREY))


def _name(point: Point) -> str:
    partial = "" if point.final else " (not over)"
    return f"{MONTHS[point.month.month - 1]} {point.month.year}{partial}"


def shown_value(unit: Unit, point: Point) -> str:
    if point.withheld:
        return "under 5"
    if point.value is None:
        return ""
    if unit is Unit.SHARE:
        return f"{point.value:.0%}" if point.value in (0, 1) else f"{point.value:.1%}"
    return f"{point.value:,.0f}" if unit is Unit.COUNT else f"{point.value:,.1f}"


def _hair(y: float, colour: HexColor) -> Line:
    return Line(0, y, ROOM, y, strokeColor=colour, strokeWidth=0.5)


def _text(x: float, y: float, text: str, colour: HexColor = INK) -> String:
    return String(
        x, y, text, fontName=REGULAR, fontSize=SIZE, fillColor=colour, textAnchor="middle"
    )
