"""What a person may do with the status code: look, and take the request back."""

import logging
from smtplib import SMTPException
from uuid import UUID

from django.core.mail import send_mail
from django.utils import translation
from django.utils.translation import gettext as _

from erasure.cases import move, refusals
from erasure.models import PERSON, ErasureCase, Representative, StatusCode
from erasure.values import CloseReason, IdentifierKind, Step

logger = logging.getLogger(__name__)


def case_of_code(reference: str, code: str) -> ErasureCase | None:
    """The case both belong to. None: the reference is unknown or the code another one."""
    found: ErasureCase | None = StatusCode.opens(reference, code)
    return found


def may_withdraw(case: ErasureCase) -> bool:
    return not refusals(case, Step.CLOSE, PERSON)


def withdraw(case_id: UUID) -> ErasureCase:
    """The person takes the request back, and is told so by mail in case it was somebody else.

    Raises:
        StepError: it is being carried out, or has ended.
    """
    case = move(case_id, Step.CLOSE, actor=PERSON, close_reason=CloseReason.WITHDRAWN)
    _tell(case)
    return case


def _tell(case: ErasureCase) -> None:
    """Only an address that was proven to be of who asked gets mail."""
    address = requester(case)
    if not address or case.requester_confirmed_at is None:
        return
    with translation.override(case.language):
        subject = _("Your request %(reference)s is withdrawn") % {"reference": case.reference}
        body = _(
            "The request was taken back on the status page. We search and erase nothing more "
            "for it.\n\n"
            "If it was not you, answer this mail: we then take the request up again.\n"
        )
    try:
        send_mail(subject, body, None, [address])
    except (SMTPException, OSError) as error:
        logger.error("A mail about a withdrawal could not be sent: %s", type(error).__name__)


def requester(case: ErasureCase) -> str:
    """The address that who asked gave first: the representative's, else the person's; or ""."""
    agent = Representative.objects.filter(case=case).first()
    if agent and agent.email:
        return str(agent.email)
    first = case.identifiers.filter(kind=IdentifierKind.EMAIL, given=True).first()
    return first.value if first else ""
