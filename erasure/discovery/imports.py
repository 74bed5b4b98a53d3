"""Before an import: does it bring somebody back who was erased? Tells lines, never values."""

import csv
from collections.abc import Iterable, Iterator

from django.conf import settings
from django.db import transaction

from erasure.discovery.returned import tell
from erasure.errors import InputError
from erasure.identity import identifier
from erasure.models import FollowUp
from erasure.register import suppressed
from erasure.values import Cause, Identifier, IdentifierKind

LONGEST_CELL = 320  # characters: an e-mail address is no longer
MOST_LINES = 1000  # named in a follow-up
AT_ONCE = 2000  # lines


def lines_of_the_erased(rows: Iterable[str]) -> list[int]:
    """The numbers, from 1, of the lines that carry an address or number that was erased."""
    found: list[int] = []
    waiting: list[tuple[int, set[Identifier]]] = []
    for number, cells in enumerate(csv.reader(rows), start=1):
        if people := set(_identifiers(cells)):
            waiting.append((number, people))
        if len(waiting) >= AT_ONCE:
            found += _known(waiting)
            waiting = []
    return found + _known(waiting)


def _known(waiting: list[tuple[int, set[Identifier]]]) -> list[int]:
    erased = suppressed(who for _, people in waiting for who in people)
    return [number for number, people in waiting if people & erased]


def _identifiers(cells: Iterable[str]) -> Iterator[Identifier]:
    """What a cell can be read as: an address, or a telephone number with its country."""
    for cell in cells:
        text = cell.strip()
        if not 5 < len(text) <= LONGEST_CELL:
            continue
        kind = IdentifierKind.EMAIL if "@" in text else IdentifierKind.PHONE
        try:
            yield identifier(kind, text, settings.COUNTRY)
        except InputError:
            continue


def raise_import(source: str, lines: list[int]) -> FollowUp | None:
    """Tell the DPO that an import brings somebody back; the same one is told once."""
    with transaction.atomic():
        named = lines[:MOST_LINES]
        if FollowUp.objects.open().filter(cause=Cause.IMPORT, source=source, lines=named).exists():
            return None
        made = FollowUp.objects.create(cause=Cause.IMPORT, source=source, lines=named)
        tell(made)
    return made
