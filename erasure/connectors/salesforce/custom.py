"""Objects the org has made itself, as named in the connection and described by the vendor."""

from erasure.connectors.base import Account
from erasure.connectors.salesforce.catalog import Catalog, Field
from erasure.connectors.salesforce.kinds import (
    ACCOUNT,
    CASE,
    CONTACT,
    CUSTOM,
    INDIVIDUAL,
    LEAD,
    USER,
    SObject,
)
from erasure.errors import RefusedError

TARGETS = {
    **{"Contact": CONTACT, "Lead": LEAD, "Account": ACCOUNT, "Case": CASE},
    **{"Individual": INDIVIDUAL, "User": USER},
}


def named(account: Account) -> list[str]:
    """The option ``custom_objects``: names with commas between."""
    given = str(account.options.get("custom_objects") or "")
    return list(dict.fromkeys(each.strip() for each in given.split(",") if each.strip()))


def described(catalog: Catalog, name: str) -> SObject:
    """An object by the vendor's own description: what can be searched, and by what.

    Raises:
        BusyError: as ``Org.send``.
        RefusedError: no custom object of this org, or one that cannot be searched whole.
    """
    own = next((each for each in catalog.names() if each.casefold() == name.casefold()), "")
    if not own.endswith("__c"):
        raise RefusedError("the connection names it, and this org shows no such custom object")
    fields = catalog.fields(own).values()
    kind = SObject(
        own,
        "",
        CUSTOM,
        emails=tuple(each.name for each in fields if each.type == "email"),
        phones=tuple(each.name for each in fields if each.type == "phone"),
        links=tuple((each.name, _prefixes(each)) for each in fields if _prefixes(each)),
        bulk=True,
    )
    closed = [e.name for e in fields if e.type in ("email", "phone") and not e.filterable]
    if closed:
        raise RefusedError(f"the vendor does not filter by {', '.join(closed)}")
    if not (kind.emails or kind.phones or kind.links):
        raise RefusedError("it has no e-mail, telephone or reference field to search by")
    return kind


def _prefixes(field: Field) -> tuple[str, ...]:
    """Of the ids a reference may hold, as far as they can be the person's."""
    return tuple(TARGETS[each] for each in field.targets if each in TARGETS)
