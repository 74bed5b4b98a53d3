"""Reading rows back, and the control rows that show the reader still sees."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta

from erasure import clock
from erasure.connectors.base import Control, Found, ItemRef, Presence, Seen
from erasure.connectors.servicenow.instance import Instance
from erasure.connectors.servicenow.matching import text
from erasure.connectors.servicenow.query import among, sys_id
from erasure.connectors.servicenow.stores import TRACED, kind_of, table_of
from erasure.errors import RefusedError


class Reading:
    """Reads rows of one instance by id."""

    def __init__(self, instance: Instance) -> None:
        self.instance = instance

    def verify(self, refs: Sequence[ItemRef]) -> Iterator[Presence]:
        """GET each row: 200 is there; 404 and a count of none is gone.

        The count takes no notice of access rules, so a hidden row is PRESENT. What we
        deleted can be brought back until ``rollback_days`` have passed. A trace is not gone
        while its record is there to leave another.
        """
        for ref in refs:
            yield self._one(ref)

    def _one(self, ref: ItemRef) -> Presence:
        kind, own = kind_of(ref.store), sys_id(ref.remote_id)
        key = kind.key if kind.trace else "sys_id"
        if not kind.trace and self.instance.row(kind.table, own) is not None:
            return Presence(ref, Seen.PRESENT)
        if kind.trace and key not in self.instance.columns(kind.table):
            return Presence(ref, Seen.PRESENT)
        if kind.trace and self.instance.counts(table_of(ref), own):
            return Presence(ref, Seen.PRESENT)
        if self.instance.total(kind.table, among(key, [own])):
            return Presence(ref, Seen.PRESENT)
        if not kind.trace and ref.store not in TRACED and self._copied(own):
            return Presence(ref, Seen.RECOVERABLE, 404)
        days = self.instance.rollback_days
        taken = ref.requested_at or ref.first_tried  # a first try may have deleted nothing
        until = taken + timedelta(days=days) if taken and days else None
        if until and until > clock.now():
            return Presence(ref, Seen.RECOVERABLE, 404, recoverable_until=until)
        return Presence(ref, Seen.ABSENT, 404)

    def _copied(self, own: str) -> bool:
        """Whether sys_audit_delete keeps a copy of a row that has no item of its own there.

        Where it cannot be read, the store ``deletion_copies`` is unanswered already.
        """
        try:
            return self.instance.total("sys_audit_delete", among("documentkey", [own])) > 0
        except RefusedError:
            return False

    def controls(self, found: Iterable[Found]) -> Iterator[Control]:
        """One row of somebody else for each store. A trace may have no other row: then none
        but its table, whose count needs no access to a row, is read."""
        own: dict[str, set[str]] = {}
        for each in found:
            own.setdefault(each.store, set()).add(each.remote_id)
        for store, ids in own.items():
            kind = kind_of(store)
            if kind.trace:
                yield Control(store, "", kind.table)
                continue
            rows = self.instance.first(kind.table, len(ids) + 20)
            other = next((i for row in rows if (i := text(row, "sys_id")) not in ids), "")
            if other:
                yield Control(store, "", other)

    def sees(self, control: Control) -> bool:
        """Read a control afresh with the credential that erases."""
        kind = kind_of(control.store)
        if kind.trace:
            self.instance.first(kind.table, 1)
            return control.remote_id == kind.table
        return self.instance.row(kind.table, sys_id(control.remote_id)) is not None
