"""Write what was found: identifiers, items, controls, and what each store answered."""

from collections.abc import Iterable
from datetime import datetime

from erasure import clock
from erasure.connectors.base import Control, Found, Searched, Unanswered
from erasure.discovery.search import Hit
from erasure.holds import conversation_index
from erasure.identity import Walk
from erasure.models import (
    ControlRecord,
    DataItem,
    ErasureCase,
    StoreSearch,
    SystemConnection,
    add_identifier,
    blind,
)
from erasure.models.items import UNCONFIRMED_LEAD
from erasure.systems import store_of, stores_of
from erasure.values import IdentifierKind, IdentifierState, ItemState, StoreStatus

NOT_FOUND_AGAIN = "Not found again when the search was repeated."
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


def keep_identifiers(case: ErasureCase, found: Walk[Hit]) -> None:
    now = clock.now()
    for known in found.identifiers:
        origin = known.origins[0] if known.origins else None
        where = f"Found in {origin.store} by {origin.by.kind}" if origin else "Given in the request"
        row, new = add_identifier(
            case, known.identifier, provenance=where, state=known.state, question=known.reason
        )
        if not new and not row.given and row.state != IdentifierState.REJECTED:
            row.state, row.question = known.state, known.reason[:200]
        if known.searched or row.state == IdentifierState.REJECTED:
            row.searched_at = now if known.searched else None
        row.save()
    seen = {blind(known.identifier.kind, known.identifier.value) for known in found.identifiers}
    lost = case.identifiers.filter(given=False, state=IdentifierState.CONFIRMED)
    lost.exclude(blind_index__in=seen).update(
        state=IdentifierState.LEAD, question="The search no longer leads to it.", searched_at=None
    )


def keep_leads(case: ErasureCase, connection: SystemConnection, found: Iterable[Found]) -> None:
    """Identifiers seen on a conversation are shown to the officer; they widen nothing alone."""
    seen = {(who, each.store) for each in found if each.certain for who in each.identifiers}
    for who, store in sorted(seen, key=lambda each: (each[0].kind, each[0].value)):
        if who.kind is not IdentifierKind.NAME:
            add_identifier(
                case, who,
                provenance=f"Seen in {connection.slug}.{store}",
                state=IdentifierState.LEAD,
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
        index = blind("remote", f"{connection.slug}.{record.store}:{record.remote_id}")
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
    there = case.items.filter(connection=connection, store=answer.store)
    search.total = there.exclude(state=ItemState.EXCLUDED).exclude(state=ItemState.ERASED).count()
    search.searched_at = clock.now()
    if isinstance(answer, Unanswered):
        search.status, search.note = StoreStatus.UNANSWERED, answer.reason[:300]
    else:
        search.status, search.note = answer.status, answer.note[:300]
        if answer.status != StoreStatus.NOT_PRESENT:
            search.status = StoreStatus.FOUND if search.total else StoreStatus.EMPTY
        search.decision, search.decision_reason, search.decided_by = "", "", None
    search.save()


def drop_unseen(case: ErasureCase, since: datetime) -> None:
    """What a whole search no longer finds is not the person's, or gone: not to be erased.

    Only in stores that answered. What an officer called the person's stays; what was
    approved before and never asked for is in question again.
    """
    answered = case.searches.filter(status__in=[StoreStatus.FOUND, StoreStatus.EMPTY])
    for search in answered:
        stale = case.items.filter(
            connection=search.connection_id, store=search.store,
            seen_at__lt=since, confirmed_by_officer=False, attempts=0,
        )  # fmt: skip
        for item in stale.filter(log_number__isnull=True, state__in=UNDECIDED):
            item.exclude(NOT_FOUND_AGAIN)
            item.save()
        for item in stale.filter(
            log_number__isnull=False, state__in=[ItemState.PROPOSED, ItemState.PLANNED]
        ):
            item.propose(NOT_FOUND_AGAIN)
            item.certain = False
            item.save()
