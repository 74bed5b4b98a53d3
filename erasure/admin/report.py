"""The monthly report as a page and as files: the figures, and how each is defined."""

from collections.abc import Callable
from dataclasses import dataclass

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.utils import timezone
from django.views.decorators.http import require_safe

from erasure import clock
from erasure.admin.base import may, page, require
from erasure.documents.charts import shown_value
from erasure.documents.monthly_report import UNDER, month_name, render_report, said
from erasure.documents.report_facts import Figure, MonthlyReport, Section, Unit
from erasure.errors import InputError
from erasure.reporting import as_csv, as_json, monthly, parse_month

RENDER: dict[str, tuple[str, Callable[[MonthlyReport], bytes | str]]] = {
    "pdf": ("application/pdf", render_report),
    "csv": ("text/csv; charset=utf-8", as_csv),
    "json": ("application/json", as_json),
}
BOARD = "board"  # the edition without small counts


@dataclass(frozen=True, slots=True)
class Row:
    label: str
    value: str
    of: str = ""
    definition: str = ""
    line: bool = False


@require_safe
def report_view(request: HttpRequest) -> HttpResponseBase:
    require(request, "view_reporting")
    given = request.GET.get("month") or f"{timezone.localtime(clock.now()):%Y-%m}"
    try:
        report = _report(request, given)
    except InputError as why:
        return page(request, "report.html", title="Monthly report", month=given, error=str(why))
    return page(
        request, "report.html", title="Monthly report", month=given, report=report,
        month_name=month_name(report), sections=[(s.title, rows(s)) for s in report.sections],
        trends=_months(report), kinds=list(RENDER), may_see_small=may(request, "view_small_counts"),
    )  # fmt: skip


@require_safe
def report_file(request: HttpRequest, month: str, kind: str) -> HttpResponse:
    """One file of it. ``?edition=board`` leaves out small counts whoever asks."""
    require(request, "view_reporting")
    if kind not in RENDER:
        raise Http404
    try:
        report = _report(request, month)
    except InputError:
        raise Http404 from None
    media_type, render = RENDER[kind]
    edition = "" if report.small else f"-{BOARD}"
    name = f"erasure-report-{month}{edition}.{kind}"
    named = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(render(report), content_type=media_type, headers=named)


def _report(request: HttpRequest, month: str) -> MonthlyReport:
    """With counts under five for the DPO's team alone."""
    small = may(request, "view_small_counts") and request.GET.get("edition") != BOARD
    return monthly(*parse_month(month), small=small)


def rows(section: Section) -> list[Row]:
    return [row for figure in section.figures for row in _rows(figure)]


def _rows(figure: Figure) -> list[Row]:
    label = f"{figure.label}, now" if figure.now and "now" not in figure.label else figure.label
    if figure.cells is None:
        of = ""
        if figure.unit is Unit.SHARE and figure.whole and not figure.withheld:
            of = f"{figure.part:,} of {figure.whole:,}"
        return [Row(label, said(figure), of, figure.definition)]
    cells = [
        Row(cell.label, UNDER if cell.withheld else f"{cell.value:,}", line=True)
        for cell in figure.cells
    ]
    return [Row(label, "" if cells else "none", definition=figure.definition), *cells]


def _months(report: MonthlyReport) -> list[tuple[str, bool, list[str]]]:
    """Each month's name, whether it is over, and its value in every trend; the latest first."""
    columns = [trend.points for trend in report.trends]
    units = [trend.unit for trend in report.trends]
    found = [
        (
            f"{points[0].month:%b %Y}",
            points[0].final,
            [shown_value(unit, point) or "–" for unit, point in zip(units, points, strict=True)],
        )
        for points in zip(*columns, strict=True)
    ]
    return found[::-1]
