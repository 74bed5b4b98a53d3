"""External contacts: lookup, fuzzy search, merge sets."""

import re
from collections.abc import Sequence
from typing import Any

from ..people import DIVISIONS
from .records import Contact
from .state import DIVISION_IDS, DIVISION_NAMES, Org
from .web import Answer, Call, Problem, Route, bad, missing, page, ref, stamp, uri

VIEW = ("externalContacts:contact:view",)
DELETE = ("externalContacts:contact:delete",)
TYPES = [
    "SocialLine",
    "SocialFacebook",
    "SocialTwitter",
    "SocialWhatsapp",
    "SocialWhatsappBsuid",
    "SocialInstagram",
    "SocialInstagramHandle",
    "AppleOpaqueId",
    "Email",
    "Phone",
    "Cookie",
    "ExternalId",
]
E164 = re.compile(r"\+\d{6,15}")
SOURCE = {"id": DIVISION_IDS[DIVISIONS[0]], "name": "Sample CRM"}


def shown(org: Org, contact: Contact, expand: Sequence[str] = ()) -> dict[str, Any]:
    """A contact as the API writes it."""
    body: dict[str, Any] = ref("/externalcontacts/contacts", contact.id) | {
        "division": division(contact.division),
        "firstName": contact.first,
        "lastName": contact.last,
        **contact.emails,
        **{
            field: _phone(number, contact.typed.get(field, number))
            for field, number in contact.phones.items()
        },
        "externalIds": [
            {"externalSource": SOURCE, "value": value} for value in contact.external_ids
        ],
        "surveyOptOut": False,
        "type": contact.kind,
        "createDate": stamp(contact.created),
        "modifyDate": stamp(contact.created),
    }
    if contact.address:
        body["address"] = {"address1": contact.address, "countryCode": "GB"}
    if contact.whatsapp:
        body["whatsAppId"] = {"phoneNumber": _phone(contact.whatsapp, contact.whatsapp)}
    if "identifiers" in expand:
        body["identifiers"] = _identifiers(contact)
    return body | _merges(org, contact)


def division(name: str) -> dict[str, str]:
    """A division's reference."""
    return ref("/authorization/divisions", DIVISION_IDS[name]) | {"name": name}


def _phone(number: str, typed: str) -> dict[str, Any]:
    """As typed, and in E.164 if the vendor could read it."""
    body = {"display": typed, "userInput": typed}
    return body | ({"e164": number, "countryCode": "GB"} if E164.fullmatch(number) else {})


def _identifiers(contact: Contact) -> list[dict[str, Any]]:
    return [
        {
            "type": kind,
            "value": value,
            "dateCreated": stamp(contact.created),
            "division": division(contact.division),
        }
        for kind, value in contact.claims
    ]


def _merges(org: Org, contact: Contact) -> dict[str, Any]:
    family = org.merge_set(contact)
    if len(family) == 1:
        return {}
    refs = {one.id: ref("/externalcontacts/contacts", one.id) for one in family}
    body: dict[str, Any] = {
        "canonicalContact": refs[family[0].id],
        "mergeSet": list(refs.values()),
        "mergedFrom": [refs[one.id] for one in family if one.merged_to == contact.id],
    }
    return body | ({"mergedTo": refs[contact.merged_to]} if contact.merged_to else {})


def get(call: Call) -> Answer:
    """GET /externalcontacts/contacts/{contactId}: an ancestor leads to its canonical contact."""
    found = call.org.canonical(call.org.contact(call.client, call.params["contactId"]))
    return 200, shown(call.org, found, call.words("expand"))


def unresolved(call: Call) -> Answer:
    """GET /externalcontacts/contacts/{contactId}/unresolved: the exact record."""
    found = call.org.contact(call.client, call.params["contactId"])
    return 200, shown(call.org, found, call.words("expand"))


def delete(call: Call) -> Answer:
    """DELETE /externalcontacts/contacts/{contactId}: an ancestor takes its whole set along."""
    found = call.org.contact(call.client, call.params["contactId"])
    call.org.audit(call.client, "ExternalContacts", "Contact", found.id, "Delete")
    if not call.org.lying:
        call.org.remove_contact(found)
    return 200, {}


def search(call: Call) -> Answer:
    """GET /externalcontacts/contacts: fuzzy, 1 000 at most, blind to auto-generated ones."""
    org = call.org
    size, number = call.number("pageSize", 20, 100), call.number("pageNumber", 1, 100_000)
    if size * number > org.options.max_contacts:
        raise bad("pageNumber times pageSize must not exceed 1000.", "invalid.value")
    wanted = set(call.words("divisionIds")) or set(DIVISION_NAMES)
    known = [*org.contacts.values(), *org.still_found.values()]
    found = [
        one
        for one in known
        if one.kind == "Curated"
        and not one.merged_to
        and DIVISION_IDS[one.division] in wanted
        and org.sees(call.client, [one.division])
        and _alike(call.text("q"), one)
    ]
    rows = [shown(org, one, call.words("expand")) for one in found[: org.options.max_contacts]]
    listing = page(call, rows, size=20, top=100)
    partial = bool(org.faults.get("partial-results"))
    if partial:
        listing["entities"] = listing["entities"][: len(listing["entities"]) // 2]
    return 200, listing | {"partialResults": partial}


def _alike(query: str, contact: Contact) -> bool:
    """Any word of the query begins a word of the contact: many false positives."""
    texts = [contact.name, *contact.emails.values(), *contact.phones.values()]
    words = _words(" ".join(texts))
    asked = _words(query) - {"example", "org", "com", "net"}
    return not query or any(word.startswith(part) for part in asked for word in words)


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text.lower()))


def lookup(call: Call) -> Answer:
    """POST /externalcontacts/identifierlookup/contacts: one contact, or 404."""
    kind, value = call.given("type", str, need=True), call.given("value", str, need=True)
    if kind not in TYPES:
        raise bad("The identifier type is not valid.", "invalid.value")
    if kind == "Phone" and not E164.fullmatch(value):
        raise Problem(422, "invalid.identifier", "A phone number needs a plus and a country code.")
    for contact in call.org.contacts.values():
        if (kind, value.lower()) in [(own, claim.lower()) for own, claim in contact.claims]:
            found = call.org.contact(call.client, call.org.canonical(contact).id)
            return 200, shown(call.org, found, call.words("expand"))
    raise missing("contact", "contact.not.found")


def reverse(call: Call) -> Answer:
    """GET /externalcontacts/reversewhitepageslookup: exact, 25 at most, curated only."""
    value = call.need("lookupVal").lower()
    found = [
        shown(call.org, one, call.words("expand"))
        for one in _curated(call)
        if value in [text.lower() for text in (*one.emails.values(), *one.phones.values())]
    ]
    return 200, {"contacts": found[:25]}


def scan(call: Call) -> Answer:
    """GET /externalcontacts/scan/contacts: all curated contacts by cursor."""
    size = call.number("limit", 100, 200)
    start = int(call.text("cursor") or 0) if (call.text("cursor") or "0").isdecimal() else None
    if start is None or size < 10:
        raise bad("The cursor or the limit is not valid.", "invalid.value")
    rows = [shown(call.org, one) for one in _curated(call)]
    body: dict[str, Any] = {"entities": rows[start : start + size], "selfUri": uri(call)}
    if start + size < len(rows):
        body["nextUri"] = uri(call, cursor=start + size)
        body["cursors"] = {"after": str(start + size)}
    return 200, body


def _curated(call: Call) -> list[Contact]:
    return [
        one
        for one in call.org.contacts.values()
        if one.kind == "Curated"
        and not one.merged_to
        and call.org.sees(call.client, [one.division])
    ]


def identifiers(call: Call) -> Answer:
    """GET /externalcontacts/contacts/{contactId}/identifiers."""
    found = call.org.canonical(call.org.contact(call.client, call.params["contactId"]))
    return 200, {"entities": _identifiers(found)}


ROOT = "/externalcontacts"
ONE = f"{ROOT}/contacts/{{contactId}}"
ROUTES = (
    Route("GET", f"{ROOT}/contacts", search, VIEW),
    Route("GET", ONE, get, VIEW),
    Route("DELETE", ONE, delete, DELETE),
    Route("GET", f"{ONE}/unresolved", unresolved, VIEW),
    Route("GET", f"{ONE}/identifiers", identifiers, VIEW),
    Route("POST", f"{ROOT}/identifierlookup/contacts", lookup, VIEW),
    Route("GET", f"{ROOT}/reversewhitepageslookup", reverse, VIEW),
    Route("GET", f"{ROOT}/scan/contacts", scan, VIEW),
)
