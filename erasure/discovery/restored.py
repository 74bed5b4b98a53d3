"""After a vendor restored a backup: read every erased record again, and raise what is back.

Nothing is erased here. What is back becomes a case of its own, or goes back into review in
a case that is under way.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum
from itertools import groupby
from uuid import UUID

from django.utils import timezone

from erasure.cases import locked, wake
from erasure.connectors.base import Connector, Found, ItemRef, Seen
from erasure.discovery.again import Person
from erasure.discovery.returned import Returned, raise_follow_up
from erasure.errors import ErasureError, KeyMissingError
from erasure.ledger.append import append
from erasure.models import SYSTEM, ErasedRecord, ErasureCase, FollowUp, SystemConnection
from erasure.register import ref_of
from erasure.systems import connector_for, store_of
from erasure.values import CaseState, Cause, ItemState, Return, Verdict

UNDER_WAY = (CaseState.EXECUTING, CaseState.AWAITING_VENDOR)
ATTESTED = "It was attested, not read: ask for it again in writing."
REDACTED = "A row is there, and without the search identifiers nobody can tell whom it names."
UNPROVEN = "Not seen, but no control record beside it is visible either."
NO_CASE = "Its case was destroyed at the end of retention: a person must erase it."


class Told(StrEnum):
    BACK = "BACK"
    GONE = "GONE"
    UNKNOWN = "UNKNOWN"


@dataclass(frozen=True, slots=True)
class Reread:
    """One erased record, as it reads now. ``why``: what stands against telling."""

    row: ErasedRecord
    told: Told
    why: str = ""


def reread(since: date, connection: SystemConnection | None = None) -> list[Reread]:
    """Read afresh what was erased since a local day, the day the restored backup is of."""
    start = timezone.make_aware(datetime.combine(since, time()))
    rows = ErasedRecord.objects.filter(erased_at__gte=start).select_related("connection", "case")
    if connection:
        rows = rows.filter(connection=connection)
    found: list[Reread] = []
    order = rows.order_by("connection__slug", "store", "case_id", "erased_at")
    for _, alike in groupby(order, lambda row: (row.connection_id, row.store, row.case_id)):
        found += _reread(list(alike))
    return found


def _reread(rows: list[ErasedRecord]) -> Iterator[Reread]:
    """Rows of one store and one case."""
    readable = [row for row in rows if row.verdict != Verdict.ATTESTED]
    yield from (Reread(row, Told.UNKNOWN, ATTESTED) for row in rows if row not in readable)
    if not readable:
        return
    try:
        connector = connector_for(readable[0].connection)
        refs = {ref.remote_id: row for row in readable for ref in [ref_of(row)]}
        yield from _read(connector, refs, _person(readable[0].case))
    except ErasureError as why:
        yield from (Reread(row, Told.UNKNOWN, f"Could not be read: {why}") for row in readable)


def _person(case: ErasureCase | None) -> Person:
    try:
        return Person.of(case) if case else Person(())
    except KeyMissingError:
        return Person(())


def _read(connector: Connector, rows: dict[str, ErasedRecord], person: Person) -> list[Reread]:
    """All or nothing: an error leaves the whole store of a case unknown."""
    first = next(iter(rows.values()))
    size = max(1, store_of(first.connection, first.store).verify_batch)
    refs = [ref_of(row) for row in rows.values()]
    seen: dict[str, Seen] = {}
    for start in range(0, len(refs), size):
        for each in connector.verify(refs[start : start + size], person.forms(), person.names):
            seen[each.ref.remote_id] = each.seen
    absent = [ref for ref in refs if seen.get(ref.remote_id) is Seen.ABSENT]
    proven = _visible(connector, absent, person)
    return [
        _told(rows[ref.remote_id], seen.get(ref.remote_id), ref, proven, person) for ref in refs
    ]


def _visible(connector: Connector, absent: Sequence[ItemRef], person: Person) -> set[str]:
    """Divisions in which the credential sees somebody else's record of the same store."""
    beside = [
        Found(ref.store, ref.remote_id, ref.parent_id, ref.division, ref.occurred_at,
              facts=ref.facts, identifiers=person.who)
        for ref in absent
    ]  # fmt: skip
    controls = connector.controls(beside) if beside else ()
    return {each.division for each in controls if connector.sees(each)}


def _told(
    row: ErasedRecord, seen: Seen | None, ref: ItemRef, proven: set[str], person: Person
) -> Reread:
    if seen in (Seen.PRESENT, Seen.RECOVERABLE):
        return Reread(row, Told.BACK)
    if seen is Seen.ABSENT:
        shown = ref.division in proven
        return Reread(row, Told.GONE) if shown else Reread(row, Told.UNKNOWN, UNPROVEN)
    if seen is Seen.REDACTED:
        return Reread(row, Told.GONE) if person.who else Reread(row, Told.UNKNOWN, REDACTED)
    return Reread(row, Told.UNKNOWN, ATTESTED if seen else "The system gave no answer.")


def raise_undone(found: Sequence[Reread]) -> list[FollowUp]:
    """A follow-up for each case of which something is back, or cannot be told.

    A case that is under way takes its own records back into review instead. Safe to
    repeat: what somebody was told of is not raised again.
    """
    by_case: dict[UUID, list[Reread]] = {}
    for each in found:
        if each.row.case_id and each.told is not Told.GONE:
            by_case.setdefault(each.row.case_id, []).append(each)
    raised = [_raise(case_id, rows) for case_id, rows in by_case.items()]
    return [one for one in raised if one is not None]


def _raise(case_id: UUID, rows: list[Reread]) -> FollowUp | None:
    back = [each.row for each in rows if each.told is Told.BACK]
    unknown = {str(each.row) for each in rows if each.told is Told.UNKNOWN}
    with locked(case_id) as case:
        if case.state in UNDER_WAY:
            _propose_again(case, back)
            return None
        records = [Returned(row.connection, _found(row), Return.SAME) for row in back]
        return raise_follow_up(
            case, Cause.RESTORE, records, silent=sorted(unknown), unknown=bool(unknown)
        )


def _propose_again(case: ErasureCase, back: Sequence[ErasedRecord]) -> None:
    """What was erased in this very case must be approved again: the case goes to review."""
    indexes = [row.remote_index for row in back]
    mine = case.items.filter(remote_index__in=indexes, state=ItemState.ERASED)
    for item in mine:
        item.found_again()
        item.save()
    if indexes:
        private = {"actor": SYSTEM.key, "records": len(indexes)}
        append(case, "decision", private, decision="FOUND_AGAIN")
        wake(case.pk)


def _found(row: ErasedRecord) -> Found:
    ref = ref_of(row)
    return Found(ref.store, ref.remote_id, ref.parent_id, ref.division, ref.occurred_at)
