"""Create, look, withdraw. A client sees the requests it sent and no others."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from ninja import Header, NinjaAPI, Status
from ninja.security import HttpBasicAuth

from erasure import clock
from erasure.api.problems import ProblemError, handle_errors
from erasure.api.schemas import ProblemOut, RequestIn, RequestOut, State
from erasure.errors import InputError, StepError
from erasure.identity import email, identifier, name
from erasure.intake import Agent, may_withdraw, withdraw
from erasure.intake.clients import ClientRequest, accept, case_of_client
from erasure.limiter.uses import allowed, network
from erasure.models import ApiClient, ErasureCase
from erasure.values import CaseState, Identifier, IdentifierKind, Scope

LARGEST = 64 * 1024  # bytes of a body
MOST_WRONG_KEYS = 60  # an hour and network
STATES: dict[CaseState, State] = {
    CaseState.RECEIVED: "received",
    CaseState.VALIDATING: "received",
    CaseState.AWAITING_IDENTITY: "awaiting_identity",
    CaseState.DISCOVERY: "searching",
    CaseState.DPO_REVIEW: "in_review",
    CaseState.EXECUTING: "being_carried_out",
    CaseState.AWAITING_VENDOR: "being_carried_out",
    CaseState.PARTIAL_HOLD: "answered",  # whether data is or was held is the person's to know
    CaseState.COMPLETE: "answered",
    CaseState.REFUSED: "answered",
    CaseState.CLOSED: "closed",
}
LISTS = {
    "emails": IdentifierKind.EMAIL,
    "phones": IdentifierKind.PHONE,
    "customer_numbers": IdentifierKind.CUSTOMER,
    "other_names": IdentifierKind.NAME,
}
PROBLEMS: Any = dict.fromkeys([401, 403, 404, 409, 413, 422, 429], ProblemOut)


class ClientKey(HttpBasicAuth):
    """Key and secret of a client (HTTP Basic)."""

    def authenticate(self, request: HttpRequest, username: str, password: str) -> ApiClient | None:
        if int(request.META.get("CONTENT_LENGTH") or 0) > LARGEST:  # before any of it is read
            raise ProblemError(413, f"At most {LARGEST} bytes are taken.")
        client = ApiClient.objects.by_key(username, password)
        if client is None and not allowed("api.key", network(request), MOST_WRONG_KEYS):
            raise ProblemError(429, "Too many wrong keys came from here. Wait an hour.")
        return client


api = NinjaAPI(
    title="Erasure", version="1", description="Requests under Art. 17 GDPR.", docs_url=None,
    openapi_url="openapi.json", auth=ClientKey(), urls_namespace="api",
)  # fmt: skip
handle_errors(api)


@api.post("requests", response={201: RequestOut, 200: RequestOut, **PROBLEMS}, summary="Send")
def create(
    request: HttpRequest,
    asked: RequestIn,
    key: str = Header(..., alias="Idempotency-Key", description="Yours; the same for a repeat."),
) -> Status[Any]:
    """Open a case for a request, once for each idempotency key. 200: it was there already."""
    client = allowed_client(request, Scope.CREATE)
    try:
        case, new = accept(client, key, read(asked))
    except InputError as why:
        if why.field == "key":
            raise ProblemError(409, str(why)) from None
        raise
    return Status(201 if new else 200, said(case))


@api.get("requests/{reference}", response={200: RequestOut, **PROBLEMS}, summary="Status")
def status(request: HttpRequest, reference: str) -> RequestOut:
    """Where a request of this client stands."""
    return said(mine(allowed_client(request, Scope.STATUS), reference))


@api.post(
    "requests/{reference}/withdrawal", response={200: RequestOut, **PROBLEMS}, summary="Withdraw"
)
def take_back(request: HttpRequest, reference: str) -> RequestOut:
    """The person takes the request back; possible until it is carried out."""
    case = mine(allowed_client(request, Scope.WITHDRAW), reference)
    try:
        return said(withdraw(case.pk))
    except StepError:
        raise ProblemError(409, "It is being carried out, or has ended.") from None


def allowed_client(request: HttpRequest, scope: Scope) -> ApiClient:
    """Who calls, if its key opens this and its hour is not used up.

    Raises:
        ProblemError: 403 or 429.
    """
    client: ApiClient = request.auth  # type: ignore[attr-defined]
    if not client.may(scope):
        raise ProblemError(403, f"This key lacks the scope {scope}.")
    if not allowed("api", str(client.pk), client.per_hour):
        raise ProblemError(429, f"This key may be used {client.per_hour} times an hour.")
    return client


def mine(client: ApiClient, reference: str) -> ErasureCase:
    case = case_of_client(client, reference)
    if case is None:
        raise ProblemError(404)
    return case


def said(case: ErasureCase) -> RequestOut:
    return RequestOut(
        reference=case.reference, state=STATES[CaseState(case.state)],
        received_at=case.received_at, answer_due=case.statutory_due.isoformat(),
        answered_at=case.answered_at, withdrawable=may_withdraw(case),
    )  # fmt: skip


def read(asked: RequestIn) -> ClientRequest:
    """
    Raises:
        InputError: ``emails.0`` names what to mend.
    """
    received = asked.received_at or clock.now()
    if received.tzinfo is None:
        raise InputError("received_at", "Give the time with its zone: 2026-03-05T09:30:00+01:00.")
    found = [
        _one(f"{field}.{at}", kind, value)
        for field, kind in LISTS.items()
        for at, value in enumerate(getattr(asked, field))
    ]
    if asked.name:
        found.append(_one("name", IdentifierKind.NAME, asked.name))
    return ClientRequest(
        body=asked.model_dump_json(), name=asked.name, identifiers=tuple(found),
        received_at=received, language=asked.language, on_behalf=asked.on_behalf,
        agent=_agent(asked), text=asked.text,
    )  # fmt: skip


def _one(field: str, kind: IdentifierKind, value: str) -> Identifier:
    try:
        return identifier(kind, value, settings.COUNTRY)
    except InputError as why:
        raise InputError(field, str(why)) from None


def _agent(asked: RequestIn) -> Agent | None:
    given = asked.representative
    if given is None:
        return None
    try:
        return Agent(name(given.name), email(given.email))
    except InputError as why:
        raise InputError(f"representative.{why.field}", str(why)) from None
