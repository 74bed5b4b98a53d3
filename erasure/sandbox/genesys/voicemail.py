"""Voicemail: a client's token has no user, so queues are all it may look into."""

from typing import Any

from .records import Voicemail
from .web import Answer, Call, Route, bad, page, ref, stamp


def no_user(call: Call) -> Answer:
    """/voicemail/messages: a client's token has no user."""
    raise bad("The request can only be made by a user.", "not.a.user")


def queue_messages(call: Call) -> Answer:
    """GET /voicemail/queues/{queueId}/messages; as ``no_user`` if the option says so."""
    if call.org.options.voicemail_needs_user:
        return no_user(call)
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
        "callerAddress": one.caller,
        "queue": {"id": one.queue, "name": "Service"},
    }


QUEUE = "/voicemail/queues/{queueId}/messages"
ROUTES = (
    Route("GET", "/voicemail/messages", no_user),
    Route("GET", "/voicemail/messages/{messageId}", no_user),
    Route("DELETE", "/voicemail/messages/{messageId}", no_user),
    Route("GET", QUEUE, queue_messages, ("voicemail:acdvoicemail:view",)),
)
