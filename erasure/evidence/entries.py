"""The entries of a case as they stand in the log, some hundreds at a time."""

from collections.abc import Iterator, Mapping
from typing import Any

from erasure.ledger.append import private_half
from erasure.models import DeletionLogEntry, ErasureCase, LogEntry, case_key
from erasure.proof import openings
from erasure.proof.entries import Line
from erasure.proof.scopes import CaseKeys, subject_scope

TOGETHER = 500


def logged(case: ErasureCase, below: int) -> Iterator[tuple[int, str, bytes]]:
    """Index, scope and bytes of the case's entries below an index, in the order of the log."""
    for rows in _rows(case, below):
        places = {row.log_index: row.scope for row in rows if row.log_index is not None}
        data = LogEntry.objects.filter(seq__in=places).order_by("seq")
        for seq, raw in data.values_list("seq", "bytes"):
            yield seq, places[seq], bytes(raw)


def lines(case: ErasureCase, below: int) -> Iterator[Line]:
    """The same, each held against the fields of its type."""
    for index, scope, data in logged(case, below):
        yield Line.of(index, scope, data)


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
        for row in rows:
            row.case = case  # and with it its keys
            yield row.scope, private_half(row)


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


def _rows(case: ErasureCase, below: int) -> Iterator[list[DeletionLogEntry]]:
    last = -1
    mine = case.log.select_related("item").order_by("log_index")
    while rows := list(mine.filter(log_index__gt=last, log_index__lt=below)[:TOGETHER]):
        last = rows[-1].log_index or last
        yield rows
