"""Contacts and notes in bulk: 200 even if some fail, in no order."""

from collections.abc import Callable
from typing import Any

from .contacts import DELETE, VIEW, shown
from .records import Contact
from .web import Answer, Call, Problem, Route, bad


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


def _bulk(call: Call, act: Callable[[Contact], Any]) -> Answer:
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
ROUTES = (
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
