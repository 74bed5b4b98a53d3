"""Conversations themselves, and what the platform's analysis made of them."""

from typing import Any

from ..people import stable_id
from .records import Conversation, Summary
from .rows import LINE, MAILBOX, QUEUE
from .state import DIVISION_IDS
from .web import EMPTY, Answer, Call, Route, missing, ref, stamp

MEDIA = {"voice": "Call", "callback": "Call", "email": "Email", "chat": "Chat"}


def conversation(call: Call) -> Answer:
    """GET /conversations/{conversationId}: its participants, attributes and all."""
    talk = call.org.conversation(call.client, call.params["conversationId"])
    divisions = [
        {"division": {"id": DIVISION_IDS[name], "name": name}, "entities": []}
        for name in talk.divisions
    ]
    return 200, ref("/conversations", talk.id) | {
        "startTime": stamp(talk.start),
        "endTime": stamp(talk.end),
        "address": "" if talk.redacted else talk.address,
        "participants": [_customer(talk), _agent(talk)],
        "recordingState": "NONE",
        "divisions": divisions,
    }


def _customer(talk: Conversation) -> dict[str, Any]:
    inbound = talk.direction == "inbound"
    body = _participant(talk, "customer") | {
        "purpose": "customer" if inbound else "external",
        "externalContactId": talk.contact,
        "attributes": dict(talk.attributes),
    }
    if talk.redacted:
        return body
    ours = MAILBOX if talk.media == "email" else LINE
    ends = (talk.address, ours) if inbound else (ours, talk.address)
    return body | {
        "name": talk.name,
        "address": talk.address,
        "ani": ends[0],
        "aniName": talk.name,
        "dnis": ends[1],
    }


def _agent(talk: Conversation) -> dict[str, Any]:
    return _participant(talk, "agent") | {
        "purpose": "agent",
        "userId": talk.agent,
        "queueId": QUEUE,
        "attributes": {},
    }


def _participant(talk: Conversation, side: str) -> dict[str, Any]:
    return {
        "id": stable_id(talk.id, side),
        "startTime": stamp(talk.start),
        "endTime": stamp(talk.end),
        "connectedTime": stamp(talk.start),
    }


def disconnect(call: Call) -> Answer:
    """DELETE /conversations/{conversationId}: ends the participants' calls, deletes nothing."""
    call.org.disconnects.append(call.params["conversationId"])
    return EMPTY


def summaries(call: Call) -> Answer:
    """GET /conversations/{conversationId}/summaries: none is an answer without a summary."""
    talk = call.org.conversation(call.client, call.params["conversationId"])
    found = call.org.summaries.get(talk.id)
    body: dict[str, Any] = {"conversation": ref("/conversations", talk.id), "sessionSummaries": []}
    return 200, body | ({"summary": _summary(talk, found)} if found else {})


def _summary(talk: Conversation, found: Summary) -> dict[str, Any]:
    return {
        "id": found.id,
        "text": found.text,
        "confidence": 0.9,
        "status": "Completed",
        "mediaType": MEDIA.get(talk.media, "Message"),
        "language": "en-gb",
        "dateCreated": stamp(found.created),
    }


def speech(call: Call) -> Answer:
    """GET /speechandtextanalytics/conversations/{conversationId}: gone with the recordings."""
    key = _analysed(call)
    return 200, {
        "conversation": ref("/conversations", key),
        "sentimentScore": 0.4,
        "sentimentTrend": 0.1,
        "sentimentTrendClass": "NoChange",
    }


def transcript(call: Call) -> Answer:
    """GET .../conversations/{conversationId}/communications/{communicationId}/transcripturl."""
    key, communication = _analysed(call), call.params["communicationId"]
    return 200, {"url": f"https://transcripts.example.com/{key}/{communication}"}


def _analysed(call: Call) -> str:
    talk = call.org.conversation(call.client, call.params["conversationId"])
    if talk.id not in call.org.transcripts:
        raise missing("transcript", "transcript.not.found")
    return talk.id


ONE = "/conversations/{conversationId}"
SPEECH = f"/speechandtextanalytics{ONE}"
SPEECH_VIEW = ("recording:recording:view", "speechAndTextAnalytics:data:view")
TRANSCRIPT = f"{SPEECH}/communications/{{communicationId}}/transcripturl"
ROUTES = (
    Route("GET", ONE, conversation, ("conversation:communication:view",)),
    Route("DELETE", ONE, disconnect),
    Route("GET", f"{ONE}/summaries", summaries, ("conversation:summary:view",)),
    Route("GET", SPEECH, speech, SPEECH_VIEW, all_of=True),
    Route("GET", TRANSCRIPT, transcript, SPEECH_VIEW, all_of=True),
)
