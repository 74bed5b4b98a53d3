"""The monthly report as a board reads it: the answer first, then twelve months, then all figures.

It holds no case and no person.
"""

from collections.abc import Iterator, Sequence

from erasure.documents.archive import About, archive
from erasure.documents.charts import chart, spoken
from erasure.documents.page import NOTE, RESULT, SMALL, STRONG, Frame
from erasure.documents.report_facts import Figure, MonthlyReport, Section, Trend, Unit
from erasure.documents.sheet import Cell, Column, Sheet
from erasure.documents.words import count, moment

FULL = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip
LINES = 3  # of a table that stay with its heading
NO_TREND = "Nothing to show yet."
UNDER = "under 5"
WITHHELD = (
    "Counts from 1 to 4 are withheld, and what would tell them: this edition may leave the "
    "data protection officer's team."
)


def render_report(report: MonthlyReport) -> bytes:
    """Render as PDF/A-3b. The same report gives the same bytes."""
    title = f"Erasure requests, {month_name(report)}"
    partial = "" if report.final else "MONTH NOT OVER"
    sheet = Sheet(Frame("Erasure requests", month_name(report), partial))
    _head(sheet, report, title)
    for trend in report.trends:
        _trend(sheet, trend)
    sheet.turn()
    for section in report.sections:
        _section(sheet, section, _columns(report))
    _reading(sheet, report)
    about = About(
        title=title,
        author=report.controller,
        subject="Monthly figures of requests under Art. 17 GDPR",
        at=report.as_of,
    )
    return archive(sheet.finish(), about, sheet.root)


def month_name(report: MonthlyReport) -> str:
    return f"{FULL[report.month.month - 1]} {report.month.year}"


def result(report: MonthlyReport) -> str:
    """What the month came to, in two sentences."""
    received, on_time = report.figure("received"), report.figure("on_time")
    came = f"{said(received)} received"
    if not received.withheld:
        number = int(received.value or 0)
        came = f"{count(number, 'request')} received" if number else "No request received"
    if on_time.withheld:
        first = "The share of answers on time rests on too few to be told here."
    elif on_time.value is None:
        first = "No answer fell due."
    else:
        first = (
            f"{on_time.part:,} of {count(on_time.whole or 0, 'answer')} that fell due "
            f"{'was' if on_time.whole == 1 else 'were'} on time ({on_time.value:.1%})."
        )
    return f"{came}. {first}{_half(report)}"


def _half(report: MonthlyReport) -> str:
    """How long it took, where more than one answer was sent."""
    median = report.figure("answer_median")
    if median.withheld or median.value is None:
        return ""
    return f" Half of the answers took no more than {count_days(median.value)}."


def count_days(value: float) -> str:
    return f"{value:,.1f} {'day' if value == 1 else 'days'}"


def _head(sheet: Sheet, report: MonthlyReport, title: str) -> None:
    sheet.paragraph(report.controller, NOTE)
    sheet.title(title)
    sheet.paragraph(f"As of {moment(report.as_of)}", NOTE)
    if not report.final:
        sheet.space(6)
        sheet.paragraph("This month is not over: every figure of it still changes.", STRONG)
    sheet.space(8)
    sheet.paragraph(result(report), RESULT)
    if not report.small:
        sheet.space(4)
        sheet.paragraph(WITHHELD, NOTE)


def _trend(sheet: Sheet, trend: Trend) -> None:
    drawing = chart(trend)
    sheet.heading(trend.label, keep=drawing.height + NOTE.leading)
    sheet.paragraph(trend.definition, NOTE)
    if any(point.value or point.withheld for point in trend.points):
        sheet.chart(drawing, spoken(trend))
    else:
        sheet.paragraph(NO_TREND, SMALL)


def _columns(report: MonthlyReport) -> tuple[Column, ...]:
    return (
        Column("Figure"),
        Column(month_name(report), 84, right=True),
        Column("What it counts", 206, muted=True),
    )


def _section(sheet: Sheet, section: Section, columns: Sequence[Column]) -> None:
    rows = [row for figure in section.figures for row in _rows(figure)]
    sheet.heading(section.title, keep=sheet.high(columns, rows[:LINES], SMALL))
    sheet.table(columns, rows, style=SMALL)


def _rows(figure: Figure) -> Iterator[Sequence[Cell]]:
    name = f"{figure.label}, now" if figure.now and "now" not in figure.label else figure.label
    if figure.cells is None:
        yield (name, _value(figure), figure.definition)
        return
    yield (name, "" if figure.cells else "none", figure.definition)
    for cell in figure.cells:
        yield (f"\u2013 {cell.label}", UNDER if cell.withheld else f"{cell.value:,}", "")


def _value(figure: Figure) -> Cell:
    if figure.unit is Unit.SHARE and figure.whole and not figure.withheld:
        return (said(figure), f"{figure.part:,} of {figure.whole:,}")
    return said(figure)


def said(figure: Figure) -> str:
    """The figure's value in words; a dash where there is nothing to take it of."""
    if figure.withheld:
        return UNDER if figure.unit is Unit.COUNT else "withheld"
    if figure.value is None:
        return "\u2013"
    if figure.unit is Unit.SHARE:
        return f"{figure.value:.1%}"
    return count_days(figure.value) if figure.unit is Unit.DAYS else f"{figure.value:,.0f}"


def _reading(sheet: Sheet, report: MonthlyReport) -> None:
    sheet.heading("How to read this", keep=60)
    texts = [
        "Days are local days of the establishment. A month begins and ends at its midnight.",
        "A figure marked “now” is as it stood when the report was made, whatever the month.",
        "A dash stands where there was nothing to take a share or a middle of.",
        "An answer is counted by the day on which its dispatch is proven, not by the state of "
        "the case.",
    ]
    if not report.small:
        texts.append(WITHHELD)
    sheet.points(texts, SMALL)
