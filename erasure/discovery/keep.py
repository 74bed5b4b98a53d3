"""Write what was found: items, controls, and what each store answered."""

from collections.abc import Iterable
from datetime import datetime

from erasure import clock
from erasure.connectors.base import Control, Found, Searched, Unanswered
from erasure.discovery.lines import keep_line
from erasure.discovery.people import record_index
from erasure.holds import conversation_index
from erasure.models import (
    ControlRecord,
    DataItem,
    ErasureCase,
    StoreSearch,
    SystemConnection,
    line_index,
)
from erasure.models.items import NOT_FOUND_AGAIN, UNCONFIRMED_LEAD
from erasure.systems import store_of, stores_of
from erasure.values import IdentifierState, ItemState, StoreStatus

ANSWERED = [StoreStatus.FOUND, StoreStatus.EMPTY, StoreStatus.MANUAL]
UNDECIDED = [ItemState.PROPOSED, ItemState.PLANNED, ItemState.HELD, ItemState.MANUAL]


def open_searches(case: ErasureCase, connections: Iterable[SystemConnection]) -> None:
    """A row for every store that is to answer."""
    case.searches.exclude(connection__in=[c.pk for c in connections]).update(
        status=StoreStatus.UNANSWERED, note="The connection is disabled."
    )
    for connection in connections:
        for store in stores_of(connection):
            StoreSearch.objects.update_or_create(
                case=case, connection=connection, store=store.name,
                defaults={"status": "", "note": ""},
            )  # fmt: skip


def keep_items(
    case: ErasureCase,
    connection: SystemConnection,
    found: Iterable[tuple[Found, IdentifierState, str]],
    seen_at: datetime,
) -> None:
    """Inventory rows for (record, what it counts as, how); a known record is updated."""
    known = {
        (item.store, item.remote_index): item for item in case.items.filter(connection=connection)
    }
    number, new = case.items.count(), []
    for record, counts_as, how in found:
        index = record_index(connection.slug, record)
        item = known.get((record.store, index))
        if item is None:
            item = DataItem(
                case=case, connection=connection, store=record.store, remote_index=index,
                number=number, native=store_of(connection, record.store).native, reason=how,
            )  # fmt: skip
            known[(record.store, index)] = item
            new.append(item)
            number += 1
        elif _is_back(item, counts_as):
            item.found_again()
        _describe(item, connection, record, counts_as, seen_at)
        if not item._state.adding:
            item.save()
    DataItem.objects.bulk_create(new, batch_size=200)


def _is_back(item: DataItem, counts_as: IdentifierState) -> bool:
    """Gone, or left out for a reason that no longer holds. What an officer excluded stays out."""
    if item.state == ItemState.EXCLUDED and item.reason == UNCONFIRMED_LEAD:
        return counts_as is not IdentifierState.LEAD
    return item.state == ItemState.ERASED or item.reason == NOT_FOUND_AGAIN


def _describe(
    item: DataItem,
    connection: SystemConnection,
    record: Found,
    counts_as: IdentifierState,
    seen_at: datetime,
) -> None:
    item.parent_index = conversation_index(connection.slug, record.parent_id)
    item.division, item.occurred_at = record.division, record.occurred_at
    item.certain = counts_as is IdentifierState.CONFIRMED or item.confirmed_by_officer
    item.lead = counts_as is IdentifierState.LEAD and not item.certain
    item.protected, item.seen_at = record.protected, seen_at
    item.locator = {
        "remote_id": record.remote_id,
        "parent_id": record.parent_id,
        "label": record.label,
        "facts": dict(record.facts),
    }


def keep_controls(
    case: ErasureCase, connection: SystemConnection, controls: Iterable[Control]
) -> None:
    """A control chosen anew takes the place of an older one; the others stay.

    A store in which nothing is found any more may still have an item to be read back.
    """
    for control in controls:
        place = {"connection": connection, "store": control.store, "division": control.division}
        row = case.controls.filter(**place).first() or ControlRecord(case=case, **place)
        row.remote_id = control.remote_id
        row.save()


def keep_search(
    case: ErasureCase, connection: SystemConnection, answer: Searched | Unanswered
) -> None:
    """The status of one store; an answer ends an earlier decision about its silence."""
    search = case.searches.get(connection=connection, store=answer.store)
    search.total = _records(case, connection, answer.store)
    search.searched_at = clock.now()
    if isinstance(answer, Unanswered):
        search.status, search.note = StoreStatus.UNANSWERED, answer.reason[:300]
    else:
        search.status, search.note = _status(answer, search.total), answer.note[:300]
        search.decision, search.decision_reason, search.decided_by = "", "", None
        keep_line(case, connection, answer)
    search.save()


def _records(case: ErasureCase, connection: SystemConnection, store: str) -> int:
    there = case.items.filter(connection=connection, store=store)
    there = there.exclude(remote_index=line_index(case.pk, store))
    return there.exclude(state__in=[ItemState.EXCLUDED, ItemState.ERASED]).count()


def _status(answer: Searched, total: int) -> StoreStatus:
    """A store with a part that no interface reaches is never empty."""
    if answer.status in (StoreStatus.NOT_PRESENT, StoreStatus.MANUAL):
        return answer.status
    if total:
        return StoreStatus.FOUND
    return StoreStatus.MANUAL if answer.manual else StoreStatus.EMPTY


def drop_unseen(case: ErasureCase, since: datetime) -> None:
    """What a whole search no longer finds is not the person's, or gone: not to be erased.

    Only in stores that answered. What an officer called the person's stays; what was
    approved before and never asked for is in question again. What was seen on a record
    that was erased since stays seen: its address was the person's, and a letter may follow.
    """
    erased = case.items.filter(state=ItemState.ERASED).values("remote_index")
    for search in case.searches.filter(status__in=ANSWERED):
        there = {"connection": search.connection_id, "store": search.store}
        unseen = case.evidence.filter(**there, seen_at__lt=since)
        unseen.exclude(record_index__in=erased).delete()
        stale = case.items.filter(
            **there, seen_at__lt=since, confirmed_by_officer=False, attempts=0
        ).exclude(remote_index=line_index(case.pk, search.store))
        for item in stale.filter(log_number__isnull=True, state__in=UNDECIDED):
            item.exclude(NOT_FOUND_AGAIN)
            item.save()
        for item in stale.filter(
            log_number__isnull=False, state__in=[ItemState.PROPOSED, ItemState.PLANNED]
        ):
            item.propose(NOT_FOUND_AGAIN)
            item.certain = False
            item.save()
