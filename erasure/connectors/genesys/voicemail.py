"""Voicemail: a client's token has no user, so the queues are all it may look into."""

from collections.abc import Iterable, Iterator, Sequence

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
    Unanswered,
)
from erasure.connectors.genesys.listing import whole
from erasure.connectors.genesys.part import Beside, Person, not_by_itself, searched
from erasure.connectors.genesys.reading import inner, moment, objects, required, text, unanswered
from erasure.connectors.genesys.rows import Conversation
from erasure.connectors.genesys.stores import MANUAL, PERMISSIONS, VOICEMAIL
from erasure.connectors.http import Http, Json
from erasure.errors import ErasureError, RefusedError
from erasure.values import Identifier, StoreStatus

MESSAGES = "/api/v2/voicemail/queues/{queueId}/messages"
CLOSED = "{} of {} conversations left a message in a mailbox that no interface opens"


class Voicemail:
    """The messages of queues. Permission: voicemail:acdvoicemail:view.

    Which conversations went to voicemail, and to which queue, their rows tell. A user's or
    a group's mailbox, and a queue that is closed to a client, is for a person to look into.
    """

    names: tuple[str, ...] = (VOICEMAIL,)

    def __init__(self, reading: Http) -> None:
        self.reading = reading

    def collect(self, person: Person) -> Iterator[Found | Searched | Unanswered]:
        """The messages left in conversations of the person, and a task for the others."""
        rows = {row.id: row for row in person.rows if row.voicemail}
        try:
            queues = self._queues(rows.values())
            found = [each for key, held in queues.items() for each in _left(key, held or (), rows)]
        except ErasureError as error:
            yield unanswered(VOICEMAIL, error, PERMISSIONS[VOICEMAIL])
            return
        yield from found
        open_ = {key for key, held in queues.items() if held is not None}
        blind = sum(not open_.issuperset(row.mailboxes) for row in rows.values())
        if not blind:
            yield searched(VOICEMAIL, len(found))
            return
        status = StoreStatus.FOUND if found else StoreStatus.MANUAL
        note = CLOSED.format(blind, len(rows))
        yield Searched(VOICEMAIL, status, len(found), note, MANUAL[VOICEMAIL])

    def _queues(self, rows: Iterable[Conversation]) -> dict[str, list[Json] | None]:
        """The messages of each queue; None for one that is closed to us."""
        keys = dict.fromkeys(key for row in rows for key in row.mailboxes if key)
        return {key: self._messages(key) for key in keys}

    def _messages(self, queue: str) -> list[Json] | None:
        """GET /api/v2/voicemail/queues/{queueId}/messages. 400 not.a.user, 403: closed."""
        try:
            return whole(self.reading, MESSAGES, queue=queue)
        except RefusedError as error:
            if error.status == 403 or (error.status == 400 and error.code == "not.a.user"):
                return None
            raise

    def erase(self, refs: Sequence[ItemRef], clear: Clear) -> Iterator[Erased | NotErased]:
        raise not_by_itself(VOICEMAIL)

    def verify(
        self, refs: Sequence[ItemRef], who: Sequence[Identifier], names: Sequence[str]
    ) -> Iterator[Presence]:
        """Read the queues' messages again; a message that is there still holds its audio."""
        held = {
            queue: {required(one, "id"): one for one in whole(self.reading, MESSAGES, queue=queue)}
            for queue in dict.fromkeys(str(ref.facts.get("queue", "")) for ref in refs)
        }
        for ref in refs:
            message = held[str(ref.facts.get("queue", ""))].get(ref.remote_id)
            yield Presence(ref, _seen(message) if message else Seen.ABSENT)

    def control(self, store: str, beside: Beside) -> str:
        """A queue whose messages can be read: few conversations leave one."""
        for queue in beside.row.queues if beside.row else ():
            if self._answers(queue):
                return queue
        return ""

    def sees(self, control: Control) -> bool:
        return self._answers(control.remote_id)

    def _answers(self, queue: str) -> bool:
        page = self.reading.send("GET", MESSAGES, params={"pageSize": 1}, queueId=queue)
        listing = page.json_object()
        objects(listing, "entities")
        return "entities" in listing


def _left(queue: str, messages: Sequence[Json], rows: dict[str, Conversation]) -> Iterator[Found]:
    for one in messages:
        row = rows.get(required(inner(one, "conversation"), "id"))
        if row:
            yield Found(
                VOICEMAIL,
                required(one, "id"),
                parent_id=row.id,
                division=row.division,
                occurred_at=moment(text(one, "createdDate")) or row.started,
                facts={"queue": queue},
            )


def _seen(message: Json) -> Seen:
    """A deleted message is kept for as long as the mailbox keeps it."""
    return Seen.RECOVERABLE if message.get("deleted") is True else Seen.PRESENT
