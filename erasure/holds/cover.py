"""Asked at discovery, at review, and immediately before each destructive call."""

from collections.abc import Iterable
from uuid import UUID

from django.db.models import Q

from erasure.holds.mirror import mirror, unmirror
from erasure.ledger.append import Draft, append_all
from erasure.models import DataItem, ErasureCase, Hold, line_index
from erasure.models.items import NOT_FOUND_AGAIN, UNCONFIRMED_LEAD
from erasure.values import HoldScope, ItemState, Outcome

COVERED = "A legal hold covers it."
BLOCKED = "BLOCKED_BY_HOLD: only the vendor's subject-wide job erases it, and that knows no hold."
EXEMPTED = (
    "A record there is exempt or somebody else's, and the vendor's subject-wide job knows no "
    "exemption: have the vendor redact this record alone, or exempt it as well."
)
NOBODY_DECIDED = [NOT_FOUND_AGAIN, UNCONFIRMED_LEAD]
MAY_BE_HELD = [ItemState.PROPOSED, ItemState.PLANNED]


def covering(case: ErasureCase, items: Iterable[DataItem]) -> dict[UUID, Hold]:
    """The standing hold of each item that has one, read afresh."""
    holds = list(Hold.objects.standing().prefetch_related("targets"))
    if not holds:
        return {}
    people = set(case.identifiers.once_confirmed().values_list("blind_index", flat=True))
    times = {hold.pk: _talks_in(hold, case) for hold in holds}
    found = {}
    for item in items:
        covers = (hold for hold in holds if _covers(hold, item, people, times[hold.pk]))
        hold = next(covers, None)
        if hold:
            found[item.pk] = hold
    return found


def _talks_in(hold: Hold, case: ErasureCase) -> set[tuple[UUID, str]]:
    """Connection and conversation of what a time range covers: all that hangs on them stays,
    an evaluation that was made later as well."""
    if hold.scope != HoldScope.TIME_RANGE:
        return set()
    there = case.items.exclude(parent_index="").exclude(state=ItemState.EXCLUDED)
    return {(i.connection_id, i.parent_index) for i in there if _in_range(hold, i)}


def _covers(hold: Hold, item: DataItem, people: set[str], talks: set[tuple[UUID, str]]) -> bool:
    if hold.scope == HoldScope.TIME_RANGE:
        return _in_range(hold, item) or (item.connection_id, item.parent_index) in talks
    targets: set[str] = {target.index for target in hold.targets.all()}
    named = bool(item.parent_index) and item.parent_index in targets
    if hold.scope == HoldScope.CONVERSATION:
        return named
    if hold.scope == HoldScope.MATTER and named:
        return True
    return not people.isdisjoint(targets)


def _in_range(hold: Hold, item: DataItem) -> bool:
    if hold.connection_id and hold.connection_id != item.connection_id:
        return False
    if item.occurred_at is None or (hold.starts_at is None and hold.ends_at is None):
        return False
    return (hold.starts_at is None or hold.starts_at <= item.occurred_at) and (
        hold.ends_at is None or item.occurred_at <= hold.ends_at
    )


def blocking(case: ErasureCase, connection_id: UUID) -> Hold | None:
    """The hold that forbids the subject-wide job of a system, if anything there is held."""
    kept = case.items.filter(connection=connection_id).exclude(state=ItemState.EXCLUDED)
    return next(iter(covering(case, kept).values()), None)


def exempt_places(case: ErasureCase) -> set[UUID]:
    """Connections where a record is exempt, or hangs on a conversation and was decided to be
    somebody else's.

    Neither the line of a whole store is one, nor what nobody was certain of or found again.
    """
    exempt = Q(state=ItemState.EXEMPT, certain=True)
    anothers = Q(state=ItemState.EXCLUDED) & ~Q(parent_index="") & ~Q(reason__in=NOBODY_DECIDED)
    rows = case.items.filter(exempt | anothers).values_list("connection", "store", "remote_index")
    return {at for at, store, index in rows if index != line_index(case.pk, store)}


def spare_exempt(case: ErasureCase) -> None:
    """Give a person what only the subject-wide job erases, where that would take what is exempt.

    Call under the case's lock.
    """
    planned = case.items.filter(state=ItemState.PLANNED, native=True)
    for item in planned.filter(connection__in=exempt_places(case)):
        item.by_hand(EXEMPTED)
        item.save()


def apply_holds(case: ErasureCase) -> int:
    """Mark what holds cover, and what only the vendor's subject-wide job could erase.

    Call under the case's lock. Items already with the vendor are stopped by the
    guard before their call. Returns how many items became HELD.
    """
    covered = covering(case, case.items.exclude(state=ItemState.EXCLUDED))
    if not covered:
        return 0
    open_items = list(case.items.filter(state__in=MAY_BE_HELD))
    blocked = {
        connection: hold
        for item in case.items.filter(pk__in=covered)
        for connection, hold in [(item.connection_id, covered[item.pk])]
    }
    held = []
    for item in open_items:
        hold, reason = covered.get(item.pk), COVERED
        if hold is None and item.native:
            hold, reason = blocked.get(item.connection_id), BLOCKED
        if hold:
            item.hold_back(hold, reason)
            item.save()
            held.append(item)
    log_held(case, held)
    mirror(case, covered)
    return len(held)


def drop_unheld(case: ErasureCase) -> None:
    """Ask no protection for what no hold covers any more. Call under the case's lock."""
    unmirror(case, covering(case, case.items.exclude(state=ItemState.EXCLUDED)))


def log_held(case: ErasureCase, items: Iterable[DataItem]) -> None:
    """The HELD outcome of items that a hold keeps; before approval none is in the log yet."""
    append_all(
        case,
        [
            Draft(
                "outcome",
                {"hold": str(item.hold_id), "reason": item.reason},
                {"store": item.line, "action": "hold", "outcome": str(Outcome.HELD),
                 "try": max(1, item.attempts)},
                item,
            )
            for item in items
            if item.log_number is not None
        ],
    )  # fmt: skip


def unhold(case: ErasureCase) -> int:
    """Propose again what no standing hold keeps any more. Call under the case's lock."""
    freed = 0
    covered = covering(case, case.items.exclude(state=ItemState.EXCLUDED))
    unmirror(case, covered)
    blocked = {i.connection_id for i in case.items.filter(pk__in=covered)}
    for item in case.items.filter(state=ItemState.HELD):
        if item.pk in covered or (item.native and item.connection_id in blocked):
            continue
        item.propose()
        item.save()
        freed += 1
    return freed
