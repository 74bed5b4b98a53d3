"""The tables of one invented Salesforce org: what it holds, shows and still remembers.

Ids and contents are the same after every reset. What becomes of deleted records is in
``deletion``, what a change does in ``changes``.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from ..clock import ago
from ..people import Person
from .conditions import Row
from .linked import linked_rows
from .literals import Value
from .records import ID, NOT_FOUND, Record, Refusal, Values, checked, made_id, stamp, words
from .schema import CORE, FURTHER, PREFIXES, SETUP, SObject
from .seed import basic_rows
from .soql import Query, Table

BIN = timedelta(days=15)
DATES = ("CreatedDate", "SystemModstamp")


@dataclass(slots=True)
class Sight:
    """What the running user must not see: objects, fields as "Contact.Email", rows.

    A row is named by its id, or by the key of the person it is about.
    """

    objects: frozenset[str] = frozenset()
    fields: frozenset[str] = frozenset()
    rows: frozenset[str] = frozenset()


@dataclass(slots=True)
class Org:
    """The records. ``now`` tells the sandbox's time."""

    now: Callable[[], datetime]
    tombstone: timedelta = timedelta(0)  # how long queryAll shows what was purged
    index_lag: timedelta = timedelta(0)  # how long the search index shows what was changed
    person_accounts: bool = False
    hard_delete: bool = True
    history_delete: bool = True
    lying: bool = False
    locked: int = 0  # how many records answer UNABLE_TO_LOCK_ROW first
    untouchable: frozenset[str] = frozenset()  # objects without the right to delete
    sight: Sight = field(default_factory=Sight)
    records: dict[str, Record] = field(default_factory=dict)
    people: dict[str, Person] = field(default_factory=dict)
    objects: dict[str, SObject] = field(default_factory=dict)

    def seed(
        self, people: Sequence[Person], moment: datetime, *, complete: bool, employee: bool = False
    ) -> None:
        """Forget everything and give everybody their records; ``complete``: of every object."""
        self.records, self.people = {}, {person.key: person for person in people}
        self.objects = CORE | SETUP | (FURTHER if complete else {})
        for number, person in enumerate(people):
            if person.crm:
                self._add(basic_rows(person, number), moment, 40 + number)
        if complete:
            known = [person for person in people if person.crm]
            self._add(linked_rows(known, self.person_accounts, employee), moment, 40)

    def _add(
        self, rows: Iterator[tuple[str, str, str, Values]], moment: datetime, days: int
    ) -> None:
        """Store rows of kind, owner, id and values; fields nobody gave are empty."""
        created: Value = stamp(ago(moment, days=days))
        for kind, owner, id18, values in rows:
            known = self.records.get(id18)
            before = known.values if known else blank(self.shaped(kind), created)
            self.records[id18] = Record(kind, owner, {**before, **values, "Id": id18})

    def add(self, kind: str, owner: str, id18: str, values: Values, moment: datetime) -> None:
        """Somebody makes a record now."""
        self._add(iter([(kind, owner, id18, values)]), moment, 0)

    def shaped(self, kind: str) -> SObject:
        """An object with the fields the org's features give it."""
        whole = self.objects[kind]
        return whole if self.person_accounts else whole.without_person_accounts()

    def sobject(self, name: str) -> SObject | None:
        """An object as the running user sees it; None: absent, or hidden, which looks alike."""
        own = next((kind for kind in self.objects if kind.lower() == name.lower()), None)
        if own is None or own in self.sight.objects:
            return None
        return self.shaped(own).only(lambda one: f"{own}.{one.name}" not in self.sight.fields)

    def table(self, name: str) -> Table | None:
        found = self.sobject(name)
        return found.table() if found else None

    def kind_of(self, id18: str) -> str:
        """The object an id belongs to; histories share a prefix, so a known row decides."""
        known = self.records.get(checked(id18[:15])) if ID.match(id18) else None
        if known:
            return known.kind
        return next((kind for kind in self.objects if PREFIXES[kind] == id18[:3]), "")

    def select(self, query: Query, *, deleted: bool) -> list[Row]:
        """The rows a query finds, projected to its fields. Order is that of the ids."""
        found = [row for row in self._rows(query.table.name, deleted) if query.test(row)]
        for name, descending, last in reversed(query.order):
            empty = last is not descending  # where the empty ones go before turning round
            found.sort(key=lambda row: _sortable(row.get(name), empty), reverse=descending)  # noqa: B023
        return [{name: row.get(name) for name in query.fields} for row in found[: query.limit]]

    def get(self, kind: str, id18: str) -> Record | Refusal:
        """A live record the user sees, or why there is none."""
        self.expire()
        record = self.records.get(checked(id18[:15]))
        if record is None or record.kind != kind or record.purged or not self.shows(record):
            return NOT_FOUND
        if not record.live:
            return Refusal("ENTITY_IS_DELETED", "entity is deleted", 404)
        return record

    def shows(self, record: Record) -> bool:
        return not self.sight.rows & {record.id, record.id[:15], record.owner}

    def held_of(self, owner: str) -> Iterator[Record]:
        """What is truly held of a person, the recycle bin included.

        A record that was overwritten counts until nothing of the person is left in it.
        """
        self.expire()
        person = self.people.get(owner)
        for record in self.records.values():
            if record.owner != owner or record.purged:
                continue
            if person is None or not record.changed_at or _tells_of(record, person):
                yield record

    def _rows(self, kind: str, deleted: bool) -> list[Row]:
        if kind == "Organization":
            return [{"Id": made_id("00D", "org"), "Name": "Example Org", "IsSandbox": True}]
        if kind == "UserPermissionAccess":
            names = [each.name for each in SETUP[kind].fields]
            return [dict.fromkeys(names, True) | {names[2]: self.hard_delete}]
        self.expire()
        own = (each for each in self.records.values() if each.kind == kind and self.shows(each))
        rows = [
            each.values
            for each in own
            if deleted or (each.live and each.values.get("IsArchived") is not True)
        ]
        return sorted(rows, key=lambda row: str(row["Id"]))

    def expire(self) -> None:
        """Forget what the bin, or the time of tombstones, no longer keeps."""
        now = self.now()
        for record in list(self.records.values()):
            keep = self.tombstone if record.purged else BIN
            if record.deleted_at is not None and record.deleted_at + keep <= now:
                del self.records[record.id]


def blank(shape: SObject, created: Value) -> Values:
    """A row nobody has filled in yet."""
    empty: Values = {one.name: False if one.type == "boolean" else None for one in shape.fields}
    return {name: created if name in DATES else value for name, value in empty.items()}


def _sortable(value: Value, empty_last: bool) -> tuple[bool, str]:
    return ((value is None) is empty_last, str(value or "").lower())


def _tells_of(record: Record, person: Person) -> bool:
    """Whether any text of the record still names the person."""
    text = f" {' '.join(words(record.text()))} "
    names = (*person.emails, *person.names, person.first_name, person.last_name)
    named = any(f" {' '.join(words(name))} " in text for name in names)
    digits = "".join(letter for letter in text if letter.isdigit())
    return named or any(phone[-9:] in digits for phone in person.phones)
