"""Freeze an inventory under its digest, and say so in the log."""

from erasure.ledger.append import append
from erasure.models import ErasureCase
from erasure.values import ItemState, StoreStatus


def freeze(case: ErasureCase) -> str:
    """Set the digest that approval will be bound to. Call under the case's lock; save after.

    The entry counts the items that are in the log so far: items enter it when they
    are approved, so what is excluded before never was part of the case.
    """
    case.inventory_digest = case.current_digest()
    kept = case.items.exclude(state=ItemState.EXCLUDED)
    case.item_count = kept.count()
    log_inventory(case)
    return case.inventory_digest


def log_inventory(case: ErasureCase) -> None:
    searches = list(case.searches.select_related("connection"))
    silent = [s for s in searches if s.status in ("", StoreStatus.UNANSWERED) and not s.decision]
    append(
        case,
        "inventory",
        {"digest": case.inventory_digest, "found": case.item_count},
        items=case.items.filter(log_number__isnull=False).count(),
        stores=sorted(s.line for s in searches),
        unanswered=sorted(s.line for s in silent),
    )
