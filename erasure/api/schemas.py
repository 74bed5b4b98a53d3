"""What goes in and comes out, as the OpenAPI description shows it."""

from datetime import datetime
from typing import Annotated, Literal

from ninja import Schema
from pydantic import ConfigDict, Field, StringConstraints

from erasure.intake import MOST_IDENTIFIERS

Text = Annotated[str, StringConstraints(max_length=254)]
Several = Annotated[list[Text], Field(max_length=MOST_IDENTIFIERS)]
Language = Literal["en", "de", "fr", "es", "it", "nl"]
State = Literal[
    "received", "awaiting_identity", "searching", "in_review", "being_carried_out", "answered",
    "closed",
]  # fmt: skip


class Strict(Schema):
    """A misspelt field is an error, not a request that says less."""

    model_config = ConfigDict(extra="forbid")


class RepresentativeIn(Strict):
    name: Annotated[str, StringConstraints(max_length=200)]
    email: Text


class RequestIn(Strict):
    """A request under Art. 17 that reached the client."""

    name: Annotated[str, StringConstraints(max_length=200)] = ""
    other_names: Several = []
    emails: Several = []
    phones: Several = []
    customer_numbers: Several = []
    language: Language = "en"
    received_at: datetime | None = Field(
        None, description="When the person asked, with its zone: the month runs from it. Else now."
    )
    on_behalf: bool = False
    representative: RepresentativeIn | None = None
    text: Annotated[str, StringConstraints(max_length=4000)] = ""


class RequestOut(Schema):
    """Where a request stands. What was found and erased is told to the person alone."""

    reference: str
    state: State
    received_at: datetime
    answer_due: str = Field(description="The last day for the answer, YYYY-MM-DD.")
    answered_at: datetime | None
    withdrawable: bool


class FieldProblem(Schema):
    field: str
    detail: str


class ProblemOut(Schema):
    """RFC 9457."""

    type: str
    title: str
    status: int
    detail: str = ""
    errors: list[FieldProblem] = []
