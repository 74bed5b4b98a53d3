"""An officer decides whether it is the person; the proof is destroyed with the decision."""

from collections.abc import Sequence
from uuid import UUID

from django.db import transaction
from django_fsm import TransitionNotAllowed

from erasure.cases import locked, move, recompute
from erasure.errors import InputError, StepError
from erasure.ledger.append import append
from erasure.models import Actor, ErasureCase
from erasure.models.verification import LONGEST
from erasure.values import Ground, Step, VerificationMethod
from erasure.verification.current import current, purge, require_in_question


def confirm(
    case_id: UUID, *, actor: Actor, method: str, matched: Sequence[str], reason: str,
    grounds: Sequence[str], ground_reason: str, doubt: str = "", on_file_reason: str = "",
    source: str = "", document_type: str = "", document_country: str = "",
) -> ErasureCase:  # fmt: skip
    """Decide that it is the person, record the ground, destroy the proof, start the search.

    Raises:
        InputError: method, reason, ground, its reason, or what the method needs is missing.
        StepError: what refused; then nothing has changed.
    """
    _check_decision(method, reason, grounds, ground_reason)
    with transaction.atomic():
        with locked(case_id) as case:
            row = current(case)
            try:
                row.confirm(
                    actor=actor, how=method, matched=matched, reason=reason.strip()[:LONGEST],
                    doubt=doubt.strip()[:LONGEST], source=source.strip()[:100],
                    on_file_reason=on_file_reason.strip()[:LONGEST],
                    document_type=document_type, document_country=document_country,
                )  # fmt: skip
            except TransitionNotAllowed:
                raise StepError("state", f"The verification is {row.state}.") from None
            row.save()
            case.grounds, case.ground_reason = list(grounds), ground_reason.strip()
            case.save(update_fields=["grounds", "ground_reason_sealed"])
            append(case, "identity", {"method": method, "actor": actor.key})
            recompute(case, actor=actor)
            purge(case, actor)
        return move(case_id, Step.CONFIRM_IDENTITY, actor=actor)


def _check_decision(method: str, reason: str, grounds: Sequence[str], ground_reason: str) -> None:
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
    with locked(case_id) as case:
        require_in_question(case, actor, "erasure.confirm_identity")
        row = current(case)
        row.reject(actor=actor, reason=reason.strip()[:LONGEST])
        row.save()
        if actor.user:
            case.preparers.add(actor.user)
        private = {"actor": actor.key, "reason": row.reason}
        append(case, "decision", private, decision="IDENTITY_REJECTED")
        purge(case, actor)
    return case
