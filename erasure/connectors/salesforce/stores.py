"""The stores of a Salesforce org, and how each is searched, erased and read back."""

from dataclasses import replace

from erasure.connectors.base import Store
from erasure.connectors.salesforce.copies import COPIES, TASK
from erasure.connectors.salesforce.kinds import CUSTOM, MENTIONS
from erasure.connectors.salesforce.mentions import BY_HAND
from erasure.values import Verdict

AT_ONCE = 200  # ids of one composite deletion, and of one read-back
USER_RIGHTS = ("API Enabled", "View All Data", "Modify All Data")
HARD = (
    "Hard delete in a bulk job; without that permission deleted and taken out of the recycle "
    "bin. What stays there counts as recoverable until the vendor empties it."
)
BIN = (
    "Deleted, and taken out of the recycle bin; what stays there counts as recoverable until the "
    "vendor empties it."
)
AGAIN = "Read again by id, the recycle bin included."
BY_PARENT = "Records that name a contact, lead, account or case found here"
BY_VALUE = "Exact comparison of e-mail and, however it is typed, of telephone number"
PEOPLE = ("contacts", "person_accounts", "leads")
SOURCES = (*PEOPLE, "cases")
ORDER = (  # what hangs on a record goes before it, and field history after it
    ("messaging", "chats", "voice_calls"),
    ("files",),
    ("emails", "activities", "feed", "notes", "case_comments"),
    ("cases",),
    ("links", "campaign_members", "contact_points", "custom", "portal_users"),
    PEOPLE,
    ("individuals",),
    ("history",),
)


def _earlier(name: str) -> tuple[str, ...]:
    """The stores that must have ended first."""
    stage = next((at for at, names in enumerate(ORDER) if name in names), 0)
    return tuple(each for names in ORDER[:stage] for each in names)


def _store(name: str, title: str, search: str, erase: str = BIN) -> Store:
    return Store(
        name=name, title=title, search=search, erase=erase, verify=AGAIN,
        batch=AT_ONCE, verify_batch=AT_ONCE, permissions=USER_RIGHTS,
        after=_earlier(name), through=tuple(each for each in SOURCES if each != name),
    )  # fmt: skip


def _person(name: str, title: str, search: str) -> Store:
    """A store looked up by identifier alone, whose deletion removes a contact."""
    hard = (*USER_RIGHTS, "Bulk API Hard Delete")
    made = _store(name, title, search, HARD)
    return replace(made, through=(), contact_record=True, permissions=hard)


CONTACTS = _person("contacts", "Contacts", f"{BY_VALUE}.")
PERSON_ACCOUNTS = _person(
    "person_accounts", "Person accounts", f"{BY_VALUE}; never a business account."
)
LEADS = _person("leads", "Leads", f"{BY_VALUE}, converted leads included.")
CASES = replace(
    _store(
        "cases", "Cases",
        f"{BY_PARENT}, and cases sent in from the person's e-mail or telephone.", HARD,
    ),
    through=PEOPLE,
)  # fmt: skip
PORTAL_USERS = replace(
    _store(
        "portal_users", "Portal users",
        f"{BY_VALUE}, user name and contact. A user who works here is never touched.",
        "Never deleted: deactivated, and every personal field overwritten.",
    ),
    verify="Every personal field read again: overwritten, inactive, nothing of the person left.",
    end=Verdict.ANONYMISED, through=(), batch=1, permissions=(*USER_RIGHTS, "Manage Users"),
)  # fmt: skip
HISTORY = replace(
    _store(
        "history", "Field history", f"{BY_PARENT}.",
        "Deleted over SOAP, if not gone with its record.",
    ),
    permissions=(*USER_RIGHTS, "Delete From Field History"),
)  # fmt: skip
MENTIONED = replace(
    _store(
        MENTIONS, "Mentions in free text",
        "The vendor's search index by e-mail and telephone: leads for the officer, no proof.",
        "Not by this product: another person's record stays, its text is edited by hand.",
    ),
    verify="A person attests it.", manual=BY_HAND, through=(),
)  # fmt: skip
OUTSIDE = Store(
    name=COPIES,
    title="Copies outside",
    search="Not by this product: told by the connection.",
    erase="By a person, where the copies are.",
    verify="A person attests it, with evidence.",
    end=Verdict.ATTESTED,
    manual=TASK,
)
STORES = (
    CASES, CONTACTS, PERSON_ACCOUNTS, LEADS, PORTAL_USERS,
    _store("messaging", "Messaging users and sessions", f"{BY_PARENT}, or the person's number.",
           HARD),
    replace(_store("contact_points", "Contact points", f"{BY_VALUE}."), through=()),
    replace(_store("individuals", "Individuals", "Named by a record of the person."),
            through=PEOPLE),
    _store("campaign_members", "Campaign members", f"{BY_PARENT}, or the person's address."),
    _store("case_comments", "Case comments", f"{BY_PARENT}."),
    _store("emails", "E-mail messages", f"{BY_PARENT}, and mail from or to the person's address.",
           HARD),
    _store("activities", "Tasks and events", f"{BY_PARENT}, archived ones included.", HARD),
    _store("links", "Roles of contacts", f"{BY_PARENT}."),
    _store("chats", "Chat transcripts", f"{BY_PARENT}.", HARD),
    _store("voice_calls", "Voice calls", f"{BY_PARENT}, or calls from or to the person's number.",
           HARD),
    _store("notes", "Notes and attachments", f"{BY_PARENT}."),
    _store("feed", "Feed items", f"{BY_PARENT}, or posted by the person."),
    replace(
        _store("files", "Files", "Files of the records found here.",
               "Deleted; of a file that hangs on other records too, the link alone."),
        permissions=(*USER_RIGHTS, "Query All Files"),
    ),
    _store(CUSTOM, "Custom objects", f"{BY_VALUE}, and {BY_PARENT.lower()}, in the objects named.",
           HARD),
    HISTORY, MENTIONED, OUTSIDE,
)  # fmt: skip
