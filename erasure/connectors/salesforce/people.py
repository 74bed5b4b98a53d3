"""Finding the person: records that stand for somebody, and the identifiers they carry.

A record that names another one carries that one's id as an identifier, so that the
search goes on to it and asks before it takes in a second person.
"""

from collections.abc import Iterator

from erasure.connectors.base import Found, Unanswered
from erasure.connectors.http import Json
from erasure.connectors.salesforce.catalog import Catalog
from erasure.connectors.salesforce.finding import (
    changed,
    created,
    division_of,
    pointers,
    rows_of,
    unanswered,
)
from erasure.connectors.salesforce.kinds import (
    ACCOUNT,
    CONTACT,
    INDIVIDUAL,
    LEAD,
    PEOPLE,
    SObject,
)
from erasure.connectors.salesforce.org import Org
from erasure.connectors.salesforce.phones import e164
from erasure.connectors.salesforce.users import is_customer
from erasure.connectors.salesforce.wanted import Wanted, fold
from erasure.errors import BusyError, RefusedError
from erasure.values import Identifier, IdentifierKind

JOINED = (CONTACT, LEAD, INDIVIDUAL)  # a business account's id would lead to its whole staff
NAMED_BY = frozenset({"Account", "Lead", "User", "MessagingEndUser"})  # name a contact by its id
NO_ADDRESS = ("Username",)  # has the form of an e-mail address and need not be one


class People:
    """Looks people up in one org."""

    def __init__(self, org: Org, catalog: Catalog) -> None:
        self.org = org
        self.catalog = catalog
        self.region = org.account.region

    def lookup(self, who: Identifier) -> Iterator[Found | Unanswered]:
        """Records with this e-mail address, number or id or, as leads, with this name.

        A search by name that fails blocks nothing; any other leaves its store unanswered.
        """
        wanted = Wanted.of([who], self.region)
        if wanted == Wanted(self.region):
            return
        certain = who.kind is not IdentifierKind.NAME
        try:
            self.catalog.names()
        except (BusyError, RefusedError) as error:
            stores = dict.fromkeys(kind.store for kind in PEOPLE)
            yield from (unanswered(each, error) for each in stores if certain)
            return
        for kind in PEOPLE:
            try:
                found = self._of(kind, wanted, who)
            except (BusyError, RefusedError) as error:
                found = []
                if certain:
                    yield unanswered(kind.store, error, kind.name)
            yield from found
            if kind.prefix == ACCOUNT and not found and _is_account(wanted):
                return  # a business account: what hangs on it is not one person's

    def _of(self, kind: SObject, wanted: Wanted, who: Identifier) -> list[Found]:
        fitted = self.catalog.fitted(kind)
        if fitted is None:
            return []
        rows = rows_of(self.org, fitted, wanted)
        return [self._found(fitted, row, who) for row in rows if is_person(fitted, row)]

    def _found(self, kind: SObject, row: Json, who: Identifier) -> Found:
        name = str(row.get("Name") or "") if kind.names else ""
        given = (who,) if who.kind is IdentifierKind.CRM_CONTACT else ()
        return Found(
            kind.store,
            row["Id"],
            division=division_of(kind),
            occurred_at=created(row),
            label=name or kind.name,
            facts={"object": kind.name, **_half(kind, row)},
            identifiers=tuple(dict.fromkeys([*self._carried(kind, row), *given])),
            names=(name,) if name else (),
            certain=who.kind is not IdentifierKind.NAME,
            changed_at=changed(row),
        )

    def _carried(self, kind: SObject, row: Json) -> Iterator[Identifier]:
        addresses = (fold(row.get(each)) for each in kind.emails if each not in NO_ADDRESS)
        for address in dict.fromkeys(filter(None, addresses)):
            yield Identifier(IdentifierKind.EMAIL, address)
        numbers = (e164(row.get(field), self.region) for field in kind.phones)
        for number in dict.fromkeys(filter(None, numbers)):
            yield Identifier(IdentifierKind.PHONE, number)
        for each in dict.fromkeys(pointers(kind, row, *JOINED)):
            yield Identifier(IdentifierKind.CRM_CONTACT, each)
        if kind.prefix in (CONTACT, ACCOUNT, LEAD) and self.catalog.names() & NAMED_BY:
            yield Identifier(IdentifierKind.CRM_CONTACT, row["Id"])


def is_person(kind: SObject, row: Json) -> bool:
    """Not the contact half of a person account, which goes with it, and no employee."""
    if kind.prefix == CONTACT:
        return row.get("IsPersonAccount") is not True
    return not kind.scrambled or is_customer(row)


def _half(kind: SObject, row: Json) -> dict[str, str]:
    """The contact that is one half of a person account and must be gone with it."""
    other = next(pointers(kind, row, CONTACT), "") if kind.only else ""
    return {"contact": other} if other else {}


def _is_account(wanted: Wanted) -> bool:
    return any(each.startswith(ACCOUNT) for each in wanted.ids)
