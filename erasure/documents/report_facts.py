"""What the monthly report is told: frozen figures, each with its definition. Nobody's data."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class Unit(StrEnum):
    COUNT = "count"
    SHARE = "share"  # of 1
    DAYS = "days"


@dataclass(frozen=True, slots=True)
class Cell:
    """One line of a count that is broken down. ``withheld``: too small to be told."""

    key: str
    label: str
    value: int
    withheld: bool = False


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure. ``part`` and ``whole`` are what a share or a middle is taken of.

    ``now``: as it stands at the time of the report, whatever the month. ``cells``: by what
    a count is broken down; such a figure has no value of its own.
    """

    key: str
    label: str
    definition: str
    value: float | None = None
    unit: Unit = Unit.COUNT
    part: int | None = None
    whole: int | None = None
    now: bool = False
    withheld: bool = False
    cells: tuple[Cell, ...] | None = None


@dataclass(frozen=True, slots=True)
class Section:
    title: str
    figures: tuple[Figure, ...]


@dataclass(frozen=True, slots=True)
class Point:
    """One month of a trend; ``final`` is false while it is not over."""

    month: date
    value: float | None
    final: bool = True
    withheld: bool = False
    part: int | None = None
    whole: int | None = None


@dataclass(frozen=True, slots=True)
class Trend:
    key: str
    label: str
    definition: str
    unit: Unit
    points: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class MonthlyReport:
    """``as_of`` is aware, in the establishment's zone. ``small``: counts under five are told."""

    month: date  # its first day
    final: bool
    as_of: datetime
    controller: str
    small: bool
    sections: tuple[Section, ...]
    trends: tuple[Trend, ...]

    def figures(self) -> Iterator[Figure]:
        for section in self.sections:
            yield from section.figures

    def figure(self, key: str) -> Figure:
        return next(figure for figure in self.figures() if figure.key == key)
