"""Who works here: a user with a role that no customer has."""

from collections.abc import Iterable

from erasure.connectors.servicenow.instance import AbsentError, Instance
from erasure.connectors.servicenow.matching import text
from erasure.connectors.servicenow.query import among, in_portions
from erasure.errors import RefusedError

EXTERNAL = frozenset({  # roles of customers, partners and consumers, and what they contain
    "snc_external", "sn_customerservice.consumer", "sn_customerservice.customer",
    "sn_customerservice.customer_admin", "sn_customerservice.customer_case_manager",
    "sn_customerservice.partner", "sn_customerservice.partner_admin", "sn_esm_user",
    "sn_esm_user_admin", "sn_esm_partner", "sn_esm_partner_admin",
})  # fmt: skip


def employees(instance: Instance, users: Iterable[str]) -> set[str]:
    """Those of the users that have any role but these and the option ``external_roles``.

    GET sys_user_has_role, sys_user_role (read on both).

    Raises:
        BusyError, RefusedError: as ``Instance.rows``; the roles cannot be told.
    """
    try:
        return _employees(instance, sorted(set(users)))
    except AbsentError as error:
        raise RefusedError(f"The roles of users cannot be read: {error}") from None


def _employees(instance: Instance, users: list[str]) -> set[str]:
    if users and not {"user", "role"} <= instance.columns("sys_user_has_role"):
        raise RefusedError("sys_user_has_role does not tell its user and role.")
    held: dict[str, set[str]] = {}
    for portion in in_portions(users):
        for row in instance.rows("sys_user_has_role", among("user", portion), ("user", "role")):
            held.setdefault(text(row, "user"), set()).add(text(row, "role"))
    outside: set[str] = set()
    for portion in in_portions(set().union(*held.values())):
        for row in instance.rows("sys_user_role", among("sys_id", portion), ("name",)):
            if text(row, "name") in EXTERNAL | instance.external_roles:
                outside.add(text(row, "sys_id"))
    return {user for user in users if held.get(user, set()) - outside}
