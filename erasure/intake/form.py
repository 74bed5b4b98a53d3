"""A request by the public form: recorded once, and confirmed by a link that works once."""

import hashlib
import json
import logging
from dataclasses import dataclass, field
from functools import partial
from smtplib import SMTPException

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from erasure import clock
from erasure.cases import locked
from erasure.errors import BusyError, InputError
from erasure.intake.once import once
from erasure.intake.stage import Agent, open_case, start
from erasure.ledger.append import append
from erasure.models import (
    PERSON,
    Arrival,
    ErasureCase,
    OneTimeLink,
    Representative,
    StatusCode,
    prove,
)
from erasure.values import Channel, Identifier, IdentifierKind

CONFIRM_DAYS = 7
logger = logging.getLogger(__name__)


class UnsentError(BusyError):
    """The request is recorded, and its mail did not leave."""


@dataclass(frozen=True, slots=True)
class WebRequest:
    """What a person sent. ``number`` names the form it was typed into."""

    number: str
    name: str = field(repr=False)
    identifiers: tuple[Identifier, ...]
    language: str
    text: str = field(repr=False)
    agent: Agent | None = None

    @property
    def mail_to(self) -> str:
        """Who asks: the representative, or the person at the first address.

        Raises:
            InputError: there is no address.
        """
        if self.agent:
            return self.agent.email
        for who in self.identifiers:
            if who.kind is IdentifierKind.EMAIL:
                return who.value
        raise InputError("emails", "Give an e-mail address: a link to confirm is sent to it.")

    @property
    def key(self) -> str:
        """The same for the same form sent again, another once anything in it is changed."""
        agent = (self.agent.name, self.agent.email) if self.agent else ()
        given = [(who.kind, who.value) for who in self.identifiers]
        said = json.dumps([self.name, given, self.language, self.text, agent])
        return f"{self.number}:{hashlib.sha256(said.encode()).hexdigest()}"


def request_by_web(asked: WebRequest) -> ErasureCase:
    """Record a request and send its link. The same form sent twice is one request.

    Raises:
        InputError: as open_case; also when no e-mail address is given.
        UnsentError: it is recorded, but the mail did not leave; the same form sends it again.
    """
    mail_to = asked.mail_to
    with transaction.atomic():
        case, new = once(Arrival.FORM, asked.key, partial(_open, asked))
        secrets = _secrets(case) if new else _secrets_again(case)
    if secrets:
        _send(case, *secrets, mail_to)
    return case


def _open(asked: WebRequest) -> ErasureCase:
    return open_case(
        channel=Channel.WEB, name=asked.name, identifiers=asked.identifiers,
        received_at=clock.now(), actor=PERSON, language=asked.language, agent=asked.agent,
        text=asked.text,
    )  # fmt: skip


def _secrets(case: ErasureCase) -> tuple[str, str]:
    """The link, with the person's own address it goes to, and the status code."""
    first = case.identifiers.filter(kind=IdentifierKind.EMAIL, given=True).first()
    represented = Representative.objects.filter(case=case).exists()
    token = OneTimeLink.make(
        case, OneTimeLink.CONFIRM, days=CONFIRM_DAYS, identifier=None if represented else first
    )
    return token, StatusCode.make(case)


def _secrets_again(case: ErasureCase) -> tuple[str, str] | None:
    """The form came once more: its mail goes out again only if the first did not leave."""
    with locked(case.pk) as case:
        confirmed = case.requester_confirmed_at is not None
        if confirmed or case.links.filter(purpose=OneTimeLink.CONFIRM, used_at=None).exists():
            return None
        return _secrets(case)


def _send(case: ErasureCase, token: str, code: str, mail_to: str) -> None:
    """The link, and where to see how the request stands.

    Raises:
        UnsentError: the mail did not leave; its link is void.
    """
    with translation.override(case.language):
        subject = _("Please confirm your request %(reference)s") % {"reference": case.reference}
        body = _(
            "Somebody, we believe you, asked us to erase personal data.\n\n"
            "Open this page within %(days)d days and confirm the request:\n"
            "%(link)s\n\n"
            "If it was not you, do nothing. No data is searched or erased without proof of "
            "identity.\n\n"
            "Where your request stands you can see at any time here, and take it back:\n"
            "%(status)s\n"
            "Reference: %(reference)s\n"
            "Status code: %(code)s\n"
        ) % {
            "days": CONFIRM_DAYS,
            "link": f"{settings.PUBLIC_URL}/request/confirm/{token}/",
            "status": f"{settings.PUBLIC_URL}/status/",
            "reference": case.reference,
            "code": code,
        }
    try:
        send_mail(subject, body, None, [mail_to])
    except (SMTPException, OSError) as error:
        case.links.filter(purpose=OneTimeLink.CONFIRM, used_at=None).update(used_at=clock.now())
        logger.error("A mail with a link could not be sent: %s", type(error).__name__)
        raise UnsentError("The request is recorded, but its mail did not leave.") from None


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
        prove(link.identifier)
        case.save(update_fields=["requester_confirmed_at"])
        append(case, "identity", {"method": "link to the address given", "actor": "person"})
    start(case.pk)
    return ErasureCase.objects.get(pk=case.pk)
