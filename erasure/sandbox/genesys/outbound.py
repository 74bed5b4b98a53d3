"""Campaigns: rows of contact lists, rows in use, do-not-contact lists."""

from collections.abc import Callable
from typing import Any

from .contacts import division
from .records import DncList, OutboundContact
from .rows import CONTACT_LIST
from .state import Org
from .web import EMPTY, Answer, Call, Problem, Route, bad, missing, page, ref, stamp

VIEW = ("outbound:contact:view",)
DELETE = ("outbound:contact:delete",)
DNC_EDIT = ("outbound:dnc:edit",)
COLUMNS = ("name", "phone", "email")


def contact_lists(call: Call) -> Answer:
    """GET /outbound/contactlists."""
    return 200, page(call, [_contact_list(call.org)], top=100)


def contact_list(call: Call) -> Answer:
    """GET /outbound/contactlists/{contactListId}."""
    _check_list(call)
    return 200, _contact_list(call.org)


def _contact_list(org: Org) -> dict[str, Any]:
    home = division("Home")
    return ref("/outbound/contactlists", CONTACT_LIST) | {
        "name": "Sample campaign",
        "division": {"id": home["id"], "name": home["name"]},
        "columnNames": list(COLUMNS),
        "size": len(org.outbound),
        "version": 1,
    }


def _check_list(call: Call) -> None:
    if call.params["contactListId"] != CONTACT_LIST:
        raise missing("contact list", "contact.list.not.found")


def search(call: Call) -> Answer:
    """POST /outbound/contactlists/{contactListId}/contacts/search: all rows, by page."""
    _check_list(call)
    size = call.given("pageSize", int, need=True)
    number = call.given("pageNumber", int, need=True)
    rows = [_shown(one) for one in call.org.outbound.values()]
    return 200, {
        "entities": rows[(number - 1) * size : number * size],
        "pageSize": size,
        "pageNumber": number,
        "total": len(rows),
        "pageCount": max(1, -(-len(rows) // size)),
        "contactsCount": len(rows),
    }


def outbound(call: Call) -> Answer:
    """GET /outbound/contactlists/{contactListId}/contacts/{contactId}."""
    return 200, _shown(_find(call))


def delete_one(call: Call) -> Answer:
    """DELETE the same: 400 contact.in.use while a campaign dials it."""
    found = _find(call)
    if _in_use(call, found):
        raise Problem(400, "contact.in.use", "The contact is in use by a running campaign.")
    if not call.org.lying:
        del call.org.outbound[found.id]
    return EMPTY


def delete_some(call: Call) -> Answer:
    """DELETE .../contacts?contactIds=: 204, and contacts in use silently stay."""
    _check_list(call)
    call.need("contactIds")
    for key in call.words("contactIds"):
        found = call.org.outbound.get(key)
        if found and not _in_use(call, found) and not call.org.lying:
            del call.org.outbound[key]
    return 204, None


def _in_use(call: Call, one: OutboundContact) -> bool:
    """Fault ``outbound-in-use``: a campaign dials every row."""
    return one.in_use or bool(call.org.faults.get("outbound-in-use"))


def _find(call: Call) -> OutboundContact:
    _check_list(call)
    found = call.org.outbound.get(call.params["contactId"])
    if found is None:
        raise missing("contact", "contact.not.found")
    return found


def _shown(one: OutboundContact) -> dict[str, Any]:
    return {
        "id": one.id,
        "contactListId": one.contact_list,
        "data": {"name": one.name, "phone": one.phone, "email": one.email},
        "callable": True,
        "dateCreated": stamp(one.created),
        "selfUri": f"/api/v2/outbound/contactlists/{one.contact_list}/contacts/{one.id}",
    }


def patch_phones(call: Call) -> Answer:
    """PATCH /outbound/dnclists/{dncListId}/phonenumbers: add or remove; nothing lists them."""
    return _patch(call, "phoneNumbers", lambda held: held.phones)


def patch_emails(call: Call) -> Answer:
    """PATCH /outbound/dnclists/{dncListId}/emailaddresses."""
    return _patch(call, "emailAddresses", lambda held: held.emails)


def _patch(call: Call, name: str, entries: Callable[[DncList], set[str]]) -> Answer:
    held = call.org.dnc_lists.get(call.params["dncListId"])
    if held is None:
        raise missing("do not contact list", "dnc.list.not.found")
    action, values = call.given("action", str, need=True), call.given(name, list, need=True)
    if action not in ("Add", "Remove") or not all(isinstance(value, str) for value in values):
        raise bad("The action or an entry is not valid.", "invalid.value")
    if not call.org.lying:
        change = entries(held).update if action == "Add" else entries(held).difference_update
        change(values)
    return 204, None


LIST = "/outbound/contactlists/{contactListId}"
DNC = "/outbound/dnclists/{dncListId}"
ROUTES = (
    Route("GET", "/outbound/contactlists", contact_lists, ("outbound:contactList:view",)),
    Route("GET", LIST, contact_list, ("outbound:contactList:view",)),
    Route("POST", f"{LIST}/contacts/search", search, VIEW),
    Route("DELETE", f"{LIST}/contacts", delete_some, DELETE),
    Route("GET", f"{LIST}/contacts/{{contactId}}", outbound, VIEW),
    Route("DELETE", f"{LIST}/contacts/{{contactId}}", delete_one, DELETE),
    Route("PATCH", f"{DNC}/phonenumbers", patch_phones, DNC_EDIT),
    Route("PATCH", f"{DNC}/emailaddresses", patch_emails, DNC_EDIT),
)
