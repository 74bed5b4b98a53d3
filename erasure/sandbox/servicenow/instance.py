"""The rows of the instance, and what a change or a deletion leaves behind."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from ..people import Person, stable_id
from .query import Query, Row, parse
from .schema import PROTECTED, TABLES, columns, is_a, line, references
from .seed import planned

ROLLBACK = timedelta(days=10)  # glide.rollback.expiration_days_delete


@dataclass(slots=True)
class Record:
    """A row of its real class. ``owner`` is the key of the person it is about."""

    table: str
    owner: str
    values: Row

    @property
    def id(self) -> str:
        return self.values["sys_id"]


def made_id(*parts: object) -> str:
    """A sys_id that depends on nothing but its parts."""
    return stable_id("servicenow", *parts).replace("-", "")


def stamp(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M:%S")


class Instance:
    """The tables. ``now`` tells the sandbox's time."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self.now = now
        self.records: dict[str, Record] = {}
        self.people: dict[str, Person] = {}
        self.evaluated: list[str] = []  # scripts a query smuggled in: noted, never run
        self.lying = False
        self.strict = False  # glide.invalid_query.returns_no_rows
        self.audit_open = False  # rows of audit tables may be deleted
        self._made = 0

    def seed(self, people: Sequence[Person], moment: datetime) -> None:
        """Forget everything and give everybody their records."""
        self.records, self.people, self._made = {}, {each.key: each for each in people}, 0
        self._describe(stamp(moment))
        for table, owner, key, values, created in planned(people, moment, made_id):
            self._put(table, owner, made_id(table, key), values, stamp(created))

    def select(self, table: str, text: str) -> list[Record]:
        """The rows a query finds, its order kept; by sys_id without one."""
        query = self.parsed(table, text)
        if query.ignored and self.strict:
            return []
        found = [each for each in self.of(table) if query.matches(each.values)]
        found.sort(key=lambda each: each.id)
        for column, descending in reversed(query.order):
            found.sort(key=lambda each: self.read(each.values, column), reverse=descending)
        return found

    def parsed(self, table: str, text: str) -> Query:
        known = columns(table)
        return parse(text, lambda name: name.split(".")[0] in known, self.read, self._evaluate)

    def of(self, table: str) -> Iterator[Record]:
        """The rows of a table and of its children."""
        self._expire()
        return (each for each in list(self.records.values()) if is_a(each.table, table))

    def of_any(self) -> list[Record]:
        """Every row there is."""
        self._expire()
        return list(self.records.values())

    def get(self, table: str, own: str) -> Record | None:
        self._expire()
        record = self.records.get(own)
        return record if record and is_a(record.table, table) else None

    def read(self, row: Row, column: str) -> str:
        """A column's value, dot-walked through references."""
        first, _, rest = column.partition(".")
        if not rest:
            return row.get(first, "")
        other = self.records.get(row.get(first, ""))
        return self.read(other.values, rest) if other else ""

    def patch(self, record: Record, given: dict[str, object]) -> None:
        """Write known columns, drop the others without a word; old values go to sys_audit."""
        writable = columns(record.table) - {"sys_id", "sys_class_name", "sys_created_on", "name"}
        for column, value in given.items():
            new, old = str(value), record.values.get(column, "")
            if column not in writable or new == old:
                continue
            record.values[column] = new
            self._audit(record, column, old, new)
        if {"first_name", "last_name"} & set(given):
            names = (record.values["first_name"], record.values["last_name"])
            record.values["name"] = " ".join(name for name in names if name)
        record.values["sys_updated_on"] = stamp(self.now())

    def create(self, table: str, given: dict[str, object]) -> Record:
        known = columns(table)
        values = {name: str(value) for name, value in given.items() if name in known}
        self._made += 1
        return self._put(table, "", made_id("made", self._made), values, stamp(self.now()))

    def delete(self, record: Record) -> None:
        """Remove a row, leave its copies, and clear or follow what points to it."""
        if self.lying:
            return
        del self.records[record.id]
        if record.table not in PROTECTED:
            self._keep(record)
        for other in list(self.records.values()):
            for column in references(other.table):
                if other.values.get(column) != record.id:
                    continue
                if column in TABLES[other.table].cascade:
                    self.delete(other)
                else:
                    other.values[column] = ""

    def _keep(self, record: Record) -> None:
        payload = json.dumps(record.values, ensure_ascii=False)
        shared = {"documentkey": record.id, "payload": payload}
        self._made += 1
        if TABLES[record.table].audited:
            named = record.values.get("name") or record.values.get("number", "")
            copy = {"tablename": record.table, "display_value": named, **shared}
            own = made_id("sys_audit_delete", record.id, self._made)
            self._put("sys_audit_delete", record.owner, own, copy, stamp(self.now()))
        context = {"name": f"Delete of {record.table}", "expires": stamp(self.now() + ROLLBACK)}
        own = made_id("sys_rollback_context", record.id, self._made)
        self._put("sys_rollback_context", record.owner, own, context | shared, stamp(self.now()))

    def _audit(self, record: Record, column: str, old: str, new: str) -> None:
        if not TABLES[record.table].audited:
            return
        self._made += 1
        row = {"documentkey": record.id, "tablename": record.table, "fieldname": column,
               "oldvalue": old, "newvalue": new, "user": "sandbox"}  # fmt: skip
        own = made_id("sys_audit", record.id, self._made)
        self._put("sys_audit", record.owner, own, row, stamp(self.now()))

    def _put(self, table: str, owner: str, own: str, values: Row, created: str) -> Record:
        system = {"sys_id": own, "sys_class_name": table, "sys_created_by": "system",
                  "sys_created_on": created, "sys_updated_on": created}  # fmt: skip
        blank = dict.fromkeys(sorted(columns(table)), "")
        self.records[own] = Record(table, owner, {**blank, **values, **system})
        return self.records[own]

    def _expire(self) -> None:
        now = stamp(self.now())
        for record in list(self.records.values()):
            if record.table == "sys_rollback_context" and record.values["expires"] <= now:
                del self.records[record.id]

    def _evaluate(self, script: str) -> str:
        self.evaluated.append(script)
        return "evaluated"

    def _describe(self, created: str) -> None:
        """sys_db_object and sys_dictionary, of these tables."""
        for table in TABLES.values():
            parent = made_id("sys_db_object", table.parent) if table.parent else ""
            row = {"name": table.name, "label": table.name, "super_class": parent}
            self._put("sys_db_object", "", made_id("sys_db_object", table.name), row, created)
            own = (*table.columns, *table.references)
            inherited = columns(table.parent) if table.parent else frozenset[str]()
            for column in sorted({*own, *(columns(table.name) - inherited)}):
                self._column(table.name, column, created)

    def _column(self, table: str, column: str, created: str) -> None:
        to = references(table).get(column, "")
        kind = "email" if column == "email" else "ph_number" if "phone" in column else "string"
        row = {
            "name": table,
            "element": column,
            "internal_type": "reference" if to else kind,
            "reference": to,
            "reference_cascade_rule": "delete" if column in line(table)[0].cascade else "",
            "audit": str(TABLES[table].audited).lower(),
        }
        self._put("sys_dictionary", "", made_id("sys_dictionary", table, column), row, created)
