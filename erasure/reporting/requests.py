"""What came in, and what is open."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.db.models import Case, Q, Value, When

from erasure.documents.report_facts import Cell, Figure, Section
from erasure.documents.words import CASE, CHANNEL, GROUNDS, article
from erasure.models import OPEN_STATES, ErasureCase
from erasure.reporting.figures import Rows, broken_down, each, number, together
from erasure.reporting.period import Period

AGES = ((0, 14), (15, 30), (31, 60), (61, 90), (91, None))  # days since receipt
ENDED, TO_COME = -2, -1


def requests(period: Period) -> Section:
    received = ErasureCase.objects.filter(received_at__gte=period.start, received_at__lt=period.end)
    counted = together(received, "channel", "country", "grounds")
    channels = each((channel, n) for channel, _, _, n in counted)
    countries = each((country, n) for _, country, _, n in counted)
    open_, ages, states = _open(period)
    return Section("Requests", (
        number(
            "received", "Requests received", sum(n for _, n in channels),
            "Requests whose receipt lies in the month, by the establishment's date.",
        ),
        broken_down("by_channel", "By channel", channels, CHANNEL,
                    "The requests received, by the way they came in."),
        broken_down("by_country", "By country", countries, {},
                    "The requests received, by the country of the establishment that answers."),
        broken_down("by_ground", "By ground", _grounds(counted), _ground_names(),
                    "The requests received, by ground of Art. 17(1) found so far; one request "
                    "may have several, and counts under each."),
        open_,
        ages,
        broken_down("open_by_state", "Open now, by state", states, CASE,
                    "Requests that are open at the time of the report.", now=True),
    ))  # fmt: skip


def _grounds(counted: Iterable[tuple[Any, ...]]) -> list[tuple[str, int]]:
    return each((ground, n) for _, _, grounds, n in counted for ground in dict.fromkeys(grounds))


def _ground_names() -> dict[str, str]:
    return {ground: article(ground) for ground in GROUNDS}


def _open(period: Period) -> tuple[Figure, Figure, list[tuple[str, int]]]:
    """How many are open at its end and since when, and what is open now, in one pass."""
    found = together(_perhaps_open(period).annotate(age=_age(period)), "state", "age")
    pending = dict(each((age, n) for _, age, n in found if age != ENDED))
    cells = (
        Cell(
            f"{first}-{last}" if last else f"{first}+",
            f"{first} to {last} days" if last else f"{first} days and more",
            pending.get(first, 0),
        )
        for first, last in AGES
    )
    open_ = number(
        "open", "Open at the end", sum(pending.values()),
        "Requests neither completed, partly held, refused nor closed at the end of the month; "
        "while it is not over, now.",
    )  # fmt: skip
    ages = Figure(
        "open_by_age", "Open at the end, by age", "The same, by whole days since receipt.",
        cells=tuple(cell for cell in cells if cell.value),
    )  # fmt: skip
    return open_, ages, each((state, n) for state, _, n in found if state in OPEN_STATES)


def _perhaps_open(period: Period) -> Rows:
    """What is open now, and what ended since the end: to each an index leads."""
    if not period.final:
        return ErasureCase.objects.open()
    later = Q(completed_at__gte=period.end) | Q(closed_at__gte=period.end)
    return ErasureCase.objects.filter(later | Q(state__in=OPEN_STATES))


def _age(period: Period) -> Case:
    """The first day of the age it had at the end, unless it had ended or was not yet received."""
    ended = Q(completed_at__lt=period.end) | Q(closed_at__lt=period.end)
    not_yet = Q(received_at__gte=period.end)
    whens = [When(ended | not_yet, then=Value(ENDED))] if period.final else []
    whens.append(When(received_at__gt=period.seen, then=Value(TO_COME)))
    for first, last in AGES:
        if last is not None:
            young = Q(received_at__gt=period.seen - timedelta(days=last + 1))
            whens.append(When(young, then=Value(first)))
    return Case(*whens, default=Value(AGES[-1][0]))
