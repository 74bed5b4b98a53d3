"""What the interface does not reach: a person looks there, or the connection says there is none."""

from collections.abc import Collection, Mapping

from erasure.connectors.base import Account, Searched
from erasure.values import StoreStatus

COPIES = "copies_outside"
NONE = "none"  # what the connection says if nothing leaves the org
LONGEST = 300  # characters of what a person is told to do
TASK = (
    "Look for the person in sandboxes, data exports, backups, event logs, Marketing Cloud, Data "
    "Cloud and enhanced messaging (Conversation Data API); delete what is found, attach evidence."
)

OFF_CORE = (
    "What was written in enhanced channels is kept beside the org's objects: have it deleted for "
    "the messaging users found here (Conversation Data API), attach the vendor's answer. Or "
    "declare enhanced_messaging none in the connection and search again."
)
ARCHIVE = "FieldHistoryArchive"
ARCHIVED = (
    "Field Audit Trail is on in this org: have an administrator delete the archived history "
    "(FieldHistoryArchive) of the records found, by their ids, and attach the evidence."
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


def beyond(account: Account, objects: Collection[str], found: Mapping[str, int]) -> dict[str, str]:
    """What a person does besides, by store, where the org keeps parts of the records apart.

    ``found``: how many records by store. The option ``enhanced_messaging``: "none" if no
    such channel is in use.
    """
    tasks = {}
    enhanced = str(account.options.get("enhanced_messaging") or "").strip().casefold() != NONE
    if enhanced and found.get("messaging"):
        tasks["messaging"] = OFF_CORE
    if ARCHIVE in objects and any(found.values()):  # it outlives the history it was made of
        tasks["history"] = ARCHIVED
    return tasks
