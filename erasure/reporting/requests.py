"""What came in, and what is open."""

from collections import Counter
from datetime import timedelta

from django.db.models import Count, Q

from erasure.documents.report_facts import Cell, Figure, Section
from erasure.documents.words import CASE, CHANNEL, GROUNDS, article
from erasure.models import OPEN_STATES, ErasureCase
from erasure.reporting.figures import Rows, broken_down, by, counts, number
from erasure.reporting.period import Period

AGES = ((0, 14), (15, 30), (31, 60), (61, 90), (91, None))  # days since receipt


def requests(period: Period) -> Section:
    received = ErasureCase.objects.filter(received_at__gte=period.start, received_at__lt=period.end)
    channels = by(received, "channel")
    open_, ages = _open(period)
    return Section("Requests", (
        number(
            "received", "Requests received", sum(n for _, n in channels),
            "Requests whose receipt lies in the month, by the establishment's date.",
        ),
        broken_down("by_channel", "By channel", channels, CHANNEL,
                    "The requests received, by the way they came in."),
        broken_down("by_country", "By country", by(received, "country"), {},
                    "The requests received, by the country of the establishment that answers."),
        broken_down("by_ground", "By ground", _grounds(received), _ground_names(),
                    "The requests received, by ground of Art. 17(1) found so far; one request "
                    "may have several, and counts under each."),
        open_,
        ages,
        broken_down("open_by_state", "Open now, by state",
                    by(ErasureCase.objects.open(), "state"), CASE,
                    "Requests that are open at the time of the report.", now=True),
    ))  # fmt: skip


def _grounds(cases: Rows) -> list[tuple[str, int]]:
    found: Counter[str] = Counter()
    for grounds, count in cases.order_by().values_list("grounds").annotate(n=Count("pk")):
        found.update(dict.fromkeys(grounds, count))
    return list(found.items())


def _ground_names() -> dict[str, str]:
    return {ground: article(ground) for ground in GROUNDS}


def open_at_end(period: Period) -> Rows:
    """Received before the end, and neither completed nor closed before it.

    Says in so many words that what ended did so later: an index then leads there.
    """
    seen = period.seen
    ended = Q(completed_at__lt=seen) | Q(closed_at__lt=seen)
    if not period.final:
        return ErasureCase.objects.open()
    later = Q(completed_at__gte=seen) | Q(closed_at__gte=seen) | Q(state__in=OPEN_STATES)
    return ErasureCase.objects.filter(later, received_at__lt=seen).exclude(ended)


def _open(period: Period) -> tuple[Figure, Figure]:
    """How many are open, and since when, in one pass."""
    told = {f"age_{first}": _aged(period, first, last) for first, last in AGES}
    found = counts(open_at_end(period), all=Q(), **told)
    cells = (
        Cell(
            f"{first}-{last}" if last else f"{first}+",
            f"{first} to {last} days" if last else f"{first} days and more",
            found[f"age_{first}"],
        )
        for first, last in AGES
    )
    pending = number(
        "open", "Open at the end", found["all"],
        "Requests neither completed, partly held, refused nor closed at the end of the month; "
        "while it is not over, now.",
    )  # fmt: skip
    ages = Figure(
        "open_by_age", "Open at the end, by age", "The same, by whole days since receipt.",
        cells=tuple(cell for cell in cells if cell.value),
    )  # fmt: skip
    return pending, ages


def _aged(period: Period, first: int, last: int | None) -> Q:
    young = Q(received_at__lte=period.seen - timedelta(days=first))
    if last is None:
        return young
    return young & Q(received_at__gt=period.seen - timedelta(days=last + 1))
