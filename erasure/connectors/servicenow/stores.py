"""The stores of an instance: which tables, which columns lead to the person."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from erasure.connectors.base import ItemRef, Store
from erasure.connectors.servicenow.copies import OUTSIDE
from erasure.errors import RefusedError

AT_ONCE = 20


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
    via: tuple[str, ...] = ()  # stores whose records ``people`` may name instead of a person
    company: bool = False  # a sole trader's at most: leads for the officer
    linked: bool = False  # a link table: whatever columns refer to a person
    blanked: tuple[str, ...] = ()  # personal columns, overwritten before the row is deleted
    legacy: str = ""  # an older table beside it whose columns no source tells: for a person
    texts: tuple[str, ...] = ()  # free text that may name the person
    trace: bool = False  # rows about a record, by ``key``; remote_id is that record's
    key: str = "documentkey"
    below: tuple[str, str] = ("", "")  # a table whose rows hang on those of a trace, and by what


_NAME = ("first_name", "last_name", "middle_name")
_HOME = ("street", "city", "state", "zip", "country", "notes", "title", "photo")
_TO = ("recipients", "copied", "blind_copied", "user")
_ACCOUNT = ("consumer", "consumer_account")
_TASK = ("short_description", "description", "close_notes")
_BODY = ("subject", "body_text", "body")
_RECORDS = ("cases", "case_tasks", "incidents", "requests", "requested_items", "interactions")
PERSONS = ("consumers", "users")
PERSON_TABLES = ("sys_user", "customer_contact", "csm_consumer_user", "csm_consumer")
_LINKS = (
    ("consumer_profiles", "sn_csm_consumer_profile", "Consumer profiles"),
    ("household_members", "csm_household_member", "Household members"),
    ("contact_relations", "sn_customerservice_contact_relationship", "Contact relationships"),
    ("consumer_relations", "sn_customer_rel_consumer_to_consumer", "Consumer relationships"),
    ("consumer_teams", "sn_customer_rel_consumer_to_user", "Consumer team members"),
    ("related_parties", "sn_customerservice_related_party", "Related parties"),
    ("registrations", "sn_customerservice_registration", "Registrations"),
    ("asset_contacts", "sn_customerservice_m2m_asset_contact", "Contacts of assets"),
    ("contract_contacts", "contract_rel_contact", "Contacts of contracts"),
)
KINDS = (  # records before what hangs on them
    Kind("cases", "sn_customerservice_case", "Cases", ("contact", "consumer"), texts=_TASK),
    Kind("case_tasks", "sn_customerservice_task", "Case tasks", of="parent",
         parents=("cases",), texts=_TASK),
    Kind("incidents", "incident", "Incidents", ("caller_id",), texts=_TASK),
    Kind("requests", "sc_request", "Service requests", ("requested_for",), texts=_TASK),
    Kind("requested_items", "sc_req_item", "Requested items", ("requested_for",),
         of="request", parents=("requests",), texts=_TASK),
    Kind("interactions", "interaction", "Interactions", ("opened_for", "contact", "consumer"),
         texts=("short_description",)),
    Kind("interaction_links", "interaction_related_record", "Links of interactions",
         of="interaction", parents=("interactions",)),
    Kind("phone_log", "sn_openframe_phone_log", "Telephone log", phones=("number",),
         of="interaction", parents=("interactions",)),
    Kind("chat_profiles", "sys_cs_consumer", "Chat profiles", ("user",)),
    Kind("chat_accounts", "sys_cs_consumer_account", "Chat accounts", ("consumer",),
         via=("chat_profiles",)),
    Kind("conversations", "sys_cs_conversation", "Conversations", _ACCOUNT,
         via=("chat_profiles", "chat_accounts")),
    Kind("sessions", "sys_cs_session", "Chat sessions", _ACCOUNT,
         via=("chat_profiles", "chat_accounts")),
    Kind("messages", "sys_cs_message", "Messages", _ACCOUNT,
         of="conversation", parents=("conversations",), via=("chat_profiles", "chat_accounts"),
         texts=("payload",), legacy="live_message"),
    Kind("media", "sys_cs_media", "Chat media", of="conversation", parents=("conversations",)),
    Kind("emails", "sys_email", "E-mails", ("user_id",), lists=_TO, of="instance",
         parents=_RECORDS, texts=_BODY),
    Kind("journal", "sys_journal_field", "Comments and work notes",
         of="element_id", parents=(*_RECORDS, *PERSONS), texts=("value",)),
    Kind("attachments", "sys_attachment", "Attachments", of="table_sys_id",
         parents=(*_RECORDS, *PERSONS, "emails", "messages", "media")),
    Kind("devices", "cmn_notif_device", "Notification devices", ("user",), ("email_address",),
         phones=("phone_number",)),
    *(Kind(name, table, title, linked=True) for name, table, title in _LINKS),
    Kind("archived_cases", "ar_sn_customerservice_case", "Archived cases", ("contact", "consumer"),
         texts=_TASK),
    Kind("archived_incidents", "ar_incident", "Archived incidents", ("caller_id",), texts=_TASK),
    Kind("archived_requests", "ar_sc_request", "Archived requests", ("requested_for",),
         texts=_TASK),
    Kind("archived_interactions", "ar_interaction", "Archived interactions",
         ("opened_for", "contact", "consumer")),
    Kind("archived_emails", "ar_sys_email", "Archived e-mails", ("user_id",), lists=_TO,
         of="instance", parents=(*_RECORDS, "archived_cases", "archived_incidents"),
         texts=_BODY),
    Kind("accounts", "customer_account", "Customer accounts", phones=("phone",), company=True),
    Kind("consumers", "csm_consumer", "Consumers", ("user",), ("email",),
         phones=("business_phone", "mobile_phone", "home_phone", "fax"),
         blanked=(*_NAME, "email", "business_phone", "mobile_phone", "home_phone", "fax", *_HOME)),
    Kind("users", "sys_user", "Users and contacts", (), ("email",),
         phones=("phone", "mobile_phone", "home_phone"),
         blanked=(*_NAME, "user_name", "email", "phone", "mobile_phone", "home_phone", *_HOME)),
    Kind("audit", "sys_audit", "Audit rows", trace=True),
    Kind("history", "sys_history_set", "History sets", trace=True, key="id",
         below=("sys_history_line", "set")),
    Kind("deletion_copies", "sys_audit_delete", "Copies of deleted records", trace=True),
)  # fmt: skip
BY_NAME = {kind.name: kind for kind in KINDS}
OWN = tuple(kind.name for kind in KINDS if not kind.trace)
TRACED = (*_RECORDS, *PERSONS)  # whose changes and deletion the instance may write down
EMAIL_TYPES = ("email",)
PHONE_TYPES = ("ph_number", "phone_number", "phone_number_e164")
BY_ID = "Whatever hangs on the records found, by their ids; every row compared again."
READ_BACK = (
    "Read again by id, beside a row of somebody else that must still be seen; recoverable for the "
    "days of the instance's delete recovery. Where a table holds nobody else's row, make one of "
    "a test person there before the search: without it an absence stays unproven."
)
BY_TRACE = (
    "The rows that name the record are counted again, with no access rule applied, and the record "
    "itself must be gone; the table must still be read."
)
BY_PERSON = "By the person's record ids, addresses and numbers; every row compared again."


def by_hand(kind: Kind) -> str:
    """What an administrator does where the rows of a trace cannot be deleted over REST."""
    return (
        f"As an administrator, delete the rows of {kind.table} whose {kind.key} is the id of the "
        "deleted record, or open a delete ACL on it for the integration user and try again."
    )


def _through(kind: Kind) -> tuple[str, ...]:
    """Stores whose records lead to its own."""
    if kind.trace:
        return TRACED
    persons = PERSONS if (kind.people or kind.linked) and kind.name not in PERSONS else ()
    beside = ("consumers",) if kind.name == "users" else ()
    return tuple(dict.fromkeys((*kind.parents, *kind.via, *persons, *beside)))


def _after(kind: Kind) -> tuple[str, ...]:
    """What names a record goes before it: the instance clears what refers to a deleted row."""
    if kind.trace:  # the instance makes history anew from the audit rows it still has
        return (*TRACED, "audit") if kind.below[0] else TRACED
    if kind.name in PERSONS:
        return tuple(name for name in OWN if name != "users" and name != kind.name)
    return tuple(each.name for each in KINDS if kind.name in (*each.parents, *each.via))


def _by_person(kind: Kind) -> bool:
    return bool(kind.emails or kind.lists or kind.people or kind.phones)


def _store(kind: Kind) -> Store:
    person = kind.name in PERSONS
    write = ("write",) if kind.blanked else ()
    tables = [table for table in (kind.table, kind.below[0]) if table]
    erase = "Personal columns overwritten, then deleted." if person else "Deleted row by row."
    if kind.below[0]:
        erase = f"Deleted row by row, after those of {kind.below[0]} that hang on them."
    return Store(
        name=kind.name,
        title=kind.title,
        search=BY_PERSON if _by_person(kind) else BY_ID,
        erase=erase,
        verify=BY_TRACE if kind.trace else READ_BACK,
        batch=AT_ONCE,
        verify_batch=AT_ONCE,
        through=_through(kind),
        after=tuple(name for name in _after(kind) if name not in PERSONS or kind.trace or person),
        contact_record=person,
        permissions=tuple(
            f"{table} {right}" for table in tables for right in ("read", *write, "delete")
        ),
        manual=by_hand(kind) if kind.name == "deletion_copies" else "",
    )


def with_own(kind: Kind, types: Mapping[str, str]) -> Kind:
    """The kind with the columns for addresses and numbers an instance has added itself.

    ``types``: the type of each column of its table. Only where the table is searched by such.
    """
    emails = _more(kind.emails, types, EMAIL_TYPES)
    phones = _more(kind.phones, types, PHONE_TYPES)
    blanked = dict.fromkeys((*kind.blanked, *emails, *phones)) if kind.blanked else ()
    return replace(kind, emails=emails, phones=phones, blanked=tuple(blanked))


def _more(
    names: tuple[str, ...], types: Mapping[str, str], wanted: tuple[str, ...]
) -> tuple[str, ...]:
    added = sorted(name for name, told in types.items() if told in wanted) if names else ()
    return tuple(dict.fromkeys((*names, *added)))


STORES = (*(_store(kind) for kind in KINDS), OUTSIDE)


def kind_of(store: str) -> Kind:
    """The table behind a store. Raises RefusedError: no store of this system."""
    if store not in BY_NAME:
        raise RefusedError("ServiceNow: no such store.")
    return BY_NAME[store]


def table_of(trace: ItemRef) -> str:
    """The table of the record a trace is about. Raises RefusedError: it does not say."""
    table = trace.facts.get("of", "")
    if not isinstance(table, str) or not table:
        raise RefusedError("ServiceNow: it is not known of which table this is a trace.")
    return table
