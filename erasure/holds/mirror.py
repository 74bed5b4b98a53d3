"""What a hold covers is to be under the vendor's own deletion protection as well.

Only rows are written here; ``erasure.protection`` speaks to the vendor.
"""

from collections.abc import Collection
from uuid import UUID

from erasure import clock
from erasure.connectors.genesys.stores import RECORDED
from erasure.models import DataItem, ErasureCase, VendorProtection
from erasure.values import ItemState, System

PROTECTED_STORES: dict[str, tuple[str, ...]] = {System.GENESYS: RECORDED}
"""What the vendor's protection of a conversation keeps, by system."""

Place = tuple[UUID, str]  # connection and conversation


def mirror(case: ErasureCase, covered: Collection[UUID]) -> None:
    """A row for each conversation of an item that a hold itself keeps.

    What is kept only because it shares the vendor's job with held items gets none: its
    recordings may go. Call under the case's lock.
    """
    items = case.items.filter(pk__in=covered, state=ItemState.HELD)
    items = items.filter(connection__system__in=PROTECTED_STORES).exclude(parent_index="")
    kept: dict[Place, list[DataItem]] = {}
    for item in items.select_related("connection"):
        kept.setdefault((item.connection_id, item.parent_index), []).append(item)
    if not kept:
        return
    known = {(row.connection_id, row.conversation_index): row for row in case.protections.all()}
    for place in kept.keys() & known.keys():
        _ask_again(known[place], kept[place])
    VendorProtection.objects.bulk_create(
        _row(case, kept[place][0]) for place in sorted(kept.keys() - known.keys(), key=str)
    )


def _row(case: ErasureCase, item: DataItem) -> VendorProtection:
    item.case = case
    row = VendorProtection(
        case=case, connection=item.connection, conversation_index=item.parent_index,
        next_try=clock.now(),
    )  # fmt: skip
    row.conversation = item.locator["parent_id"]
    return row


def _ask_again(row: VendorProtection, items: list[DataItem]) -> None:
    """A recording came to light where there was nothing to protect."""
    if not row.on and row.next_try is None and any(protectable(item) for item in items):
        row.next_try, row.attempts = clock.now(), 0
        row.save(update_fields=["next_try", "attempts"])


def protectable(item: DataItem) -> bool:
    """Whether the vendor's protection of its conversation keeps this record."""
    return item.store in PROTECTED_STORES.get(item.connection.system, ())


def unmirror(case: ErasureCase, covered: Collection[UUID]) -> None:
    """Ask no protection for what no hold covers any more. Call under the case's lock.

    One that is on stays on record: only a person lifts it, at the vendor.
    """
    bare = list(case.protections.filter(on=False))
    if bare:
        items = case.items.filter(pk__in=covered).exclude(parent_index="")
        wanted = set(items.values_list("connection", "parent_index"))
        for row in bare:
            if (row.connection_id, row.conversation_index) not in wanted:
                row.delete()
