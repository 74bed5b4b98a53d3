"""The GDPR API: subjects, requests, their slow walk and the redaction after it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from .oauth import Client
from .records import Contact, Conversation, JourneySession
from .state import Org
from .web import API, Answer, Call, Route, bad, missing, new_id, page, ref, stamp

TYPES = [
    "NAME",
    "ADDRESS",
    "PHONE",
    "EMAIL",
    "TWITTER",
    "INSTAGRAM",
    "FACEBOOK",
    "APPLE_MESSAGES",
    "WHATSAPP",
    "EXTERNAL_ID",
]
IDS = (
    "userId",
    "externalContactId",
    "dialerContactId",
    "journeyCustomer",
    "socialHandle",
    "externalId",
)
LISTS = ("addresses", "phoneNumbers", "emailAddresses")
WALKS = {
    "GDPR_DELETE": (("SEARCHING", 0.05), ("DELETING", 0.4), ("FINALIZING", 0.8), ("COMPLETED", 1)),
    "GDPR_UPDATE": (("SEARCHING", 0.05), ("UPDATING", 0.4), ("FINALIZING", 0.8), ("COMPLETED", 1)),
    "GDPR_EXPORT": (("SEARCHING", 0.05), ("FINALIZING", 0.8), ("COMPLETED", 1)),
}


@dataclass(slots=True)
class Request:
    """A data request as the vendor keeps it."""

    id: str
    kind: str
    subject: dict[str, Any]
    terms: list[dict[str, Any]]
    client: Client
    created: datetime
    status: str = "INITIATED"


def subjects(call: Call) -> Answer:
    """GET /gdpr/subjects: ids and contact data, no conversations, no way to page on."""
    kind, value = call.need("searchType", TYPES), call.need("searchValue")
    found = _subjects(call.org, kind, value.strip().lower())
    extra = int(call.org.faults.get("total-beyond", 0))
    return 200, {
        "entities": found,
        "pageSize": len(found),
        "pageNumber": 1,
        "total": len(found) + extra,
        "pageCount": 1,
        "selfUri": f"{API}/gdpr/subjects",
    }


def _subjects(org: Org, kind: str, value: str) -> list[dict[str, Any]]:
    found = [
        _contact_subject(one)
        for one in org.contacts.values()
        if not one.merged_to and _matches(org.merge_set(one), kind, value)
    ]
    for row in org.outbound.values():
        held = {"NAME": row.name, "PHONE": row.phone, "EMAIL": row.email}.get(kind, "")
        if _same(kind, value, [held]):
            key = {"id": row.id, "contactListId": row.contact_list}
            found.append({"name": row.name, "dialerContactId": key, "phoneNumbers": [row.phone]})
    return found


def _matches(family: Iterable[Contact], kind: str, value: str) -> bool:
    return any(_same(kind, value, _held(one, kind)) for one in family)


def _held(one: Contact, kind: str) -> list[str]:
    return {
        "NAME": [one.name],
        "ADDRESS": [one.address],
        "PHONE": [*one.phones.values(), *_claimed(one, "Phone")],
        "EMAIL": [*one.emails.values(), *_claimed(one, "Email")],
        "WHATSAPP": [one.whatsapp, *_claimed(one, "SocialWhatsapp")],
        "EXTERNAL_ID": [*one.external_ids, *_claimed(one, "ExternalId")],
    }.get(kind, [])


def _claimed(one: Contact, kind: str) -> list[str]:
    return [value for own, value in one.claims if own == kind]


def _same(kind: str, value: str, held: Iterable[str]) -> bool:
    """Exact, but names: every word asked for must occur."""
    if kind == "NAME":
        return any(text and set(value.split()) <= set(text.lower().split()) for text in held)
    return value in [text.lower() for text in held if text]


def _contact_subject(one: Contact) -> dict[str, Any]:
    return {
        "name": one.name,
        "externalContactId": one.id,
        "addresses": [one.address] if one.address else [],
        "phoneNumbers": sorted({*one.phones.values(), *_claimed(one, "Phone")}),
        "emailAddresses": sorted({*one.emails.values(), *_claimed(one, "Email")}),
    }


def submit(call: Call) -> Answer:
    """POST /gdpr/requests: for a deletion the query must say ``deleteConfirmed=true``."""
    org = call.org
    kind = call.given("requestType", str, need=True)
    if kind not in WALKS:
        raise bad("The requestType is not valid.", "invalid.value")
    subject = _check_subject(call.given("subject", dict, need=True))
    terms = call.given("replacementTerms", list) or []
    if bool(terms) is not (kind == "GDPR_UPDATE"):
        raise bad("Replacement terms belong to GDPR_UPDATE, and to it alone.")
    if kind == "GDPR_DELETE" and not call.flag("deleteConfirmed"):
        raise bad("A deletion must be confirmed with deleteConfirmed=true.")
    request = Request(new_id(), kind, subject, terms, call.client, org.time)
    org.gdpr_requests[request.id] = request
    org.audit(call.client, "GDPR", "GdprRequest", request.id, "Create")
    for status, part in WALKS[kind]:
        org.after(part * org.options.gdpr_seconds, _step(org, request, status))
    return 200, shown(request)


def _check_subject(subject: dict[str, Any]) -> dict[str, Any]:
    if set(subject) - {"name", *IDS, *LISTS}:
        raise bad("The subject has a field that does not exist.")
    if subject.get("name") and any(subject.get(name) for name in IDS):
        raise bad("A subject cannot have a name together with an id.", "invalid.value")
    if not any(subject.values()):
        raise bad("The subject is empty.")
    return subject


def shown(request: Request) -> dict[str, Any]:
    """A request as the API writes it: no end date, no counts, no reason."""
    body: dict[str, Any] = ref("/gdpr/requests", request.id) | {
        "createdBy": ref("/oauth/clients", request.client.id) | {"name": request.client.name},
        "requestType": request.kind,
        "createdDate": stamp(request.created),
        "status": request.status,
        "subject": request.subject,
    }
    if request.terms:
        body["replacementTerms"] = request.terms
    if request.kind == "GDPR_EXPORT" and request.status == "COMPLETED":
        body["resultsUrl"] = f"{API}/downloads/{request.id}"
    return body


def listing(call: Call) -> Answer:
    """GET /gdpr/requests: newest first."""
    rows = [shown(one) for one in reversed(call.org.gdpr_requests.values())]
    return 200, page(call, rows)


def one(call: Call) -> Answer:
    """GET /gdpr/requests/{requestId}."""
    return 200, shown(_find(call, "requestId"))


def download(call: Call) -> Answer:
    """GET /downloads/{downloadId}."""
    return 200, {"url": f"https://downloads.example.com/{_find(call, 'downloadId').id}"}


def _find(call: Call, name: str) -> Request:
    found = call.org.gdpr_requests.get(call.params[name])
    if found is None:
        raise missing("request")
    return found


def _step(org: Org, request: Request, status: str) -> Callable[[], None]:
    """One step of the walk and what it does. Fault ``gdpr-error``: ends in ERROR."""

    def step() -> None:
        if request.status == "ERROR":
            return
        erring = org.faults.get("gdpr-error") and status in ("DELETING", "UPDATING", "FINALIZING")
        request.status = "ERROR" if erring else status
        if erring:
            org.audit(request.client, "GDPR", "GdprRequest", request.id, "Delete", done=False)
        if erring or request.kind != "GDPR_DELETE" or org.lying:
            return
        if status == "DELETING":
            _delete(org, request, reach(org, request.subject))
        if status == "COMPLETED":
            org.audit(request.client, "GDPR", "GdprRequest", request.id, "Delete")

    return step


@dataclass(slots=True)
class Reach:
    """What a subject covers: everything of it, with no way to leave something out."""

    contacts: list[Contact]
    talks: list[Conversation]
    outbound: list[str]
    journeys: list[JourneySession]


def reach(org: Org, subject: dict[str, Any]) -> Reach:
    """Contacts, conversations and campaign rows of a subject."""
    contact = org.contacts.get(subject.get("externalContactId", ""))
    family = org.merge_set(contact) if contact else []
    contact_ids = {one.id for one in family} | {subject.get("externalContactId")}
    if org.options.remember_merges:
        contact_ids |= org.gone_with.get(subject.get("externalContactId", ""), set())
    values = {text.lower() for name in LISTS for text in subject.get(name) or []}
    row = (subject.get("dialerContactId") or {}).get("id")
    if not any(subject.get(name) for name in IDS):
        hits = [one for one in org.contacts.values() if values & _all_values(one)]
        family = [member for one in hits for member in org.merge_set(one)]
        contact_ids = {one.id for one in family}
    talks = [
        talk
        for talk in org.conversations.values()
        if talk.contact in contact_ids
        or (row and talk.outbound_contact == row)
        or talk.address.lower() in values
    ]
    visitor = (subject.get("journeyCustomer") or {}).get("id")
    visits = [
        one
        for one in org.journeys.values()
        if one.contact in contact_ids or (visitor and one.customer == visitor)
    ]
    return Reach(family, talks, [row] if row in org.outbound else [], visits)


def _all_values(one: Contact) -> set[str]:
    held = [*one.emails.values(), *one.phones.values(), *(value for _, value in one.claims)]
    return {text.lower() for text in held}


def _delete(org: Org, request: Request, found: Reach) -> None:
    """Contacts and campaign rows now, content at FINALIZING, rows long after COMPLETED."""
    for one in found.contacts:
        if one.id in org.contacts:
            org.remove_contact(one)
    for key in found.outbound:
        org.outbound.pop(key, None)
    whole = org.options.gdpr_seconds
    org.after(0.4 * whole, lambda: _silence(org, request, found.talks))
    org.after(
        0.6 * whole + org.options.gdpr_redaction_seconds,
        lambda: _redact(org, request, found),
    )


def _silence(org: Org, request: Request, talks: list[Conversation]) -> None:
    """Remove what was said."""
    if request.status == "ERROR":
        return
    for talk in talks:
        if talk.protected and org.options.honour_protection:
            continue
        for key in org.recordings_of[talk.id]:
            org.remove_recording(key)
        for key in [key for key, one in org.voicemails.items() if one.conversation == talk.id]:
            del org.voicemails[key]


def _redact(org: Org, request: Request, found: Reach) -> None:
    """Take the person out of the rows; the rows stay: visits, surveys, summaries too."""
    if request.status == "ERROR":
        return
    for visit in found.journeys:
        visit.contact = visit.customer = ""
    for talk in found.talks:
        talk.redacted = True
        talk.name = talk.address = talk.subject = ""
        talk.copied, talk.attributes = (), {}
        for key in org.surveys_of[talk.id]:
            org.surveys[key].text = ""
        if talk.id in org.summaries:
            org.summaries[talk.id].text = ""


ROUTES = (
    Route("GET", "/gdpr/subjects", subjects, ("gdpr:subject:view",)),
    Route("POST", "/gdpr/requests", submit, ("gdpr:request:add",)),
    Route("GET", "/gdpr/requests", listing, ("gdpr:request:view",)),
    Route("GET", "/gdpr/requests/{requestId}", one, ("gdpr:request:view",)),
    Route("GET", "/downloads/{downloadId}", download),
)
