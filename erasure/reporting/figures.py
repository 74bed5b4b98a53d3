"""How a figure is counted: by the database, never case by case."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import Count, Q, QuerySet

from erasure.documents.report_facts import Cell, Figure, Unit

Rows = QuerySet[Any]
DAY = 86_400
TENTHS = 9  # of ten: the ninth decile


def number(key: str, label: str, value: int, definition: str, *, now: bool = False) -> Figure:
    return Figure(key, label, definition, value, now=now)


def share(
    key: str, label: str, part: int, whole: int, definition: str, *, now: bool = False
) -> Figure:
    """``part`` of ``whole``; none where there is no whole."""
    value = round(part / whole, 4) if whole else None
    return Figure(key, label, definition, value, Unit.SHARE, part, whole, now)


def broken_down(
    key: str, label: str, counted: Iterable[tuple[str, int]], names: Mapping[Any, str],
    definition: str, *, now: bool = False,
) -> Figure:  # fmt: skip
    """The most frequent first; a key without a name stands as it is."""
    some = sorted(counted, key=lambda each: (-each[1], each[0]))
    cells = tuple(Cell(key, names.get(key, key), n) for key, n in some if n)
    return Figure(key, label, definition, now=now, cells=cells)


def by(rows: Rows, field: str) -> list[tuple[str, int]]:
    """How many rows have which value; an empty value is none."""
    found = rows.exclude(**{field: ""}).order_by().values_list(field).annotate(n=Count("pk"))
    return [(key, n) for key, n in found]


def middle(
    key: str, label: str, rows: Rows, column: str, definition: str, *, days: int = DAY
) -> tuple[Figure, Figure]:
    """Median and ninth decile of a column, read from the sorted column where they stand.

    ``days``: how many units of the column make a day. The median of an even number is the
    mean of the two in the middle; the ninth decile is the least value that nine of ten do
    not pass.
    """
    known = rows.filter(**{f"{column}__isnull": False})
    count = known.count()
    median = decile = None
    if count:
        values = known.order_by(column).values_list(column, flat=True)
        two = list(values[(count - 1) // 2 : count // 2 + 1])
        median = round(sum(two) / len(two) / days, 2)
        decile = round(values[-(-count * TENTHS // 10) - 1] / days, 2)
    most = f"{definition} Nine of ten took no longer."
    return (
        Figure(f"{key}_median", f"{label}, median", definition, median, Unit.DAYS, whole=count),
        Figure(f"{key}_p90", f"{label}, nine of ten", most, decile, Unit.DAYS, whole=count),
    )


def counts(rows: Rows, **conditions: Q) -> dict[str, int]:
    """How many rows meet each condition, in one pass."""
    found = {key: Count("pk", filter=condition) for key, condition in conditions.items()}
    return rows.order_by().aggregate(**found)
