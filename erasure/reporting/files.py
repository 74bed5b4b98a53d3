"""The report as JSON and as CSV. The same figures, word for word."""

import csv
import io
import json
from collections.abc import Iterator
from typing import Any

from erasure.documents.report_facts import Cell, Figure, MonthlyReport, Point, Trend

SCHEMA = "erasure-report/v1"
COLUMNS = ("month", "final", "section", "figure", "line", "value", "unit", "part", "whole",
           "as of", "definition")  # fmt: skip
WITHHELD = "under 5, withheld"
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet would take for one


def as_json(report: MonthlyReport) -> str:
    facts = {
        "schema": SCHEMA,
        "month": f"{report.month:%Y-%m}",
        "final": report.final,
        "as_of": report.as_of.isoformat(timespec="seconds"),
        "controller": report.controller,
        "small_counts_withheld": not report.small,
        "sections": [
            {"title": section.title, "figures": [_figure(each) for each in section.figures]}
            for section in report.sections
        ],
        "trends": [
            {"key": each.key, "label": each.label, "definition": each.definition,
             "unit": each.unit, "months": [_point(point) for point in each.points]}
            for each in report.trends
        ],
    }  # fmt: skip
    return json.dumps(facts, indent=2, ensure_ascii=False) + "\n"


def _figure(figure: Figure) -> dict[str, Any]:
    told: dict[str, Any] = {"key": figure.key, "label": figure.label, "unit": figure.unit}
    if figure.cells is not None:
        told["lines"] = [_cell(each) for each in figure.cells]
    else:
        told |= {"value": figure.value, "withheld": figure.withheld}
        told |= {"part": figure.part, "whole": figure.whole}
    return told | {"as_of": "now" if figure.now else "month", "definition": figure.definition}


def _cell(cell: Cell) -> dict[str, Any]:
    value = None if cell.withheld else cell.value
    return {"key": cell.key, "label": cell.label, "value": value, "withheld": cell.withheld}


def _point(point: Point) -> dict[str, Any]:
    return {
        "month": f"{point.month:%Y-%m}", "value": point.value, "final": point.final,
        "withheld": point.withheld, "part": point.part, "whole": point.whole,
    }  # fmt: skip


def as_csv(report: MonthlyReport) -> str:
    """One line a figure. No cell is one that a spreadsheet would compute."""
    out = io.StringIO()
    lines = csv.writer(out)
    lines.writerow(COLUMNS)
    month = f"{report.month:%Y-%m}"
    for row in _lines(report):
        lines.writerow([_safe(cell) for cell in (month, _yes(report.final), *row)])
    for trend in report.trends:
        lines.writerows([_safe(cell) for cell in _month(trend, each)] for each in trend.points)
    return out.getvalue()


def _lines(report: MonthlyReport) -> Iterator[tuple[object, ...]]:
    for section in report.sections:
        for figure in section.figures:
            ends = ("now" if figure.now else "month", figure.definition)
            for cell in figure.cells or ():
                value = WITHHELD if cell.withheld else cell.value
                yield (section.title, figure.label, cell.label, value, figure.unit, "", "", *ends)
            if figure.cells is None:
                yield (section.title, figure.label, "", _told(figure), figure.unit,
                       figure.part, figure.whole, *ends)  # fmt: skip


def _month(trend: Trend, point: Point) -> tuple[object, ...]:
    ends = (trend.unit, point.part, point.whole, "month", trend.definition)
    month = f"{point.month:%Y-%m}"
    return (month, _yes(point.final), "Twelve months", trend.label, "", _told(point), *ends)


def _told(figure: Figure | Point) -> object:
    return WITHHELD if figure.withheld else figure.value


def _yes(final: bool) -> str:
    return "yes" if final else "no"


def _safe(cell: object) -> object:
    """Text that begins like a formula, made text; numbers stay numbers."""
    if cell is None:
        return ""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA) else cell
