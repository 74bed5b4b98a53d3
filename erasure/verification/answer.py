"""What the person does with the link, or tells an officer another way."""

from collections.abc import Callable
from uuid import UUID

from django.conf import settings
from django.db import transaction

from erasure import clock
from erasure.cases import locked, move
from erasure.crypto.cipher import seal
from erasure.errors import InputError, StepError
from erasure.ledger.append import append
from erasure.models import (
    PERSON,
    SYSTEM,
    Actor,
    ErasureCase,
    IdentityDocument,
    OneTimeLink,
    Verification,
    case_key,
    prove,
)
from erasure.uploads import safe_copy, scan
from erasure.values import CaseState, Step, VerificationState
from erasure.values import VerificationMethod as V
from erasure.verification.current import current, require_in_question

GONE = "This link was used, has expired, or was replaced by a newer one."
Take = Callable[[ErasureCase, Verification, OneTimeLink], None]


def link_of(token: str) -> OneTimeLink | None:
    """The usable link of a token; looking does not use it up."""
    return OneTimeLink.objects.usable(OneTimeLink.UPLOAD, token)


def ways_of(link: OneTimeLink) -> list[V]:
    """The ways that the question of this link offers now."""
    row = link.case.verifications.filter(state=VerificationState.ASKED).last()
    return [V(each) for each in row.offered] if row else []


def upload(token: str, data: bytes) -> ErasureCase:
    """Take in a copy: re-encoded, encrypted, and the link is used up.

    Raises:
        InputError: the link does not work, or the file is not acceptable (the link then stays).
        BusyError: it cannot be checked now; the link stays.
    """
    link = _usable(token)
    if V.ID_COPY not in ways_of(link):
        raise InputError("link", "No copy of a document was asked for.")
    scan(data, settings.CLAMAV)
    pages = safe_copy(data, mark=f"copy for {link.case.reference} only").pages

    def take(case: ErasureCase, row: Verification, used: OneTimeLink) -> None:
        _keep_pages(case, row, pages)

    return _answered(link, take)


def confirm_link(token: str) -> ErasureCase:
    """Somebody who reads mail at the address on file confirms the request.

    Raises:
        InputError: the link does not work.
    """
    link = _usable(token)
    if V.LINK_ON_FILE not in ways_of(link):
        raise InputError("link", GONE)
    return _answered(link, _proven)


def _proven(case: ErasureCase, row: Verification, link: OneTimeLink) -> None:
    """The fact stands on the verification: which address on file, and when it was used."""
    usable = case.on_file.filter(identifier=link.identifier_id).usable()
    row.on_file, row.proven_at = next(iter(usable), None), clock.now()
    append(case, "identity", {"method": "link to an address on file", "actor": PERSON.key})


def deny(token: str) -> ErasureCase:
    """Who reads the mail did not ask for anything: the officer is told, nothing is proven.

    Raises:
        InputError: the link does not work.
    """

    def take(case: ErasureCase, row: Verification, link: OneTimeLink) -> None:
        row.denied_at = clock.now()
        append(case, "decision", {"actor": PERSON.key}, decision="IDENTITY_DENIED")

    return _answered(_usable(token), take)


def assured(link: OneTimeLink, provider: str) -> ErasureCase:
    """An electronic identity came back with the name of the request.

    Raises:
        InputError: the link does not work.
    """

    def take(case: ErasureCase, row: Verification, link: OneTimeLink) -> None:
        row.provider, row.proven_at = provider[:40], clock.now()
        append(case, "identity", {"method": "electronic identity", "actor": PERSON.key})

    return _answered(link, take)


def _usable(token: str) -> OneTimeLink:
    link = link_of(token)
    if link is None:
        raise InputError("link", GONE)
    return link


def _answered(link: OneTimeLink, take: Take) -> ErasureCase:
    """Use the link up, keep what came by it, and hand the case back to the officer."""
    with transaction.atomic():
        with locked(link.case_id) as case:
            unused = OneTimeLink.objects.filter(pk=link.pk, used_at__isnull=True)
            if case.state != CaseState.AWAITING_IDENTITY or not unused.update(used_at=clock.now()):
                raise InputError("link", "This link was used already.")
            row = current(case)
            take(case, row, link)
            if row.denied_at is None:
                prove(link.identifier)
            row.answer(actor=PERSON)
            row.save()
        return move(link.case_id, Step.IDENTITY_ANSWERED, actor=SYSTEM)


def _keep_pages(case: ErasureCase, row: Verification, pages: tuple[bytes, ...]) -> None:
    key = case_key(case, "documents")
    for number, page in enumerate(pages, start=1):
        kept = IdentityDocument(case=case, verification=row, page=number)
        kept.data_sealed = seal(key, page, f"identitydocument.{kept.pk}".encode())
        kept.save(force_insert=True)


def record_answer(case_id: UUID, *, actor: Actor) -> ErasureCase:
    """The person answered another way: by telephone, letter or in person.

    Raises:
        StepError: role or state does not allow it.
    """
    with transaction.atomic():
        with locked(case_id) as case:
            require_in_question(case, actor, "erasure.ask_identity")
            if case.state != CaseState.AWAITING_IDENTITY:
                raise StepError("state", "No question is with the person.")
            row = case.verifications.filter(state=VerificationState.ASKED).last()
            if row:
                row.answer(actor=actor)
                row.save()
        return move(case_id, Step.IDENTITY_ANSWERED, actor=actor)
