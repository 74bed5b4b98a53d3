"""Dates, numbers and terms in plain words, as a reader of the documents sees them."""

from collections.abc import Sequence
from datetime import date, datetime

from erasure.values import CaseState, Channel, CloseReason, VerificationMethod

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

GROUNDS = {
    "17(1)(a)": "no longer necessary",
    "17(1)(b)": "consent withdrawn",
    "17(1)(c)": "objection",
    "17(1)(d)": "processed unlawfully",
    "17(1)(e)": "legal duty to erase",
    "17(1)(f)": "service offered to a child",
    "17(3)(a)": "freedom of expression and information",
    "17(3)(b)": "legal obligation or public task",
    "17(3)(c)": "public health",
    "17(3)(d)": "archiving, research or statistics",
    "17(3)(e)": "legal claims",
}
ROLES = {
    "dpo": "Data protection officer",
    "officer": "Case officer",
    "legal": "Legal",
    "clerk": "Intake clerk",
}
KINDS = {
    "email": ("e-mail address", "e-mail addresses"),
    "phone": ("phone number", "phone numbers"),
    "name": ("name", "names"),
    "external_contact": ("contact record", "contact records"),
    "crm_contact": ("customer record", "customer records"),
    "customer": ("customer number", "customer numbers"),
    "whatsapp": ("WhatsApp account", "WhatsApp accounts"),
    "twitter": ("X (Twitter) handle", "X (Twitter) handles"),
    "facebook": ("Facebook id", "Facebook ids"),
    "instagram": ("Instagram id", "Instagram ids"),
    "line": ("LINE id", "LINE ids"),
    "apple_messages": ("Apple Messages id", "Apple Messages ids"),
}
ANSWER = {  # what a store said when it was searched
    "": "Not asked yet",
    "FOUND": "Found",
    "EMPTY": "Nothing there",
    "NOT_PRESENT": "No such feature there",
    "UNANSWERED": "Unanswered",
    "MANUAL": "By hand",
}
RETAINED = {  # what is destroyed together at the end of retention
    "documents": "Proof of identity",
    "inventory": "Found records and search identifiers",
    "file": "Request, letters, decision and certificates",
    "log": "The log's private half",
}
METHOD = {
    VerificationMethod.PORTAL: "Signed in to the customer portal",
    VerificationMethod.LINK_ON_FILE: "Link to an address on file",
    VerificationMethod.CALL_BACK: "Call back on a number on file",
    VerificationMethod.KNOWLEDGE: "Questions only the person can answer",
    VerificationMethod.ELECTRONIC_ID: "Electronic identity",
    VerificationMethod.ID_SHOWN: "Identity document shown",
    VerificationMethod.ID_COPY: "Copy of an identity document",
}
CHANNEL = {
    Channel.WEB: "Web form",
    Channel.PHONE: "Phone",
    Channel.LETTER: "Letter",
    Channel.EMAIL: "E-mail",
    Channel.IN_PERSON: "In person",
    Channel.TERMINAL: "Terminal",
    Channel.OPENDSR: "OpenDSR",
    Channel.PORTAL: "Customer portal",
    Channel.API: "API",
    Channel.FOLLOW_UP: "Follow-up of an earlier case",
}
CLOSE = {
    CloseReason.WITHDRAWN: "Withdrawn by the person",
    CloseReason.DUPLICATE: "Duplicate of another case",
    CloseReason.UNIDENTIFIED: "The person could not be identified",
    CloseReason.NO_DATA_HELD: "No data of the person is held",
    CloseReason.NOT_CONTROLLER: "We are not the controller",
}
CASE = {  # where a case stands
    CaseState.RECEIVED: "Received",
    CaseState.VALIDATING: "Being assessed",
    CaseState.AWAITING_IDENTITY: "Waiting for the person",
    CaseState.DISCOVERY: "Searching",
    CaseState.DPO_REVIEW: "DPO review",
    CaseState.EXECUTING: "Erasing",
    CaseState.AWAITING_VENDOR: "Waiting for the vendor",
    CaseState.PARTIAL_HOLD: "Partly held",
    CaseState.COMPLETE: "Complete",
    CaseState.REFUSED: "Refused",
    CaseState.CLOSED: "Closed",
}
ITEM = {  # where a record stands
    "PROPOSED": "Proposed",
    "PLANNED": "To be erased",
    "EXCLUDED": "Not this person",
    "EXEMPT": "Exempt",
    "HELD": "Held",
    "RUNNING": "Being erased",
    "REQUESTED": "Requested",
    "ERASED": "Erased",
    "FAILED": "Failed",
    "MANUAL": "By hand",
}


def day(when: date) -> str:
    """``2 Mar 2027``."""
    return f"{when.day} {MONTHS[when.month - 1]} {when.year}"


def moment(when: datetime) -> str:
    """``2 Mar 2027, 14:05 UTC``: in the zone the moment carries."""
    zone = f"UTC{when.isoformat()[-6:]}" if when.utcoffset() else "UTC"
    return f"{day(when)}, {when:%H:%M} {zone}"


def written(text: str | None, none: str = "not yet") -> str:
    """A recorded date or UTC time in plain words; what is no date stays as it is."""
    if text is None:
        return none
    try:
        if len(text) == len("2027-03-02"):
            return day(date.fromisoformat(text))
        return moment(datetime.fromisoformat(text))
    except ValueError:
        return text


def count(number: int, one: str, many: str = "") -> str:
    """``1 item``, ``10,000 items``."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def kind(name: str) -> str:
    """``e-mail address`` for ``email``; an unknown kind as it is recorded, in plain letters."""
    return KINDS[name][0] if name in KINDS else plain(name)


def capital(text: str) -> str:
    """``E-mail address``: the first letter alone, so that names keep theirs."""
    return text[:1].upper() + text[1:]


def item_state(state: str, ground: str = "") -> str:
    """``Held (Art. 17(3)(e))``."""
    return f"{ITEM[state]} (Art. {ground})" if ground else ITEM[state]


def article(ground: str) -> str:
    """``Art. 17(3)(e), legal claims``."""
    known = GROUNDS.get(ground)
    return f"Art. {ground}, {known}" if known else f"Art. {ground}"


def cited(ground: str) -> tuple[str, str]:
    """``Art. 17(3)(e)`` and, apart, ``legal claims``."""
    return f"Art. {ground}", GROUNDS.get(ground, "")


def role(name: str | None) -> str:
    """The role in words; the recorded word where none is known."""
    if not name:
        return "none recorded"
    return ROLES.get(name, name)


def plain(code: str) -> str:
    """``no_interface`` as ``no interface``."""
    return code.replace("_", " ")


def listed(parts: Sequence[str], none: str = "none") -> str:
    """``a, b and c``."""
    if not parts:
        return none
    *first, last = parts
    return f"{', '.join(first)} and {last}" if first else last
