"""The tables of the instance: parents, columns, references, what is audited."""

from dataclasses import dataclass, field

SYSTEM = ("sys_id", "sys_created_on", "sys_updated_on", "sys_created_by", "sys_class_name")


@dataclass(frozen=True, slots=True)
class Table:
    """``references`` name the table a column points to; ``cascade`` those deleted along."""

    name: str
    parent: str = ""
    columns: tuple[str, ...] = ()
    references: dict[str, str] = field(default_factory=dict)
    cascade: tuple[str, ...] = ()
    audited: bool = False
    store: str = ""  # as the product names it
    trace: bool = False  # rows about another record, ...
    key: str = "documentkey"  # ... which this column names


_HOME = ("street", "city", "state", "zip", "country", "notes", "title", "photo")
_NAME = ("name", "first_name", "last_name", "middle_name")
_MAIL = ("recipients", "copied", "blind_copied", "user", "subject", "body", "body_text",
         "headers", "target_table", "instance")  # fmt: skip
_AUDIT = ("documentkey", "tablename", "fieldname", "oldvalue", "newvalue", "user")
_CHAT = {"consumer": "sys_cs_consumer", "consumer_account": "sys_cs_consumer_account"}
_PERSON = {"contact": "sys_user", "consumer": "csm_consumer"}

_ALL = (
    Table("sys_user", "", (*_NAME, "user_name", "email", "phone", "mobile_phone", "home_phone",
          *_HOME), audited=True, store="users"),
    Table("customer_contact", "sys_user", ("account",), audited=True, store="users"),
    Table("csm_consumer_user", "sys_user", (), audited=True, store="users"),
    Table("csm_consumer", "", (*_NAME, "email", "business_phone", "mobile_phone", "home_phone",
          "fax", *_HOME), {"user": "csm_consumer_user"}, audited=True, store="consumers"),
    Table("task", "", ("number", "short_description", "description", "close_notes", "state",
          "watch_list"), {"opened_by": "sys_user"}, audited=True),
    Table("sn_customerservice_case", "task", (), _PERSON, audited=True, store="cases"),
    Table("incident", "task", (), {"caller_id": "sys_user"}, audited=True, store="incidents"),
    Table("interaction", "", ("number", "short_description", "channel"),
          {"opened_for": "sys_user", **_PERSON}, store="interactions"),
    Table("sys_journal_field", "", ("element_id", "name", "element", "value"), store="journal"),
    Table("sys_attachment", "", ("table_name", "table_sys_id", "file_name", "content_type",
          "size_bytes"), store="attachments"),
    Table("sys_email", "", _MAIL, {"user_id": "sys_user"}, store="emails"),
    Table("ar_sys_email", "", _MAIL, {"user_id": "sys_user"}, store="archived_emails"),
    Table("sys_cs_consumer", "", ("name",), {"user": "sys_user"}, store="chat_profiles"),
    Table("sys_cs_consumer_account", "", ("vendor_user_id",), {"consumer": "sys_cs_consumer"},
          store="chat_accounts"),
    Table("sys_cs_conversation", "", ("number", "state"), _CHAT, store="conversations"),
    Table("sys_cs_message", "", ("payload", "direction"),
          {"conversation": "sys_cs_conversation", **_CHAT}, store="messages"),
    Table("sn_csm_consumer_profile", "", ("number",), {"consumer": "csm_consumer"},
          store="consumer_profiles"),
    Table("sys_user_role", "", ("name",)),
    Table("sys_user_has_role", "", ("inherited",), {"user": "sys_user", "role": "sys_user_role"},
          cascade=("user",)),
    Table("cmn_notif_device", "", ("name", "type", "email_address", "phone_number"),
          {"user": "sys_user"}, cascade=("user",), store="devices"),
    Table("sys_audit", "", _AUDIT, store="audit", trace=True),
    Table("sys_history_set", "", ("id", "table"), store="history", trace=True, key="id"),
    Table("sys_history_line", "", ("field", "old", "new"), {"set": "sys_history_set"},
          store="history", trace=True, key="set"),
    Table("sys_audit_delete", "", ("documentkey", "tablename", "display_value", "payload"),
          store="deletion_copies", trace=True),
    Table("sys_rollback_context", "", ("name", "expires", "documentkey", "payload"),
          store="rollback_copies"),
    Table("sys_db_object", "", ("name", "label"), {"super_class": "sys_db_object"}),
    Table("sys_dictionary", "", ("name", "element", "internal_type", "audit", "attributes",
          "reference", "reference_cascade_rule")),
)  # fmt: skip
TABLES = {table.name: table for table in _ALL}
PROTECTED = frozenset(
    (
        "sys_audit",
        "sys_audit_delete",
        "sys_history_set",
        "sys_history_line",
        "sys_rollback_context",
        "sys_db_object",
        "sys_dictionary",
        "sys_user_role",
        "sys_user_has_role",
    )
)


def line(name: str) -> tuple[Table, ...]:
    """A table and its parents, nearest first."""
    table = TABLES[name]
    return (table, *(line(table.parent) if table.parent else ()))


def is_a(name: str, wanted: str) -> bool:
    """Whether a class is a table or one of its children."""
    return any(table.name == wanted for table in line(name))


def references(name: str) -> dict[str, str]:
    """Every reference column of a table, inherited ones included."""
    return {column: to for table in line(name) for column, to in table.references.items()}


def columns(name: str) -> frozenset[str]:
    """Every column of a table, inherited ones included."""
    own = {column for table in line(name) for column in (*table.columns, *table.references)}
    return frozenset((*SYSTEM, *own))
