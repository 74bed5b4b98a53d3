"""Recordings: metadata, transcoding, delete dates."""

from datetime import timedelta
from typing import Any

from ..people import stable_id
from .oauth import Client
from .records import Conversation, Recording
from .rows import MAILBOX
from .state import Org
from .web import Answer, Call, Problem, Route, denied, missing, moment, stamp

VIEW = tuple(
    f"recording:{kind}:view"
    for kind in ("recording", "recordingSegment", "snippetRecording", "screenRecording")
)
CHANGE = tuple(name for name in VIEW if "Segment" not in name)
FORMATS = ("WAV", "WEBM", "WAV_ULAW", "OGG_VORBIS", "OGG_OPUS", "MP3", "NONE")


def listed(org: Org, talk: Conversation) -> list[Recording]:
    """A conversation's recordings as the API lists them."""
    held = [org.recordings[key] for key in org.recordings_of[talk.id]]
    keep = org.options.keep_deleted_rows
    return [one for one in held if keep or one.state != "DELETED"]


def metadata(call: Call) -> Answer:
    """GET /conversations/{conversationId}/recordingmetadata: a bare array, at once."""
    talk = call.org.conversation(call.client, call.params["conversationId"])
    return 200, [_metadata(one) for one in listed(call.org, talk)]


def one_metadata(call: Call) -> Answer:
    """GET /conversations/{conversationId}/recordingmetadata/{recordingId}."""
    return 200, _metadata(find(call))


def find(call: Call) -> Recording:
    """The recording a path names.

    Raises:
        Problem: 404.
    """
    talk = call.org.conversation(call.client, call.params["conversationId"])
    for one in listed(call.org, talk):
        if one.id == call.params["recordingId"]:
            return one
    raise missing("recording", "recording.not.found")


def _metadata(one: Recording) -> dict[str, Any]:
    body: dict[str, Any] = {
        "id": one.id,
        "conversationId": one.conversation,
        "startTime": stamp(one.start),
        "endTime": stamp(one.end),
        "media": one.media,
        "annotations": [],
        "fileState": one.state,
        "sessionId": stable_id(one.conversation, "customer", "session"),
        "maxAllowedRestorationsForOrg": 100,
        "remainingRestorationsAllowedForOrg": 100,
        "selfUri": f"/api/v2/conversations/{one.conversation}/recordings/{one.id}",
    }
    if one.media in ("audio", "screen"):
        body["mediaSubtype"] = "Screen" if one.media == "screen" else "Trunk"
    dates = {"deleteDate": one.delete_date, "archiveDate": one.archive_date}
    return body | {name: stamp(date) for name, date in dates.items() if date}


def recordings(call: Call) -> Answer:
    """GET /conversations/{conversationId}/recordings: 202 without a body while transcoding."""
    org = call.org
    form = call.text("formatId", FORMATS)
    call.number("maxWaitMs", 5000, 1_000_000)
    talk = org.conversation(call.client, call.params["conversationId"])
    found = listed(org, talk)
    if form != "NONE" and not all([_transcoded(org, one) for one in found]):  # noqa: C419
        return 202, None
    return 200, [_recording(org, call.client, talk, one, form) for one in found]


def one_recording(call: Call) -> Answer:
    """GET /conversations/{conversationId}/recordings/{recordingId}: 200, or 202."""
    form = call.text("formatId", FORMATS)
    found = find(call)
    if form != "NONE" and not _transcoded(call.org, found):
        return 202, None
    talk = call.org.conversations[found.conversation]
    return 200, _recording(call.org, call.client, talk, found, form)


def _transcoded(org: Org, one: Recording) -> bool:
    """Asking starts the work; it is done some time later."""
    if one.media not in ("audio", "screen") or one.state != "AVAILABLE":
        return True
    one.asked_at = one.asked_at or org.time
    return org.time - one.asked_at >= timedelta(seconds=org.options.transcode_seconds)


def _recording(
    org: Org, client: Client, talk: Conversation, one: Recording, form: str = "NONE"
) -> dict[str, Any]:
    shown_to = "recording:recording:viewSensitiveData" in org.permissions_of(client)
    said = one.content if shown_to or not one.sensitive else "[redacted]"
    body = _metadata(one) | {
        "creationTime": stamp(one.start),
        "outputDurationMs": int((one.end - one.start).total_seconds() * 1000),
        "recordingFileRole": "CUSTOMER_EXPERIENCE",
    }
    if one.state != "AVAILABLE":
        return body
    if one.media == "chat":
        body["transcript"] = [{"id": one.id, "from": talk.name, "body": said}]
    elif one.media == "email":
        sender = {"email": talk.address, "name": talk.name}
        body["emailTranscript"] = [
            {
                "id": one.id,
                "from": sender,
                "to": [{"email": MAILBOX}],
                "subject": talk.subject,
                "textBody": said,
                "attachments": [_attachment(one, name) for name in one.attachments],
            }
        ]
    elif one.media == "message":
        body["messagingTranscript"] = [{"id": one.id, "from": talk.address, "messageText": said}]
    elif form != "NONE":
        body["mediaUris"] = {"S": {"mediaUri": f"https://media.example.com/{one.id}"}}
    return body


def _attachment(one: Recording, name: str) -> dict[str, Any]:
    return {
        "name": name,
        "contentPath": f"https://media.example.com/{one.id}/{name}",
        "contentType": "application/pdf",
        "attachmentId": stable_id(one.id, name),
        "contentLength": 2048,
    }


def update(call: Call) -> Answer:
    """PUT /conversations/{conversationId}/recordings/{recordingId}: sets or lifts the date.

    Removal follows the date after a while; a protected recording refuses.
    """
    org, found = call.org, find(call)
    kind = {"screen": "screenRecording"}.get(found.media, "recording")
    needed = f"recording:{kind}:editRetention"
    if needed not in org.permissions_of(call.client):
        raise denied([needed])
    text = call.given("deleteDate", str)
    date = moment(text) if text else None
    talk = org.conversations[found.conversation]
    if date and talk.protected:
        org.audit(call.client, "Quality", "Recording", found.id, "UpdateRetention", done=False)
        raise Problem(409, "recording.protected", "The recording is protected from deletion.")
    if found.state == "UPLOADING":
        raise Problem(409, "conflict", "The recording is still being uploaded.")
    org.audit(call.client, "Quality", "Recording", found.id, "UpdateRetention")
    body = _recording(org, call.client, talk, found)
    if date:
        body["deleteDate"] = stamp(date)
    if not org.lying:
        found.delete_date = date
        plan_removal(org, found)
    return 200, body


def plan_removal(org: Org, one: Recording) -> None:
    """Have the recording go some time after its delete date."""
    if one.delete_date:
        due = max(one.delete_date, org.time)
        delay = timedelta(seconds=org.options.recording_removal_seconds)
        org.at(due + delay, lambda: org.remove_when_due(one.id))


ONE = "/conversations/{conversationId}"
ROUTES = (
    Route("GET", f"{ONE}/recordingmetadata", metadata, VIEW),
    Route("GET", f"{ONE}/recordingmetadata/{{recordingId}}", one_metadata, VIEW),
    Route("GET", f"{ONE}/recordings", recordings, VIEW),
    Route("GET", f"{ONE}/recordings/{{recordingId}}", one_recording, VIEW),
    Route("PUT", f"{ONE}/recordings/{{recordingId}}", update, CHANGE),
)
