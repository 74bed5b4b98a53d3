"""Take a batch of due items: a lease, an attempt row and a dispatch entry before any call."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from erasure import clock
from erasure.cases import locked
from erasure.connectors.base import Leg, Store
from erasure.execution.order import IN_THE_BIN, after_sources
from erasure.holds import apply_holds, spare_exempt
from erasure.ledger.append import Draft, append_all
from erasure.models import Attempt, DataItem, ErasureCase, SystemConnection, VendorProtection
from erasure.models.conditions import identity_confirmed
from erasure.models.jobs import OPEN_JOBS
from erasure.systems import stores_of
from erasure.values import CaseState, ItemState

UNDER_WAY = [CaseState.EXECUTING, CaseState.AWAITING_VENDOR]
LEASE = timedelta(minutes=10)  # above batch x (time-out + limiter wait) / width
MOST_DISPATCHED = 100
READS = 4  # single reads in one batch, for each call side by side: reading twice does no harm
STILL_OPEN = [ItemState.PLANNED, ItemState.RUNNING, ItemState.REQUESTED]


@dataclass(frozen=True, slots=True)
class Batch:
    """Items of one store of one case, claimed by one owner. ``along`` go with the native job."""

    case_id: UUID
    store: Store
    owner: str
    items: tuple[DataItem, ...]
    along: tuple[DataItem, ...] = ()
    reading: bool = False  # read back, nothing is erased


def claim(connection: SystemConnection) -> Batch | None:
    """The next batch of the least recently served case, or None when nothing is due.

    Identity and holds are asked again here; what a hold covers becomes HELD instead of
    being claimed.
    """
    now = clock.now()
    ready = claimable(connection, now).filter(case=OuterRef("pk"))
    cases = ErasureCase.objects.filter(Exists(ready), state__in=UNDER_WAY)
    oldest = F("last_served_at").asc(nulls_first=True)
    for case_id in cases.order_by(oldest, "pk").values_list("pk", flat=True)[:20]:
        batch = _claim_of(case_id, connection, now)
        if batch:
            return batch
    return None


def claimable(connection: SystemConnection, now: datetime) -> "QuerySet[DataItem]":
    """Items that are due and whose turn has come.

    What is only recoverable until a date is gone from the live records: nothing waits
    for it. A case that only waits, for a store that comes first or for the vendor's slow
    job, must not stand in the queue before one that can be served.
    """
    due = DataItem.objects.due(now).filter(connection=connection)
    due = due.exclude(state=ItemState.REQUESTED, lease_until__gt=now)
    bare = VendorProtection.objects.pending().filter(case=OuterRef("case"), connection=connection)
    due = due.exclude(Q(state=ItemState.PLANNED) & Exists(bare))  # read back, but erase nothing
    beside = DataItem.objects.filter(case=OuterRef("case"), connection=connection)
    wide = [store.name for store in stores_of(connection) if store.subject_wide]
    unasked = Q(state__in=[ItemState.PLANNED, ItemState.RUNNING]) | Q(job__state__in=OPEN_JOBS)
    native_open = beside.filter(unasked, store__in=wide)
    native = [store.name for store in stores_of(connection) if store.leg is Leg.NATIVE]
    due = due.exclude(store__in=native, state=ItemState.PLANNED)
    # those that are subject wide are all read back by the same few searches, once
    beside_job = Q(store__in=native) | Q(store__in=wide, state=ItemState.REQUESTED)
    due = due.exclude(beside_job & Exists(native_open))
    for before, names in _orders(connection).items():
        first = beside.filter(store__in=before, state__in=STILL_OPEN).exclude(IN_THE_BIN)
        due = due.exclude(Q(store__in=names, state=ItemState.PLANNED) & Exists(first))
    return after_sources(due, connection)


def _orders(connection: SystemConnection) -> dict[tuple[str, ...], list[str]]:
    """The stores that must have ended first, and those that wait for them."""
    found: dict[tuple[str, ...], list[str]] = {}
    for store in stores_of(connection):
        if store.after:
            found.setdefault(store.after, []).append(store.name)
    return found


def _claim_of(case_id: UUID, connection: SystemConnection, now: datetime) -> Batch | None:
    with locked(case_id) as case:
        if case.state not in UNDER_WAY or not identity_confirmed(case):
            return None
        apply_holds(case)
        spare_exempt(case)
        ready = claimable(connection, now).filter(case=case)
        due = set(ready.order_by().values_list("store", "state").distinct())
        for store in stores_of(connection):
            batch = None
            if (store.name, ItemState.PLANNED) in due:
                batch = _to_erase(case, connection, ready, store)
            if batch is None and (store.name, ItemState.REQUESTED) in due:
                batch = _to_read(case, connection, ready, store)
            if batch:
                ErasureCase.objects.filter(pk=case_id).update(last_served_at=now)
                return batch
    return None


def _to_erase(
    case: ErasureCase, connection: SystemConnection, ready: "QuerySet[DataItem]", store: Store
) -> Batch | None:
    due = ready.filter(store=store.name, state=ItemState.PLANNED)
    size = store.batch if store.batch > 1 else connection.width
    chosen = _rows(case, connection, due.select_for_update(of=("self",), skip_locked=True)[:size])
    if not chosen:
        return None
    along: list[DataItem] = []
    if store.subject_wide:
        natives = [s.name for s in stores_of(connection) if s.leg is Leg.NATIVE]
        planned = case.items.filter(
            connection=connection, store__in=natives, state=ItemState.PLANNED
        )
        along = _rows(case, connection, planned.select_for_update(of=("self",)))
    owner = str(uuid4())
    _take(case, [*chosen, *along], owner, clock.now())
    return Batch(case.pk, store, owner, tuple(chosen), tuple(along))


def _rows(
    case: ErasureCase, connection: SystemConnection, found: Iterable[DataItem]
) -> list[DataItem]:
    """Rows that share one case, and so its opened keys, and one connection."""
    rows = list(found)
    for row in rows:
        row.case, row.connection = case, connection
    return rows


def _take(case: ErasureCase, items: Sequence[DataItem], owner: str, now: datetime) -> None:
    attempts = []
    for item in items:
        item.claim(owner, now + LEASE)
        item.attempts += 1
        item.first_tried = item.first_tried or now
        attempts.append(Attempt(item=item, number=item.attempts, owner=owner, started_at=now))
    DataItem.objects.save_alike(items)
    Attempt.objects.bulk_create(attempts)
    dispatch(case, items)


def dispatch(case: ErasureCase, items: Sequence[DataItem]) -> None:
    """Write ahead, by store: these items are about to be touched."""
    drafts = []
    for line in sorted({item.line for item in items}):
        numbers = [item.log_number for item in items if item.line == line]
        for at in range(0, len(numbers), MOST_DISPATCHED):
            part = numbers[at : at + MOST_DISPATCHED]
            drafts.append(Draft("dispatch", {"items": part}, {"store": line, "items": len(part)}))
    append_all(case, drafts)


def _to_read(
    case: ErasureCase, connection: SystemConnection, ready: "QuerySet[DataItem]", store: Store
) -> Batch | None:
    due = ready.filter(store=store.name, state=ItemState.REQUESTED)
    size = store.verify_batch if store.verify_batch > 1 else max(8, READS * connection.width)
    chosen = _rows(case, connection, due.select_for_update(of=("self",), skip_locked=True)[:size])
    if not chosen:
        return None
    owner = str(uuid4())
    DataItem.objects.filter(pk__in=[item.pk for item in chosen]).update(
        lease_owner=owner, lease_until=clock.now() + LEASE
    )
    return Batch(case.pk, store, owner, tuple(chosen), reading=True)


def still_mine(case: ErasureCase, batch: Batch) -> dict[UUID, DataItem]:
    """Items whose lease is still this batch's, locked. Call under the lock of their case."""
    wanted = [item.pk for item in (*batch.items, *batch.along)]
    rows = case.items.select_for_update(of=("self",)).select_related("connection")
    return {row.pk: row for row in rows.filter(pk__in=wanted, lease_owner=batch.owner)}
