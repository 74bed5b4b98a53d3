"""Calibrations: listed by calibrator, deleted one by one."""

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
from erasure.connectors.genesys import stores
from erasure.connectors.genesys.conversations import Conversations
from erasure.connectors.genesys.listing import whole
from erasure.connectors.genesys.options import Options, listed
from erasure.connectors.genesys.part import Beside, Person, each, searched
from erasure.connectors.genesys.reading import inner, moment, required, text
from erasure.connectors.genesys.rows import Conversation
from erasure.connectors.genesys.stores import CALIBRATIONS
from erasure.connectors.http import Http, Json
from erasure.values import Identifier, StoreStatus

LIST = "/api/v2/quality/calibrations"
ONE = LIST + "/{calibrationId}"
ASKED_SINGLY = 25  # evaluated conversations
Pair = tuple[Conversation, Json]


class Calibrations:
    """Calibrations of evaluated conversations. Permissions: quality:calibration:view, :delete.

    The vendor lists them by calibrator only; the connection's options name those.
    """

    names: tuple[str, ...] = (CALIBRATIONS,)

    def __init__(
        self, reading: Http, http: Http, options: Options, conversations: Conversations
    ) -> None:
        self.reading = reading
        self.http = http
        self.calibrators = listed(options.calibrators)
        self.conversations = conversations

    def collect(self, person: Person) -> Iterator[Found | Searched]:
        """Only a conversation that was evaluated can have been calibrated."""
        evaluated = [row for row in person.rows if row.evaluations]
        if not evaluated:
            yield searched(CALIBRATIONS, 0, "none of the conversations was evaluated")
        elif not self.calibrators:
            note = f"no calibrator is named in the connection, {len(evaluated)} were evaluated"
            by_hand = stores.MANUAL[CALIBRATIONS]
            yield Searched(CALIBRATIONS, StoreStatus.MANUAL, 0, note, by_hand)
        else:
            found = [
                Found(
                    CALIBRATIONS,
                    f"{calibrator}/{required(one, 'id')}",
                    parent_id=row.id,
                    division=row.division,
                    occurred_at=moment(text(one, "createdDate")) or row.started,
                )
                for calibrator in self.calibrators
                for row, one in self._of_all(calibrator, evaluated)
            ]
            yield from found
            yield searched(CALIBRATIONS, len(found), f"calibrators asked: {len(self.calibrators)}")

    def of(self, calibrator: str, conversation: str) -> list[Json]:
        """A conversation's calibrations by one calibrator.

        GET /api/v2/quality/calibrations?calibratorId=&conversationId=
        """
        asked = {"calibratorId": calibrator, "conversationId": conversation}
        return whole(self.reading, LIST, asked)

    def _of_all(self, calibrator: str, rows: Sequence[Conversation]) -> Iterator[Pair]:
        """Few conversations are asked for one by one; of many, the calibrator's whole list."""
        if len(rows) <= ASKED_SINGLY:
            yield from ((row, one) for row in rows for one in self.of(calibrator, row.id))
            return
        mine = {row.id: row for row in rows}
        for one in whole(self.reading, LIST, {"calibratorId": calibrator}):
            row = mine.get(required(inner(one, "conversation"), "id"))
            if row:
                yield row, one

    def erase(self, refs: Sequence[ItemRef], clear: Clear) -> Iterator[Erased | NotErased]:
        return each(self.erase_one, refs, clear)

    def erase_one(self, ref: ItemRef, clear: Clear) -> Erased:
        """Delete one calibration; the answer repeats it whole and is dropped unread.

        DELETE /api/v2/quality/calibrations/{calibrationId}?calibratorId=
        (quality:calibration:delete)
        """
        calibrator, _, calibration = ref.remote_id.partition("/")
        answer = self.http.send(
            "DELETE",
            ONE,
            params={"calibratorId": calibrator},
            calibrationId=calibration,
            ok=(404,),
            before=partial(clear, [ref]),
        )
        reply = Reply.ALREADY_GONE if answer.status == 404 else Reply.DONE
        return Erased(ref, reply, answer.status)

    def verify(
        self, refs: Sequence[ItemRef], who: Sequence[Identifier], names: Sequence[str]
    ) -> Iterator[Presence]:
        """The list that held a calibration must not hold it any more."""
        for ref in refs:
            calibrator, _, calibration = ref.remote_id.partition("/")
            there = calibration in {
                required(one, "id") for one in self.of(calibrator, ref.parent_id)
            }
            yield Presence(ref, Seen.PRESENT if there else Seen.ABSENT)

    def control(self, store: str, beside: Beside) -> str:
        """Another evaluated conversation for which each calibrator's list answers."""
        row = beside.row
        if row is None or not row.evaluations or not self.calibrators:
            return ""
        lists = [self.of(calibrator, row.id) for calibrator in self.calibrators]
        return f"{row.id}/{sum(map(len, lists))}"

    def sees(self, control: Control) -> bool:
        """The same lists, no shorter than before, and the conversation in sight."""
        conversation, _, before = control.remote_id.partition("/")
        lists = [self.of(calibrator, conversation) for calibrator in self.calibrators]
        enough = sum(map(len, lists)) >= int(before)
        return enough and conversation in self.conversations.rows([conversation])
