"""External contacts: lookup, fuzzy search, merge sets, notes, bulk."""

import re
from collections.abc import Sequence
from typing import Any

from ..people import DIVISIONS
from .state import DIVISION_IDS, DIVISION_NAMES, Contact, Note, Org
from .web import Answer, Call, Problem, Route, bad, missing, page, ref, stamp, uri

VIEW = ("externalContacts:contact:view",)
EDIT = ("externalContacts:contact:edit",)
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
SOURCE = {"id": DIVISION_IDS[DIVISIONS[0]], "name": "Sample CRM"}


def shown(org: Org, contact: Contact, expand: Sequence[str] = ()) -> dict[str, Any]:
    """A contact as the API writes it."""
    body: dict[str, Any] = ref("/externalcontacts/contacts", contact.id) | {
        "division": division(contact.division),
        "firstName": contact.first,
        "lastName": contact.last,
        **contact.emails,
        **{field: _phone(number) for field, number in contact.phones.items()},
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
        body["whatsAppId"] = {"phoneNumber": _phone(contact.whatsapp)}
    if "identifiers" in expand:
        body["identifiers"] = _identifiers(contact)
    return body | _merges(org, contact)


def division(name: str) -> dict[str, str]:
    """A division's reference."""
    return ref("/authorization/divisions", DIVISION_IDS[name]) | {"name": name}


def _phone(number: str) -> dict[str, Any]:
    return {"display": number, "userInput": number, "e164": number, "countryCode": "GB"}


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
    if kind == "Phone" and not re.fullmatch(r"\+\d{6,15}", value):
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


def notes(call: Call) -> Answer:
    """GET /externalcontacts/contacts/{contactId}/notes: ``expand=mergeset`` adds ancestors'."""
    org, key = call.org, call.params["contactId"]
    found = org.canonical(org.contact(call.client, key))
    family = org.merge_set(found) if "mergeset" in call.words("expand") else [found]
    ids = {one.id for one in family}
    rows = [_note(org, one) for one in org.notes.values() if one.contact in ids]
    return 200, page(call, rows, top=100) | {"partialResults": False}


def note(call: Call) -> Answer:
    """GET /externalcontacts/contacts/{contactId}/notes/{noteId}."""
    return 200, _note(call.org, _find_note(call))


def delete_note(call: Call) -> Answer:
    """DELETE /externalcontacts/contacts/{contactId}/notes/{noteId}."""
    found = _find_note(call)
    call.org.audit(call.client, "ExternalContacts", "Note", found.id, "Delete")
    if not call.org.lying:
        del call.org.notes[found.id]
    return 200, {}


def _find_note(call: Call) -> Note:
    org = call.org
    family = org.merge_set(org.contact(call.client, call.params["contactId"]))
    found = org.notes.get(call.params["noteId"])
    if found is None or found.contact not in [one.id for one in family]:
        raise missing("note", "note.not.found")
    return found


def _note(org: Org, found: Note) -> dict[str, Any]:
    path = f"/externalcontacts/contacts/{found.contact}/notes"
    return ref(path, found.id) | {
        "entityId": found.contact,
        "entityType": "contact",
        "noteText": found.text,
        "createDate": stamp(found.created),
        "modifyDate": stamp(found.created),
        "division": division(org.contacts[found.contact].division),
        "createdBy": ref("/users", DIVISION_IDS[DIVISIONS[0]]) | {"version": 1},
    }


def bulk_get(call: Call) -> Answer:
    """POST /externalcontacts/bulk/contacts: canonical contacts, missing ones among them."""
    return _bulk(call, lambda one: shown(call.org, call.org.canonical(one)))


def bulk_get_exact(call: Call) -> Answer:
    """POST /externalcontacts/bulk/contacts/unresolved: the exact records."""
    return _bulk(call, lambda one: shown(call.org, one))


def bulk_remove(call: Call) -> Answer:
    """POST /externalcontacts/bulk/contacts/remove: 200 even if some fail, in no order."""

    def remove(one: Contact) -> None:
        call.org.audit(call.client, "ExternalContacts", "Contact", one.id, "Delete")
        if not call.org.lying:
            call.org.remove_contact(one)

    return _bulk(call, remove)


def bulk_remove_notes(call: Call) -> Answer:
    """POST /externalcontacts/bulk/notes/remove."""
    results, failed = [], []
    for index, key in enumerate(_bulk_ids(call)):
        found = call.org.notes.get(key)
        if found is None:
            failed.append(index)
            results.append(_failed(key, "note.not.found"))
            continue
        call.org.audit(call.client, "ExternalContacts", "Note", key, "Delete")
        if not call.org.lying:
            del call.org.notes[key]
        results.append({"id": key, "success": True, "status": 200})
    return _bulk_answer(call, results, failed)


def _bulk(call: Call, act: Any) -> Answer:
    results, failed = [], []
    for index, key in enumerate(_bulk_ids(call)):
        try:
            entity = act(call.org.contact(call.client, key))
        except Problem as problem:
            failed.append(index)
            results.append(_failed(key, problem.code))
        else:
            body = {"entity": entity} if entity else {}
            results.append({"id": key, "success": True, "status": 200, **body})
    return _bulk_answer(call, results, failed)


def _bulk_ids(call: Call) -> list[str]:
    entities = call.given("entities", list, need=True)
    top = call.org.options.max_bulk
    if len(entities) > top or not all(isinstance(one, dict) and one.get("id") for one in entities):
        raise bad(f"Give between 1 and {top} entities with an id each.", "invalid.value")
    return [str(one["id"]) for one in entities]


def _failed(key: str, code: str) -> dict[str, Any]:
    error = {
        "code": code,
        "message": "Unable to find the requested entity.",
        "status": 404,
        "retryable": False,
        "details": [],
        "entity": {"id": key},
    }
    return {"id": key, "success": False, "status": 404, "error": error}


def _bulk_answer(call: Call, results: list[dict[str, Any]], failed: list[int]) -> Answer:
    call.org.chance.shuffle(results)
    return 200, {"results": results, "errorCount": len(failed), "errorIndexes": failed}


ROOT = "/externalcontacts"
ONE = f"{ROOT}/contacts/{{contactId}}"
ROUTES = (
    Route("GET", f"{ROOT}/contacts", search, VIEW),
    Route("GET", ONE, get, VIEW),
    Route("DELETE", ONE, delete, DELETE),
    Route("GET", f"{ONE}/unresolved", unresolved, VIEW),
    Route("GET", f"{ONE}/identifiers", identifiers, VIEW),
    Route("GET", f"{ONE}/notes", notes, VIEW),
    Route("GET", f"{ONE}/notes/{{noteId}}", note, VIEW),
    Route("DELETE", f"{ONE}/notes/{{noteId}}", delete_note, EDIT),
    Route("POST", f"{ROOT}/identifierlookup/contacts", lookup, VIEW),
    Route("GET", f"{ROOT}/reversewhitepageslookup", reverse, VIEW),
    Route("GET", f"{ROOT}/scan/contacts", scan, VIEW),
    Route("POST", f"{ROOT}/bulk/contacts", bulk_get, VIEW),
    Route("POST", f"{ROOT}/bulk/contacts/unresolved", bulk_get_exact, VIEW),
    Route("POST", f"{ROOT}/bulk/contacts/remove", bulk_remove, DELETE),
    Route(
        "POST",
        f"{ROOT}/bulk/notes/remove",
        bulk_remove_notes,
        (*DELETE, "externalContacts:externalOrganization:delete"),
        all_of=True,
    ),
)
