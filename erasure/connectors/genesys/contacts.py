"""External contacts: looked up by identifier, merged contacts included."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial

from erasure.connectors.base import Clear, Control, Erased, Found, ItemRef, Presence, Reply, Seen
from erasure.connectors.genesys.options import Options
from erasure.connectors.genesys.reading import (
    chunks,
    distinct,
    email,
    inner,
    moment,
    objects,
    phone,
    required,
    text,
)
from erasure.connectors.genesys.stores import CONTACTS
from erasure.connectors.http import Http, Json
from erasure.errors import RefusedError
from erasure.values import Identifier, IdentifierKind

CONTACT = "/api/v2/externalcontacts/contacts/{contactId}"
UNRESOLVED = CONTACT + "/unresolved"
LIST = "/api/v2/externalcontacts/contacts"
LOOKUP = "/api/v2/externalcontacts/identifierlookup/contacts"
BULK = "/api/v2/externalcontacts/bulk/contacts/unresolved"

EXPAND = ["identifiers", "division"]
EMAILS = ("workEmail", "personalEmail", "otherEmail")
PHONES = ("workPhone", "cellPhone", "homePhone", "otherPhone")
LOOKUP_TYPES = {
    IdentifierKind.EMAIL: "Email",
    IdentifierKind.PHONE: "Phone",
    IdentifierKind.CRM_CONTACT: "ExternalId",
}
BULK_SIZE = 50  # ids in one bulk fetch


class ExternalContacts:
    """The contacts of a person. Permission: externalContacts:contact:view, :delete."""

    def __init__(self, http: Http, options: Options) -> None:
        self.http = http
        self.options = options

    def lookup(self, who: Identifier) -> Iterator[Found]:
        """The contact that carries an identifier, and every contact merged into it.

        Raises:
            BusyError, RefusedError: the search is no answer.
        """
        contact = self._canonical(who)
        if contact is None:
            return
        canonical = required(contact, "id")
        merged = {required(entry, "id") for entry in objects(contact, "mergeSet")} - {canonical}
        if who.kind is IdentifierKind.EXTERNAL_CONTACT and who.value != canonical:
            merged.add(who.value)
        yield as_found(contact, merged)
        for chunk in chunks(sorted(merged), BULK_SIZE):
            for ancestor in self._unresolved(chunk):
                yield as_found(ancestor, {canonical}, ancestor=True)

    def leads(self, name: Identifier) -> Iterator[Found]:
        """Contacts that bear a name: for the officer to decide, never certain.

        GET /api/v2/externalcontacts/contacts?q= (fuzzy, auto-generated contacts hidden).
        """
        params = {"q": name.value, "pageSize": self.options.page_size, "expand": EXPAND}
        page = self.http.send("GET", LIST, params=params).json_object()
        words = set(name.value.casefold().split())
        for contact in objects(page, "entities"):
            if words <= set(full_name(contact).casefold().split()):
                yield as_found(contact, (), certain=False)

    def erase_one(self, ref: ItemRef, clear: Clear) -> Erased:
        """Delete one contact.

        DELETE /api/v2/externalcontacts/contacts/{contactId}
        (externalContacts:contact:delete). 404: someone was first, or it went along
        with the contact it was merged into.
        """
        answer = self.http.send(
            "DELETE", CONTACT, contactId=ref.remote_id, ok=(404,), before=partial(clear, [ref])
        )
        reply = Reply.ALREADY_GONE if answer.status == 404 else Reply.DONE
        return Erased(ref, reply, answer.status)

    def verify_one(self, ref: ItemRef) -> Presence:
        """Read the exact record: an id merged elsewhere is not resolved."""
        answer = self.http.send("GET", UNRESOLVED, contactId=ref.remote_id, ok=(404,))
        seen = Seen.ABSENT if answer.status == 404 else Seen.PRESENT
        return Presence(ref, seen, answer.status)

    def read(self, contact_id: str) -> Json | None:
        """One contact by its exact id; None if there is none."""
        answer = self.http.send("GET", UNRESOLVED, contactId=contact_id, ok=(404,))
        return None if answer.status == 404 else answer.json_object()

    def control(
        self, store: str, division: str, taken: set[str], fit: Callable[[Json], bool] = bool
    ) -> Control | None:
        """A contact of somebody else in the division that is fit to be one."""
        params: Json = {"pageSize": self.options.page_size}
        if division:
            params["divisionIds"] = [division]
        page = self.http.send("GET", LIST, params=params).json_object()
        for contact in objects(page, "entities"):
            merged = {text(entry, "id") for entry in objects(contact, "mergeSet")}
            if not taken & {required(contact, "id"), *merged} and fit(contact):
                return Control(store, division, required(contact, "id"))
        return None

    def _canonical(self, who: Identifier) -> Json | None:
        """The contact an identifier leads to, as its merge set's head."""
        if who.kind is IdentifierKind.EXTERNAL_CONTACT:
            return self._contact(who.value)
        if who.kind not in LOOKUP_TYPES:
            return None
        body: Json = {"type": LOOKUP_TYPES[who.kind], "value": who.value}
        unknown = {404}
        if who.kind is IdentifierKind.CRM_CONTACT:
            source = self.options.external_source_id
            body |= {"externalSource": {"id": source}} if source else {}
            unknown |= set() if source else {400, 422}  # found by the subject search instead
        answer = self.http.send("POST", LOOKUP, json=body, params={"expand": EXPAND}, ok=unknown)
        if answer.status in unknown:
            return None
        contact = answer.json_object()
        head = text(inner(contact, "canonicalContact"), "id")
        if head and head != required(contact, "id"):
            return self._contact(head) or contact
        return contact

    def _contact(self, contact_id: str) -> Json | None:
        params = {"expand": EXPAND}
        answer = self.http.send("GET", CONTACT, params=params, contactId=contact_id, ok=(404,))
        return None if answer.status == 404 else answer.json_object()

    def _unresolved(self, ids: Sequence[str]) -> Iterator[Json]:
        """Exact records by id. The bulk call answers 200 even if some failed."""
        body = {"entities": [{"id": one} for one in ids]}
        answer = self.http.send("POST", BULK, json=body).json_object()
        missing = set(ids)
        for result in objects(answer, "results"):
            if result.get("success") is True:
                contact = inner(result, "entity")
                missing.discard(required(contact, "id"))
                yield contact
            elif result.get("status") == 404:
                missing.discard(text(result, "id"))
        if missing:
            raise RefusedError(f"POST {BULK} left {len(missing)} merged contacts unread")


def as_found(
    contact: Json, others: Sequence[str] | set[str], *, ancestor: bool = False, certain: bool = True
) -> Found:
    """A contact as inventoried; ``others`` are the ids merged with it."""
    name = full_name(contact)
    return Found(
        CONTACTS,
        required(contact, "id"),
        division=text(inner(contact, "division"), "id"),
        occurred_at=moment(text(contact, "createDate")),
        label=name,
        facts={"type": text(contact, "type"), "ancestor": ancestor},
        identifiers=identifiers_of(contact, others),
        names=(name,) if name else (),
        certain=certain,
    )


def full_name(contact: Json) -> str:
    parts = (text(contact, key).strip() for key in ("firstName", "middleName", "lastName"))
    return " ".join(part for part in parts if part)


def identifiers_of(contact: Json, others: Sequence[str] | set[str]) -> tuple[Identifier, ...]:
    """Every e-mail address, E.164 number, external id and contact id of a contact."""
    found: list[Identifier | None] = [email(text(contact, key)) for key in EMAILS]
    for key in PHONES:
        number = inner(contact, key)
        found.append(phone(text(number, "e164") or text(number, "userInput")))
    for entry in objects(contact, "identifiers"):
        found.append(_identifier(text(entry, "type"), text(entry, "value")))
    found += [_identifier("ExternalId", text(e, "value")) for e in objects(contact, "externalIds")]
    ids = [required(contact, "id"), *sorted(others)]
    found += [Identifier(IdentifierKind.EXTERNAL_CONTACT, one) for one in ids]
    return distinct(found)


def _identifier(kind: str, value: str) -> Identifier | None:
    if kind == "Email":
        return email(value)
    if kind in ("Phone", "SocialWhatsapp"):
        return phone(value)
    if kind == "ExternalId" and value:
        return Identifier(IdentifierKind.CRM_CONTACT, value)
    return None
