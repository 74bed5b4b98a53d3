"""How the tests of the report make a case, and read a figure."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from erasure.documents.report_facts import Unit
from erasure.values import CaseState
from tests.factories import make_case

BERLIN = ZoneInfo("Europe/Berlin")
DAY = timedelta(days=1)


def moment(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def case_of(received, state=CaseState.EXECUTING, *, answered=None, completed=None, closed=None,
            **columns):  # fmt: skip
    """A case with these dates; what is stored of them for the report follows."""
    began = moment(received)
    if completed:
        columns["completed_at"] = moment(completed)
        columns["seconds_to_complete"] = int((moment(completed) - began).total_seconds())
    if answered:
        columns["answered_on"] = moment(answered).astimezone(BERLIN).date()
        columns["seconds_to_answer"] = int((moment(answered) - began).total_seconds())
    return make_case(
        state,
        received_at=began,
        answered_at=answered and moment(answered),
        closed_at=closed and moment(closed),
        **columns,
    )


def said(report, keys):
    """The named figures: a count, lines as a dict, a share or middle with what it is of."""
    return {key: _said(report.figure(key)) for key in keys.split()}


def _said(figure):
    if figure.cells is not None:
        return {cell.key: cell.value for cell in figure.cells}
    if figure.unit is Unit.SHARE:
        return (figure.value, figure.part, figure.whole)
    return (figure.value, figure.whole) if figure.unit is Unit.DAYS else figure.value
