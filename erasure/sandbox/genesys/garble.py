"""Answers outside the schema, for one store at a time: fault ``schema``."""

import re
from collections.abc import Callable
from typing import Any

from .web import API, Problem, new_id

RECORDINGS = r"/(conversations/\{conversationId\}/recording|recording/jobs)"
WHERE = {
    "external_contacts": r"/externalcontacts/(?!.*(notes|journey))",
    "contact_notes": r"/externalcontacts/.*notes",
    "journey_sessions": r"/(externalcontacts/.*)?journey",
    "gdpr_subjects": r"/gdpr/",
    "conversations": r"/analytics/conversations",
    "participant_attributes": r"/conversations/\{conversationId\}$",
    "voice_recordings": RECORDINGS,
    "screen_recordings": RECORDINGS,
    "chat_transcripts": RECORDINGS,
    "message_transcripts": RECORDINGS,
    "email_transcripts": RECORDINGS,
    "orphan_recordings": r"/orphanrecordings",
    "speech_transcripts": r"/speechandtextanalytics/",
    "conversation_summaries": r"/conversations/\{conversationId\}/summaries",
    "voicemail": r"/voicemail/",
    "evaluations": r"/quality/.*evaluations",
    "calibrations": r"/quality/calibrations",
    "surveys": r"/quality/.*surveys",
    "outbound_contacts": r"/outbound/",
}
WORDS = ("type", "state", "status", "fileState", "media", "mediaType", "purpose", "orphanStatus")
IDS = ("id", "conversationId", "jobId", "evaluationId", "externalContactId")


def known(value: Any) -> bool:
    """Whether the fault's value names a store and a way to garble."""
    store, way = _read(value)
    return store in WHERE and way in WAYS


def garbled(value: Any, template: str, body: Any) -> Any:
    """The body, garbled if the fault means this call.

    The value is a store, or {"store": ..., "how": "error" | "enum" | "missing"}.
    """
    if not value or body is None:
        return body
    store, way = _read(value)
    return WAYS[way](body) if re.match(WHERE[store], template.removeprefix(API)) else body


def _read(value: Any) -> tuple[str, str]:
    if isinstance(value, dict):
        return str(value.get("store")), str(value.get("how", "error"))
    return str(value), "error"


def _error(body: Any) -> Any:
    """An error under a status that promises success."""
    problem = Problem(500, "internal.server.error", "The server met an unexpected condition.")
    return problem.body(new_id())


def _enum(body: Any) -> Any:
    """Words nobody has heard of where there is a closed list."""
    return _walk(body, lambda held: held | {key: "NEVER_SEEN" for key in WORDS if key in held})


def _missing(body: Any) -> Any:
    """Records without their ids."""
    return _walk(body, lambda held: {key: held[key] for key in held if key not in IDS})


def _walk(body: Any, change: Callable[[dict[str, Any]], dict[str, Any]]) -> Any:
    if isinstance(body, list):
        return [_walk(one, change) for one in body]
    if isinstance(body, dict):
        return {key: _walk(one, change) for key, one in change(body).items()}
    return body


WAYS: dict[str, Callable[[Any], Any]] = {"error": _error, "enum": _enum, "missing": _missing}
