"""Asked at discovery, at review, and immediately before each destructive call."""

from collections.abc import Iterable
from uuid import UUID

from erasure.ledger.append import Draft, append_all
from erasure.models import DataItem, ErasureCase, Hold
from erasure.values import HoldScope, ItemState, Outcome

COVERED = "A legal hold covers it."
BLOCKED = "BLOCKED_BY_HOLD: only the vendor's subject-wide job erases it, and that knows no hold."
MAY_BE_HELD = [ItemState.PROPOSED, ItemState.PLANNED]


def covering(case: ErasureCase, items: Iterable[DataItem]) -> dict[UUID, Hold]:
    """The standing hold of each item that has one, read afresh."""
    holds = list(Hold.objects.standing().prefetch_related("targets"))
    if not holds:
        return {}
    people = set(case.identifiers.confirmed().values_list("blind_index", flat=True))
    found = {}
    for item in items:
        hold = next((hold for hold in holds if _covers(hold, item, people)), None)
        if hold:
            found[item.pk] = hold
    return found


def _covers(hold: Hold, item: DataItem, people: set[str]) -> bool:
    if hold.scope == HoldScope.TIME_RANGE:
        return _in_range(hold, item)
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
    return len(held)


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
    blocked = {i.connection_id for i in case.items.filter(pk__in=covered)}
    for item in case.items.filter(state=ItemState.HELD):
        if item.pk in covered or (item.native and item.connection_id in blocked):
            continue
        item.propose()
        item.save()
        freed += 1
    return freed
