"""Small counts are not told outside the DPO's team: who is one of three is soon known.

A count from 1 to 4 is withheld; so is a share whose part, rest or whole is one, and a
middle of so few. Of a count that is broken down one more line goes with a single one that
is withheld, as the sum would tell it.
"""

from dataclasses import replace

from erasure.documents.report_facts import Cell, Figure, MonthlyReport, Point, Trend, Unit

LEAST = 5


def withhold(report: MonthlyReport) -> MonthlyReport:
    """The same report, without counts under five."""
    sections = tuple(
        replace(section, figures=tuple(map(_figure, section.figures)))
        for section in report.sections
    )
    trends = tuple(map(_trend, report.trends))
    return replace(report, small=False, sections=sections, trends=trends)


def is_small(number: float | None) -> bool:
    return number is not None and 0 < number < LEAST


def _figure(figure: Figure) -> Figure:
    if figure.cells is not None:
        return replace(figure, cells=_cells(figure.cells))
    if not _hides(figure.unit, figure.value, figure.part, figure.whole):
        return figure
    return replace(figure, value=None, part=None, whole=None, withheld=True)


def _hides(unit: Unit, value: float | None, part: int | None, whole: int | None) -> bool:
    if unit is Unit.COUNT:
        return is_small(value)
    rest = whole - part if whole is not None and part is not None else None
    return any(map(is_small, (part, rest, whole)))


def _cells(cells: tuple[Cell, ...]) -> tuple[Cell, ...]:
    small = [cell for cell in cells if is_small(cell.value)]
    others = [cell for cell in cells if cell not in small]
    if len(small) == 1 and others:
        small.append(min(others, key=lambda cell: cell.value))
    return tuple(replace(cell, value=0, withheld=True) if cell in small else cell for cell in cells)


def _trend(trend: Trend) -> Trend:
    return replace(trend, points=tuple(_point(trend.unit, point) for point in trend.points))


def _point(unit: Unit, point: Point) -> Point:
    if not _hides(unit, point.value, point.part, point.whole):
        return point
    return replace(point, value=None, part=None, whole=None, withheld=True)
