"""A conversation as an analytics row, and the values its dimensions take."""

from typing import Any

from ..people import stable_id
from .records import Conversation, Evaluation, Survey
from .state import DIVISION_IDS, Org
from .web import stamp

LINE = "+441632960999"  # the centre's own number and addresses
MAILBOX = "support@example.com"
QUEUE = stable_id("genesys", "queue")
FORM = stable_id("genesys", "form")
CONTACT_LIST = stable_id("genesys", "contact list")
DNC_LIST = stable_id("genesys", "do-not-contact list")
Row = dict[str, Any]


def row(org: Org, talk: Conversation, *, attributes: bool = False) -> Row:
    """The row; ``attributes`` only jobs show."""
    body: Row = {
        "conversationId": talk.id,
        "conversationStart": stamp(talk.start),
        "conversationEnd": stamp(talk.end),
        "originatingDirection": talk.direction,
        "divisionIds": [DIVISION_IDS[name] for name in talk.divisions],
        "participants": [
            _customer(talk, attributes=attributes),
            _agent(org, talk),
            *([_mailbox(talk)] if talk.to_voicemail else []),
        ],
    }
    evaluations = [
        org.evaluations[key] for key in org.evaluations_of[talk.id] if key in org.evaluations
    ]
    evaluations += [one for one in org.still_listed.values() if one.conversation == talk.id]
    if evaluations:
        body["evaluations"] = [_evaluation(talk, one) for one in evaluations]
    surveys = [org.surveys[key] for key in org.surveys_of[talk.id] if key in org.surveys]
    if surveys:
        body["surveys"] = [_survey(talk, one) for one in surveys]
    return body


def _customer(talk: Conversation, *, attributes: bool) -> Row:
    known: Row = {} if talk.redacted else {"participantName": talk.name}
    if attributes and not talk.redacted:
        known = known | {"attributes": talk.attributes}
    return {
        "participantId": stable_id(talk.id, "customer"),
        "externalContactId": talk.contact,
        "purpose": "customer" if talk.direction == "inbound" else "external",
        "sessions": [_session(talk, "customer") | ({} if talk.redacted else _addresses(talk))],
        **known,
    }


def _agent(org: Org, talk: Conversation) -> Row:
    media = {org.recordings[key].media for key in org.recordings_of[talk.id]}
    return {
        "participantId": stable_id(talk.id, "agent"),
        "userId": talk.agent,
        "purpose": "agent",
        "screenRecording": "screen" in media,
        "sessions": [_session(talk, "agent") | {"recording": bool(media)}],
    }


def _mailbox(talk: Conversation) -> Row:
    """Where the message was left."""
    session = _session(talk, "voicemail")
    session["segments"][0]["segmentType"] = "voicemail"
    return {
        "participantId": stable_id(talk.id, "voicemail"),
        "purpose": "voicemail",
        "sessions": [session],
    }


def _session(talk: Conversation, side: str) -> Row:
    segment: Row = {
        "segmentType": "interact",
        "segmentStart": stamp(talk.start),
        "segmentEnd": stamp(talk.end),
        "queueId": QUEUE,
        "conference": False,
    }
    if talk.subject and not talk.redacted:
        segment["subject"] = talk.subject
    session: Row = {
        "sessionId": stable_id(talk.id, side, "session"),
        "mediaType": talk.media,
        "direction": talk.direction,
        "segments": [segment],
        "metrics": [],
    }
    if side == "customer" and talk.outbound_contact:
        session |= {
            "outboundContactId": talk.outbound_contact,
            "outboundContactListId": CONTACT_LIST,
        }
    return session


def _addresses(talk: Conversation) -> Row:
    """Where the customer's number or address turns up, by medium."""
    if talk.media == "voice":
        ends = [_number(talk, talk.address), _number(talk, LINE)]
        ani, dnis = ends if talk.direction == "inbound" else ends[::-1]
        return {
            "ani": ani,
            "dnis": dnis,
            "sessionDnis": dnis,
            "remote": ends[0],
            "remoteNameDisplayable": talk.name,
        }
    if talk.media == "callback":
        return {"callbackNumbers": [talk.address], "callbackUserName": talk.name}
    if talk.media == "email":
        ours = {"addressFrom": talk.address, "addressTo": MAILBOX, "remote": talk.address}
        return ours | ({"cc": list(talk.copied)} if talk.copied else {})
    return {
        "addressFrom": talk.address,
        "addressTo": LINE,
        "addressOther": talk.address,
        "remote": talk.name,
        "remoteNameDisplayable": talk.name,
    }


def _number(talk: Conversation, number: str) -> str:
    return f"tel:{number}" if talk.prefixed else number


def _evaluation(talk: Conversation, one: Evaluation) -> Row:
    return {
        "evaluationId": one.id,
        "evaluatorId": one.evaluator,
        "evaluationStatus": "Finished",
        "eventTime": stamp(one.created),
        "formId": FORM,
        "formName": "Courtesy",
        "queueId": QUEUE,
        "userId": talk.agent,
        "released": True,
        "rescored": False,
        "deleted": False,
        "oTotalScore": 90,
    }


def _survey(talk: Conversation, one: Survey) -> Row:
    return {
        "surveyId": one.id,
        "surveyFormId": FORM,
        "surveyFormName": "Satisfaction",
        "surveyStatus": "Finished",
        "surveyType": "Web",
        "surveyCompletedDate": stamp(one.completed),
        "eventTime": stamp(one.completed),
        "queueId": QUEUE,
        "userId": talk.agent,
        "surveyPromoterScore": 9,
    }


def values(org: Org, talk: Conversation) -> list[dict[str, list[str]]]:
    """Per session, what each segment dimension holds; in lower case."""
    return [
        _values(org, participant, session)
        for participant in row(org, talk)["participants"]
        for session in participant["sessions"]
    ]


def _values(org: Org, participant: Row, session: Row) -> dict[str, list[str]]:
    segment = session["segments"][0]
    found: dict[str, list[Any]] = {name: [session.get(name)] for name in _OF_SESSION}
    found |= {name: [participant.get(name)] for name in _OF_PARTICIPANT}
    found |= {name: [segment.get(name)] for name in _OF_SEGMENT}
    found["callbackNumber"] = session.get("callbackNumbers", [])
    found["destinationAddress"] = session.get("destinationAddresses", [session.get("addressTo")])
    contact = org.contacts.get(participant.get("externalContactId", ""))
    found["canonicalExternalContactId"] = [
        org.canonical(contact).id if contact else participant.get("externalContactId")
    ]
    return {
        name: [str(value).lower() for value in held if value is not None]
        for name, held in found.items()
    }


_OF_SESSION = [
    "ani",
    "dnis",
    "sessionDnis",
    "remote",
    "remoteNameDisplayable",
    "addressFrom",
    "addressTo",
    "mediaType",
    "direction",
    "outboundContactId",
    "outboundContactListId",
    "journeyCustomerId",
    "recording",
]
_OF_PARTICIPANT = ["participantName", "externalContactId", "purpose", "userId"]
_OF_SEGMENT = ["subject", "segmentType", "queueId", "conference"]
DIMENSIONS = frozenset(
    [*_OF_SESSION, *_OF_PARTICIPANT, *_OF_SEGMENT]
    + ["callbackNumber", "destinationAddress", "canonicalExternalContactId"]
)
