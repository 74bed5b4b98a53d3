"""What one row is tested for."""

import re
from collections.abc import Callable, Mapping, Sequence
from operator import ge, gt, le, lt

from .literals import ID, Value

Row = Mapping[str, Value]
Test = Callable[[Row], bool]


def everything(row: Row) -> bool:
    return True


def negated(test: Test) -> Test:
    return lambda row: not test(row)


def is_one_of(name: str, values: Sequence[Value]) -> Test:
    wanted = {_comparable(name, value) for value in values}
    return lambda row: _comparable(name, row.get(name)) in wanted


def is_like(name: str, pattern: re.Pattern[str]) -> Test:
    def test(row: Row) -> bool:
        value = row.get(name)
        return isinstance(value, str) and bool(pattern.fullmatch(value))

    return test


def is_beyond(name: str, bound: Value, fits: Callable[[str, str], bool]) -> Test:
    def test(row: Row) -> bool:
        value = row.get(name)
        return value is not None and fits(str(value).lower(), str(bound).lower())

    return test


ORDERED: Mapping[str, Callable[[str, str], bool]] = {"<=": le, ">=": ge, "<": lt, ">": gt}


def _comparable(name: str, value: Value) -> Value:
    """Strings compare without regard to case, ids by their first 15 characters."""
    if not isinstance(value, str):
        return value
    if ID.match(value) and name.endswith(("Id", "__c")):
        return value[:15]
    return value.lower() or None  # the vendor keeps no empty text
