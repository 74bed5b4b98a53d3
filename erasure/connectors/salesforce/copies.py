"""Copies outside the interface: a person looks there, or the connection says there are none."""

from erasure.connectors.base import Account, Searched
from erasure.values import StoreStatus

COPIES = "copies_outside"
NONE = "none"  # what the connection says if nothing leaves the org
LONGEST = 300  # characters of what a person is told to do
TASK = (
    "Look for the person in sandboxes, data exports, backups, event logs, Marketing Cloud, Data "
    "Cloud and enhanced messaging (Conversation Data API); delete what is found, attach evidence."
)


def copies(account: Account) -> Searched:
    """The option ``outside_copies``: "none", or where copies are."""
    where = str(account.options.get("outside_copies") or "").strip()
    if where.casefold() == NONE:
        note = "declared in the connection: no copies leave the org"
        return Searched(COPIES, StoreStatus.NOT_PRESENT, note=note)
    note = "the connection names where copies are" if where else "the connection does not say"
    task = f"Look for the person, delete what is found, attach the evidence. Where: {where}"
    return Searched(COPIES, StoreStatus.MANUAL, 0, note, (task if where else TASK)[:LONGEST])
