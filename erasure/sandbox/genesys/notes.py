"""Notes on contacts, one by one."""

from typing import Any

from ..people import DIVISIONS
from .contacts import VIEW, division
from .records import Note
from .state import DIVISION_IDS, Org
from .web import Answer, Call, Route, missing, page, ref, stamp

EDIT = ("externalContacts:contact:edit",)


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


ONE = "/externalcontacts/contacts/{contactId}"
ROUTES = (
    Route("GET", f"{ONE}/notes", notes, VIEW),
    Route("GET", f"{ONE}/notes/{{noteId}}", note, VIEW),
    Route("DELETE", f"{ONE}/notes/{{noteId}}", delete_note, EDIT),
)
