"""Portal users: deactivated and overwritten, never deleted; employees are never touched."""

from collections.abc import Iterator, Mapping, Sequence

from erasure.connectors.base import Clear, Erased, ItemRef, NotErased, Presence, Reply, Seen
from erasure.connectors.http import Json
from erasure.connectors.salesforce.catalog import Catalog
from erasure.connectors.salesforce.org import Org
from erasure.connectors.salesforce.soql import among, id18, in_portions
from erasure.errors import BusyError, RefusedError, StoppedError
from erasure.values import Identifier

PORTAL = frozenset({"powerpartner", "powercustomersuccess", "customersuccess", "cspliteportal"})
_HELD = (
    "FirstName MiddleName LastName Suffix Alias CommunityNickname Email Username Phone MobilePhone "
    "Fax Extension Street City PostalCode State Country StateCode CountryCode Latitude Longitude "
    "Title CompanyName Department Division EmployeeNumber SenderEmail SenderName Signature "
    "AboutMe FederationIdentifier StayInTouchSubject StayInTouchSignature StayInTouchNote"
)
PERSONAL = frozenset(_HELD.split())
TYPES = ("email", "phone")  # a field of the org's own that holds such a value is overwritten too
STAFF = "This user is no customer of a portal: an employee's user is never touched."


def is_customer(row: Json) -> bool:
    """Whether a user belongs to a contact and to a portal."""
    return bool(row.get("ContactId")) and _is_portal(row)


def _is_portal(row: Json) -> bool:
    return str(row.get("UserType") or "").casefold() in PORTAL


class Users:
    """Overwrites users of one org and reads them back."""

    def __init__(self, org: Org, catalog: Catalog) -> None:
        self.org = org
        self.catalog = catalog

    def erase(self, refs: Sequence[ItemRef], clear: Clear) -> Iterator[Erased | NotErased]:
        """PATCH sobjects/User/{id} (Manage Users): one call for each, after a fresh look."""
        for ref in refs:
            try:
                yield self._scramble(ref, clear)
            except (BusyError, RefusedError, StoppedError) as error:
                yield NotErased(ref, error)

    def _scramble(self, ref: ItemRef, clear: Clear) -> Erased:
        own = id18(ref.remote_id)
        row = self._rows([own]).get(own)
        if row is None:
            return Erased(ref, Reply.ALREADY_GONE, 200)
        if not _is_portal(row):
            raise RefusedError(STAFF)
        values = {**self._blank(own), "IsActive": False}
        answer = self.org.send(
            "PATCH", "/sobjects/User/{id}", json=values, id=own, before=lambda: clear([ref])
        )
        return Erased(ref, Reply.DONE, answer.status)

    def verify(
        self, refs: Sequence[ItemRef], who: Sequence[Identifier], names: Sequence[str]
    ) -> Iterator[Presence]:
        """REDACTED only if every personal field is overwritten and the user cannot sign in.

        Raises BusyError, RefusedError: then nothing is known.
        """
        rows = self._rows([id18(ref.remote_id) for ref in refs]) if refs else {}
        known = [each.value for each in who] + list(names)
        for ref in refs:
            own = id18(ref.remote_id)
            row = rows.get(own)
            if row is None:
                yield Presence(ref, Seen.ABSENT)
            elif row.get("IsActive") is False and self._is_blank(own, row, known):
                yield Presence(ref, Seen.REDACTED)
            else:
                yield Presence(ref, Seen.PRESENT)

    def _is_blank(self, own: str, row: Json, known: Sequence[str]) -> bool:
        blank = self._blank(own)
        if any(row.get(field) not in (None, "", value) for field, value in blank.items()):
            return False
        left = " ".join(str(row.get(field) or "") for field in ("Name", *blank)).casefold()
        return not any(each.casefold() in left for each in known if each.strip())

    def _rows(self, ids: Sequence[str]) -> dict[str, Json]:
        found: dict[str, Json] = {}
        fields = ",".join(dict.fromkeys(["Id", "Name", "UserType", "IsActive", *self._blank("")]))
        for some in in_portions(ids):
            soql = f"SELECT {fields} FROM User WHERE {among('Id', some)}"  # noqa: S608
            found |= {id18(row.get("Id")): row for row in self.org.rows(soql)}
        return found

    def _blank(self, own: str) -> Mapping[str, str | None]:
        """What every personal field of a user becomes; some may not be empty."""
        there = self.catalog.fields("User").values()
        personal = [
            each.name
            for each in there
            if each.updateable and (each.name in PERSONAL or each.type in TYPES)
        ]
        if not {"Email", "Username", "LastName"} <= set(personal):
            raise RefusedError("Salesforce: the fields of users may not be overwritten.")
        address = f"erased-{own}@erased.invalid"
        needed = {
            **{"LastName": "Erased", "Alias": own[-8:], "CommunityNickname": f"erased-{own}"},
            **{"Email": address, "Username": address},
        }
        return {field: needed.get(field) for field in personal}
