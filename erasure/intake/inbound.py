"""Requests of a controller for whom we are the processor (OpenDSR 2.0).

A request becomes a case like any other: an officer still confirms who asks, the DPO still
approves. No word sent back says more than the case does.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.db import transaction

from erasure import clock
from erasure.cases import move
from erasure.errors import InputError, StepError
from erasure.identity import identifier
from erasure.intake.stage import open_case
from erasure.models import PERSON, ApiClient, ErasureCase, InboundRequest, blind
from erasure.values import CaseState, Channel, CloseReason, Identifier, IdentifierKind, Step

KINDS = {"email": IdentifierKind.EMAIL, "controller_customer_id": IdentifierKind.CUSTOMER}
PHONES = ("mobile_number", "phone_number_2", "phone_number_3")
PENDING, IN_PROGRESS, COMPLETED, CANCELLED = "pending", "in_progress", "completed", "cancelled"
FINAL = (COMPLETED, CANCELLED)
BEFORE_APPROVAL = (
    CaseState.RECEIVED,
    CaseState.VALIDATING,
    CaseState.AWAITING_IDENTITY,
    CaseState.DISCOVERY,
    CaseState.DPO_REVIEW,
)
ENDS = {
    CaseState.COMPLETE: COMPLETED,
    CaseState.REFUSED: CANCELLED,
    CaseState.CLOSED: CANCELLED,
}
MOST_CALLBACKS = 5
OLDEST = timedelta(days=365)  # that a person may have asked the controller
EXISTS = "Subject request already exists"


@dataclass(frozen=True, slots=True)
class Told:
    """A request body, read strictly."""

    request_id: UUID
    submitted_at: datetime
    identifiers: tuple[Identifier, ...]
    callbacks: tuple[str, ...]

    def __repr__(self) -> str:
        return f"Told({self.request_id})"


def accept(client: ApiClient, body: bytes, domain: str) -> InboundRequest:
    """Open a case for a request, once: the same id and bytes find the same one again.

    ``domain``: ours, under which an extension may bring telephone numbers.

    Raises:
        InputError: names the field to mend. Nothing is written then.
    """
    told = read(body, domain)
    index = blind("opendsr.body", hashlib.sha256(body).hexdigest())
    with transaction.atomic():
        ApiClient.objects.select_for_update().get(pk=client.pk)
        known = client.requests.filter(subject_request_id=told.request_id).first()
        if known:
            if known.body_index != index or word(known) in FINAL:
                raise InputError("subject_request_id", EXISTS)
            return known
        text = f"Sent by the controller {client.name} over OpenDSR, for whom we are the processor."
        case = open_case(
            channel=Channel.OPENDSR, name="", identifiers=told.identifiers,
            received_at=told.submitted_at, actor=PERSON, text=text,
        )  # fmt: skip
        made = InboundRequest(
            case=case, client=client, subject_request_id=told.request_id, body_index=index,
            received_at=clock.now(), last_told=PENDING,
        )  # fmt: skip
        made.callbacks = list(told.callbacks)
        made.save(force_insert=True)
    return made


def word(inbound: InboundRequest) -> str:
    """The protocol's word for where the case stands: completed only when it is COMPLETE.

    What a hold keeps leaves the request in progress; the protocol has no word for refused.
    """
    case = ErasureCase.objects.get(pk=inbound.case_id)
    if inbound.cancelled_at:
        return CANCELLED
    if case.state in ENDS:
        return ENDS[case.state]
    released = case.items.filter(log_number__isnull=False).exists()
    return PENDING if case.state in BEFORE_APPROVAL and not released else IN_PROGRESS


def cancel(inbound: InboundRequest) -> None:
    """Close the case of a request that is still pending.

    Raises:
        InputError: it is pending no more.
    """
    if word(inbound) != PENDING:
        raise InputError("request_status", "Only a pending request can be cancelled")
    try:
        move(
            inbound.case_id, Step.CLOSE, actor=PERSON, close_reason=CloseReason.WITHDRAWN
        )  # fmt: skip
    except StepError:
        raise InputError("request_status", "Only a pending request can be cancelled") from None
    inbound.cancelled_at = clock.now()
    inbound.save(update_fields=["cancelled_at"])


def status(inbound: InboundRequest) -> dict[str, str]:
    """The body of a status answer (section 1.3)."""
    return {
        "controller_id": inbound.client.controller_id,
        "expected_completion_time": moment(expected(inbound.case)),
        "subject_request_id": str(inbound.subject_request_id),
        "request_status": word(inbound),
        "api_version": "2.0",
    }


def expected(case: ErasureCase) -> datetime:
    """The end of the last day on which the law lets us answer."""
    day = case.statutory_due + timedelta(days=1)
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def moment(when: datetime) -> str:
    return when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def read(body: bytes, domain: str) -> Told:
    """
    Raises:
        InputError: names the field; never repeats a value.
    """
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        raise InputError("body", "The body is not JSON") from None
    if not isinstance(told, dict):
        raise InputError("body", "The body is not a JSON object")
    _expect(told, "regulation", ("gdpr",))
    _expect(told, "subject_request_type", ("erasure",))
    identifiers = (*_identities(told), *_phones(told, domain))
    if not any(each.kind is not IdentifierKind.CUSTOMER for each in identifiers):
        raise InputError("subject_identities", "An e-mail address or telephone number is needed")
    return Told(_id(told), _submitted(told), identifiers, _callbacks(told))


def _expect(told: dict[str, Any], field: str, known: tuple[str, ...]) -> None:
    if told.get(field) not in known:
        raise InputError(field, f"{field} must be {' or '.join(known)}")


def _id(told: dict[str, Any]) -> UUID:
    given = told.get("subject_request_id")
    try:
        found = UUID(given) if isinstance(given, str) else None
    except ValueError:
        found = None
    if found is None or found.version != 4 or str(found) != given:
        raise InputError("subject_request_id", "subject_request_id must be a lower-case UUID v4")
    return found


def _submitted(told: dict[str, Any]) -> datetime:
    given = told.get("submitted_time")
    try:
        found = datetime.fromisoformat(given) if isinstance(given, str) else None
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise InputError("submitted_time", "submitted_time must be an RFC 3339 time with its zone")
    if not clock.now() - OLDEST <= found <= clock.now():
        raise InputError("submitted_time", "submitted_time must lie within the last year")
    return found


def _identities(told: dict[str, Any]) -> Iterator[Identifier]:
    rows = told.get("subject_identities", [])
    if not isinstance(rows, list):
        raise InputError("subject_identities", "subject_identities must be a list")
    for row in rows:
        kind, form, value = _row(row, "subject_identities")
        if kind not in KINDS or form != "raw":
            raise InputError("subject_identities", "This type or format of identity is not taken")
        yield _identifier(KINDS[kind], value, "subject_identities")


def _phones(told: dict[str, Any], domain: str) -> Iterator[Identifier]:
    """The protocol has no type for telephone numbers: they come under our own domain."""
    extensions = told.get("extensions", {})
    own = extensions.get(domain, {}) if isinstance(extensions, dict) else None
    rows = own.get("identities", []) if isinstance(own, dict) else None
    if not isinstance(rows, list):
        raise InputError("extensions", "extensions must name our domain, and there identities")
    for row in rows:
        kind, _, value = _row(row, "extensions")
        if kind not in PHONES:
            raise InputError("extensions", "This type of identity is not taken")
        yield _identifier(IdentifierKind.PHONE, value, "extensions")


def _row(row: object, field: str) -> tuple[str, str, str]:
    if not isinstance(row, dict):
        raise InputError(field, "An identity must be an object")
    parts = [row.get(f"identity_{part}") for part in ("type", "format", "value")]
    kind, form, value = (part if isinstance(part, str) else "" for part in parts)
    if not value:
        raise InputError(field, "An identity has no value")
    return kind, form, value


def _identifier(kind: IdentifierKind, value: str, field: str) -> Identifier:
    try:
        return identifier(kind, value, settings.COUNTRY)
    except InputError:
        raise InputError(field, "The value of an identity cannot be read") from None


def _callbacks(told: dict[str, Any]) -> tuple[str, ...]:
    rows = told.get("status_callback_urls", [])
    if not isinstance(rows, list) or len(rows) > MOST_CALLBACKS:
        raise InputError("status_callback_urls", f"At most {MOST_CALLBACKS} addresses are taken")
    if not all(isinstance(row, str) and is_callable(row) for row in rows):
        raise InputError("status_callback_urls", "Each address must begin with https://")
    return tuple(dict.fromkeys(rows))


def is_callable(url: str) -> bool:
    """https, a host and no password; plain http on this machine in a trial only."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return False
    if not parts.hostname or parts.username or parts.password or port == 0 or len(url) > 500:
        return False
    local = settings.SANDBOX and parts.hostname in ("127.0.0.1", "localhost")
    return parts.scheme == "https" or (parts.scheme == "http" and local)
