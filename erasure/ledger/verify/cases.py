"""L9: every state has its entry, every private half opens its commitment."""

import uuid
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import islice

from django.db import transaction

from erasure.errors import KeyMissingError
from erasure.ledger.append import rebuilt
from erasure.ledger.verify.walk import Pause, Problems
from erasure.models import DeletionLogEntry, ErasureCase, LogEntry, OutboxEntry, case_key
from erasure.proof.scopes import CaseKeys, case_scope, item_scope
from erasure.proof.verify import Finding
from erasure.values import CaseState, ItemState, Outcome, Verdict

SAYS = {
    Verdict.VERIFIED_ABSENT: Outcome.VERIFIED,
    Verdict.ANONYMISED: Outcome.ANONYMISED,
    Verdict.ATTESTED: Outcome.ATTESTED,
}
KEPT = {ItemState.HELD: Outcome.HELD, ItemState.EXEMPT: Outcome.EXEMPT}
RELEASED = (  # states in which what was decided on an item stands in the log
    CaseState.EXECUTING, CaseState.AWAITING_VENDOR, CaseState.PARTIAL_HOLD, CaseState.COMPLETE,
)  # fmt: skip
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
            try:
                self._rows(case, CaseKeys(case_key(case, "log")))
            except KeyMissingError:
                self.problems.add(f"The log key of {case.reference} is gone, its rows are here.")
            self._states(case.pk)
        return self.problems.finding(
            f"Cases whose states and items have their entries: {self._cases:,}; private halves "
            f"that open their commitments: {self._halves:,}."
        )

    def _rows(self, case: ErasureCase, keys: CaseKeys) -> None:
        next_number: dict[int | None, int] = {None: 0}
        rows = case.log.select_related("item").order_by("number", "pk").iterator(TOGETHER)
        while some := list(islice(rows, TOGETHER)):
            stored = _stored(some)
            for row in some:
                self._halves += 1
                self._row(case, row, keys, stored.get(row.pk))
                owner = row.item.log_number if row.item else None
                if row.number != next_number.setdefault(owner, 0):
                    self.problems.add(
                        f"An event of {case.reference} is missing before {row.scope}."
                    )
                next_number[owner] = row.number + 1
        for item, number in next_number.items():
            scope = case_scope(number) if item is None else item_scope(item, number)
            if keys.tag(scope) in self.tags:
                self.problems.add(f"Event {scope} of {case.reference} has lost its private half.")

    def _row(
        self, case: ErasureCase, row: DeletionLogEntry, keys: CaseKeys,
        stored: tuple[int | None, bytes] | None,
    ) -> None:  # fmt: skip
        where = f"{row.scope} of {case.reference}"
        if stored is None:
            self.problems.add(f"Event {where} stands neither in the log nor in the outbox.")
            return
        index, data = stored
        try:
            same = rebuilt(row, keys) == data
        except (KeyMissingError, ValueError):
            self.problems.add(f"The private half of {where} does not open.")
            return
        if not same:
            self.problems.add(f"The private half of {where} is not what was logged.")
        if row.log_index is not None and row.log_index != index:
            self.problems.add(f"Event {where} stands at another place in the log.")

    def _states(self, case_id: uuid.UUID) -> None:
        """With the case locked: nothing moves between reading the states and their entries."""
        with transaction.atomic():
            case = ErasureCase.objects.select_for_update().get(pk=case_id)
            step = case.log.filter(type="step").order_by("number").last()
            said = step.facts.get("to") if step else CaseState.RECEIVED
            items = list(_ended_items(case)) if case.state in RELEASED else []
            last = _last_outcomes(case) if items else {}
        if said != case.state:
            self.problems.add(f"{case.reference} is {case.state}, its last entry says {said}.")
        for pk, number, due in items:
            if last.get(pk) != due:
                self.problems.add(f"Item {number} of {case.reference} has ended without an entry.")


def _stored(rows: Sequence[DeletionLogEntry]) -> Mapping[uuid.UUID, tuple[int | None, bytes]]:
    """Index and bytes of each entry. The outbox first: what left it meanwhile is in the log."""
    names = [row.pk for row in rows]
    waiting = OutboxEntry.objects.filter(uuid__in=names).values_list("uuid", "bytes")
    found: dict[uuid.UUID, tuple[int | None, bytes]] = {
        name: (None, bytes(data)) for name, data in waiting
    }
    logged = LogEntry.objects.filter(uuid__in=names).values_list("uuid", "seq", "bytes")
    return found | {name: (seq, bytes(data)) for name, seq, data in logged}


def _ended_items(case: ErasureCase) -> Iterator[tuple[uuid.UUID, int, str]]:
    """Items that have ended: key, number in the log, and what its last outcome must be."""
    rows = case.items.filter(state__in=[ItemState.ERASED, *KEPT], log_number__isnull=False)
    for pk, number, state, verdict in rows.values_list("pk", "log_number", "state", "verdict"):
        due = KEPT.get(ItemState(state)) or SAYS[Verdict(verdict)]
        yield pk, number or 0, str(due)


def _last_outcomes(case: ErasureCase) -> dict[uuid.UUID, str]:
    rows = case.log.filter(type="outcome").order_by("number").values_list("item", "facts")
    return {item: facts["outcome"] for item, facts in rows.iterator(2000)}
