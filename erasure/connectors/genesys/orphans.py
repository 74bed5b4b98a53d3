"""Orphan recordings: never joined to the conversation they name."""

from collections.abc import Iterator, Sequence
from functools import partial

from erasure.connectors.base import (
    Clear,
    Control,
    Erased,
    Found,
    ItemRef,
    NotErased,
    Presence,
    Reply,
    Searched,
    Seen,
    Unanswered,
)
from erasure.connectors.genesys.conversations import DETAILS
from erasure.connectors.genesys.listing import whole
from erasure.connectors.genesys.part import Beside, Person, each, searched
from erasure.connectors.genesys.reading import (
    inner,
    moment,
    objects,
    required,
    strings,
    text,
    unanswered,
)
from erasure.connectors.genesys.rows import Conversation
from erasure.connectors.genesys.stores import ORPHANS, PERMISSIONS
from erasure.connectors.http import Http, Json
from erasure.errors import ErasureError, RefusedError
from erasure.values import Identifier

LISTING = "/api/v2/orphanrecordings"
ORPHAN = LISTING + "/{orphanId}"
KNOWN = {"hasConversation": "true"}  # without it the vendor shows 500 at most, and does not say so
NOTE = "orphans that name no conversation cannot be matched to anybody"


class Orphans:
    """Orphan recordings. Permissions: recording:orphan:view, :delete."""

    names: tuple[str, ...] = (ORPHANS,)

    def __init__(self, reading: Http, http: Http) -> None:
        self.reading = reading
        self.http = http

    def collect(self, person: Person) -> Iterator[Found | Searched | Unanswered]:
        """Those that name one of the person's conversations.

        GET /api/v2/orphanrecordings?hasConversation=true (recording:orphan:view)
        """
        rows = {row.id: row for row in person.rows}
        try:
            found = list(self._matching(rows)) if rows else []
        except ErasureError as error:
            yield unanswered(ORPHANS, error, PERMISSIONS[ORPHANS])
            return
        yield from found
        yield searched(ORPHANS, len(found), NOTE)

    def _matching(self, rows: dict[str, Conversation]) -> Iterator[Found]:
        for one in whole(self.reading, LISTING, KNOWN):
            if text(one, "fileState") == "DELETED":
                continue
            named = [key for key in self._conversations_of(one) if key in rows]
            if named:
                yield as_found(one, rows[named[0]])

    def _conversations_of(self, orphan: Json) -> list[str]:
        """The conversations an orphan names; the list may leave them out.

        Raises:
            RefusedError: it names none, though the vendor counts its conversation as known.
        """
        key = required(orphan, "id")
        named = _named_in(orphan)
        if not named:
            answer = self.reading.send("GET", ORPHAN, orphanId=key, ok=(404,))
            if answer.status == 404:
                return []
            named = _named_in(_this(answer.json_object(), key))
        if not named:
            raise RefusedError(f"GET {ORPHAN} names no conversation")
        return named

    def erase(self, refs: Sequence[ItemRef], clear: Clear) -> Iterator[Erased | NotErased]:
        return each(self._erase_one, refs, clear)

    def _erase_one(self, ref: ItemRef, clear: Clear) -> Erased:
        """Delete one; the answer repeats it and is dropped unread.

        DELETE /api/v2/orphanrecordings/{orphanId} (recording:orphan:delete). 404: gone.
        """
        before = partial(clear, [ref])
        answer = self.http.send("DELETE", ORPHAN, orphanId=ref.remote_id, ok=(404,), before=before)
        reply = Reply.ALREADY_GONE if answer.status == 404 else Reply.DONE
        return Erased(ref, reply, answer.status)

    def verify(
        self, refs: Sequence[ItemRef], who: Sequence[Identifier], names: Sequence[str]
    ) -> Iterator[Presence]:
        """Read each by its id: GET /api/v2/orphanrecordings/{orphanId}."""
        for ref in refs:
            answer = self.reading.send("GET", ORPHAN, orphanId=ref.remote_id, ok=(404,))
            gone = answer.status == 404
            if not gone:
                orphan = _this(answer.json_object(), ref.remote_id)
                gone = text(orphan, "fileState") == "DELETED"
            yield Presence(ref, Seen.ABSENT if gone else Seen.PRESENT, answer.status)

    def control(self, store: str, beside: Beside) -> str:
        """A conversation of the division: most have no orphan, so the list itself is read."""
        return beside.row.id if beside.row and self._looks_into(beside.row.id) else ""

    def sees(self, control: Control) -> bool:
        return self._looks_into(control.remote_id)

    def _looks_into(self, conversation: str) -> bool:
        """Whether orphans may be listed, and this conversation's division is in sight.

        An orphan has no division but its conversation's.
        """
        page = {**KNOWN, "pageSize": 1}
        objects(self.reading.send("GET", LISTING, params=page).json_object(), "entities")
        answer = self.reading.send("GET", DETAILS, params={"id": [conversation]})
        rows = objects(answer.json_object(), "conversations")
        return conversation in {text(row, "conversationId") for row in rows}


def as_found(orphan: Json, row: Conversation) -> Found:
    """An orphan recording as inventoried."""
    return Found(
        ORPHANS,
        required(orphan, "id"),
        parent_id=row.id,
        division=row.division,
        occurred_at=moment(text(orphan, "createdTime")) or row.started,
    )


def _named_in(orphan: Json) -> list[str]:
    recording = inner(orphan, "recording")
    named = [text(recording, "conversationId"), *strings(recording, "associatedConversationIds")]
    return [one for one in named if one]


def _this(orphan: Json, key: str) -> Json:
    """The answer, if it is the orphan that was asked for. Raises RefusedError if not."""
    if text(orphan, "id") != key:
        raise RefusedError(f"GET {ORPHAN} answered with something else than this recording")
    return orphan
