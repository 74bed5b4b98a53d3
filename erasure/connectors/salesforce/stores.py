"""The stores of a Salesforce org, and how each is searched, erased and read back."""

from dataclasses import replace

from erasure.connectors.base import Store
from erasure.connectors.salesforce.kinds import SObject, kind_of

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


BIN = (
    "Deleted, and taken out of the recycle bin; what stays there counts as recoverable "
    "until the vendor empties it."
)
AGAIN = "Read again by id, the recycle bin included."
LEADING = ("contacts", "cases", "leads")


def _store(name: str, title: str, search: str, *after: str, erase: str = BIN) -> Store:
    return Store(
        name=name, title=title, search=search, erase=erase, verify=AGAIN,
        batch=AT_ONCE, verify_batch=AT_ONCE, permissions=PERMISSIONS, after=after,
        through=tuple(each for each in LEADING if each != name),
    )  # fmt: skip


BY_PARENT = "Records that name a contact, lead or case found here"
LEADS = replace(
    _store(
        "leads", "Leads", "Exact comparison of e-mail and telephone, converted leads included.",
        "campaign_members", "activities",
    ),
    through=(), contact_record=True,
)  # fmt: skip
FURTHER = (
    LEADS,
    replace(
        _store("contact_points", "Contact points", "Exact comparison of e-mail and telephone."),
        through=(),
    ),
    _store("campaign_members", "Campaign members", f"{BY_PARENT}, or the person's address."),
    _store("case_comments", "Case comments", f"{BY_PARENT}."),
    _store("emails", "E-mail messages", f"{BY_PARENT}, and mail from or to the person's address."),
    _store("activities", "Tasks and events", f"{BY_PARENT}, archived ones included."),
    _store("links", "Roles of contacts", f"{BY_PARENT}."),
    _store("chats", "Chat transcripts", f"{BY_PARENT}."),
    _store("messaging", "Messaging users and sessions", f"{BY_PARENT}, or the person's number."),
    _store("voice_calls", "Voice calls", f"{BY_PARENT}, or calls from or to the person's number."),
    _store("notes", "Notes and attachments", f"{BY_PARENT}."),
    _store("feed", "Feed items", f"{BY_PARENT}."),
    _store(
        "history", "Field history", f"{BY_PARENT}.", "contacts", "cases", "leads",
        erase="Deleted over SOAP (Delete From Field History), if not gone with its record.",
    ),
)  # fmt: skip
CHILDREN = tuple(each.name for each in FURTHER if each.name not in ("leads", "history"))
OF_CASES = ("case_comments", "emails", "activities", "chats", "messaging", "voice_calls")
CASES = replace(CASES, after=(*OF_CASES, "notes", "feed"))
CONTACTS = replace(CONTACTS, after=("cases", *CHILDREN))


def sobject(store: str) -> SObject:
    """The object behind a store of one. Raises RefusedError: no such store."""
    return kind_of(store)
