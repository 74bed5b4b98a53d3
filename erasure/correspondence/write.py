"""Write a letter: into the outbox, or for a person to print and post."""

import uuid
from functools import partial
from urllib.parse import urlsplit
from uuid import UUID

from celery import current_app
from django.conf import settings
from django.db import transaction
from kombu.exceptions import OperationalError

from erasure.cases import locked
from erasure.correspondence.addresses import address_for, verified
from erasure.correspondence.rules import refuse_unless_due, said
from erasure.correspondence.words import Wanted, clean_reason, pdf_of, text_of, words
from erasure.documents.letters import Written
from erasure.documents.letters.facts import UNIDENTIFIED
from erasure.errors import StepError
from erasure.ledger.append import append
from erasure.models import Actor, Contact, ErasureCase, Letter, Mailing
from erasure.values import Channel, LetterKind

DELIVER = "erasure.tasks.deliver"
RECORD = "erasure.record_answer"


def preview(case: ErasureCase, wanted: Wanted) -> Written:
    """The letter as it would leave now. Nothing is written.

    Raises:
        InputError: names the mandatory element that is missing.
        StepError: no such letter belongs here, or there is no address for it.
    """
    refuse_unless_due(case, wanted.kind)
    return words(case, wanted, named=_named(case, wanted, _address(case, wanted)))


def send(case_id: UUID, wanted: Wanted, *, actor: Actor) -> Letter:
    """Write a letter; it goes out by the outbox, or waits to be posted.

    Raises:
        InputError: names the mandatory element that is missing.
        StepError: role, state, or no address for it.
    """
    refuse_actor(actor, wanted.kind)
    with locked(case_id) as case:
        refuse_unless_due(case, wanted.kind)
        if case.letters.pending().filter(kind=wanted.kind).exists():
            text = f"A letter of this kind is under way already: {said(wanted.kind)}."
            raise StepError("state", text)
        return _write(case, wanted, actor)


def refuse_actor(actor: Actor, kind: LetterKind | None = None) -> None:
    """
    Raises:
        StepError: the role does not allow it.
    """
    if not (actor.is_system or actor.may(RECORD)):
        raise StepError("permission", "Your role does not allow to write or record letters.")
    extending = kind == LetterKind.EXTENSION
    if extending and not (actor.is_system or actor.may("erasure.extend_case")):
        raise StepError("permission", "Your role does not allow to extend the time.")


def _write(case: ErasureCase, wanted: Wanted, actor: Actor) -> Letter:
    to = _address(case, wanted)
    named = _named(case, wanted, to)
    written = words(case, wanted, named=named)
    letter = Letter(
        case=case, kind=wanted.kind, version=written.version, language=written.language,
        article=wanted.article if wanted.kind == LetterKind.REFUSAL else "",
        channel=Channel.LETTER if wanted.by_post else Channel.EMAIL, written_by=actor.user,
    )  # fmt: skip
    letter.reason = clean_reason(wanted.reason)
    letter.text = text_of(written, by_post=wanted.by_post)
    letter.seal_pdf(pdf_of(case, wanted, named=named))
    if to is None:
        letter.by_post()
    letter.save(force_insert=True)
    if to is not None:
        mailing = Mailing(letter=letter, identifier=to.identifier, message_id=_message_id())
        mailing.address = to.address
        mailing.save(force_insert=True)
        transaction.on_commit(partial(ring, letter.pk))
    private = {"actor": actor.key, "reason": str(letter.kind), "version": letter.version}
    append(case, "decision", private, decision="LETTER_WRITTEN")
    return letter


def _address(case: ErasureCase, wanted: Wanted) -> Contact | None:
    if wanted.by_post:
        return None
    unidentified = wanted.kind == LetterKind.REFUSAL and wanted.article == UNIDENTIFIED
    return address_for(case, wanted.kind, unidentified=unidentified)


def _named(case: ErasureCase, wanted: Wanted, to: Contact | None) -> bool:
    """The person's name stands on paper, and in mail to a verified address only."""
    if to is None:
        return True
    return verified(case) == to


def _message_id() -> str:
    """Ours, so that the proof of dispatch names a mail which others' logs name as well."""
    return f"<{uuid.uuid4().hex}@{urlsplit(settings.PUBLIC_URL).hostname}>"


def ring(letter_id: UUID) -> None:
    """Have a worker look at the outbox now; a lost ring costs a sweep's wait."""
    try:
        current_app.send_task(DELIVER, args=[str(letter_id)], ignore_result=True, retry=False)
    except OperationalError:
        return
