"""Summaries written by the vendor's AI. No interface deletes one; the native job redacts."""

from collections.abc import Iterator, Sequence

from erasure.connectors.base import (
    Clear,
    Control,
    Erased,
    Facts,
    Found,
    ItemRef,
    NotErased,
    Presence,
    Searched,
    Seen,
    Unanswered,
)
from erasure.connectors.genesys.asked import about, search
from erasure.connectors.genesys.options import Options
from erasure.connectors.genesys.part import Beside, Person, not_by_itself
from erasure.connectors.genesys.reading import objects
from erasure.connectors.genesys.rows import left_in
from erasure.connectors.genesys.stores import SUMMARIES
from erasure.connectors.http import Http, Json
from erasure.values import Identifier

SUMMARY = "/api/v2/conversations/{conversationId}/summaries"
PLAIN = frozenset({"id", "status", "mediaType", "language", "dateCreated", "dateModified"})
REFERENCES = frozenset({"conversation", "communication", "participants"})


class Summaries:
    """Summaries of a conversation and its sessions; how they are searched: see ``asked``.

    Permission: conversation:summary:view.
    """

    names: tuple[str, ...] = (SUMMARIES,)

    def __init__(self, reading: Http, options: Options) -> None:
        self.reading = reading
        self.options = options

    def collect(self, person: Person) -> Iterator[Found | Searched | Unanswered]:
        """One item per conversation that has, or may have, a summary."""
        return search(SUMMARIES, person.rows, self.options, self._facts)

    def _facts(self, conversation: str) -> Facts | None:
        """How much is written: it tells a redacted summary from an untouched one."""
        told = self.read(conversation)
        return {"characters": length} if told and (length := written(told)) else None

    def read(self, conversation: str) -> Json | None:
        """Its summaries; None if there is none.

        GET /api/v2/conversations/{conversationId}/summaries. 404: none.
        """
        answer = self.reading.send("GET", SUMMARY, conversationId=conversation, ok=(404,))
        if answer.status == 404:
            return None
        told = about(answer, conversation)
        return told if told.get("summary") or objects(told, "sessionSummaries") else None

    def erase(self, refs: Sequence[ItemRef], clear: Clear) -> Iterator[Erased | NotErased]:
        raise not_by_itself(SUMMARIES)

    def verify(
        self, refs: Sequence[ItemRef], who: Sequence[Identifier], names: Sequence[str]
    ) -> Iterator[Presence]:
        """Read each again: gone, emptied, or changed with nothing of the person left.

        Free text that stands as it stood, or that nobody read before, is not redacted
        merely because it names nobody.
        """
        for ref in refs:
            told = self.read(ref.remote_id)
            yield Presence(ref, _seen(told, ref, who, names) if told else Seen.ABSENT)

    def control(self, store: str, beside: Beside) -> str:
        """A conversation whose summaries can be asked for: most have none."""
        row = beside.row
        return row.id if row and row.talked and self._answers(row.id) else ""

    def sees(self, control: Control) -> bool:
        return self._answers(control.remote_id)

    def _answers(self, conversation: str) -> bool:
        answer = self.reading.send("GET", SUMMARY, conversationId=conversation, ok=(404,))
        return answer.status != 404 and bool(about(answer, conversation))


def _seen(told: Json, ref: ItemRef, who: Sequence[Identifier], names: Sequence[str]) -> Seen:
    length = written(told)
    if not length:
        return Seen.REDACTED
    unchanged = ref.facts.get("characters", length) == length
    return Seen.PRESENT if unchanged or left_in(told, who, names) else Seen.REDACTED


def written(told: object) -> int:
    """Characters of free text in an answer, ids, dates and fixed words apart."""
    if isinstance(told, str):
        return len(told.strip())
    if isinstance(told, list):
        return sum(map(written, told))
    if not isinstance(told, dict):
        return 0
    return sum(written(one) for key, one in told.items() if key not in PLAIN | REFERENCES)
