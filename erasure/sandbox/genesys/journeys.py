"""Web visits: listed by contact, read one by one, redacted by the native job alone."""

from typing import Any

from .records import JourneySession
from .web import Answer, Call, Route, missing, ref, stamp


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
    """GET /journey/sessions/{sessionId}: no delete; redacted without contact and visitor."""
    found = call.org.journeys.get(call.params["sessionId"])
    if found is None:
        raise missing("session")
    return 200, _journey(found)


def _journey(one: JourneySession) -> dict[str, Any]:
    visitor = {"customerId": one.customer, "customerIdType": "cookie", "ipAddress": "192.0.2.7"}
    contact = {"externalContact": ref("/externalcontacts/contacts", one.contact)}
    known = (contact if one.contact else {}) | (visitor if one.customer else {})
    return ref("/journey/sessions", one.id) | {
        **known,
        "type": "web",
        "eventCount": 3,
        "lastEvent": {"id": one.id, "eventName": "page_viewed", "createdDate": stamp(one.created)},
        "authenticated": False,
        "createdDate": stamp(one.created),
    }


VIEW = ("externalContacts:session:view",)
ROUTES = (
    Route("GET", "/externalcontacts/contacts/{contactId}/journey/sessions", journeys, VIEW),
    Route("GET", "/journey/sessions/{sessionId}", journey, ("journey:session:view", *VIEW)),
)
