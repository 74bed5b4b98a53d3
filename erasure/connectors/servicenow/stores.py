"""The stores of an instance: which tables, which columns lead to the person."""

from dataclasses import dataclass

from erasure.connectors.base import Store
from erasure.errors import RefusedError

AT_ONCE = 20
BY_HAND = (
    "As an administrator, delete the rows of sys_audit_delete whose documentkey is the id of "
    "the deleted record, or open a delete ACL on it for the integration user and try again."
)


@dataclass(frozen=True, slots=True)
class Kind:
    """The table behind a store. Columns an instance lacks are left out of its queries."""

    name: str
    table: str
    title: str
    people: tuple[str, ...] = ()  # references to the person
    emails: tuple[str, ...] = ()
    lists: tuple[str, ...] = ()  # recipients: others may stand in them too
    phones: tuple[str, ...] = ()
    of: str = ""  # the column that names the record it hangs on
    parents: tuple[str, ...] = ()  # stores of those records
    blanked: tuple[str, ...] = ()  # personal columns, overwritten before the row is deleted
    trace: bool = False  # rows about a record, by documentkey; remote_id is that record's


_NAME = ("first_name", "last_name", "middle_name")
_HOME = ("street", "city", "state", "zip", "country", "notes", "title", "photo")
_RECORDS = ("cases", "incidents", "interactions")
_PERSONS = ("consumers", "users")
KINDS = (
    Kind("cases", "sn_customerservice_case", "Cases", ("contact", "consumer")),
    Kind("incidents", "incident", "Incidents", ("caller_id",)),
    Kind("interactions", "interaction", "Interactions", ("opened_for", "contact", "consumer")),
    Kind("conversations", "sys_cs_conversation", "Conversations", ("consumer", "user")),
    Kind("messages", "sys_cs_message", "Messages", of="conversation", parents=("conversations",)),
    Kind("emails", "sys_email", "E-mails", ("user_id",),
         lists=("recipients", "copied", "blind_copied", "user"), of="instance", parents=_RECORDS),
    Kind("journal", "sys_journal_field", "Comments and work notes", of="element_id",
         parents=(*_RECORDS, *_PERSONS)),
    Kind("attachments", "sys_attachment", "Attachments", of="table_sys_id",
         parents=(*_RECORDS, *_PERSONS, "emails")),
    Kind("devices", "cmn_notif_device", "Notification devices", ("user",), ("email_address",),
         phones=("phone_number",)),
    Kind("archived_cases", "ar_sn_customerservice_case", "Archived cases", ("contact", "consumer")),
    Kind("archived_incidents", "ar_incident", "Archived incidents", ("caller_id",)),
    Kind("archived_emails", "ar_sys_email", "Archived e-mails", ("user_id",),
         lists=("recipients", "copied", "blind_copied", "user"), of="instance", parents=_RECORDS),
    Kind("consumers", "csm_consumer", "Consumers", ("user",), ("email",),
         phones=("business_phone", "mobile_phone", "home_phone", "fax"),
         blanked=(*_NAME, "email", "business_phone", "mobile_phone", "home_phone", "fax", *_HOME)),
    Kind("users", "sys_user", "Users and contacts", (), ("email",),
         phones=("phone", "mobile_phone", "home_phone"),
         blanked=(*_NAME, "user_name", "email", "phone", "mobile_phone", "home_phone", *_HOME)),
    Kind("audit", "sys_audit", "Audit rows", trace=True),
    Kind("deletion_copies", "sys_audit_delete", "Copies of deleted records", trace=True),
)  # fmt: skip
BY_NAME = {kind.name: kind for kind in KINDS}
OWN = tuple(kind.name for kind in KINDS if not kind.trace)
TRACED = (*_RECORDS, *_PERSONS)  # whose changes and deletion the instance may write down


def _store(kind: Kind) -> Store:
    """Children come first by their place here; every id is known before the first deletion."""
    person = kind.name in _PERSONS
    erase = "Personal columns overwritten, then deleted." if person else "Deleted row by row."
    return Store(
        name=kind.name,
        title=kind.title,
        search="By the person's record ids, addresses and numbers; every row compared again.",
        erase=erase,
        verify="Read again by id; recoverable for the days of the instance's delete recovery.",
        batch=AT_ONCE,
        verify_batch=AT_ONCE,
        through=kind.parents,
        after=TRACED if kind.trace else (),
        permissions=(f"{kind.table} read", f"{kind.table} delete"),
        manual=BY_HAND if kind.name == "deletion_copies" else "",
    )


STORES = tuple(_store(kind) for kind in KINDS)


def kind_of(store: str) -> Kind:
    """The table behind a store. Raises RefusedError: no store of this system."""
    if store not in BY_NAME:
        raise RefusedError("ServiceNow: no such store.")
    return BY_NAME[store]
