"""Reading records back, and the control records that show the reader still sees."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import timedelta

from erasure.connectors.base import Control, Found, ItemRef, Presence, Seen
from erasure.connectors.http import Json
from erasure.connectors.salesforce import files
from erasure.connectors.salesforce.kinds import SObject, kind_of
from erasure.connectors.salesforce.org import Org, moment
from erasure.connectors.salesforce.soql import among, id18, in_portions
from erasure.errors import RefusedError

BIN = timedelta(days=15)  # how long a deleted record can be brought back


class Reading:
    """Reads records of one org by id."""

    def __init__(self, org: Org) -> None:
        self.org = org

    def verify(self, refs: Sequence[ItemRef]) -> Iterator[Presence]:
        """What is left of each item, the recycle bin included.

        GET queryAll by Id. A deleted record is RECOVERABLE until 15 days after it was
        last written to; the vendor shows purged ones as deleted for about a day more.
        Raises BusyError, RefusedError: then nothing is known.
        """
        rows: dict[str, Json] = {}
        kinds = {kind_of(ref.store, ref.facts) for ref in refs}
        for kind in kinds:
            rows |= self.by_id(kind, [r for r in refs if kind_of(r.store, r.facts) == kind])
        halves = [ItemRef("contacts", _half(ref)) for ref in refs if _half(ref)]
        rows |= self.by_id(kind_of("contacts"), halves) if halves else {}
        for ref in refs:
            other = rows.get(id18(_half(ref))) if _half(ref) else None
            yield _presence(ref, rows.get(id18(ref.remote_id)) or other)

    def by_id(self, kind: SObject, refs: Sequence[ItemRef]) -> dict[str, Json]:
        """What queryAll shows of some records of one object. Raises BusyError, RefusedError."""
        fields = "Id,IsDeleted" if kind.soap else "Id,IsDeleted,SystemModstamp"
        found: dict[str, Json] = {}
        for ids in in_portions(id18(ref.remote_id) for ref in refs):
            soql = f"SELECT {fields} FROM {kind.name} WHERE {among('Id', ids)}"  # noqa: S608
            for row in self.org.rows(soql, deleted=not kind.soap):
                found[id18(row.get("Id"))] = row
        return found

    def controls(self, found: Iterable[Found]) -> Iterator[Control]:
        """One record of somebody else for each object; in a store of several, its division
        names the object."""
        places: dict[tuple[str, str], set[str]] = {}
        for each in found:
            places.setdefault((each.store, each.division), set()).add(id18(each.remote_id))
        for (store, division), own in places.items():
            kind = kind_of(store, division=division)
            other = next(self._others(kind, own), None)
            if other:
                yield Control(store, division, other)

    def _others(self, kind: SObject, own: Collection[str]) -> Iterator[str]:
        """Ids of records of the object that are none of ``own``."""
        if kind.name == files.LINK:
            yield from self._other_links(own)
            return
        where = f" WHERE {kind.only}" if kind.only else ""
        soql = f"SELECT Id FROM {kind.name}{where} LIMIT {len(own) + 1}"  # noqa: S608
        ids = (id18(row.get("Id")) for row in self.org.rows(soql))
        yield from (each for each in ids if each not in own)

    def _other_links(self, own: Collection[str]) -> Iterator[str]:
        """The vendor shows links of named documents alone."""
        soql = f"SELECT Id FROM {files.DOCUMENT} LIMIT {len(own) + 50}"  # noqa: S608
        documents = [id18(row.get("Id")) for row in self.org.rows(soql)]
        for some in in_portions(documents):
            where = among("ContentDocumentId", some)
            rows = self.org.rows(f"SELECT Id FROM {files.LINK} WHERE {where}")  # noqa: S608
            ids = (id18(row.get("Id")) for row in rows)
            yield from (each for each in ids if each not in own)

    def sees(self, control: Control) -> bool:
        """Whether a control record is still there to be read."""
        kind, own = kind_of(control.store, division=control.division), id18(control.remote_id)
        soql = f"SELECT Id FROM {kind.name} WHERE {among('Id', [own])}"  # noqa: S608
        return [id18(row.get("Id")) for row in self.org.rows(soql)] == [own]


def _half(ref: ItemRef) -> str:
    """The contact of a person account: the account is not gone before that is."""
    return str(ref.facts.get("contact", ""))


def _presence(ref: ItemRef, row: Json | None) -> Presence:
    if row is None:
        return Presence(ref, Seen.ABSENT)
    if row.get("IsDeleted") is True:
        until = moment(row.get("SystemModstamp")) + BIN
        return Presence(ref, Seen.RECOVERABLE, recoverable_until=until)
    if row.get("IsDeleted") is False:
        return Presence(ref, Seen.PRESENT)
    raise RefusedError("Salesforce: a record does not say whether it is deleted.")
