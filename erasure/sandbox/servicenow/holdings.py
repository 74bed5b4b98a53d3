"""What is truly held of a person, in the product's names of the stores."""

from ..vendor import Holding
from .instance import Instance, Record
from .schema import TABLES

KEPT = "not part of what an erasure can reach"


def holdings(instance: Instance, person: str) -> list[Holding]:
    """One row for each record; audit rows, history and deletion copies one for each they are
    about, under its id, as the product inventories them.

    ``rollback_copies`` end by themselves. ``watch_lists`` are other people's records that
    name an address of the person.
    """
    known = instance.people.get(person)
    emails = {email.casefold() for email in known.emails} if known else set()
    rows: dict[tuple[str, str], Holding] = {}
    for record in instance.of_any():
        store = TABLES[record.table].store
        watched = {each.casefold() for each in record.values.get("watch_list", "").split(",")}
        if record.owner == person and store:
            remote, what = _told(instance, record)
        elif record.owner != person and watched & emails:
            store, remote, what = "watch_lists", record.id, f"watch list of a {record.table}"
        else:
            continue
        rows[store, remote] = {
            "system": "servicenow", "store": store, "remote_id": remote, "what": what
        }  # fmt: skip
    return list(rows.values())


def _told(instance: Instance, record: Record) -> tuple[str, str]:
    table = TABLES[record.table]
    if table.trace:
        about = record.values[table.key]
        above = instance.records.get(about)
        if above and TABLES[above.table].trace:
            about = above.values[TABLES[above.table].key]
        return about, f"{record.table} of {about}"
    if record.table == "sys_rollback_context":
        return record.id, f"rollback copy until {record.values['expires']} UTC: {KEPT}"
    return record.id, record.table
