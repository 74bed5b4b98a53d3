"""Finding the person: contacts by identifier, cases by contact and by sender.

What the vendor returns is compared once more on our side and dropped if it does not
match, so that no quirk of its comparison brings in somebody else's record.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime

from erasure.connectors.base import Found, Searched, Unanswered
from erasure.connectors.http import Json
from erasure.connectors.salesforce.kinds import BY_STORE
from erasure.connectors.salesforce.org import Org, moment
from erasure.connectors.salesforce.phones import e164, spellings
from erasure.connectors.salesforce.soql import among, id18, in_portions
from erasure.connectors.salesforce.stores import CASES, CONTACTS, sobject
from erasure.errors import BusyError, RefusedError
from erasure.values import Identifier, IdentifierKind, StoreStatus

PHONES = ("Phone", "MobilePhone", "HomePhone", "OtherPhone")
CONTACT_FIELDS = ("Id", "Name", "Email", *PHONES, "CreatedDate")
CASE_FIELDS = ("Id", "CaseNumber", "ContactId", "SuppliedEmail", "SuppliedPhone", "CreatedDate")
LONGEST = 255  # characters: no field compared here holds a longer value
NOTE = (
    "Telephone numbers compared in their usual spellings. Not searched: free text, files, "
    "person accounts, portal users, individuals and custom objects."
)

Matches = Callable[[Json], bool]


class Search:
    """Searches one org. Personal values go into its query string: there is no other way."""

    def __init__(self, org: Org) -> None:
        self.org = org
        self.region = org.account.region

    def contacts(self, who: Identifier) -> Iterator[Found | Unanswered]:
        """Contacts with this e-mail or telephone number or, as leads, with this name.

        GET query on Contact. A search by name that fails blocks nothing.
        """
        certain = who.kind is not IdentifierKind.NAME
        try:
            rows = self._contacts([who])
        except (BusyError, RefusedError) as error:
            if certain:
                yield unanswered(CONTACTS.name, error)
            return
        yield from (self._contact(row, certain) for row in rows)

    def everything(
        self, who: Sequence[Identifier], people: Sequence[Found]
    ) -> Iterator[Found | Searched | Unanswered]:
        """The cases, and contacts once more by all identifiers; each store's answer last.

        Names are left out: a name never makes a record the person's.
        """
        sure = [each for each in who if each.kind is not IdentifierKind.NAME]
        known = {id18(each.remote_id) for each in people if each.store == CONTACTS.name}

        def more_contacts() -> list[Found]:
            found = [self._contact(row, certain=True) for row in self._contacts(sure)]
            return [each for each in found if each.remote_id not in known]

        more = _answered(CONTACTS.name, more_contacts, len(known))
        yield from more
        ids = known | {each.remote_id for each in more if isinstance(each, Found)}
        yield from _answered(CASES.name, lambda: self._cases(sure, ids), 0)

    def _contacts(self, who: Sequence[Identifier]) -> list[Json]:
        emails, names = _values(who, IdentifierKind.EMAIL), _values(who, IdentifierKind.NAME)
        phones = _values(who, IdentifierKind.PHONE)
        folded, folded_names = _folded(emails), _folded(names)

        def matches(row: Json) -> bool:
            by_phone = any(e164(row.get(name), self.region) in phones for name in PHONES)
            by_name = _fold(row.get("Name")) in folded_names
            return _fold(row.get("Email")) in folded or by_phone or by_name

        wheres = [
            *_where_any(("Email",), emails),
            *_where_any(PHONES, self._spelled(phones)),
            *_where_any(("Name",), names),
        ]
        return self._rows(CONTACTS.name, CONTACT_FIELDS, wheres, matches)

    def _cases(self, who: Sequence[Identifier], contacts: set[str]) -> list[Found]:
        emails, phones = _values(who, IdentifierKind.EMAIL), _values(who, IdentifierKind.PHONE)
        folded = _folded(emails)

        def matches(row: Json) -> bool:
            of_contact = row.get("ContactId") and id18(row["ContactId"]) in contacts
            by_phone = e164(row.get("SuppliedPhone"), self.region) in phones
            return bool(of_contact) or by_phone or _fold(row.get("SuppliedEmail")) in folded

        wheres = [
            *_where_any(("ContactId",), sorted(contacts)),
            *_where_any(("SuppliedEmail",), emails),
            *_where_any(("SuppliedPhone",), self._spelled(phones)),
        ]
        return [_case(row) for row in self._rows(CASES.name, CASE_FIELDS, wheres, matches)]

    def _rows(
        self, store: str, fields: Sequence[str], wheres: Iterable[str], matches: Matches
    ) -> list[Json]:
        """The rows that truly match, each record once, with its id in 18 characters."""
        found: dict[str, Json] = {}
        for where in wheres:
            soql = f"SELECT {','.join(fields)} FROM {sobject(store).name} WHERE {where}"  # noqa: S608
            for row in self.org.rows(soql):
                if matches(row):
                    own = id18(row.get("Id"))
                    found[own] = {**row, "Id": own}
        return list(found.values())

    def _spelled(self, phones: Iterable[str]) -> list[str]:
        return [each for phone in phones for each in spellings(phone, self.region)]

    def _contact(self, row: Json, certain: bool) -> Found:
        name = str(row.get("Name") or "")
        return Found(
            CONTACTS.name,
            row["Id"],
            occurred_at=_created(row),
            label=name,
            identifiers=tuple(self._identifiers(row)),
            names=(name,) if name else (),
            certain=certain,
        )

    def _identifiers(self, row: Json) -> Iterator[Identifier]:
        if email := _fold(row.get("Email")):
            yield Identifier(IdentifierKind.EMAIL, email)
        numbers = (e164(row.get(field), self.region) for field in PHONES)
        for number in dict.fromkeys(filter(None, numbers)):
            yield Identifier(IdentifierKind.PHONE, number)


def unanswered(store: str, error: BusyError | RefusedError) -> Unanswered:
    """Why a store could not be searched; names the vendor's object."""
    kinds = BY_STORE.get(store, ())
    name = kinds[0].name if len(kinds) == 1 else store.replace("_", " ").capitalize()
    reason = f"{name} could not be searched: {error}"
    return Unanswered(store, reason, again=isinstance(error, BusyError))


def _answered(
    store: str, find: Callable[[], list[Found]], already: int
) -> list[Found | Searched | Unanswered]:
    """What was found, then how the store was searched."""
    try:
        found = find()
    except (BusyError, RefusedError) as error:
        return [unanswered(store, error)]
    total = already + len(found)
    status = StoreStatus.FOUND if total else StoreStatus.EMPTY
    return [*found, Searched(store, status, total, NOTE)]


def _case(row: Json) -> Found:
    """A case is its own conversation: a hold on one names the case."""
    label = f"Case {row.get('CaseNumber') or ''}".strip()
    return Found(CASES.name, row["Id"], parent_id=row["Id"], occurred_at=_created(row), label=label)


def _where_any(fields: Sequence[str], values: Iterable[str]) -> Iterator[str]:
    """Conditions that one of the fields equals one of the values, a portion each."""
    for portion in in_portions(values):
        yield from (among(field, portion) for field in fields)


def _values(who: Iterable[Identifier], kind: IdentifierKind) -> list[str]:
    """Values of a kind. What is empty or too long for any field is in no record."""
    return [each.value for each in who if each.kind is kind and 0 < len(each.value) <= LONGEST]


def _created(row: Json) -> datetime | None:
    return moment(row["CreatedDate"]) if row.get("CreatedDate") else None


def _folded(values: Iterable[str]) -> set[str]:
    return {_fold(value) for value in values}


def _fold(value: object) -> str:
    return value.strip().casefold() if isinstance(value, str) else ""
