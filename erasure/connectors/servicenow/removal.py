"""Erasing rows one by one: persons are overwritten first, traces follow their record."""

from collections.abc import Callable, Iterator, Sequence

from erasure.connectors.base import Clear, Erased, ItemRef, NotErased, Reply
from erasure.connectors.servicenow.instance import Instance
from erasure.connectors.servicenow.matching import text
from erasure.connectors.servicenow.query import among, in_portions, sys_id
from erasure.connectors.servicenow.staff import employees
from erasure.connectors.servicenow.stores import Kind, by_hand, kind_of, table_of, with_own
from erasure.errors import ErasureError, RefusedError

PLACEHOLDER = "Erased"


class Removal:
    """Deletes rows of one instance. Repeating is harmless: a row that is gone answers 404."""

    def __init__(self, instance: Instance) -> None:
        self.instance = instance

    def erase(self, refs: Sequence[ItemRef], clear: Clear) -> Iterator[Erased | NotErased]:
        """One answer for each item; one that fails does not keep the others."""
        for ref in refs:
            try:
                yield self._erase_one(ref, clear)
            except ErasureError as error:
                yield NotErased(ref, error)

    def _erase_one(self, ref: ItemRef, clear: Clear) -> Erased:
        """DELETE (delete on the table). 404: the row we inventoried is gone.

        Raises:
            BusyError, RefusedError: as ``Instance``; a staff account is never erased.
        """
        kind, own = kind_of(ref.store), sys_id(ref.remote_id)
        if kind.name == "users" and employees(self.instance, [own]):
            raise RefusedError("ServiceNow: the account of an employee is not erased.")

        def before() -> None:
            clear([ref])

        if kind.trace:
            return self._traces(kind, ref, own, before)
        if kind.blanked and not self._blank(kind, own, before):
            return Erased(ref, Reply.ALREADY_GONE, 404)
        status = self.instance.delete(kind.table, own, before)
        return Erased(ref, Reply.ALREADY_GONE if status == 404 else Reply.DONE, status)

    def _blank(self, kind: Kind, own: str, before: Callable[[], None]) -> bool:
        """PATCH the personal columns, so that copies of the deleted row hold placeholders."""
        has = self.instance.described(kind.table)
        fitted = with_own(kind, {name: each.type for name, each in has.items()})
        values = {name: "" for name in fitted.blanked if name in has}
        values |= {name: PLACEHOLDER for name in ("first_name", "last_name") if name in has}
        if "user_name" in values:
            values["user_name"] = f"erased-{own}"
        row = self.instance.patch(kind.table, own, values, before)
        if row is None:
            return False
        kept = [name for name, value in values.items() if text(row, name) != value]
        if kept:
            raise RefusedError(f"{kind.table}: columns were not overwritten: {', '.join(kept)}")
        return True

    def _traces(self, kind: Kind, ref: ItemRef, own: str, before: Callable[[], None]) -> Erased:
        """DELETE every row about one record; usually refused: then a person does it.

        Not while the record is there: its own deletion would write what was just removed.
        """
        if self.instance.counts(of := table_of(ref), own):
            raise RefusedError(f"The record is still in {of}: erase it first, then try again.")
        try:
            mine = self._about(kind.table, kind.key, [own])
            if kind.below[0]:
                self._below(kind, mine, before)
            for each in mine:
                self.instance.delete(kind.table, each, before)
        except RefusedError as error:
            raise RefusedError(f"{error}. {by_hand(kind)}", status=error.status) from None
        return Erased(ref, Reply.DONE if mine else Reply.ALREADY_GONE, 204 if mine else 404)

    def _below(self, kind: Kind, above: Sequence[str], before: Callable[[], None]) -> None:
        """DELETE what hangs on the rows of a trace and could not be found without them."""
        table, key = kind.below
        if key not in self.instance.columns(table):
            raise RefusedError(f"{table} has no column {key}")
        for each in self._about(table, key, above):
            self.instance.delete(table, each, before)
        if self._about(table, key, above):
            raise RefusedError(f"{table}: rows are still there after their deletion")

    def _about(self, table: str, key: str, ids: Sequence[str]) -> list[str]:
        """The ids of the rows that name one of the records."""
        found: list[str] = []
        for portion in in_portions(ids):
            rows = self.instance.rows(table, among(key, portion), [key])
            found += [text(row, "sys_id") for row in rows if text(row, key) in portion]
        return found
