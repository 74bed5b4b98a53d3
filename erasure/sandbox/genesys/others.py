"""Stores with a leg of their own: journey, outbound, voicemail, orphans."""

from typing import Any

from .contacts import division
from .rows import CONTACT_LIST
from .state import JourneySession, Org, OutboundContact, Voicemail
from .web import EMPTY, Answer, Call, Problem, Route, bad, missing, page, ref, stamp

VIEW = ("outbound:contact:view",)
DELETE = ("outbound:contact:delete",)
COLUMNS = ("name", "phone", "email")


def journeys(call: Call) -> Answer:
    """GET /externalcontacts/contacts/{contactId}/journey/sessions."""
    org = call.org
    found = org.contact(call.client, call.params["contactId"])
    call.number("pageSize", 50, 200)
    family = org.merge_set(found) if call.flag("includeMerged") else [found]
    ids = {one.id for one in family}
    rows = [_journey(one) for one in org.journeys.values() if one.contact in ids]
    return 200, {"entities": rows}


def journey(call: Call) -> Answer:
    """GET /journey/sessions/{sessionId}; there is no delete."""
    found = call.org.journeys.get(call.params["sessionId"])
    if found is None:
        raise missing("session")
    return 200, _journey(found)


def _journey(one: JourneySession) -> dict[str, Any]:
    return ref("/journey/sessions", one.id) | {
        "externalContact": ref("/externalcontacts/contacts", one.contact),
        "customerId": one.customer,
        "customerIdType": "cookie",
        "type": "web",
        "ipAddress": "192.0.2.7",
        "eventCount": 3,
        "lastEvent": {"id": one.id, "eventName": "page_viewed", "createdDate": stamp(one.created)},
        "authenticated": False,
        "createdDate": stamp(one.created),
    }


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
    if found.in_use:
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
        if found and not found.in_use and not call.org.lying:
            del call.org.outbound[key]
    return 204, None


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


def no_user(call: Call) -> Answer:
    """/voicemail/messages: a client's token has no user."""
    raise bad("The request can only be made by a user.", "not.a.user")


def queue_messages(call: Call) -> Answer:
    """GET /voicemail/queues/{queueId}/messages."""
    held = [one for one in call.org.voicemails.values() if one.queue == call.params["queueId"]]
    return 200, page(call, [_voicemail(one) for one in held])


def _voicemail(one: Voicemail) -> dict[str, Any]:
    return ref("/voicemail/messages", one.id) | {
        "conversation": ref("/conversations", one.conversation)
        | {"startTime": stamp(one.created), "participants": []},
        "read": True,
        "createdDate": stamp(one.created),
        "deleted": False,
        "audioRecordingDurationSeconds": 21,
    }


def orphans(call: Call) -> Answer:
    """GET /orphanrecordings: there are none."""
    return 200, page(call, [])


LIST = "/outbound/contactlists/{contactListId}"
SESSION_VIEW = ("externalContacts:session:view",)
ROUTES = (
    Route("GET", "/externalcontacts/contacts/{contactId}/journey/sessions", journeys, SESSION_VIEW),
    Route("GET", "/journey/sessions/{sessionId}", journey, ("journey:session:view", *SESSION_VIEW)),
    Route("GET", "/outbound/contactlists", contact_lists, ("outbound:contactList:view",)),
    Route("GET", LIST, contact_list, ("outbound:contactList:view",)),
    Route("POST", f"{LIST}/contacts/search", search, VIEW),
    Route("DELETE", f"{LIST}/contacts", delete_some, DELETE),
    Route("GET", f"{LIST}/contacts/{{contactId}}", outbound, VIEW),
    Route("DELETE", f"{LIST}/contacts/{{contactId}}", delete_one, DELETE),
    Route("GET", "/voicemail/messages", no_user),
    Route("GET", "/voicemail/messages/{messageId}", no_user),
    Route("DELETE", "/voicemail/messages/{messageId}", no_user),
    Route(
        "GET",
        "/voicemail/queues/{queueId}/messages",
        queue_messages,
        ("voicemail:acdvoicemail:view",),
    ),
    Route("GET", "/orphanrecordings", orphans, ("recording:orphan:view",)),
)
