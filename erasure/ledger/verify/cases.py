"""L9: every state has its entry, every private half opens its commitment."""

import uuid
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import islice

from django.db import transaction

from erasure.errors import KeyMissingError
from erasure.ledger.append import rebuilt
from erasure.ledger.verify.items import (
    Item,
    Told,
    items_of,
    last_outcomes,
    numbers,
    wrong_items,
)
from erasure.ledger.verify.walk import Pause, Problems
from erasure.models import DeletionLogEntry, ErasureCase, LogEntry, OutboxEntry, case_key
from erasure.proof.scopes import CaseKeys, case_scope, item_scope
from erasure.proof.verify import Finding

TOGETHER = 500  # rows compared in one query


class Cases:
    """One case after the other. ``tags``: every tag of the log, read before the cases are."""

    def __init__(self, tags: Collection[str]) -> None:
        self.tags, self.problems = tags, Problems("L9")
        self._cases = self._halves = 0

    def check_all(self, pause: Pause | None = None) -> Finding:
        for case in ErasureCase.objects.filter(log__type="opened").order_by("pk").iterator(100):
            if pause:
                pause()
            self._cases += 1
            found = list(self._case(case))
            if found and case.log.filter(type="opened").exists():  # it was not purged meanwhile
                for text in found:
                    self.problems.add(text)
        return self.problems.finding(
            f"Cases whose states and items have their entries: {self._cases:,}; private halves "
            f"that open their commitments: {self._halves:,}."
        )

    def _case(self, case: ErasureCase) -> Iterator[str]:
        items, wrong = _states(case.pk)
        try:
            yield from self._rows(case, CaseKeys(case_key(case, "log")), numbers(items))
        except KeyMissingError:
            yield f"The log key of {case.reference} is gone, its rows are here."
        yield from wrong

    def _rows(self, case: ErasureCase, keys: CaseKeys, items: Collection[int]) -> Iterator[str]:
        """``items``: places in the log to look at, also where no private half is left."""
        next_number: dict[int | None, int] = {None: 0, **dict.fromkeys(items, 0)}
        rows = case.log.select_related("item").order_by("number", "pk").iterator(TOGETHER)
        while some := list(islice(rows, TOGETHER)):
            stored = _stored(some)
            for row in some:
                self._halves += 1
                yield from _row(case, row, keys, stored.get(row.pk))
                owner = row.item.log_number if row.item else None
                if row.number != next_number.setdefault(owner, 0):
                    yield f"An event of {case.reference} is missing before {row.scope}."
                next_number[owner] = row.number + 1
        for item, number in next_number.items():
            scope = case_scope(number) if item is None else item_scope(item, number)
            if keys.tag(scope) in self.tags:
                yield f"Event {scope} of {case.reference} has lost its private half."


def _row(
    case: ErasureCase, row: DeletionLogEntry, keys: CaseKeys,
    stored: tuple[int | None, bytes] | None,
) -> Iterator[str]:  # fmt: skip
    where = f"{row.scope} of {case.reference}"
    if stored is None:
        yield f"Event {where} stands neither in the log nor in the outbox."
        return
    index, data = stored
    try:
        same = rebuilt(row, keys) == data
    except (KeyMissingError, ValueError, TypeError):
        yield f"The private half of {where} does not open."
        return
    if not same:
        yield f"The private half of {where} is not what was logged."
    if row.log_index is not None and row.log_index != index:
        yield f"Event {where} stands at another place in the log."


def _states(case_id: uuid.UUID) -> tuple[dict[uuid.UUID, Item], list[str]]:
    """The items of a case, and what its states and theirs say other than their entries.

    With the case locked: nothing moves between reading the states and their entries.
    """
    with transaction.atomic():
        case = ErasureCase.objects.select_for_update().get(pk=case_id)
        told, items = Told.of(case), items_of(case)
        last = last_outcomes(case) if items else {}
    if told.state != case.state:
        return items, [f"{case.reference} is {case.state}, its last entry says {told.state}."]
    return items, list(wrong_items(case, told, items, last))


def _stored(rows: Sequence[DeletionLogEntry]) -> Mapping[uuid.UUID, tuple[int | None, bytes]]:
    """Index and bytes of each entry. The outbox first: what left it meanwhile is in the log."""
    names = [row.pk for row in rows]
    waiting = OutboxEntry.objects.filter(uuid__in=names).values_list("uuid", "bytes")
    found: dict[uuid.UUID, tuple[int | None, bytes]] = {
        name: (None, bytes(data)) for name, data in waiting
    }
    logged = LogEntry.objects.filter(uuid__in=names).values_list("uuid", "seq", "bytes")
    return found | {name: (seq, bytes(data)) for name, seq, data in logged}
