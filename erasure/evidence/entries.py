"""The entries of a case as they stand in the log, some thousands at a time."""

from collections.abc import Iterator, Mapping
from typing import Any

from erasure.ledger.append import open_half
from erasure.models import ErasureCase, LogEntry, case_key
from erasure.proof import openings
from erasure.proof.entries import Line
from erasure.proof.scopes import CaseKeys, case_scope, item_scope, subject_scope

TOGETHER = 2000


def logged(case: ErasureCase, below: int) -> Iterator[tuple[int, str, bytes]]:
    """Index, scope and bytes of the case's entries below an index, in the order of the log."""
    for rows in _rows(case, below):
        data = LogEntry.objects.filter(seq__in=rows).order_by("seq")
        for seq, raw in data.values_list("seq", "bytes"):
            yield seq, rows[seq], bytes(raw)


def lines(case: ErasureCase, below: int) -> Iterator[Line]:
    """The same, read. What they are held against is the signed root: see ``attachments``."""
    for index, scope, data in logged(case, below):
        yield Line.own(index, scope, data)


def opened(case: ErasureCase, below: int, certified: list[Mapping[str, str]]) -> bytes:
    """openings.jsonl: identifiers first, as far as they are not destroyed.

    Raises:
        KeyMissingError: the case's log key was destroyed.
    """
    keys = CaseKeys(case_key(case, "log"))
    return openings.render(keys, _private(case, below, keys, certified))


def _private(
    case: ErasureCase, below: int, keys: CaseKeys, certified: list[Mapping[str, str]]
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    yield from _identifiers(case, keys, certified)
    for rows in _rows(case, below):
        halves = case.log.filter(log_index__in=rows).order_by("log_index")
        for index, sealed in halves.values_list("log_index", "private_sealed"):
            scope = rows[index or 0]
            yield scope, open_half(keys, case.pk, scope, bytes(sealed))


def _identifiers(
    case: ErasureCase, keys: CaseKeys, certified: list[Mapping[str, str]]
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Those that the certificate commits to; later ones may have come in between."""
    rows = [row for row in case.identifiers.all() if row.value_sealed]
    known = [{"kind": str(row.kind), "value": row.value} for row in rows]
    for number, one in enumerate(certified):
        scope = subject_scope(number)
        for value in known:
            if keys.commitment(scope, value) == one["com"]:
                yield scope, value
                break


def _rows(case: ErasureCase, below: int) -> Iterator[dict[int, str]]:
    """The scope of each of the case's entries by its index, in the order of the log."""
    last = -1
    mine = case.log.filter(log_index__lt=below).order_by("log_index")
    columns = mine.values_list("log_index", "item__log_number", "number")
    while rows := list(columns.filter(log_index__gt=last)[:TOGETHER]):
        places = {
            index: case_scope(number) if item is None else item_scope(item, number)
            for index, item, number in rows
            if index is not None
        }
        last = max(places)
        yield places
