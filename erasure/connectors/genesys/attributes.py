"""Participant attributes: free fields of a conversation, redacted by the vendor's job."""

from collections.abc import Iterator, Sequence

from erasure.connectors.base import (
    Clear,
    Control,
    Erased,
    Found,
    ItemRef,
    NotErased,
    Presence,
    Searched,
    Seen,
)
from erasure.connectors.genesys.part import Beside, Person, not_by_itself, searched
from erasure.connectors.genesys.reading import inner, objects, required
from erasure.connectors.genesys.rows import Conversation, is_outside
from erasure.connectors.genesys.stores import ATTRIBUTES
from erasure.connectors.http import Http, Json
from erasure.errors import RefusedError
from erasure.values import Identifier

CONVERSATION = "/api/v2/conversations/{conversationId}"


class Attributes:
    """One item for each conversation with attributes.

    Permissions: analytics:conversationDetail:view, conversation:communication:view.
    """

    names: tuple[str, ...] = (ATTRIBUTES,)

    def __init__(self, reading: Http) -> None:
        self.reading = reading

    def collect(self, person: Person) -> Iterator[Found | Searched]:
        """Rows of analytics jobs carry them; only what no job saw ended is read itself."""
        total = 0
        for row in person.rows:
            count = self._count(row)
            if count:
                total += 1
                yield Found(
                    ATTRIBUTES,
                    row.id,
                    parent_id=row.id,
                    division=row.division,
                    occurred_at=row.started,
                    facts={"attributes": count},
                )
        yield searched(ATTRIBUTES, total)

    def _count(self, row: Conversation) -> int:
        if row.settled:
            return sum(1 for value in row.attributes.values() if value.strip())
        talk = self._read(row.id)
        if talk is None:
            raise RefusedError(f"GET {CONVERSATION} does not show a conversation its row tells of")
        return _filled(talk)

    def _read(self, conversation: str) -> Json | None:
        """GET /api/v2/conversations/{conversationId}; None if there is none."""
        answer = self.reading.send("GET", CONVERSATION, conversationId=conversation, ok=(404,))
        if answer.status == 404:
            return None
        talk = answer.json_object()
        if required(talk, "id") != conversation or "participants" not in talk:
            raise RefusedError(f"GET {CONVERSATION} answered with no such conversation")
        return talk

    def erase(self, refs: Sequence[ItemRef], clear: Clear) -> Iterator[Erased | NotErased]:
        raise not_by_itself(ATTRIBUTES)

    def verify(
        self, refs: Sequence[ItemRef], who: Sequence[Identifier], names: Sequence[str]
    ) -> Iterator[Presence]:
        """No participant from outside may carry an attribute with a value."""
        for ref in refs:
            talk = self._read(ref.remote_id)
            if talk is None:
                yield Presence(ref, Seen.ABSENT, 404)
            else:
                yield Presence(ref, Seen.PRESENT if _filled(talk) else Seen.REDACTED)

    def control(self, store: str, beside: Beside) -> str:
        """Another conversation that the same call reads."""
        return beside.row.id if beside.row and self._read(beside.row.id) else ""

    def sees(self, control: Control) -> bool:
        return self._read(control.remote_id) is not None


def _filled(talk: Json) -> int:
    """Attributes with a value of all participants from outside."""
    outside = [one for one in objects(talk, "participants") if is_outside(one)]
    return sum(str(v).strip() != "" for one in outside for v in inner(one, "attributes").values())
