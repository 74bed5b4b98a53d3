"""The stores of a Salesforce org, and how each is searched, erased and read back."""

from dataclasses import dataclass

from erasure.connectors.base import Store
from erasure.errors import RefusedError

AT_ONCE = 200  # ids of one composite deletion, and of one read-back

PERMISSIONS = ("API Enabled", "View All Data", "Modify All Data", "Bulk API Hard Delete")

CONTACTS = Store(
    name="contacts",
    title="Contacts",
    search="Exact comparison of e-mail and of the usual spellings of each telephone number.",
    erase="Hard delete in a bulk job; without that permission a deletion into the recycle bin.",
    verify="Read again by id, the recycle bin included.",
    batch=AT_ONCE,
    verify_batch=AT_ONCE,
    contact_record=True,
    after=("cases",),
    permissions=PERMISSIONS,
)
CASES = Store(
    name="cases",
    title="Cases",
    search="Cases of the contacts found, and cases sent in from the person's e-mail or telephone.",
    erase="Hard delete in a bulk job; without that permission a deletion into the recycle bin.",
    verify="Read again by id, the recycle bin included.",
    batch=AT_ONCE,
    verify_batch=AT_ONCE,
    permissions=PERMISSIONS,
)


@dataclass(frozen=True, slots=True)
class SObject:
    """The vendor's object behind a store."""

    name: str
    prefix: str  # of its ids


SOBJECTS = {CONTACTS.name: SObject("Contact", "003"), CASES.name: SObject("Case", "500")}


def sobject(store: str) -> SObject:
    """The object behind a store. Raises RefusedError: no store of this system."""
    if store not in SOBJECTS:
        raise RefusedError("Salesforce: no such store.")
    return SOBJECTS[store]
