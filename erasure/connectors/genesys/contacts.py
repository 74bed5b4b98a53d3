"""External contacts: looked up by identifier, merged contacts included."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial

from erasure.connectors.base import (
    Clear,
    Control,
    Erased,
    Found,
    ItemRef,
    NotErased,
    Presence,
    Reply,
    Searched,
    Seen,
)
from erasure.connectors.genesys.carried import of_contact
from erasure.connectors.genesys.options import Options
from erasure.connectors.genesys.part import Beside, Person, each, searched
from erasure.connectors.genesys.reading import (
    chunks,
    inner,
    moment,
    number,
    objects,
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
LOOKUP_TYPES = {
    IdentifierKind.EMAIL: "Email",
    IdentifierKind.PHONE: "Phone",
    IdentifierKind.WHATSAPP: "SocialWhatsapp",
    IdentifierKind.TWITTER: "SocialTwitter",
    IdentifierKind.FACEBOOK: "SocialFacebook",
    IdentifierKind.INSTAGRAM: "SocialInstagram",
    IdentifierKind.LINE: "SocialLine",
    IdentifierKind.APPLE: "AppleOpaqueId",
    IdentifierKind.CRM_CONTACT: "ExternalId",
    IdentifierKind.CUSTOMER: "ExternalId",
}
SECOND_TYPES = {
    IdentifierKind.WHATSAPP: "SocialWhatsappBsuid",
    IdentifierKind.INSTAGRAM: "SocialInstagramHandle",
}
BULK_SIZE = 50  # ids in one bulk fetch


class ExternalContacts:
    """The contacts of a person. Permission: externalContacts:contact:view, :delete."""

    names: tuple[str, ...] = (CONTACTS,)

    def __init__(self, reading: Http, http: Http, options: Options) -> None:
        self.reading = reading
        self.http = http
        self.options = options

    def collect(self, person: Person) -> Iterator[Searched]:
        """Only counts: the contacts came with lookup()."""
        yield searched(CONTACTS, sum(one.store == CONTACTS for one in person.people))

    def erase(self, refs: Sequence[ItemRef], clear: Clear) -> Iterator[Erased | NotErased]:
        return each(self.erase_one, refs, clear)

    def verify(
        self, refs: Sequence[ItemRef], who: Sequence[Identifier], names: Sequence[str]
    ) -> Iterator[Presence]:
        return map(self.verify_one, refs)

    def control(self, store: str, beside: Beside) -> str:
        return beside.contact

    def sees(self, control: Control) -> bool:
        return self.read(control.remote_id) is not None

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
        The fact ``more`` says that the list was cut: there may be more leads.
        """
        params = {"q": name.value, "pageSize": self.options.page_size, "expand": EXPAND}
        page = self.reading.send("GET", LIST, params=params).json_object()
        words, entries = set(name.value.casefold().split()), objects(page, "entities")
        cut = page.get("partialResults") is True or (number(page, "total") or 0) > len(entries)
        for contact in entries:
            if words <= set(full_name(contact).casefold().split()):
                lead = as_found(contact, (), certain=False)
                yield replace(lead, facts={**lead.facts, "more": cut})

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
        answer = self.reading.send("GET", UNRESOLVED, contactId=ref.remote_id, ok=(404,))
        seen = Seen.ABSENT if answer.status == 404 else Seen.PRESENT
        return Presence(ref, seen, answer.status)

    def read(self, contact_id: str) -> Json | None:
        """One contact by its exact id; None if there is none."""
        answer = self.reading.send("GET", UNRESOLVED, contactId=contact_id, ok=(404,))
        if answer.status == 404:
            return None
        contact = answer.json_object()
        required(contact, "id")
        return contact

    def others(self, division: str) -> list[Json]:
        """Contacts of a division, whoever they are.

        GET /api/v2/externalcontacts/contacts
        """
        params: Json = {"pageSize": self.options.page_size}
        if division:
            params["divisionIds"] = [division]
        return objects(self.reading.send("GET", LIST, params=params).json_object(), "entities")

    def _canonical(self, who: Identifier) -> Json | None:
        """The contact an identifier leads to, as its merge set's head."""
        if who.kind is IdentifierKind.EXTERNAL_CONTACT:
            return self._contact(who.value)
        contact = self._looked_up(LOOKUP_TYPES.get(who.kind, ""), who)
        if contact is None and _other_type(who):
            contact = self._looked_up(_other_type(who), who)
        head = text(inner(contact or {}, "canonicalContact"), "id")
        if contact and head and head != required(contact, "id"):
            return self._contact(head) or contact
        return contact

    def _looked_up(self, kind: str, who: Identifier) -> Json | None:
        """The contact that carries an identifier of the vendor's type; None if none does.

        POST /api/v2/externalcontacts/identifierlookup/contacts
        """
        if not kind:
            return None
        body: Json = {"type": kind, "value": who.value}
        unknown = {404}
        if kind == "ExternalId":
            source = self.options.external_source_id
            body |= {"externalSource": {"id": source}} if source else {}
            unknown |= set() if source else {400, 422}  # found by the subject search instead
        answer = self.reading.send("POST", LOOKUP, json=body, params={"expand": EXPAND}, ok=unknown)
        return None if answer.status in unknown else answer.json_object()

    def _contact(self, contact_id: str) -> Json | None:
        params = {"expand": EXPAND}
        answer = self.reading.send("GET", CONTACT, params=params, contactId=contact_id, ok=(404,))
        return None if answer.status == 404 else answer.json_object()

    def _unresolved(self, ids: Sequence[str]) -> Iterator[Json]:
        """Exact records by id. The bulk call answers 200 even if some failed."""
        body = {"entities": [{"id": one} for one in ids]}
        answer = self.reading.send("POST", BULK, json=body).json_object()
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
    carried = of_contact(contact, others)
    return Found(
        CONTACTS,
        required(contact, "id"),
        division=text(inner(contact, "division"), "id"),
        occurred_at=moment(text(contact, "createDate")),
        label=name,
        facts={"type": text(contact, "type"), "ancestor": ancestor},
        identifiers=tuple(carried),
        names=(name,) if name else (),
        fields=carried,
        certain=certain,
        changed_at=moment(text(contact, "modifyDate")),
    )


def full_name(contact: Json) -> str:
    parts = (text(contact, key).strip() for key in ("firstName", "middleName", "lastName"))
    return " ".join(part for part in parts if part)


def _other_type(who: Identifier) -> str:
    """The second type an id of a network may have: it is no number, or a handle."""
    plain = who.value.removeprefix("+").isdecimal()
    return "" if plain else SECOND_TYPES.get(who.kind, "")
