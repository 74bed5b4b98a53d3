"""The connection test: every line is tried, nothing is raised."""

from collections.abc import Callable, Iterator
from functools import partial

from erasure.connectors.base import Check
from erasure.connectors.salesforce.custom import named
from erasure.connectors.salesforce.kinds import CORE
from erasure.connectors.salesforce.org import Org
from erasure.errors import ErasureError, RefusedError

RIGHTS = {
    "PermissionsViewAllData": "View All Data",
    "PermissionsModifyAllData": "Modify All Data",
    "PermissionsBulkApiHardDelete": "Bulk API Hard Delete",
}
WITHOUT = {
    "PermissionsViewAllData": "missing: sharing would hide records without a word",
    "PermissionsModifyAllData": "missing: records of other owners cannot be deleted",
    "PermissionsBulkApiHardDelete": "missing: deleted records stay recoverable for 15 days",
}


def check(org: Org) -> Iterator[Check]:
    """Sign-in, organisation, the core and the named objects, and the user's own rights."""
    signed_in = _line("Sign-in", partial(_sign_in, org))
    yield signed_in
    if not signed_in.ok:
        return
    yield _line("Organisation", org.require_right_org)
    for name in (*CORE, *named(org.account)):
        yield _line(name, partial(_usable, org, name))
    for field in RIGHTS:
        yield _line(RIGHTS[field], partial(_right, org, field))


def _line(name: str, look: Callable[[], str]) -> Check:
    try:
        return Check(name, True, look())
    except ErasureError as error:
        return Check(name, False, str(error))


def _sign_in(org: Org) -> str:
    org.http.sign_in()
    return "accepted"


def _usable(org: Org, name: str) -> str:
    """GET sobjects/{object}/describe: an object that is hidden answers 404."""
    told = org.send("GET", "/sobjects/{name}/describe", name=name).json_object()
    for flag in ("queryable", "deletable"):
        if told.get(flag) is not True:
            raise RefusedError(f"{name} is not {flag} for this user")
    return "can be searched and deleted"


def _right(org: Org, field: str) -> str:
    """The user's own right: one row of UserPermissionAccess."""
    rows = list(org.rows(f"SELECT {field} FROM UserPermissionAccess"))  # noqa: S608
    if [row.get(field) for row in rows] != [True]:
        raise RefusedError(WITHOUT[field])
    return "granted"
