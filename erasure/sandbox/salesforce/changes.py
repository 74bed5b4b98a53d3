"""What a PATCH does to a record: the vendor's checks, history rows, coupled records."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from .deletion import PERSON_CONTACT
from .literals import Value
from .org import Org, blank
from .records import Record, Refusal, Values, made_id, stamp
from .schema import HISTORIES, SETUP, SObject

DRAFT = "5"  # EmailMessage.Status
LENGTHS = {"Alias": 8, "CommunityNickname": 40, "Username": 80, "Email": 80, "LastName": 80}
UNIQUE = {"Username": "DUPLICATE_USERNAME", "CommunityNickname": "DUPLICATE_COMM_NICKNAME"}
COUPLED = {"PersonEmail": "Email", "PersonMobilePhone": "MobilePhone", "Phone": "Phone",
           "PersonHomePhone": "HomePhone", "PersonOtherPhone": "OtherPhone", "Fax": "Fax",
           "PersonIndividualId": "IndividualId", "FirstName": "FirstName",
           "LastName": "LastName"}  # fmt: skip
_EMAIL = re.compile(r"[^@\s<>]+@[^@\s<>]+\.[^@\s<>.]+\Z")


def change(org: Org, shape: SObject, id18: str, given: Mapping[str, Any]) -> Refusal | None:
    """Write fields of one record; None is success."""
    record = org.get(shape.name, id18)
    if isinstance(record, Refusal):
        return record
    if shape.name in (*HISTORIES, *SETUP):
        return Refusal("INSUFFICIENT_ACCESS_OR_READONLY", "entity type cannot be updated")
    if shape.name == "Contact" and record.values.get("IsPersonAccount"):
        return PERSON_CONTACT
    wanted: Values = {}
    for name, value in given.items():
        refusal = _field_refused(org, shape, record, name, value)
        if refusal:
            return refusal
        wanted[_own(shape, name)] = value or (value if value is False else None)
    if not org.lying:
        _write(org, record, wanted)
    return None


def _own(shape: SObject, name: str) -> str:
    field = shape.field(name)
    return field.name if field else name


def _field_refused(
    org: Org, shape: SObject, record: Record, name: str, value: Any
) -> Refusal | None:
    field = shape.field(name)
    if field is None:
        text = f"No such column '{name}' on sobject of type {shape.name}"
        return Refusal("INVALID_FIELD", text)
    name = field.name
    if not field.updateable:
        text = f"Unable to create/update fields: {name}. Please check the security settings "
        return Refusal("INVALID_FIELD_FOR_INSERT_UPDATE", f"{text}of this field.", fields=(name,))
    sent = shape.name == "EmailMessage" and record.values.get("Status") != DRAFT
    if sent and name != "IsExternallyVisible":
        text = f"An e-mail that was sent cannot be changed: {name}"
        return Refusal("INSUFFICIENT_ACCESS_OR_READONLY", text, fields=(name,))
    if isinstance(value, bool) is not (field.type == "boolean"):
        return Refusal("JSON_PARSER_ERROR", f"Cannot deserialize the value of {name}")
    return _text_refused(org, record, name, field.type, value)


def _text_refused(org: Org, record: Record, name: str, kind: str, value: Any) -> Refusal | None:
    required = name in {"LastName", "Username", "Alias", "CommunityNickname"}
    if required and not value:
        return Refusal(
            "REQUIRED_FIELD_MISSING", f"Required fields are missing: [{name}]", fields=(name,)
        )
    if isinstance(value, str) and len(value) > LENGTHS.get(name, 255) and kind != "textarea":
        return Refusal("STRING_TOO_LONG", f"{name}: data value too large", fields=(name,))
    if kind == "email" and value and not _EMAIL.match(value):
        return Refusal("INVALID_EMAIL_ADDRESS", f"{name}: invalid email address", fields=(name,))
    if record.kind == "User" and name in UNIQUE:
        others = (each for each in org.records.values() if each.kind == "User" and each != record)
        if any(str(each.values[name]).lower() == value.lower() for each in others):
            return Refusal(UNIQUE[name], f"Duplicate {name}.", fields=(name,))
    return None


def _write(org: Org, record: Record, wanted: Values) -> None:
    before = dict(record.values)
    record.indexed, record.changed_at = record.text(), org.now()
    record.values |= wanted
    if {"FirstName", "LastName"} & wanted.keys():
        names = (record.values["FirstName"], record.values["LastName"])
        record.values["Name"] = " ".join(str(name) for name in names if name)
    record.values["SystemModstamp"] = stamp(org.now())
    for row in _history(org, record, before):
        org.records[row.id] = row
    if record.kind == "Account" and record.values.get("IsPersonAccount"):
        contact = org.records.get(str(record.values["PersonContactId"]))
        if contact:
            also = {COUPLED[name]: value for name, value in wanted.items() if name in COUPLED}
            _write(org, contact, also)


def _history(org: Org, record: Record, before: Values) -> Iterator[Record]:
    """A row for each tracked field that changed: it keeps the old value."""
    kind = f"{record.kind}History"
    if kind not in org.objects:
        return
    parent = next(each.name for each in org.objects[kind].fields if each.references)
    for each in org.objects[record.kind].fields:
        old, new = before.get(each.name), record.values.get(each.name)
        if each.tracked and old != new:
            row: dict[str, Value] = blank(org.shaped(kind), stamp(org.now()))
            row["Id"] = made_id("017", record.id, each.name, len(org.records))
            row |= {parent: record.id, "Field": each.name, "OldValue": old, "NewValue": new}
            yield Record(kind, record.owner, row, changed_at=org.now())
