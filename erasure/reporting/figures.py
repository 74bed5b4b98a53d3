"""How a figure is counted: by the database; no case is loaded."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from statistics import median
from typing import Any

from django.db.models import Count, Q, QuerySet

from erasure.documents.report_facts import Cell, Figure, Unit

Rows = QuerySet[Any]
DAY = 86_400
TENTHS = 9  # of ten: the ninth decile


@dataclass(frozen=True, slots=True)
class Spread:
    """How many rows, how many of them with a value, and its middle and ninth decile in days."""

    rows: int
    known: int = 0
    median: float | None = None
    ninth: float | None = None


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


def spread(rows: Rows, column: str, *, days: int = DAY) -> Spread:
    """Median and ninth decile of one column, of which alone the values are read.

    ``days``: how many units of the column make a day. The median of an even number is the
    mean of the two in the middle; the ninth decile is the least value that nine of ten do
    not pass. Rows without a value count as rows alone.
    """
    read = list(rows.order_by().values_list(column, flat=True))
    values = sorted(value for value in read if value is not None)
    if not values:
        return Spread(len(read))
    ninth = values[-(-len(values) * TENTHS // 10) - 1]
    return Spread(len(read), len(values), round(median(values) / days, 2), round(ninth / days, 2))


def middle(key: str, label: str, found: Spread, definition: str) -> tuple[Figure, Figure]:
    """The median and the ninth decile as figures."""
    most = f"{definition} Nine of ten took no longer."
    return (
        Figure(f"{key}_median", f"{label}, median", definition, found.median, Unit.DAYS,
               whole=found.known),
        Figure(f"{key}_p90", f"{label}, nine of ten", most, found.ninth, Unit.DAYS,
               whole=found.known),
    )  # fmt: skip


def counts(rows: Rows, **conditions: Q) -> dict[str, int]:
    """How many rows meet each condition, in one pass."""
    found = {key: Count("pk", filter=condition) for key, condition in conditions.items()}
    return rows.order_by().aggregate(**found)


def together(rows: Rows, *fields: str) -> list[tuple[Any, ...]]:
    """How many rows have which values, in one pass: the values, and then how many."""
    return list(rows.order_by().values_list(*fields).annotate(n=Count("pk")))


def each(counted: Iterable[tuple[Any, int]]) -> list[tuple[Any, int]]:
    """The same keys added up; an empty key is none."""
    found: Counter[Any] = Counter()
    for key, n in counted:
        found[key] += n
    return [(key, n) for key, n in found.items() if key != ""]
