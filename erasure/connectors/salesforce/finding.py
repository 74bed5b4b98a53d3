"""Rows of one object that are the person's, each once, and what is told of them."""

from collections.abc import Collection, Iterator
from dataclasses import replace
from datetime import datetime

from erasure.connectors.base import Found, Unanswered
from erasure.connectors.http import Json
from erasure.connectors.salesforce.activities import RELATIONS
from erasure.connectors.salesforce.kinds import (
    ACCOUNT,
    BY_STORE,
    CASE,
    CONTACT,
    END_USER,
    LEAD,
    USER,
    SObject,
)
from erasure.connectors.salesforce.org import Org, moment
from erasure.connectors.salesforce.soql import id18
from erasure.connectors.salesforce.wanted import Wanted
from erasure.errors import BusyError, RefusedError

CHANGED = "SystemModstamp"

PERSONS = (CONTACT, LEAD, END_USER)


def rows_of(org: Org, kind: SObject, wanted: Wanted) -> list[Json]:
    """The rows that truly match, with their ids in 18 characters.

    GET query, or queryAll where the plain query hides archived rows; what is in the
    recycle bin is left out. Personal values go into its query string: there is no other way.

    Raises:
        BusyError: as ``Org.rows``.
        RefusedError: also a row that shows nothing of what it was searched by.
    """
    found: dict[str, Json] = {}
    fields = ",".join(_fields(kind))
    for where in wanted.conditions(kind):
        soql = f"SELECT {fields} FROM {kind.name} WHERE {where}"  # noqa: S608
        for row in org.rows(soql, deleted=kind.archived):
            _require_seen(kind, row)
            if row.get("IsDeleted") is not True and wanted.is_of(kind, row):
                own = id18(row.get("Id"))
                found[own] = {**row, "Id": own}
    return list(found.values())


def _require_seen(kind: SObject, row: Json) -> None:
    """It came for one of these fields: with none of them nobody can tell whose it is."""
    links = (field for field, _ in kind.links)
    searched = (*kind.names, *kind.emails, *kind.phones, *kind.lists, *links)
    if not kind.by_id and not any(row.get(field) for field in searched):
        raise RefusedError(f"Salesforce: a row of {kind.name} shows nothing it was searched by.")


def _fields(kind: SObject) -> dict[str, None]:
    links = tuple(field for field, _ in kind.links)
    extra = (kind.conversation, kind.feature, "IsDeleted" if kind.archived else "",
             CHANGED if kind.names else "")  # fmt: skip
    every = ("Id", *kind.names, *kind.emails, *kind.phones, *kind.lists, *links, *kind.also)
    return dict.fromkeys((*every, *filter(None, extra), "CreatedDate"))


def further(
    kind: SObject, row: Json, wanted: Wanted, joint: Collection[str] = frozenset()
) -> Found:
    """A record that hangs on the person's, or carries an identifier itself.

    ``division`` and the fact "object" name the object where a store has several. Only
    what nothing else leads to tells its identifiers: they may be shared with others. If
    that names another contact, lead or case, it is as much somebody else's; so is what
    hangs on a record that is (``joint``).
    """
    own = row["Id"]
    case = _case_of(kind, row)
    linked = wanted.linked(kind, row)
    by = () if linked else tuple(wanted.carried(kind, row))
    return Found(
        kind.store,
        own,
        parent_id=case or (own if kind.talk else ""),
        division=division_of(kind),
        occurred_at=created(row),
        label=_label(kind, row),
        facts={"object": kind.name},
        identifiers=by,
        joint=own in joint or _is_joint(kind, row, wanted, joint),
    )


def _is_joint(kind: SObject, row: Json, wanted: Wanted, joint: Collection[str]) -> bool:
    """Whether a row is as much somebody else's: it hangs on nothing that is the person's alone,
    or is a talk or an activity with another person as well."""
    sure = replace(wanted, ids=wanted.ids.difference(joint))
    if sure.linked(kind, row):
        others = set(pointers(kind, row, *PERSONS)) - sure.ids
        return bool(others) and (kind.talk or kind.name in RELATIONS)
    named = (row.get(field) for field, _ in kind.links)
    another = any(isinstance(n, str) and n and n[:3] not in (ACCOUNT, USER) for n in named)
    return another or wanted.linked(kind, row)


def division_of(kind: SObject) -> str:
    several = len(BY_STORE.get(kind.store, ())) != 1
    return kind.name if several else ""


def _label(kind: SObject, row: Json) -> str:
    number = row.get("CaseNumber") or ""
    return f"{kind.name} {number}".strip()


def _case_of(kind: SObject, row: Json) -> str:
    """The case a record belongs to, whichever field names it: a hold on it covers the record."""
    if kind.prefix == CASE:
        return str(row["Id"])
    named = [row.get(field) for field in (kind.conversation, *(f for f, _ in kind.links)) if field]
    cases = (each for each in named if isinstance(each, str) and each.startswith(CASE))
    return next((id18(each) for each in cases), "")


def pointers(kind: SObject, row: Json, *heads: str) -> Iterator[str]:
    """Ids of the records a row names, of these prefixes alone."""
    named = (row.get(field) for field, _ in kind.links)
    yield from (id18(each) for each in named if isinstance(each, str) and each[:3] in heads)


def created(row: Json) -> datetime | None:
    return moment(row["CreatedDate"]) if row.get("CreatedDate") else None


def changed(row: Json) -> datetime | None:
    return moment(row[CHANGED]) if row.get(CHANGED) else None


def unanswered(store: str, error: BusyError | RefusedError, name: str = "") -> Unanswered:
    """Why a store could not be searched; names the vendor's object."""
    kinds = BY_STORE.get(store, ())
    only = kinds[0].name if len(kinds) == 1 else store.replace("_", " ").capitalize()
    reason = f"{name or only} could not be searched: {error}"
    return Unanswered(store, reason, again=isinstance(error, BusyError))
