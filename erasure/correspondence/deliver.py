"""The outbox: mail a letter, try again with growing waits, and keep the proof of dispatch."""

import logging
from datetime import timedelta
from smtplib import SMTPDataError, SMTPRecipientsRefused
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMessage
from django.db.models import F

from erasure import clock
from erasure.cases import locked, wake
from erasure.correspondence.addresses import verified
from erasure.correspondence.catalogues import speech
from erasure.correspondence.dispatched import dispatched
from erasure.correspondence.rules import OUTCOMES, refuse_unless_due
from erasure.correspondence.words import LINK, Wanted, text_of, words
from erasure.documents.letters import subject
from erasure.errors import InputError, RefusedError, StepError
from erasure.ledger.append import append
from erasure.models import SYSTEM, ErasureCase, Letter, Mailing, OneTimeLink
from erasure.notices import tell
from erasure.values import LetterKind, LetterState

logger = logging.getLogger(__name__)

LEASE = timedelta(minutes=5)
WAITS = tuple(timedelta(minutes=m) for m in (1, 5, 15, 60, 240, 720))  # after each failed try
LINK_DAYS = 14
PERMANENT = 500  # SMTP: 5xx says no for good, 4xx not now
CHANGED = "The case has changed since the letter was written: write it again."
COMPARED = (*OUTCOMES, LetterKind.EXTENSION)  # what they say must hold when they leave


def due() -> list[UUID]:
    """Letters to be tried now."""
    return list(Mailing.objects.due().values_list("pk", flat=True))


def deliver(letter_id: UUID) -> None:
    """Try to mail one letter, by one worker at a time. Call with no transaction open.

    Safe to call twice: a repeated mail bears the same Message-ID.
    """
    now = clock.now()
    mine = Mailing.objects.due().filter(pk=letter_id)
    if not mine.update(attempts=F("attempts") + 1, lease_until=now + LEASE, next_try=now + LEASE):
        return
    letter = _checked(letter_id)
    if letter is None:
        return
    try:
        _mail(letter)
    except RefusedError as why:
        _give_up(letter_id, str(why))
    except OSError as why:  # smtplib's errors are OSErrors
        logger.warning("A letter could not be mailed (%s); it is tried again.", type(why).__name__)
        _later(letter_id)
    else:
        _accepted(letter_id)


def _checked(letter_id: UUID) -> Letter | None:
    """The letter, if what it says still holds; else it is withdrawn."""
    case_id = Letter.objects.values_list("case", flat=True).get(pk=letter_id)
    with locked(case_id) as case:
        letter = _letter(case, letter_id)
        try:
            _refuse_untrue(case, letter)
        except (InputError, StepError) as why:
            letter.withdraw(str(why)[:300])
            letter.save()
            private = {"actor": "system", "reason": letter.problem}
            append(case, "decision", private, decision="LETTER_WITHDRAWN")
            tell(
                f"withdrawn:{letter.pk}", f"{case.reference}: a letter was not sent",
                f"{letter.problem} It waits on the case page.", case=case,
            )  # fmt: skip
            return None
    return letter


def _letter(case: ErasureCase, letter_id: UUID) -> Letter:
    letter = case.letters.select_related("mailing", "written_by").get(pk=letter_id)
    letter.case = letter.mailing.letter.case = case  # its keys are loaded
    return letter


def _refuse_untrue(case: ErasureCase, letter: Letter) -> None:
    """
    Raises:
        InputError, StepError: it may not leave, and why.
    """
    kind = LetterKind(letter.kind)
    refuse_unless_due(case, kind)
    if kind not in COMPARED:
        return
    known = verified(case)
    if known is None or known.address != letter.mailing.address:
        raise StepError("condition", "The address is no longer a verified one of the person.")
    now = words(case, Wanted(kind, letter.reason, letter.article), named=True)
    if text_of(now, by_post=False) != letter.text:
        raise StepError("condition", CHANGED)


def _mail(letter: Letter) -> None:
    """
    Raises:
        RefusedError: the server refused for good; the text names nobody.
        OSError: not now.
    """
    message = EmailMessage(
        subject=subject(speech(letter.language), letter.case.reference),
        body=_body(letter),
        to=[letter.mailing.address],
        headers={
            "Message-ID": letter.mailing.message_id,
            "Content-Language": letter.language,
            "Auto-Submitted": "auto-generated",
        },
    )
    name = f"{letter.case.reference}.pdf"
    message.attach(name, letter.opened_pdf(), "application/pdf")
    try:
        message.send()
    except SMTPRecipientsRefused as why:
        _refuse_for_good([code for code, _ in why.recipients.values()], "the address")
        raise
    except SMTPDataError as why:
        _refuse_for_good([why.smtp_code], "the mail")
        raise


def _refuse_for_good(codes: list[int], what: str) -> None:
    if codes and min(codes) >= PERMANENT:
        raise RefusedError(f"The mail server refused {what} (SMTP {min(codes)}).") from None


def _body(letter: Letter) -> str:
    """The kept text; a link that works once is made now, and earlier ones stop working."""
    if LINK not in letter.text:
        return letter.text
    token = OneTimeLink.make(
        letter.case, OneTimeLink.UPLOAD, days=LINK_DAYS, identifier=letter.mailing.identifier
    )
    return letter.text.replace(LINK, f"{settings.PUBLIC_URL}/identity/{token}/")


def _later(letter_id: UUID) -> None:
    mailing = Mailing.objects.get(pk=letter_id)
    if mailing.attempts > len(WAITS):
        _give_up(letter_id, f"The mail server took it in none of {mailing.attempts} tries.")
        return
    mailing.next_try = clock.now() + WAITS[mailing.attempts - 1]
    mailing.lease_until = None
    mailing.save(update_fields=["next_try", "lease_until"])


def _give_up(letter_id: UUID, problem: str) -> None:
    letter = Letter.objects.select_related("case").get(pk=letter_id)
    with locked(letter.case_id) as case:
        letter = _letter(case, letter_id)
        letter.fail(problem)
        letter.save()
        Mailing.objects.filter(pk=letter_id).update(lease_until=None)
        private = {"actor": "system", "reason": problem}
        append(case, "decision", private, decision="LETTER_FAILED")
        tell(
            f"failed:{letter.pk}:{letter.mailing.attempts}",
            f"{case.reference}: a letter could not be sent",
            f"{problem} Try again, or print and post it.", case=case,
        )  # fmt: skip


def _accepted(letter_id: UUID) -> None:
    """The mail server took it: that is the dispatch."""
    now = clock.now()
    case_id = Letter.objects.values_list("case", flat=True).get(pk=letter_id)
    with locked(case_id) as case:
        letter = _letter(case, letter_id)
        Mailing.objects.filter(pk=letter_id).update(accepted_at=now, lease_until=None)
        if letter.state == LetterState.WAITING:
            proof = f"Message-ID {letter.mailing.message_id}, accepted by the mail server"
            dispatched(case, letter, now, proof, SYSTEM)
    wake(case_id)
