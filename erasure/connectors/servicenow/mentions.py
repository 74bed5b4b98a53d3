"""Free text that names an address of the person: leads for the officer, never certain."""

import re
from collections.abc import Collection, Iterable

from erasure.connectors.http import Json
from erasure.connectors.servicenow.instance import Instance
from erasure.connectors.servicenow.matching import names_address, require_seen, text
from erasure.connectors.servicenow.query import holds
from erasure.connectors.servicenow.stores import Kind
from erasure.errors import RefusedError
from erasure.values import Identifier, IdentifierKind

_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
SEARCHED = "Free text was searched for e-mail addresses; what it names only otherwise is not found."
REFUSED = "Free text was not searched: the instance refused it."


def mentioning(
    instance: Instance, kind: Kind, who: Iterable[Identifier], fields: Collection[str]
) -> tuple[list[Json], str]:
    """Rows whose free text holds an e-mail address, and a word on what was searched.

    A row may well be about somebody else. An instance that forbids such a query
    (its query rules may refuse LIKE alone) does not leave the store unanswered:
    a lead never blocks, so it is only said.

    Raises:
        BusyError: as ``Instance.rows``.
    """
    has = instance.columns(kind.table)
    names = [name for name in kind.texts if name in has]
    if not names:
        return [], ""
    found: dict[str, Json] = {}
    try:
        for each in who:
            if each.kind is IdentifierKind.EMAIL and _ADDRESS.fullmatch(each.value):
                found |= _holding(instance, kind, names, each.value, fields)
    except RefusedError:
        return [], REFUSED
    return list(found.values()), SEARCHED


def _holding(
    instance: Instance, kind: Kind, names: list[str], address: str, fields: Collection[str]
) -> dict[str, Json]:
    found: dict[str, Json] = {}
    for row in instance.rows(kind.table, holds(names, address), [*fields, *names]):
        require_seen(row, names)
        if any(names_address(text(row, name), address) for name in names):
            found[text(row, "sys_id")] = row
    if len(found) > instance.most_hits:
        raise RefusedError(f"{kind.table}: {len(found)} rows name one person: too many")
    return found
