"""The coverage of a case as a table for the terminal: every store, and why not."""

import textwrap
from collections.abc import Sequence
from itertools import zip_longest

from erasure.coverage import coverage
from erasure.management.demo.screen import say
from erasure.models import ErasureCase

WIDTH = 110
COLUMNS = (("store", 26), ("searched", 13), ("found", 5), ("erased", 6), ("verdict", 17))
LAST = WIDTH - 2 - sum(width + 2 for _, width in COLUMNS)


def print_coverage(case: ErasureCase) -> None:
    """A heading for each system, then a store on each line, wrapped within its columns."""
    system = ""
    _print([name for name, _ in COLUMNS], "why not, or what to know")
    for row in coverage(case):
        if row.connection != system:
            system = row.connection
            say(f"  {system}")
        cells = [row.title, row.status.lower(), str(row.found), str(row.erased), row.verdict]
        _print(cells, row.why_not or row.search.note)


def _print(cells: Sequence[str], why: str) -> None:
    widths = [*(width for _, width in COLUMNS), LAST]
    wrapped = [
        textwrap.wrap(text, width) for text, width in zip([*cells, why], widths, strict=True)
    ]
    for line in zip_longest(*wrapped, fillvalue=""):
        placed = zip(line, widths, strict=True)
        say("  " + "  ".join(map(_placed, placed)).rstrip())


def _placed(cell: tuple[str, int]) -> str:
    text, width = cell
    return text.rjust(width) if text.isdecimal() else text.ljust(width)
