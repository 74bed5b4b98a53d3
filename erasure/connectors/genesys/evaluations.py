"""Quality evaluations: named in the conversation rows, deleted one by one."""

from collections.abc import Iterator, Sequence
from functools import partial

from erasure.connectors.base import Clear, Erased, Found, ItemRef, Presence, Reply, Seen
from erasure.connectors.genesys.rows import Conversation
from erasure.connectors.genesys.stores import EVALUATIONS
from erasure.connectors.http import Http

EVALUATION = "/api/v2/quality/conversations/{conversationId}/evaluations/{evaluationId}"


class Evaluations:
    """Evaluations of conversations. Permissions: quality:evaluation:view, :delete."""

    def __init__(self, http: Http) -> None:
        self.http = http

    def collect(self, rows: Sequence[Conversation]) -> Iterator[Found]:
        """The evaluations the conversation rows name; no call is needed."""
        for row in rows:
            for one in row.evaluations:
                yield Found(
                    EVALUATIONS,
                    one.id,
                    parent_id=row.id,
                    division=row.division,
                    occurred_at=one.made or row.started,
                    facts={"status": one.status},
                )

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
        answer = self.http.send(
            "GET", EVALUATION, conversationId=conversation, evaluationId=evaluation, ok=(404,)
        )
        return answer.status != 404
