"""Recordings of a conversation by kind, from their metadata; young and aged ones."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from erasure import clock
from erasure.connectors.base import Facts, ItemRef
from erasure.connectors.genesys.options import Options
from erasure.connectors.genesys.reading import only_objects, required, text
from erasure.connectors.genesys.rows import Conversation
from erasure.connectors.genesys.stores import CHATS, EMAILS, MESSAGES, RECORDED, SCREENS, VOICE
from erasure.connectors.http import Http, Json

METADATA = "/api/v2/conversations/{conversationId}/recordingmetadata"

SPOKEN = frozenset({"audio", "voice", "call", "video"})
KINDS = {  # the vendor gives no closed list of media
    **dict.fromkeys(SPOKEN, VOICE),
    "screen": SCREENS,
    "chat": CHATS,
    "message": MESSAGES,
    "messaging": MESSAGES,
    "email": EMAILS,
}
OF_MEDIUM = {  # what a recorded session of a conversation leaves behind
    "voice": VOICE,
    "callback": VOICE,
    "video": VOICE,
    "chat": CHATS,
    "message": MESSAGES,
    "email": EMAILS,
}
Kept = Mapping[str, Sequence[Json]]  # by kind; a kind without any is left out


def kind_of(recording: Json) -> str:
    """The store of one recording; one of an unknown medium counts as voice."""
    if text(recording, "mediaSubtype") == "Screen":
        return SCREENS
    return KINDS.get(text(recording, "media").casefold(), VOICE)


def known(recording: Json) -> bool:
    """Whether the vendor names a medium we know."""
    screen = text(recording, "mediaSubtype") == "Screen"
    return screen or text(recording, "media").casefold() in KINDS


def kept(reading: Http, conversation: str) -> Kept:
    """The recordings of a conversation that are still there.

    GET /api/v2/conversations/{conversationId}/recordingmetadata (any of
    recording:recording, :recordingSegment, :snippetRecording, :screenRecording :view).
    404: it has none.

    Raises:
        RefusedError: an answer that is no list of recordings with ids.
    """
    answer = reading.send("GET", METADATA, conversationId=conversation, ok=(404,))
    found: dict[str, list[Json]] = {}
    for one in only_objects(answer.json_list()) if answer.status != 404 else ():
        required(one, "id")
        if text(one, "fileState") != "DELETED":
            found.setdefault(kind_of(one), []).append(one)
    return found


def likely(row: Conversation, kind: str) -> bool:
    """Whether a row speaks for recordings of a kind, before any is read."""
    if kind == SCREENS:  # a row need not tell of them
        return row.screens or row.recorded
    return row.recorded and kind in {OF_MEDIUM.get(medium, VOICE) for medium in row.media}


def only_kind(row: Conversation) -> str:
    """The one kind a row can have recordings of; "" if it may have several, or screens."""
    kinds = {OF_MEDIUM.get(medium, "") for medium in row.media}
    return kinds.pop() if len(kinds) == 1 and not row.screens else ""


def facts_of(found: Kept, kind: str, *, single: bool) -> Facts:
    """Numbers of one kind, and whether a job that knows no kinds could not tell it apart."""
    facts: dict[str, str | int | bool] = {"recordings": len(found[kind])}
    if strange := sum(not known(one) for one in found[kind]):
        facts["unknown_media"] = strange
    others = set(found) - {kind}
    apart = not others if kind == SCREENS else others <= {SCREENS}
    if single or not apart:
        facts["single"] = True
    return facts


def young(row: Conversation, options: Options) -> bool:
    """Whether a job may not match it yet, or it has no date to tell."""
    when = row.ended or row.started
    return when is None or clock.now() - when < timedelta(hours=options.young_hours)


def aged(one: Conversation | ItemRef, options: Options) -> bool:
    """Whether a job may not match it any more, or it has no date to tell."""
    when = one.started if isinstance(one, Conversation) else one.occurred_at
    return when is None or clock.now() - when > timedelta(days=options.aged_days)


def ordered(found: Kept) -> list[str]:
    """The kinds found, in the order of the stores."""
    return [kind for kind in RECORDED if kind in found]
