"""Tasks and events with several people: of these only the person's relation goes.

Where an org shares activities, the relations of one tell everybody it is with. Without
them its WhoId names the only one.
"""

from collections.abc import Collection, Iterable

from erasure.connectors.http import Json
from erasure.connectors.salesforce.kinds import CONTACT, LEAD
from erasure.connectors.salesforce.org import Org
from erasure.connectors.salesforce.soql import among, id18, in_portions
from erasure.errors import RefusedError

RELATIONS = {"Task": ("TaskRelation", "TaskId"), "Event": ("EventRelation", "EventId")}
ACTIVITY = dict(RELATIONS.values())
SHARED = "{} also concern others: only the relation to the person goes, the activity stays."


def with_others(
    org: Org, kind: str, rows: Iterable[Json], ids: Collection[str]
) -> tuple[set[str], set[str]]:
    """The activities that concern other people too; and those of them the person is not on.

    ``ids``: records that are the person's. GET queryAll. Raises BusyError, RefusedError.
    """
    relation, field = RELATIONS[kind]
    mine: set[str] = set()
    theirs: set[str] = set()
    for some in in_portions(row["Id"] for row in rows):
        where = among(field, some)
        soql = f"SELECT {field},RelationId,IsDeleted FROM {relation} WHERE {where}"  # noqa: S608
        for row in org.rows(soql, deleted=True):
            if row.get("IsDeleted") is True:
                continue
            activity, who = id18(row.get(field)), id18(row.get("RelationId"))
            if who in ids:
                mine.add(activity)
            elif who[:3] in (CONTACT, LEAD):
                theirs.add(activity)
    return theirs, theirs - mine


def activity_of(kind: str, row: Json) -> str:
    """The task or event a relation is of. Raises RefusedError: it does not say."""
    named = row.get(ACTIVITY[kind])
    if not named:
        raise RefusedError(f"Salesforce: a row of {kind} does not say what it is a relation of.")
    return id18(named)
