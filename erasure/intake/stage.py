"""The intake stage: a request from any channel becomes a case, once."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import transaction

from erasure import clock
from erasure.cases import locked, move, start_clock, wake
from erasure.errors import InputError, StepError
from erasure.ledger.append import append
from erasure.models import (
    SYSTEM,
    Actor,
    ErasureCase,
    MandatePage,
    Representative,
    Subject,
    Verification,
    add_identifier,
)
from erasure.uploads import safe_copy, scan
from erasure.values import CaseState, Channel, Identifier, IdentifierKind, Step

MOST_IDENTIFIERS = 30
MANDATE_MARK = "copy for an erasure request only"


@dataclass(frozen=True, slots=True)
class Agent:
    """Who asks for somebody else, and the pages of the mandate, redrawn as JPEG."""

    name: str = field(default="", repr=False)
    email: str = field(default="", repr=False)
    mandate: tuple[bytes, ...] = field(default=(), repr=False)


def open_case(
    *,
    channel: str,
    name: str,
    identifiers: Sequence[Identifier],
    received_at: datetime,
    actor: Actor,
    language: str = "en",
    on_behalf: bool = False,
    agent: Agent | None = None,
    text: str = "",
) -> ErasureCase:
    """Record a request. ``received_at`` is the true moment of receipt, not of entry.

    Raises:
        InputError: names the field to mend. Nothing is written then.
        StepError: the role does not allow it.
    """
    if actor.user and not actor.may("erasure.add_erasurecase"):
        raise StepError("permission", "Your role does not allow to record requests.")
    _check(identifiers, received_at)
    with transaction.atomic():
        case = ErasureCase(
            channel=Channel(channel), language=language, on_behalf=on_behalf or agent is not None,
            received_at=received_at, logged_at=clock.now(),
        )  # fmt: skip
        start_clock(case)
        case.prepare()
        case.request = text
        case.save()
        subject = Subject(case=case)
        subject.name = name.strip()
        subject.save(force_insert=True)
        for who in dict.fromkeys(identifiers):
            add_identifier(case, who, provenance="Given in the request", given=True)
        _keep_agent(case, agent)
        Verification.objects.create(case=case)
        private = {"case": case.reference, "channel": str(case.channel), "actor": actor.key}
        append(case, "opened", private)
        if actor.user:
            case.preparers.add(actor.user)
        transaction.on_commit(lambda: wake(case.pk))
    return case


def _keep_agent(case: ErasureCase, agent: Agent | None) -> None:
    if agent is None:
        return
    if agent.name or agent.email:
        row = Representative(case=case)
        row.name, row.email = agent.name.strip(), agent.email
        row.save(force_insert=True)
    keep_mandate(case, agent.mandate)


def redrawn_mandate(data: bytes) -> tuple[bytes, ...]:
    """An upload as fresh pages. Takes seconds: call it outside of any transaction.

    Raises:
        InputError: ``document``; the file is not acceptable. BusyError: it cannot be checked now.
    """
    scan(data, settings.CLAMAV)
    return safe_copy(data, mark=MANDATE_MARK).pages


def add_mandate(case_id: UUID, data: bytes, *, actor: Actor) -> None:
    """Attach what came later; the log says that it did.

    Raises:
        InputError: ``document``; the file is not acceptable. BusyError: it cannot be checked now.
        StepError: the role or the state of the case does not allow it.
    """
    if not actor.may("erasure.ask_identity"):
        raise StepError("permission", "Your role does not allow to attach a mandate.")
    pages = redrawn_mandate(data)
    with locked(case_id) as case:
        if not case.is_open():
            raise StepError("state", f"The case is {case.state}: nothing is attached any more.")
        keep_mandate(case, pages)
        case.on_behalf = True
        case.save(update_fields=["on_behalf"])
        append(case, "identity", {"received": "mandate", "actor": actor.key})


def keep_mandate(case: ErasureCase, pages: Sequence[bytes]) -> None:
    """Add pages to what shows the authority to act for the person."""
    for number, data in enumerate(pages, start=case.mandate.count() + 1):
        page = MandatePage(case=case, page=number)
        page.seal_data(data)
        page.save(force_insert=True)


def _check(identifiers: Sequence[Identifier], received_at: datetime) -> None:
    if received_at.tzinfo is None:
        raise InputError("received_at", "Give the date of receipt with its time zone.")
    if received_at > clock.now():
        raise InputError("received_at", "The date of receipt lies in the future.")
    searchable = [who for who in identifiers if who.kind is not IdentifierKind.NAME]
    if not searchable:
        raise InputError(
            "identifiers", "Give at least one e-mail address or phone number to search for."
        )
    if len(identifiers) > MOST_IDENTIFIERS:
        most = f"Give at most {MOST_IDENTIFIERS} names, addresses and numbers."
        raise InputError("identifiers", most)


def start(case_id: UUID) -> None:
    """RECEIVED goes to VALIDATING by itself once the requester has confirmed."""
    case = ErasureCase.objects.get(pk=case_id)
    if case.state == CaseState.RECEIVED and (
        case.channel != Channel.WEB or case.requester_confirmed_at
    ):
        move(case_id, Step.START_VALIDATION, actor=SYSTEM)
