"""What hangs on the person's contacts, leads and cases, and what carries an identifier itself.

One query for each object, in portions; every row is compared once more on our side.
"""

import re
from collections.abc import Iterator, Sequence

from erasure.connectors.base import Found, Searched, Unanswered
from erasure.connectors.http import Json
from erasure.connectors.salesforce.kinds import BY_STORE, CASE, KINDS, SObject
from erasure.connectors.salesforce.org import Org, moment
from erasure.connectors.salesforce.phones import e164, spellings
from erasure.connectors.salesforce.search import NOTE, unanswered
from erasure.connectors.salesforce.soql import among, id18, in_portions, like
from erasure.errors import BusyError, RefusedError
from erasure.values import Identifier, IdentifierKind, StoreStatus

LONGEST = 255  # characters: no field compared here holds a longer value
NO_OBJECT = "This org has no such object."
_ADDRESS = re.compile(r"[^\s;,<>\"]+@[^\s;,<>\"]+")
Answer = Found | Searched | Unanswered


class Children:
    """Searches the objects of ``KINDS`` in their order: later ones hang on earlier ones."""

    def __init__(self, org: Org) -> None:
        self.org = org
        self.region = org.account.region

    def below(self, who: Sequence[Identifier], ids: set[str]) -> Iterator[Answer]:
        """Everything further, then one answer for each store. ``ids``: what was found before.

        An object that GET /sobjects does not list is not there, if the user sees all
        data; one that is listed and refuses is unanswered.
        """
        stores = list(dict.fromkeys(each.store for each in KINDS))
        try:
            listed = self._listed()
        except (BusyError, RefusedError) as error:
            yield from (unanswered(store, error) for store in stores)
            return
        known = {id18(each) for each in ids}
        totals = dict.fromkeys(stores, 0)
        silent: dict[str, Unanswered] = {}
        for kind in KINDS:
            if kind.name not in listed:
                continue
            try:
                found = list(self._of(kind, who, known))
            except (BusyError, RefusedError) as error:
                silent[kind.store] = unanswered(kind.store, error)
                continue
            known |= {each.remote_id for each in found}
            totals[kind.store] += len(found)
            yield from found
        for store in stores:
            there = any(each.name in listed for each in BY_STORE[store])
            yield silent.get(store) or _searched(store, totals[store], there)

    def _listed(self) -> set[str]:
        """Names of the org's objects. Raises RefusedError: the user does not see all data."""
        told = self.org.send("GET", "/sobjects").json_object().get("sobjects")
        if not isinstance(told, list) or not told or not all(isinstance(x, dict) for x in told):
            raise RefusedError("Salesforce: the list of objects cannot be read.")
        names = {str(each.get("name")) for each in told}
        if all(kind.name in names for kind in KINDS):
            return names
        rows = list(self.org.rows("SELECT PermissionsViewAllData FROM UserPermissionAccess"))
        if [row.get("PermissionsViewAllData") for row in rows] != [True]:
            raise RefusedError("without View All Data an object may be hidden")
        return names

    def _of(self, kind: SObject, who: Sequence[Identifier], ids: set[str]) -> Iterator[Found]:
        emails = _values(who, IdentifierKind.EMAIL)
        phones = _values(who, IdentifierKind.PHONE)
        own: set[str] = set()
        for where in self._wheres(kind, emails, phones, ids):
            fields = ",".join(_fields(kind))
            soql = f"SELECT {fields} FROM {kind.name} WHERE {where}"  # noqa: S608
            for row in self.org.rows(soql, deleted=kind.archived):
                record = id18(row.get("Id"))
                if record in own or row.get("IsDeleted") is True:
                    continue
                if self._matches(kind, row, emails, phones, ids):
                    own.add(record)
                    yield _found(kind, record, row)

    def _wheres(
        self, kind: SObject, emails: list[str], phones: list[str], ids: set[str]
    ) -> Iterator[str]:
        """Conditions, those of one object joined by OR as far as one URL can hold them."""
        spelled = [each for phone in phones for each in spellings(phone, self.region)]
        asked = [(field, emails) for field in kind.emails]
        asked += [(field, spelled) for field in kind.phones]
        asked += [(f, sorted(i for i in ids if i[:3] in heads)) for f, heads in kind.links]
        parts = [among(field, some) for field, values in asked for some in in_portions(values)]
        parts += [like(field, each) for field in kind.lists for each in emails]
        joined = ""
        for part in parts:
            if joined and len(joined) + len(part) > 4_000:
                yield joined
                joined = ""
            joined = f"{joined} OR {part}" if joined else part
        if joined:
            yield joined

    def _matches(
        self, kind: SObject, row: Json, emails: list[str], phones: list[str], ids: set[str]
    ) -> bool:
        folded = {each.casefold() for each in emails}
        texts = [str(row.get(field) or "").strip().casefold() for field in kind.emails]
        lists = " ; ".join(str(row.get(field) or "").casefold() for field in kind.lists)
        return (
            not folded.isdisjoint(texts)
            or not folded.isdisjoint(_ADDRESS.findall(lists))
            or any(e164(row.get(field), self.region) in phones for field in kind.phones)
            or any(row.get(field) and id18(row[field]) in ids for field, _ in kind.links)
        )


def _fields(kind: SObject) -> dict[str, None]:
    extra = ("IsDeleted",) if kind.archived else ()
    links = tuple(field for field, _ in kind.links)
    case = (kind.conversation,) if kind.conversation else ()
    every = ("Id", *kind.emails, *kind.phones, *kind.lists, *links, *case, "CreatedDate", *extra)
    return dict.fromkeys(every)


def _found(kind: SObject, record: str, row: Json) -> Found:
    """``division`` and the fact "object" name the object where a store has several."""
    several = len(BY_STORE[kind.store]) > 1
    return Found(
        kind.store,
        record,
        parent_id=_case_of(kind, row),
        division=kind.name if several else "",
        occurred_at=moment(row["CreatedDate"]) if row.get("CreatedDate") else None,
        label=kind.name,
        facts={"object": kind.name},
    )


def _case_of(kind: SObject, row: Json) -> str:
    """The case a record belongs to, whichever field names it: a hold on it covers the record."""
    named = [row.get(field) for field in (kind.conversation, *(f for f, _ in kind.links)) if field]
    cases = (each for each in named if isinstance(each, str) and each.startswith(CASE))
    return next((id18(each) for each in cases), "")


def _searched(store: str, total: int, there: bool) -> Searched:
    if not there:
        return Searched(store, StoreStatus.NOT_PRESENT, 0, NO_OBJECT)
    return Searched(store, StoreStatus.FOUND if total else StoreStatus.EMPTY, total, NOTE)


def _values(who: Sequence[Identifier], kind: IdentifierKind) -> list[str]:
    values = (each.value for each in who if each.kind is kind)
    return [each for each in dict.fromkeys(values) if 0 < len(each) <= LONGEST]
