"""What the Table API does not reach: a person looks there, or the connection says there is none."""

from erasure.connectors.base import Account, Searched, Store
from erasure.values import StoreStatus, Verdict

NAME = "copies_outside"
NONE = "none"  # what the connection says if nothing is kept beside the tables
LONGEST = 300  # characters of what a person is told to do
TASK = (
    "Look for the person in system logs, events, the ECC queue, import sets, reports, exports, "
    "backups and clones of this instance; delete what does not end by its age, attach the evidence."
)
OUTSIDE = Store(
    name=NAME,
    title="Logs and copies outside",
    search="Not by this product: told by the connection.",
    erase="By a person, where the copies are.",
    verify="A person attests it, with evidence.",
    end=Verdict.ATTESTED,
    manual=TASK,
)


def copies(account: Account) -> Searched:
    """The option ``outside_copies``: "none", or where logs and copies are."""
    where = str(account.options.get("outside_copies") or "").strip()
    if where.casefold() == NONE:
        note = "declared in the connection: no copies are kept beside the tables"
        return Searched(NAME, StoreStatus.NOT_PRESENT, note=note)
    task = f"Look for the person, delete what is found, attach the evidence. Where: {where}"
    note = "the connection names where copies are" if where else "the connection does not say"
    return Searched(NAME, StoreStatus.MANUAL, 0, note, (task if where else TASK)[:LONGEST])
