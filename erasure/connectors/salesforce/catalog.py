"""What an org has: its objects and their fields, as the vendor describes them."""

import time
from dataclasses import dataclass, replace

from erasure.connectors.http import Json
from erasure.connectors.salesforce.kinds import BY_STORE, CORE, SObject
from erasure.connectors.salesforce.org import Org
from erasure.errors import RefusedError

FRESH = 300.0  # seconds for which a description is believed while identifiers are followed
HIDDEN = "without View All Data an object may be hidden"


@dataclass(frozen=True, slots=True)
class Field:
    """One field. ``targets``: the objects a reference may name."""

    name: str
    type: str  # email, phone, reference, textarea, …
    filterable: bool
    updateable: bool
    targets: tuple[str, ...] = ()


class Catalog:
    """Objects and fields of one org. Safe to share between threads: at worst it asks twice."""

    def __init__(self, org: Org) -> None:
        self.org = org
        self._names: tuple[float, frozenset[str]] | None = None
        self._fields: dict[str, tuple[float, dict[str, Field]]] = {}

    def forget(self) -> None:
        """Ask anew from here on."""
        self._names, self._fields = None, {}

    def names(self) -> frozenset[str]:
        """Names of the org's objects, the core ones always among them.

        GET sobjects. An object that is not listed is not there, if the user sees all data.

        Raises:
            BusyError, RefusedError: it cannot be read, or the user does not see all data.
        """
        known = self._names
        if known is None or time.monotonic() - known[0] > FRESH:
            known = self._names = (time.monotonic(), self._listed())
        return known[1]

    def _listed(self) -> frozenset[str]:
        told = self.org.send("GET", "/sobjects").json_object().get("sobjects")
        if not isinstance(told, list) or not told or not all(map(_is_named, told)):
            raise RefusedError("Salesforce: the list of objects cannot be read.")
        names = frozenset(each["name"] for each in told) | frozenset(CORE)
        if all(kind.name in names for kinds in BY_STORE.values() for kind in kinds):
            return names
        rows = list(self.org.rows("SELECT PermissionsViewAllData FROM UserPermissionAccess"))
        if [row.get("PermissionsViewAllData") for row in rows] != [True]:
            raise RefusedError(HIDDEN)
        return names

    def fields(self, name: str) -> dict[str, Field]:
        """The fields of an object, by name.

        GET sobjects/{object}/describe. Raises BusyError, RefusedError.
        """
        known = self._fields.get(name)
        if known is None or time.monotonic() - known[0] > FRESH:
            told = self.org.send("GET", "/sobjects/{name}/describe", name=name).json_object()
            known = self._fields[name] = (time.monotonic(), _fields(told))
        return known[1]

    def fitted(self, kind: SObject) -> SObject | None:
        """The kind without the fields this org has no feature for; None: it has no such kind.

        Raises:
            BusyError, RefusedError: the object's fields cannot be read.
        """
        if kind.name not in self.names():
            return None
        if not kind.optional and not kind.feature:
            return kind
        there = self.fields(kind.name)
        if kind.feature and kind.feature not in there:
            return None
        gone = {each for each in kind.optional if each not in there}
        return replace(
            kind,
            phones=tuple(each for each in kind.phones if each not in gone),
            also=tuple(each for each in kind.also if each not in gone),
            links=tuple(each for each in kind.links if each[0] not in gone),
        )


def _fields(told: Json) -> dict[str, Field]:
    """A field that is told in part could hold the person, unsearched: then none is believed."""
    rows = told.get("fields")
    if not isinstance(rows, list) or not rows or not all(map(_is_field, rows)):
        raise RefusedError("Salesforce: the fields of an object cannot be read.")
    found = (_field(row) for row in rows)
    return {each.name: each for each in found}


def _is_named(row: object) -> bool:
    return isinstance(row, dict) and isinstance(row.get("name"), str) and bool(row["name"])


def _is_field(row: object) -> bool:
    if not isinstance(row, dict) or not _is_named(row) or not isinstance(row.get("type"), str):
        return False
    targets = row.get("referenceTo") or []
    return isinstance(targets, list) and all(isinstance(each, str) for each in targets)


def _field(row: Json) -> Field:
    return Field(
        row["name"],
        row["type"],
        row.get("filterable") is True,
        row.get("updateable") is True,
        tuple(row.get("referenceTo") or ()),
    )
