"""Orphan recordings: without a conversation, or never joined to the one they name."""

from typing import Any

from .records import OrphanRecording
from .web import Answer, Call, Route, missing, page, ref, stamp

VIEW = ("recording:orphan:view",)
TOP = 500  # without ``hasConversation=true`` the list ends here and does not say so
MEDIA = {"audio": "CALL", "screen": "SCREEN", "chat": "CHAT", "email": "EMAIL"}


def listing(call: Call) -> Answer:
    """GET /orphanrecordings: 500 at most, or all whose conversation is known."""
    known, media = call.flag("hasConversation"), call.text("media", ("Call", "Screen"))
    rows = [
        _orphan(one)
        for one in call.org.orphans.values()
        if _seen(call, one)
        and (one.conversation in call.org.conversations or not known)
        and (not media or MEDIA[one.media] == media.upper())
    ]
    return 200, page(call, rows if known else rows[:TOP])


def one(call: Call) -> Answer:
    """GET /orphanrecordings/{orphanId}."""
    return 200, _orphan(_find(call))


def delete(call: Call) -> Answer:
    """DELETE /orphanrecordings/{orphanId}: answers with what it deleted."""
    found = _find(call)
    call.org.audit(call.client, "Quality", "OrphanedRecording", found.id, "Delete")
    if not call.org.lying:
        del call.org.orphans[found.id]
    return 200, _orphan(found)


def _find(call: Call) -> OrphanRecording:
    found = call.org.orphans.get(call.params["orphanId"])
    if found is None or not _seen(call, found):
        raise missing("orphan recording", "orphan.not.found")
    return found


def _seen(call: Call, found: OrphanRecording) -> bool:
    """One without a conversation belongs to no division."""
    talk = call.org.conversations.get(found.conversation)
    return talk is None or call.org.sees(call.client, talk.divisions)


def _orphan(found: OrphanRecording) -> dict[str, Any]:
    body: dict[str, Any] = ref("/orphanrecordings", found.id) | {
        "name": "Orphan recording",
        "createdTime": stamp(found.created),
        "recoveredTime": stamp(found.created),
        "providerType": "SCREEN_RECORDING" if found.media == "screen" else "EDGE",
        "mediaSizeBytes": 4096,
        "mediaType": MEDIA[found.media],
        "fileState": "AVAILABLE",
        "orphanStatus": "CONVERSATION_NOT_EVALUATED" if found.conversation else "NO_CONVERSATION",
    }
    if found.conversation:
        body["recording"] = {
            "id": found.id,
            "conversationId": found.conversation,
            "associatedConversationIds": [found.conversation],
            "media": found.media,
        }
    return body


ROUTES = (
    Route("GET", "/orphanrecordings", listing, VIEW),
    Route("GET", "/orphanrecordings/{orphanId}", one, VIEW),
    Route("DELETE", "/orphanrecordings/{orphanId}", delete, ("recording:orphan:delete",)),
)
