"""The verification stage: ask, take in proof, decide, and destroy the proof."""

from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django_fsm import TransitionNotAllowed

from erasure import clock
from erasure.cases import locked, move, recompute
from erasure.crypto.cipher import seal, unseal
from erasure.errors import InputError, StepError
from erasure.ledger.append import append
from erasure.models import (
    PERSON,
    SYSTEM,
    AccessRecord,
    Actor,
    ErasureCase,
    IdentityDocument,
    OneTimeLink,
    Verification,
    case_key,
)
from erasure.uploads import safe_copy, scan
from erasure.values import CaseState, Ground, IdentifierKind, Step, VerificationMethod

UPLOAD_DAYS = 14
KEEP_AT_MOST = timedelta(days=30)  # a proof nobody decided on


def ask(case_id: UUID, *, actor: Actor, doubt: str) -> ErasureCase:
    """Ask the person for proof, with the reasonable doubt recorded; a single-use link goes out.

    Raises:
        InputError: no doubt is given, or there is no address to write to.
        StepError: what refused.
    """
    if not doubt.strip():
        raise InputError("doubt", "Say why there is reasonable doubt (Art. 12(6)).")
    with transaction.atomic():
        with locked(case_id) as case:
            address = _address(case)
            verification = _current(case)
            try:
                verification.ask(actor=actor, doubt=doubt.strip()[:300])
            except TransitionNotAllowed:
                raise StepError("state", "A proof has come: decide on it, then ask.") from None
            verification.save()
        case = move(case_id, Step.ASK_IDENTITY, actor=actor)
        token = OneTimeLink.make(case, OneTimeLink.UPLOAD, days=UPLOAD_DAYS)
        transaction.on_commit(lambda: _send_link(case.reference, token, address))
    return case


def _address(case: ErasureCase) -> str:
    row = case.identifiers.confirmed().filter(kind=IdentifierKind.EMAIL).first()
    if row is None:
        raise InputError("email", "No e-mail address is known: ask by telephone or letter.")
    return row.value


def _current(case: ErasureCase) -> Verification:
    """The verification under way; a decided one is followed by a new one."""
    last: Verification | None = case.verifications.order_by("-opened_at").first()
    if last is None or last.decided_at:
        return Verification.objects.create(case=case)
    return last


def _send_link(reference: str, token: str, address: str) -> None:
    send_mail(
        f"Your request {reference}: please prove who you are",
        "Before we search for or erase anything, we must be sure that the request is yours.\n\n"
        f"Send a proof of identity within {UPLOAD_DAYS} days on this page, which works once:\n"
        f"{settings.PUBLIC_URL}/identity/{token}/\n\n"
        "A picture of an identity card or passport is enough. Please cover the photograph, the "
        "document number and everything but your name and the dates. We destroy the picture as "
        "soon as we have decided.\n\n"
        "You may also prove it another way: answer this mail and say how.\n",
        None,
        [address],
    )


def link_of(token: str) -> OneTimeLink | None:
    """The usable upload link of a token; looking does not use it up."""
    return OneTimeLink.objects.usable(OneTimeLink.UPLOAD, token)


def upload(token: str, data: bytes) -> ErasureCase:
    """Take in a proof: re-encoded, encrypted, and the link is used up.

    Raises:
        InputError: the link does not work, or the file is not acceptable (the link then stays).
        BusyError: it cannot be checked now; the link stays.
    """
    link = link_of(token)
    if link is None:
        raise InputError("link", "This link was used, has expired, or was replaced by a newer one.")
    scan(data, settings.CLAMAV)
    pages = safe_copy(data, mark=f"copy for {link.case.reference} only").pages
    with transaction.atomic():
        with locked(link.case_id) as case:
            unused = OneTimeLink.objects.filter(pk=link.pk, used_at__isnull=True)
            if case.state != CaseState.AWAITING_IDENTITY or not unused.update(used_at=clock.now()):
                raise InputError("link", "This link was used already.")
            verification = _current(case)
            _keep_pages(case, verification, pages)
            verification.answer(actor=PERSON)
            verification.save()
        return move(link.case_id, Step.IDENTITY_ANSWERED, actor=SYSTEM)


def _keep_pages(case: ErasureCase, verification: Verification, pages: tuple[bytes, ...]) -> None:
    key = case_key(case, "documents")
    for number, page in enumerate(pages, start=1):
        row = IdentityDocument(case=case, verification=verification, page=number)
        row.data_sealed = seal(key, page, f"identitydocument.{row.pk}".encode())
        row.save(force_insert=True)


def view_page(document_id: UUID, *, actor: Actor) -> bytes:
    """One page as JPEG, for the two roles that may; each look is recorded.

    Raises:
        StepError: the role does not allow it.
    """
    if not actor.may("erasure.view_proof") or actor.user is None:
        raise StepError("permission", "Your role does not allow to see proof of identity.")
    row = IdentityDocument.objects.select_related("case").get(pk=document_id)
    AccessRecord.objects.create(case=row.case, user=actor.user, what="proof of identity")
    key = case_key(row.case, "documents")
    return unseal(key, bytes(row.data_sealed), f"identitydocument.{row.pk}".encode())


def confirm(
    case_id: UUID, *, actor: Actor, method: str, matched: list[str], reason: str,
    grounds: list[str], ground_reason: str,
) -> ErasureCase:  # fmt: skip
    """Decide that it is the person, record the ground, destroy the proof, start the search.

    Raises:
        InputError: method, reason, ground or its reason is missing.
        StepError: what refused; then nothing has changed.
    """
    _check_decision(method, reason, grounds, ground_reason)
    with transaction.atomic():
        with locked(case_id) as case:
            verification = _current(case)
            try:
                verification.confirm(
                    actor=actor, how=method, matched=matched, reason=reason.strip()[:300]
                )
            except TransitionNotAllowed:
                raise StepError("state", f"The verification is {verification.state}.") from None
            verification.save()
            case.grounds, case.ground_reason = list(grounds), ground_reason.strip()
            case.save(update_fields=["grounds", "ground_reason_sealed"])
            append(case, "identity", {"method": method, "actor": actor.key})
            recompute(case, actor=actor)
            _purge(case, actor)
        return move(case_id, Step.CONFIRM_IDENTITY, actor=actor)


def _check_decision(method: str, reason: str, grounds: list[str], ground_reason: str) -> None:
    if method not in list(VerificationMethod):
        raise InputError("method", "Choose how the identity was verified.")
    if not reason.strip():
        raise InputError("reason", "Say what convinced you.")
    if not grounds or any(ground not in list(Ground) for ground in grounds):
        raise InputError("grounds", "Choose the ground of Art. 17(1), or refuse the request.")
    if not ground_reason.strip():
        raise InputError("ground_reason", "Say why the ground applies.")


def reject(case_id: UUID, *, actor: Actor, reason: str) -> ErasureCase:
    """Decide that the proof is not enough. The case stays; ask again, refuse or close it.

    Raises:
        InputError: no reason.
        StepError: the role or the state does not allow it.
    """
    if not reason.strip():
        raise InputError("reason", "Say what was not enough.")
    if not actor.may("erasure.confirm_identity"):
        raise StepError("permission", "Your role does not allow to decide on identity.")
    with locked(case_id) as case:
        if case.state not in (CaseState.VALIDATING, CaseState.AWAITING_IDENTITY):
            raise StepError("state", f"The case is {case.state}: identity is not in question now.")
        verification = _current(case)
        verification.reject(actor=actor, reason=reason.strip()[:300])
        verification.save()
        if actor.user:
            case.preparers.add(actor.user)
        private = {"actor": actor.key, "reason": reason.strip()[:300]}
        append(case, "decision", private, decision="IDENTITY_REJECTED")
        _purge(case, actor)
    return case


def _purge(case: ErasureCase, actor: Actor) -> None:
    """The proof is destroyed at the decision; the log says that it was."""
    if case.documents.exists():
        case.documents.all().delete()
        append(case, "identity", {"purged": "document", "actor": actor.key})


def expire_documents() -> int:
    """Destroy proofs that nobody decided on within 30 days."""
    old = IdentityDocument.objects.filter(uploaded_at__lt=clock.now() - KEEP_AT_MOST)
    cases = list(old.values_list("case", flat=True).distinct())
    for case_id in cases:
        with locked(case_id) as case:
            _purge(case, SYSTEM)
    return len(cases)
