"""Mirror holds into the vendor's own deletion protection, and believe only its read-back.

Until what is held is protected there, the case is neither approved nor ended and no
destructive call leaves for that system. Nothing here takes a protection away.
"""

from collections.abc import Sequence, Set
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import QuerySet

from erasure import clock
from erasure.cases import locked, wake
from erasure.connectors.base import Protected
from erasure.errors import BusyError, ErasureError
from erasure.holds import PROTECTED_STORES, drop_unheld
from erasure.holds.cover import BLOCKED
from erasure.models import (
    OPEN_STATES,
    DataItem,
    ErasureCase,
    SystemConnection,
    VendorProtection,
)
from erasure.systems import connector_for
from erasure.values import ItemState, StoreStatus

LEASE = timedelta(minutes=5)
SOON = timedelta(minutes=1)  # until what should be lifted is read again
LOOK_AGAIN = timedelta(hours=1)  # until what should stay protected is
AT_ONCE = 500  # conversations claimed for one connection
FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(hours=1)
NOTHING_THERE = "No recording there: the vendor has nothing to protect."
LIFTED = "Somebody lifted it at the vendor: it is asked for again."
NO_ANSWER = "The connector gave no answer."
ANSWERED = [StoreStatus.FOUND, StoreStatus.EMPTY, StoreStatus.NOT_PRESENT]
LIFT_IT = "No hold covers it any more: lift the protection at the vendor."


@dataclass(frozen=True, slots=True)
class Line:
    """One protection of a case, for people."""

    system: str
    on: bool
    pending: bool
    held: bool
    reason: str
    attempts: int
    seen_at: datetime | None


def cases_with_work() -> list[UUID]:
    """Open cases of which a held conversation is to be protected now."""
    due = VendorProtection.objects.due(clock.now()).filter(case__state__in=OPEN_STATES)
    return list(due.order_by().values_list("case", flat=True).distinct())


def protect(case_id: UUID) -> int:
    """Put what is held under the vendor's protection. Safe to call twice.

    No transaction is open during the calls. Returns how many conversations were
    found protected or with nothing to protect.
    """
    settled = 0
    places = VendorProtection.objects.due(clock.now()).filter(case=case_id)
    connections = SystemConnection.objects.filter(pk__in=places.values("connection"))
    for connection in connections:
        rows = _claim(case_id, connection)
        if rows:
            answers, why, wait = _ask(connection, [row.conversation for row in rows])
            settled += _settle(case_id, connection, rows, answers, why, wait)
    if settled:
        wake(case_id)
    return settled


def look_again(case_id: UUID) -> None:
    """Read back what was protected: somebody may have lifted it at the vendor.

    What a hold still covers is asked for again; what none covers is free to be erased.
    """
    now = clock.now()
    case = ErasureCase.objects.get(pk=case_id)
    held = held_places(case)
    rows = [
        row
        for row in case.protections.filter(on=True).select_related("connection")
        if now - (row.seen_at or row.case.received_at) >= _rhythm(row, held)
    ]
    for connection in {row.connection for row in rows}:
        mine = {row.conversation: row for row in rows if row.connection == connection}
        try:
            on = connector_for(connection).protected(list(mine))
        except ErasureError:
            continue  # unread is not lifted
        lifted = [row.pk for name, row in mine.items() if name not in on]
        _note(case_id, connection, [row.pk for row in mine.values()], lifted)


def _rhythm(row: VendorProtection, held: Set[tuple[UUID, str]]) -> timedelta:
    kept = (row.connection_id, row.conversation_index) in held
    return LOOK_AGAIN if kept else SOON


def _note(
    case_id: UUID, connection: SystemConnection, read: Sequence[UUID], lifted: Sequence[UUID]
) -> None:
    now = clock.now()
    with locked(case_id) as case:
        rows = case.protections.filter(pk__in=read, on=True)
        rows.update(seen_at=now)
        for row in rows.filter(pk__in=lifted):
            row.on, row.next_try, row.attempts, row.reason = False, now, 0, LIFTED
            row.save(update_fields=["on", "next_try", "attempts", "reason"])
            _recorded(case, connection, [row.conversation_index]).update(protected=False)
        drop_unheld(case)


def _claim(case_id: UUID, connection: SystemConnection) -> list[VendorProtection]:
    """Due rows, leased by their next try."""
    now = clock.now()
    with locked(case_id) as case:
        drop_unheld(case)
        due = case.protections.due(now).filter(connection=connection).select_for_update()
        rows = list(due[:AT_ONCE])
        for row in rows:
            row.case = case
            row.attempts, row.next_try = row.attempts + 1, now + LEASE
        VendorProtection.objects.bulk_update(rows, ["attempts", "next_try"], batch_size=200)
    return rows


def _ask(
    connection: SystemConnection, conversations: Sequence[str]
) -> tuple[dict[str, Protected], str, float]:
    """What the vendor read back, why the others have no answer, and seconds to wait."""
    answers: dict[str, Protected] = {}
    if not connection.enabled:
        return answers, f"{connection.name} is disabled.", 0
    try:
        for answer in connector_for(connection).protect(conversations):
            answers[answer.parent_id] = answer
    except BusyError as why:
        return answers, str(why), why.retry_after or 0
    except ErasureError as why:
        return answers, str(why), 0
    return answers, NO_ANSWER, 0


def _settle(
    case_id: UUID,
    connection: SystemConnection,
    claimed: Sequence[VendorProtection],
    answers: dict[str, Protected],
    why: str,
    wait: float,
) -> int:
    now, settled = clock.now(), 0
    leased = {row.pk: row for row in claimed}
    with locked(case_id) as case:
        rows = case.protections.pending().select_for_update().filter(pk__in=leased)
        for row in rows:
            if row.next_try != leased[row.pk].next_try:
                continue  # its lease ended: somebody else asks
            row.case = case
            answer = answers.get(leased[row.pk].conversation)
            _write(case, row, answer, why, now)
            if row.next_try is not None:
                row.next_try = now + max(_backoff(row.attempts), timedelta(seconds=wait))
            row.save(update_fields=["on", "reason", "seen_at", "next_try"])
            settled += row.next_try is None
        _mark(case, connection)
    return settled


def _write(
    case: ErasureCase, row: VendorProtection, answer: Protected | None, why: str, now: datetime
) -> None:
    if answer is None:
        row.reason = why[:300]
        return
    row.seen_at, row.on, row.reason = now, answer.on, answer.reason[:300]
    if answer.on:
        row.reason, row.next_try = "", None
    elif _nothing_there(case, row):
        row.reason, row.next_try = NOTHING_THERE, None


def _nothing_there(case: ErasureCase, row: VendorProtection) -> bool:
    """Every store of recordings answered, and none holds one of this conversation."""
    stores = PROTECTED_STORES[row.connection.system]
    searches = case.searches.filter(connection=row.connection_id, store__in=stores)
    if not searches.exists() or searches.exclude(status__in=ANSWERED).exists():
        return False
    there = case.items.filter(
        connection=row.connection_id, store__in=stores, parent_index=row.conversation_index
    )
    return not there.exclude(state=ItemState.ERASED).exists()


def _backoff(attempts: int) -> timedelta:
    return min(FIRST_WAIT * 2 ** min(max(attempts - 1, 0), 12), LONGEST_WAIT)


def _mark(case: ErasureCase, connection: SystemConnection) -> None:
    """Items the vendor protects by now: should the hold go, they wait until it is lifted there."""
    on = case.protections.filter(connection=connection, on=True)
    named = list(on.values_list("conversation_index", flat=True))
    _recorded(case, connection, named).update(protected=True)


def _recorded(
    case: ErasureCase, connection: SystemConnection, conversations: Sequence[str]
) -> "QuerySet[DataItem]":
    stores = PROTECTED_STORES.get(connection.system, ())
    found = DataItem.objects.filter(case=case, connection=connection, store__in=stores)
    return found.filter(parent_index__in=conversations)


def held_places(case: ErasureCase) -> set[tuple[UUID, str]]:
    """Connection and conversation of every item that a hold itself keeps."""
    held = case.items.filter(state=ItemState.HELD).exclude(parent_index="").exclude(reason=BLOCKED)
    return set(held.values_list("connection", "parent_index"))


def protections_of(case: ErasureCase) -> list[Line]:
    """What the case page shows, without the conversation's id."""
    held = held_places(case)
    lines = []
    for row in case.protections.select_related("connection"):
        kept = (row.connection_id, row.conversation_index) in held
        why = LIFT_IT if row.on and not kept else row.reason
        lines.append(
            Line(row.connection.name, row.on, not row.on and row.next_try is not None, kept, why,
                 row.attempts, row.seen_at)
        )  # fmt: skip
    return lines
