"""The monthly report: every section, and twelve months side by side."""

from django.conf import settings

from erasure.documents.report_facts import MonthlyReport, Section
from erasure.reporting.aftercare import aftercare
from erasure.reporting.answers import answers
from erasure.reporting.ends import ends
from erasure.reporting.execution import execution, holds
from erasure.reporting.identity import identity
from erasure.reporting.period import Period, month_of, zone
from erasure.reporting.requests import requests
from erasure.reporting.trends import trends
from erasure.reporting.withheld import withhold


def monthly(year: int, month: int, *, small: bool = True) -> MonthlyReport:
    """The figures of one month. ``small``: for the DPO's team, which sees counts under five."""
    period = month_of(year, month)
    report = MonthlyReport(
        month=period.first,
        final=period.final,
        as_of=period.now.astimezone(zone()),
        controller=settings.CONTROLLER_NAME,
        small=True,
        sections=figures_of(period),
        trends=trends(period),
    )
    return report if small else withhold(report)


def figures_of(period: Period) -> tuple[Section, ...]:
    return (
        requests(period),
        *answers(period),
        ends(period),
        identity(period),
        holds(period),
        execution(period),
        aftercare(period),
    )
