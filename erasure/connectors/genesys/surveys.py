"""Surveys: read conversation by conversation, redacted by the vendor's own job."""

from collections.abc import Iterator, Sequence
from datetime import timedelta

from erasure import clock
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
from erasure.connectors.genesys.conversations import Conversations
from erasure.connectors.genesys.options import Options
from erasure.connectors.genesys.part import Beside, Person, not_by_itself, searched
from erasure.connectors.genesys.reading import inner, moment, objects, only_objects, required, text
from erasure.connectors.genesys.rows import Conversation, left_in
from erasure.connectors.genesys.stores import SURVEYS
from erasure.connectors.http import Http, Json
from erasure.errors import RefusedError
from erasure.values import Identifier

LIST = "/api/v2/quality/conversations/{conversationId}/surveys"
WRITTEN = ("freeTextAnswer", "npsTextAnswer")


class Surveys:
    """Surveys of conversations. Permission: quality:survey:view."""

    names: tuple[str, ...] = (SURVEYS,)

    def __init__(self, reading: Http, options: Options, conversations: Conversations) -> None:
        self.reading = reading
        self.options = options
        self.conversations = conversations

    def collect(self, person: Person) -> Iterator[Found | Searched]:
        """Surveys of conversations whose row announces one or is too young to tell.

        Raises:
            RefusedError: an announced survey cannot be seen.
        """
        total = 0
        for row in person.rows:
            if not row.surveys and not self._young(row):
                continue
            surveys = self.of(row.id)
            if row.surveys and not surveys:
                raise RefusedError(f"GET {LIST} does not show a survey the row announces")
            for survey in surveys or ():
                total += 1
                yield Found(
                    SURVEYS,
                    required(survey, "id"),
                    parent_id=row.id,
                    division=row.division,
                    occurred_at=moment(text(survey, "completedDate")) or row.started,
                    facts={"status": text(survey, "status")},
                )
        yield searched(SURVEYS, total)

    def _young(self, row: Conversation) -> bool:
        when = row.ended or row.started
        young = timedelta(hours=self.options.young_hours)
        return not row.settled or when is None or clock.now() - when < young

    def of(self, conversation: str) -> list[Json] | None:
        """The surveys of a conversation; None if there is no such conversation.

        GET /api/v2/quality/conversations/{conversationId}/surveys
        """
        answer = self.reading.send("GET", LIST, conversationId=conversation, ok=(404,))
        return None if answer.status == 404 else only_objects(answer.json_list())

    def erase(self, refs: Sequence[ItemRef], clear: Clear) -> Iterator[Erased | NotErased]:
        raise not_by_itself(SURVEYS)

    def verify(
        self, refs: Sequence[ItemRef], who: Sequence[Identifier], names: Sequence[str]
    ) -> Iterator[Presence]:
        """A survey must be gone, or hold no written answer and nothing of the person."""
        for ref in refs:
            surveys = {required(one, "id"): one for one in self.of(ref.parent_id) or ()}
            survey = surveys.get(ref.remote_id)
            if survey is None:
                yield Presence(ref, Seen.ABSENT, 404)
            else:
                left = _written(survey) or left_in(survey, who, names)
                yield Presence(ref, Seen.PRESENT if left else Seen.REDACTED)

    def control(self, store: str, beside: Beside) -> str:
        """A survey of another conversation; if it has none, that they can be listed."""
        surveys = self.of(beside.row.id) if beside.row else None
        if beside.row is None or surveys is None:
            return ""
        return f"{beside.row.id}/{required(surveys[0], 'id') if surveys else ''}"

    def sees(self, control: Control) -> bool:
        conversation, _, survey = control.remote_id.partition("/")
        surveys = self.of(conversation)
        if survey:
            return survey in {required(one, "id") for one in surveys or ()}
        return surveys is not None and conversation in self.conversations.rows([conversation])


def _written(survey: Json) -> bool:
    """Whether an answer in free text is left."""
    groups = objects(inner(survey, "answers"), "questionGroupScores")
    scores = [score for group in groups for score in objects(group, "questionScores")]
    return any(text(score, key).strip() for score in scores for key in WRITTEN)
