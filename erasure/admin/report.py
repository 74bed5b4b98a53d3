"""The monthly report as a page: the numbers, and how each is defined."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone
from django.views.decorators.http import require_safe

from erasure import clock
from erasure.admin import words
from erasure.admin.base import page, require
from erasure.errors import InputError
from erasure.reporting import monthly, parse_month
from erasure.values import Channel

LABELS = (
    ("total", "received", "Requests received"),
    ("answered", "answered", "Answers sent"),
    ("due", "due", "Answers that fell due"),
    ("answered_on_time", "answered_on_time", "Of those, on time"),
    ("on_time_rate", "on_time_rate", "On-time rate"),
    ("completed", "completed", "Erasures completed"),
    ("pending", "pending", "Pending"),
    ("partial_holds", "partial_holds", "Partly held, now"),
)


@dataclass(frozen=True, slots=True)
class Figure:
    label: str
    value: str
    definition: str


@require_safe
def report_view(request: HttpRequest) -> HttpResponseBase:
    require(request, "view_reporting")
    given = request.GET.get("month") or f"{timezone.localtime(clock.now()):%Y-%m}"
    try:
        year, month = parse_month(given)
    except InputError as why:
        return page(request, "report.html", title="Monthly report", month=given, error=str(why))
    found = monthly(year, month)
    return page(
        request, "report.html", title="Monthly report", month=given, found=found,
        figures=figures(found), channels=_named(found["by_channel"]),
        refused=_articles(found["refused"]),
    )  # fmt: skip


def figures(found: Mapping[str, Any]) -> list[Figure]:
    told: Mapping[str, str] = found["definitions"]
    rows = [Figure(label, _said(key, found[key]), told[name]) for key, name, label in LABELS]
    days, means = found["days_to_complete"], told["days_to_complete"]
    return [
        *rows,
        Figure("Days to complete, median", _said("", days["median"]), means),
        Figure("Days to complete, average", _said("", days["average"]), "The mean of the same."),
    ]


def _said(key: str, value: Any) -> str:
    if value is None:
        return "none"
    return f"{value:.1%}" if key == "on_time_rate" else f"{value:,}"


def _named(counted: Any) -> list[tuple[str, int]]:
    return [(words.CHANNEL[Channel(key)], number) for key, number in counted.items()]


def _articles(counted: Any) -> list[tuple[str, int]]:
    return [(f"Art. {key}", number) for key, number in counted.items()]
