"""The intake stage: a request from any channel becomes a case, once."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.db.models import Q

from erasure import clock
from erasure.cases import locked, move, start_clock, wake
from erasure.errors import InputError, StepError
from erasure.ledger.append import append
from erasure.models import (
    OPEN_STATES,
    SYSTEM,
    Actor,
    ErasureCase,
    OneTimeLink,
    Subject,
    Verification,
    add_identifier,
)
from erasure.values import CaseState, Channel, Identifier, IdentifierKind, Step

CONFIRM_DAYS = 7
MOST_IDENTIFIERS = 30


def open_case(
    *,
    channel: str,
    name: str,
    identifiers: Sequence[Identifier],
    received_at: datetime,
    actor: Actor,
    language: str = "en",
    on_behalf: bool = False,
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
            channel=Channel(channel), language=language, on_behalf=on_behalf,
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
        Verification.objects.create(case=case)
        private = {"case": case.reference, "channel": str(case.channel), "actor": actor.key}
        append(case, "opened", private)
        if actor.user:
            case.preparers.add(actor.user)
        transaction.on_commit(lambda: wake(case.pk))
    return case


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


def request_by_web(
    *, name: str, identifiers: Sequence[Identifier], language: str, on_behalf: bool, text: str
) -> ErasureCase:
    """A request through the public form; its first e-mail address gets the one-time link.

    Raises:
        InputError: as open_case; also when no e-mail address is given.
    """
    mail_to = next((who for who in identifiers if who.kind is IdentifierKind.EMAIL), None)
    if mail_to is None:
        raise InputError("emails", "Give an e-mail address: a link to confirm is sent to it.")
    case = open_case(
        channel=Channel.WEB, name=name, identifiers=identifiers, received_at=clock.now(),
        actor=Actor("person"), language=language, on_behalf=on_behalf, text=text,
    )  # fmt: skip
    token = OneTimeLink.make(case, OneTimeLink.CONFIRM, days=CONFIRM_DAYS)
    send_mail(
        f"Please confirm your request {case.reference}",
        "Somebody, we believe you, asked us to erase personal data.\n\n"
        f"Open this page within {CONFIRM_DAYS} days and confirm the request:\n"
        f"{settings.PUBLIC_URL}/request/confirm/{token}/\n\n"
        "If it was not you, do nothing. No data is searched or erased without your proof "
        "of identity.\n",
        None,
        [mail_to.value],
    )
    return case


def confirm_request(token: str) -> ErasureCase | None:
    """The person opened their link and confirmed. None: unknown, used or expired."""
    link = OneTimeLink.objects.usable(OneTimeLink.CONFIRM, token)
    if link is None:
        return None
    with locked(link.case_id) as case:
        used = OneTimeLink.objects.filter(pk=link.pk, used_at__isnull=True)
        if not used.update(used_at=clock.now()):
            return None
        case.requester_confirmed_at = clock.now()
        case.save(update_fields=["requester_confirmed_at"])
        append(case, "identity", {"method": "link to the address given", "actor": "person"})
    start(case.pk)
    return ErasureCase.objects.get(pk=case.pk)


def start(case_id: UUID) -> None:
    """RECEIVED goes to VALIDATING by itself once the requester has confirmed."""
    case = ErasureCase.objects.get(pk=case_id)
    if case.state == CaseState.RECEIVED and (
        case.channel != Channel.WEB or case.requester_confirmed_at
    ):
        move(case_id, Step.START_VALIDATION, actor=SYSTEM)


def likely_duplicates(case: ErasureCase) -> list[ErasureCase]:
    """Other open cases that carry one of its identifiers. A hint, nothing is skipped for it."""
    shared = case.identifiers.values("blind_index")
    found = ErasureCase.objects.filter(
        Q(identifiers__blind_index__in=shared), state__in=OPEN_STATES
    ).exclude(pk=case.pk)
    return list(found.distinct()[:5])
