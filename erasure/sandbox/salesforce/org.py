"""The records of one invented Salesforce org: live, in the recycle bin, or gone.

Ids and contents are the same after every reset. Deleted records stay in the bin for
15 days; a hard delete skips the bin, but for as long as the org is told to keep a
tombstone, queryAll still shows the row, as the vendor's does for about a day.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from string import ascii_lowercase, ascii_uppercase, digits

from ..clock import ago
from ..people import Person
from .linked import SHARED, linked_rows
from .objects import CASCADES, NO_BIN, OBJECT_PREFIXES, OBJECTS, UNDELETABLE
from .soql import Query, Row, Table, Value

BIN = timedelta(days=15)
_ALPHABET = digits + ascii_uppercase + ascii_lowercase
_CHECK = ascii_uppercase + "012345"
_STAMPS = ("CreatedDate", "SystemModstamp", "IsDeleted")
TABLES = {
    table.name: table
    for table in (
        Table(
            "Contact",
            ("Id", "Name", "FirstName", "LastName", "Email", "Phone", "MobilePhone", "HomePhone")
            + ("OtherPhone", "Description", *_STAMPS),
            frozenset({"Description"}),
        ),
        Table(
            "Case",
            ("Id", "CaseNumber", "ContactId", "SuppliedEmail", "SuppliedPhone", "SuppliedName")
            + ("Subject", "Description", "Status", *_STAMPS),
            frozenset({"Description"}),
        ),
        Table("Organization", ("Id", "Name", "IsSandbox")),
        Table(
            "UserPermissionAccess",
            ("PermissionsViewAllData", "PermissionsModifyAllData", "PermissionsBulkApiHardDelete"),
        ),
    )
}
PREFIXES = {"Contact": "003", "Case": "500", "Organization": "00D"}
DELETABLE = ("Contact", "Case")


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a record was not deleted."""

    code: str
    message: str
    status: int = 400


@dataclass(slots=True)
class Record:
    """One row. ``owner`` is the key of the person it is about."""

    kind: str
    owner: str
    values: dict[str, Value]
    purged: bool = False
    deleted_at: datetime | None = None
    parent: str = ""  # id of the record whose deletion took this one along

    @property
    def id(self) -> str:
        return str(self.values["Id"])


def checked(id15: str) -> str:
    """The 18-character form of an id: one letter for the upper case in every five."""
    marks = (
        sum(1 << at for at, letter in enumerate(part) if letter in ascii_uppercase)
        for part in (id15[0:5], id15[5:10], id15[10:15])
    )
    return id15 + "".join(_CHECK[mark] for mark in marks)


def made_id(prefix: str, *parts: object) -> str:
    """An id that depends on nothing but its parts."""
    number = int.from_bytes(sha256("/".join(map(str, parts)).encode()).digest())
    letters = (_ALPHABET[number // 62**place % 62] for place in range(12))
    return checked(prefix + "".join(letters))


def stamp(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.000+0000")


def typed(phone: str, *, abroad: bool) -> str:
    """A British number as people type it: 01632 961000, or +44 1632 960101 for abroad."""
    rest = phone.removeprefix("+44")
    return f"{'+44 ' if abroad else '0'}{rest[:4]} {rest[4:]}"


class Org:
    """The tables. ``now`` tells the sandbox's time."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self.now = now
        self.tombstone = timedelta(0)  # how long queryAll shows what was purged
        self.hard_delete = True
        self.lying = False
        self.locked = 0  # how many records answer UNABLE_TO_LOCK_ROW first
        self.records: dict[str, Record] = {}
        self.tables = dict(TABLES)
        self.prefixes = dict(PREFIXES)

    @property
    def deletable(self) -> tuple[str, ...]:
        """Objects REST deletes."""
        own = (name for name in self.tables if name in OBJECTS and name not in UNDELETABLE)
        return (*DELETABLE, *own)

    def hold_all(self, people: Sequence[Person], moment: datetime) -> None:
        """Add every other object, and give everybody their linked records."""
        self.tables |= OBJECTS
        self.prefixes |= OBJECT_PREFIXES
        known = [person for person in people if person.crm]
        for number, person in enumerate(known):
            after = known[1] if number == 0 and len(known) > 1 else None
            other = made_id(PREFIXES["Contact"], after.key, "contact") if after else ""

            def made(kind: str, name: str, key: str = person.key) -> str:
                return made_id(self.prefixes[kind], key, name)

            for kind, name, values in linked_rows(person, number, made, other):
                owner = after.key if after and name == SHARED else person.key
                self._add(
                    kind,
                    owner,
                    made_id(self.prefixes[kind], person.key, kind + name)
                    if name == SHARED
                    else made(kind, name),
                    values,
                    moment,
                )
        if len(known) > 1:
            mentioned = made_id(PREFIXES["Case"], known[1].key, "call")
            text = f"A neighbour, {known[0].name} ({known[0].email}), was named too."
            self.records[mentioned].values["Description"] = text

    def _add(
        self, kind: str, owner: str, id18: str, values: dict[str, Value], now: datetime
    ) -> None:
        created = stamp(ago(now, days=40))
        dates: dict[str, Value] = {"CreatedDate": created, "SystemModstamp": created}
        self.records[id18] = Record(
            kind, owner, {"Id": id18, **values, **dates, "IsDeleted": False}
        )

    def seed(self, people: Sequence[Person], moment: datetime) -> None:
        """Forget everything and give everybody their contacts and cases."""
        self.records = {}
        for number, person in enumerate(people):
            for kind, name, values in _rows(person, number):
                created = stamp(ago(moment, days=40 + number))
                stamps: dict[str, Value] = {
                    "CreatedDate": created,
                    "SystemModstamp": created,
                    "IsDeleted": False,
                }
                own: dict[str, Value] = {"Id": made_id(PREFIXES[kind], person.key, name)}
                record = Record(kind, person.key, {**own, **values, **stamps})
                self.records[record.id] = record

    def select(self, query: Query, *, deleted: bool) -> list[Row]:
        """The rows a query finds, projected to its fields. Order is that of the ids."""
        found = [row for row in self._rows(query.table.name, deleted) if query.test(row)]
        return [{name: row.get(name) for name in query.fields} for row in found[: query.limit]]

    def get(self, kind: str, id18: str) -> Record | Refusal:
        """A live record, or why there is none."""
        record = self._known(kind, id18)
        if record is None:
            return Refusal("NOT_FOUND", "The requested resource does not exist", 404)
        if record.deleted_at is not None:
            return Refusal("ENTITY_IS_DELETED", "entity is deleted", 404)
        return record

    def delete(self, kind: str, id18: str, *, hard: bool = False) -> Refusal | None:
        """Put a record into the bin, or away for good; None is success."""
        record = self.get(kind, id18)
        if isinstance(record, Refusal):
            return record
        if self.locked > 0:
            self.locked -= 1
            return Refusal("UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access to this record")
        if blocker := self._cases_of(record):
            return Refusal("DELETE_FAILED", blocker)
        if not self.lying:
            record.deleted_at, record.purged = self.now(), hard
            if kind in NO_BIN:
                record.purged = True
            record.values |= {"IsDeleted": True, "SystemModstamp": stamp(self.now())}
            self._take_along(record)
        return None

    def purge(self, id18: str) -> Refusal | None:
        """Empty one entry of the bin; what went by cascade has none of its own."""
        self._expire()
        record = self.records.get(checked(id18[:15]))
        if record is None or record.deleted_at is None or record.purged or record.parent:
            return Refusal("INVALID_ID_FIELD", "invalid record id; no recycle bin entry found")
        if not self.lying:
            record.purged, record.deleted_at = True, self.now()
            self._take_along(record)
        return None

    def _take_along(self, parent: Record) -> None:
        """Children share their parent's fate."""
        for kind, field, above in CASCADES:
            if above != parent.kind:
                continue
            for child in self.records.values():
                bound = child.kind == kind and child.values.get(field) == parent.id
                if (
                    bound
                    and child.parent in {"", parent.id}
                    and not child.purged
                    and (child.deleted_at is None or child.parent)
                ):
                    child.parent, child.deleted_at = parent.id, parent.deleted_at
                    child.purged = parent.purged
                    child.values["IsDeleted"] = True

    def held_of(self, owner: str) -> Iterator[Record]:
        """What is truly held of a person, the recycle bin included."""
        self._expire()
        return (each for each in self.records.values() if each.owner == owner and not each.purged)

    def _known(self, kind: str, id18: str) -> Record | None:
        self._expire()
        record = self.records.get(checked(id18[:15]))
        return record if record and record.kind == kind and not record.purged else None

    def _rows(self, kind: str, deleted: bool) -> list[Row]:
        if kind == "Organization":
            return [{"Id": made_id("00D", "org"), "Name": "Example Org", "IsSandbox": True}]
        if kind == "UserPermissionAccess":
            names = TABLES[kind].fields
            return [dict.fromkeys(names, True) | {names[2]: self.hard_delete}]
        self._expire()
        own = (each for each in self.records.values() if each.kind == kind)
        rows = [
            each.values
            for each in own
            if deleted or (each.deleted_at is None and each.values.get("IsArchived") is not True)
        ]
        return sorted(rows, key=lambda row: str(row["Id"]))

    def _cases_of(self, record: Record) -> str:
        if record.kind != "Contact":
            return ""
        numbers = [
            str(each.values["CaseNumber"])
            for each in self.records.values()
            if each.values.get("ContactId") == record.id and each.deleted_at is None
        ]
        if not numbers:
            return ""
        name = record.values["Name"]
        return (
            f"Your attempt to delete {name} could not be completed because it is associated "
            f"with the following cases.: {', '.join(numbers)}"
        )

    def _expire(self) -> None:
        now = self.now()
        for record in list(self.records.values()):
            keep = self.tombstone if record.purged else BIN
            if record.deleted_at is not None and record.deleted_at + keep <= now:
                del self.records[record.id]


def _rows(person: Person, number: int) -> Iterator[tuple[str, str, dict[str, Value]]]:
    """Kind, name and values of everything one person has."""
    if not person.crm:
        return
    yield "Contact", "contact", _contact(person, person.first_name, person.last_name)
    mail = person.email
    if len(person.emails) > 1:
        mail = person.emails[1]
        first, _, last = (person.other_names or (person.name,))[0].partition(" ")
        second = _contact(person, first, last)
        yield "Contact", "contact-2", {**second, "Email": mail, "Phone": None}
    contact = made_id(PREFIXES["Contact"], person.key, "contact")
    yield "Case", "call", {**_case(person, number * 2), "ContactId": contact}
    if not person.bystander:
        web = {"SuppliedEmail": mail, "SuppliedName": person.name}
        yield "Case", "web", {**_case(person, number * 2 + 1), **web}


def _contact(person: Person, first: str, last: str) -> dict[str, Value]:
    """A contact whose landline stands as people type it, its mobile in E.164.

    Bystanders' numbers lack the country, so that only the right region finds them.
    """
    return {
        "Name": f"{first} {last}",
        "FirstName": first,
        "LastName": last,
        "Email": person.email,
        "Phone": typed(person.phone, abroad=not person.bystander),
        "MobilePhone": person.phones[1] if len(person.phones) > 1 else None,
        "HomePhone": None,
        "OtherPhone": None,
        "Description": f"Lives at {person.address}",
    }


def _case(person: Person, number: int) -> dict[str, Value]:
    return {
        "CaseNumber": f"{1000 + number:08d}",
        "ContactId": None,
        "SuppliedEmail": None,
        "SuppliedPhone": None,
        "SuppliedName": None,
        "Subject": "Question about an order",
        "Description": f"{person.name} asked for a call back.",
        "Status": "Closed",
    }
