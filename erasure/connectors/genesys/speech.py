"""Speech and text analytics: transcript, topics, sentiment. They go with the recording."""

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
    Reply,
    Searched,
    Seen,
    Unanswered,
)
from erasure.connectors.genesys.asked import about, search
from erasure.connectors.genesys.options import Options
from erasure.connectors.genesys.part import Beside, Person, each
from erasure.connectors.genesys.stores import TRANSCRIPTS
from erasure.connectors.http import Http
from erasure.values import Identifier

SPEECH = "/api/v2/speechandtextanalytics/conversations/{conversationId}"


class Speech:
    """What was made of a conversation's words; how it is searched: see ``asked``.

    Permissions: speechAndTextAnalytics:data:view, recording:recording:view.
    """

    names: tuple[str, ...] = (TRANSCRIPTS,)

    def __init__(self, reading: Http, options: Options) -> None:
        self.reading = reading
        self.options = options

    def collect(self, person: Person) -> Iterator[Found | Searched | Unanswered]:
        """One item per conversation that has, or may have, an analysis."""
        return search(TRANSCRIPTS, person.rows, self.options, self._facts)

    def _facts(self, conversation: str) -> Facts | None:
        return {} if self.has(conversation) else None

    def has(self, conversation: str) -> bool:
        """Whether the vendor keeps an analysis of it.

        GET /api/v2/speechandtextanalytics/conversations/{conversationId}. 404: none.
        """
        answer = self.reading.send("GET", SPEECH, conversationId=conversation, ok=(404,))
        return answer.status != 404 and bool(about(answer, conversation))

    def erase(self, refs: Sequence[ItemRef], clear: Clear) -> Iterator[Erased | NotErased]:
        """Nothing is destroyed here: the recordings, which ended before, take it along."""
        return each(self._look, refs, clear)

    def _look(self, ref: ItemRef, clear: Clear) -> Erased:
        """One that was never asked about is left to the read-back: no call, status 0."""
        if ref.facts.get("unasked"):
            return Erased(ref, Reply.ACCEPTED, 0)
        here = self.has(ref.remote_id)
        return Erased(ref, Reply.ACCEPTED if here else Reply.ALREADY_GONE, 200 if here else 404)

    def verify(
        self, refs: Sequence[ItemRef], who: Sequence[Identifier], names: Sequence[str]
    ) -> Iterator[Presence]:
        """Ask for each again."""
        for ref in refs:
            here = self.has(ref.remote_id)
            yield Presence(ref, Seen.PRESENT if here else Seen.ABSENT, 200 if here else 404)

    def control(self, store: str, beside: Beside) -> str:
        row = beside.row
        return row.id if row and row.recorded and row.talked and self.has(row.id) else ""

    def sees(self, control: Control) -> bool:
        return self.has(control.remote_id)
