"""What becomes of a record that is deleted: the bin, its children, and what forbids it.

A deleted record lies in the bin for 15 days; a hard delete and an emptied bin leave a
tombstone for as long as the org is told to keep one. Children share their parent's fate
and have no entry of their own in the bin; what merely refers to a record loses its link.
"""

from collections.abc import Collection, Iterator

from .org import Org
from .records import Record, Refusal, checked, stamp
from .schema import CASCADES, EVERY, HISTORIES, NO_BIN, RELATIONS, UNDELETABLE

PERSON_CONTACT = Refusal(
    "INVALID_PERSON_ACCOUNT_OPERATION", "cannot delete or change the contact of a person account"
)
NO_ENTRY = Refusal("INVALID_ID_FIELD", "invalid record id; no recycle bin entry found")
LOCKED = Refusal("UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access to this record")
_LINKS = {
    kind: tuple(each.name for each in one.fields if each.references) for kind, one in EVERY.items()
}


def delete(org: Org, kind: str, id18: str, *, hard: bool = False) -> Refusal | None:
    """Put a record into the bin, or away for good; None is success."""
    if kind in UNDELETABLE or kind in org.untouchable:
        return _no_right(id18)
    return _delete(org, kind, id18, hard)


def delete_history(org: Org, kind: str, id18: str) -> Refusal | None:
    """What SOAP does: rows of field history too, where the user has the right."""
    if kind not in HISTORIES:
        return delete(org, kind, id18)
    if not org.history_delete or kind in org.untouchable:
        return _no_right(id18)
    return _delete(org, kind, id18, hard=True)


def _delete(org: Org, kind: str, id18: str, hard: bool) -> Refusal | None:
    record = org.get(kind, id18)
    if isinstance(record, Refusal):
        return record
    if org.locked > 0:
        org.locked -= 1
        return LOCKED
    if kind == "Contact" and record.values.get("IsPersonAccount"):
        return PERSON_CONTACT
    taken = list(_below(org, record))
    if refusal := _blocked(org, record, taken):
        return refusal
    if not org.lying:
        _remove(org, record, taken, purged=hard or kind in NO_BIN)
    return None


def _remove(org: Org, record: Record, taken: Collection[Record], *, purged: bool) -> None:
    if record.kind in RELATIONS:
        _leave(org, record)
    for each in (record, *taken):
        each.deleted_at, each.purged = org.now(), purged
        each.values["IsDeleted"] = True
        if "SystemModstamp" in each.values:
            each.values["SystemModstamp"] = stamp(org.now())
        each.parent = "" if each is record else record.id
    gone = {each.id for each in (record, *taken)}
    for other in org.records.values():
        if other.live:
            for name in _LINKS[other.kind]:
                if other.values.get(name) in gone:
                    other.values[name] = None


def _leave(org: Org, relation: Record) -> None:
    """An activity that was with somebody is with the next one then, if with anybody."""
    field = RELATIONS[relation.kind]
    activity = org.records.get(str(relation.values[field]))
    if activity is None or activity.values["WhoId"] != relation.values["RelationId"]:
        return
    others = (
        each.values["RelationId"]
        for each in org.records.values()
        if each.kind == relation.kind and each.live and each is not relation
        and each.values[field] == activity.id
    )  # fmt: skip
    activity.values["WhoId"] = next(others, None)


def purge(org: Org, id18: str) -> Refusal | None:
    """Empty one entry of the bin; what went by cascade has none of its own."""
    org.expire()
    record = org.records.get(checked(id18[:15]))
    if record is None or record.live or record.purged or record.parent or not org.shows(record):
        return NO_ENTRY
    if not org.lying:
        for each in org.records.values():
            if each is record or each.parent == record.id:
                each.purged, each.deleted_at = True, org.now()
    return None


def _below(org: Org, parent: Record) -> Iterator[Record]:
    """Everything a deletion takes along, children's children included."""
    bound = {(each.child, each.field) for each in CASCADES if each.parent == parent.kind}
    for child in list(org.records.values()):
        mine = any(kind == child.kind and child.values.get(f) == parent.id for kind, f in bound)
        if mine and child.live:
            yield child
            yield from _below(org, child)


def _blocked(org: Org, record: Record, taken: Collection[Record]) -> Refusal | None:
    """Why a record cannot go: one child that cannot go is enough."""
    contacts = {each.id for each in (record, *taken) if each.kind == "Contact"}
    for kind, shown, words in (("Case", "CaseNumber", "cases"), ("User", "Name", "portal users")):
        named = [str(each.values[shown]) for each in _naming(org, kind, contacts)]
        if named:
            text = f"Your attempt to delete {record.values['Name']} could not be completed "
            text += f"because it is associated with the following {words}.: {', '.join(named)}"
            return Refusal("DELETE_FAILED", text)
    if any(each.kind in org.untouchable for each in taken):
        text = "insufficient access rights on cross-reference id"
        return Refusal("INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY", text)
    return None


def _naming(org: Org, kind: str, contacts: Collection[str]) -> Iterator[Record]:
    """Live cases, and portal users who may still sign in, of these contacts."""
    for each in org.records.values():
        active = kind != "User" or each.values.get("IsActive")
        if each.kind == kind and each.live and active and each.values.get("ContactId") in contacts:
            yield each


def _no_right(id18: str) -> Refusal:
    text = f"insufficient access rights on object id: {id18}"
    return Refusal("INSUFFICIENT_ACCESS_OR_READONLY", text)
