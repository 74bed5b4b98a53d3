"""Small counts outside the DPO's team."""

from datetime import date

import pytest

from erasure.documents.report_facts import Cell, Figure, MonthlyReport, Point, Section, Trend, Unit
from erasure.reporting.withheld import withhold
from tests.reporting.cases import moment


def report(*figures, points=()):
    trend = Trend("t", "T", "d", Unit.SHARE, tuple(points))
    sections = (Section("S", tuple(figures)),)
    return MonthlyReport(date(2027, 3, 1), True, moment("2027-04-01T00:00"), "C", True, sections,
                         (trend,))  # fmt: skip


@pytest.mark.parametrize(("value", "told"), [(0, 0), (1, None), (4, None), (5, 5), (1000, 1000)])
def test_count_from_one_to_four_is_withheld(value, told):
    found = withhold(report(Figure("n", "N", "d", value))).figure("n")
    assert (found.value, found.withheld) == (told, told is None)


@pytest.mark.parametrize(
    ("part", "whole", "told"),
    [(50, 100, True), (3, 100, False), (97, 100, False), (100, 100, True), (0, 100, True),
     (2, 2, False), (0, 0, True), (5, 10, True)],
)  # fmt: skip
def test_share_is_withheld_with_a_small_part_rest_or_whole(part, whole, told):
    value = part / whole if whole else None
    figure = Figure("s", "S", "d", value, Unit.SHARE, part, whole)
    found = withhold(report(figure)).figure("s")
    assert (found == figure, found.whole is None) == (told, not told)


def test_middle_of_few_is_withheld():
    few = Figure("m", "M", "d", 3.5, Unit.DAYS, whole=4)
    many = Figure("k", "K", "d", 3.5, Unit.DAYS, whole=5)
    found = withhold(report(few, many))
    assert (found.figure("m").value, found.figure("k").value) == (None, 3.5)


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ([9, 7, 3], [9, None, None]),  # the sum would tell the 3
        ([9, 3, 2], [9, None, None]),
        ([9, 7], [9, 7]),
        ([3], [None]),
    ],
)
def test_one_withheld_line_takes_another_with_it(values, told):
    cells = tuple(Cell(str(n), str(n), value) for n, value in enumerate(values))
    found = withhold(report(Figure("b", "B", "d", cells=cells))).figure("b").cells
    assert [None if cell.withheld else cell.value for cell in found] == told


def test_months_of_a_trend_are_withheld_alike():
    points = (Point(date(2027, 2, 1), 0.5, part=5, whole=10), Point(date(2027, 3, 1), 0.9, part=9,
              whole=10))  # fmt: skip
    found = withhold(report(points=points)).trends[0].points
    assert [(point.value, point.withheld) for point in found] == [(0.5, False), (None, True)]
    assert found[1].part is None
