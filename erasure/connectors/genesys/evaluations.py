"""Quality evaluations: named in the conversation rows, deleted one by one."""

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
)
from erasure.connectors.genesys.part import Beside, Person, each, searched
from erasure.connectors.genesys.reading import required
from erasure.connectors.genesys.rows import Conversation
from erasure.connectors.genesys.stores import EVALUATIONS
from erasure.connectors.http import Http
from erasure.errors import RefusedError
from erasure.values import Identifier

EVALUATION = "/api/v2/quality/conversations/{conversationId}/evaluations/{evaluationId}"


class Evaluations:
    """Evaluations of conversations. Permissions: quality:evaluation:view, :delete."""

    names: tuple[str, ...] = (EVALUATIONS,)

    def __init__(self, reading: Http, http: Http) -> None:
        self.reading = reading
        self.http = http

    def collect(self, person: Person) -> Iterator[Found | Searched]:
        """The evaluations the conversation rows name; no call is needed."""
        found = [one for row in person.rows for one in as_found(row)]
        yield from found
        yield searched(EVALUATIONS, len(found))

    def erase(self, refs: Sequence[ItemRef], clear: Clear) -> Iterator[Erased | NotErased]:
        return each(self.erase_one, refs, clear)

    def verify(
        self, refs: Sequence[ItemRef], who: Sequence[Identifier], names: Sequence[str]
    ) -> Iterator[Presence]:
        return map(self.verify_one, refs)

    def control(self, store: str, beside: Beside) -> str:
        row = beside.row
        return f"{row.id}/{row.evaluations[0].id}" if row and row.evaluations else ""

    def sees(self, control: Control) -> bool:
        conversation, _, evaluation = control.remote_id.partition("/")
        return self.exists(conversation, evaluation)

    def erase_one(self, ref: ItemRef, clear: Clear) -> Erased:
        """Delete one evaluation; the answer repeats it whole and is dropped unread.

        DELETE /api/v2/quality/conversations/{conversationId}/evaluations/{evaluationId}
        (quality:evaluation:delete)
        """
        answer = self.http.send(
            "DELETE",
            EVALUATION,
            conversationId=ref.parent_id,
            evaluationId=ref.remote_id,
            ok=(404,),
            before=partial(clear, [ref]),
        )
        reply = Reply.ALREADY_GONE if answer.status == 404 else Reply.DONE
        return Erased(ref, reply, answer.status)

    def verify_one(self, ref: ItemRef) -> Presence:
        seen = Seen.PRESENT if self.exists(ref.parent_id, ref.remote_id) else Seen.ABSENT
        return Presence(ref, seen, 200 if seen is Seen.PRESENT else 404)

    def exists(self, conversation: str, evaluation: str) -> bool:
        """Read one evaluation (quality:evaluation:view)."""
        answer = self.reading.send(
            "GET", EVALUATION, conversationId=conversation, evaluationId=evaluation, ok=(404,)
        )
        if answer.status == 404:
            return False
        if required(answer.json_object(), "id") != evaluation:
            raise RefusedError(f"GET {EVALUATION} answered with another evaluation")
        return True


def as_found(row: Conversation) -> Iterator[Found]:
    """The evaluations of one conversation, as inventoried."""
    for one in row.evaluations:
        yield Found(
            EVALUATIONS,
            one.id,
            parent_id=row.id,
            division=row.division,
            occurred_at=one.made or row.started,
            facts={"status": one.status},
        )
