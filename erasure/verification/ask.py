"""Ask the person, the least intrusive way first. A copy of an ID needs a second person."""

from collections.abc import Sequence
from functools import partial
from uuid import UUID

from django.db import transaction
from django_fsm import TransitionNotAllowed

from erasure import clock
from erasure.cases import locked, move, wake
from erasure.errors import InputError, StepError
from erasure.ledger.append import append
from erasure.models import (
    SYSTEM,
    Actor,
    ErasureCase,
    OnFile,
    SubjectIdentifier,
    Verification,
)
from erasure.models.verification import ASKING, LONGEST
from erasure.values import CaseState, Channel, IdentifierKind, Step
from erasure.values import VerificationMethod as V
from erasure.verification.current import current, require_in_question
from erasure.verification.electronic import electronic_identity


def ask(
    case_id: UUID, *, actor: Actor, doubt: str, offered: Sequence[str], by: str = Channel.EMAIL,
    to: UUID | None = None,
) -> ErasureCase:  # fmt: skip
    """Ask for proof, with the reasonable doubt recorded.

    By e-mail a letter with a link that works once is written: to ``to``, an address on file,
    if that is a way offered, else to the first address given. By another channel it is asked
    already.

    Raises:
        InputError: no doubt or way, a way that is not open, or no address to write to.
        StepError: what refused.
    """
    ways = _ways(offered)
    with transaction.atomic():
        with locked(case_id) as case:
            row = current(case)
            if V.ID_COPY in ways and not row.copy_approved:
                raise InputError("offered", "A copy is asked for only once it is approved.")
            address = _address(case, ways, by, to)
            _put(row, actor, _said("doubt", doubt, NO_DOUBT), ways, by, address)
        return move(case_id, Step.ASK_IDENTITY, actor=actor)


NO_DOUBT = "Say why there is reasonable doubt (Art. 12(6))."


def _said(field: str, text: str, why: str) -> str:
    if not text.strip():
        raise InputError(field, why)
    return text.strip()[:LONGEST]


def _ways(offered: Sequence[str]) -> list[V]:
    """The ways in the law's order; the portal is no answer to a question of ours."""
    if any(each not in list(V) or each == V.PORTAL for each in offered):
        raise InputError("offered", "Choose among the ways that are named.")
    ways = [each for each in V if each in offered]
    if not ways:
        raise InputError("offered", "Offer at least one way to prove the identity.")
    if V.ELECTRONIC_ID in ways and electronic_identity() is None:
        raise InputError("offered", "No electronic identity is connected.")
    return ways


def _address(
    case: ErasureCase, ways: Sequence[V], by: str, to: UUID | None
) -> SubjectIdentifier | None:
    """Where the question goes; None: it was asked another way."""
    if by not in ASKING:
        raise InputError("by", "Choose how the question is asked.")
    if V.LINK_ON_FILE in ways:
        if by != Channel.EMAIL:
            raise InputError("by", "A link goes by e-mail.")
        found = next((row for row in addresses_on_file(case) if row.identifier_id == to), None)
        if found is None:
            raise InputError("to", "Choose an address that was on file before the request.")
        return found.identifier
    if by != Channel.EMAIL:
        return None
    row = case.identifiers.confirmed().filter(kind=IdentifierKind.EMAIL).first()
    if row is None:
        raise InputError("by", "No e-mail address is known: ask by telephone or letter.")
    return row


def addresses_on_file(case: ErasureCase) -> list[OnFile]:
    """E-mail addresses of the case to which a link can prove something; the clearest first."""
    found: list[OnFile] = case.on_file.filter(identifier__kind=IdentifierKind.EMAIL).usable()
    return found


def _put(
    row: Verification, actor: Actor, doubt: str, ways: Sequence[V], by: str,
    address: SubjectIdentifier | None,
) -> None:  # fmt: skip
    try:
        row.ask(actor=actor, doubt=doubt, offered=ways, by=by, to=address)
    except TransitionNotAllowed:
        raise StepError("state", "A proof has come: decide on it, then ask.") from None
    row.save()


# -- the last resort ---------------------------------------------------------------------------


def propose_copy(
    case_id: UUID, *, actor: Actor, doubt: str, reason: str, alternatives: Sequence[str]
) -> ErasureCase:
    """Propose to ask for a copy of an identity document. A second person decides on it.

    Raises:
        InputError: doubt, reason or the alternatives tried are missing.
        StepError: role or state does not allow it.
    """
    tried = [each for each in V if each in alternatives and each != V.ID_COPY]
    with locked(case_id) as case:
        require_in_question(case, actor, "erasure.ask_identity")
        row = current(case)
        row.doubt = _said("doubt", doubt, NO_DOUBT)
        row.copy_reason = _said("reason", reason, "Say why nothing less is enough.")
        if not tried:
            raise InputError("alternatives", "Say which less intrusive ways were tried.")
        if addresses_on_file(case) and V.LINK_ON_FILE not in tried:
            raise InputError("alternatives", "An address is on file: try a link to it first.")
        if row.state not in ("OPEN", "ASKED"):
            raise StepError("state", "A proof has come: decide on it, then ask.")
        row.alternatives, row.approved_by, row.approved_at = tried, None, None
        row.proposed_by, row.proposed_at = actor.user, clock.now()
        row.save()
        if actor.user:
            case.preparers.add(actor.user)
        _log(case, actor, "ID_COPY_PROPOSED", row.copy_reason)
    return case


def approve_copy(case_id: UUID, *, actor: Actor) -> ErasureCase:
    """Approve the proposal, as somebody else than who made it; the question goes out.

    Raises:
        InputError: there is no address to write to.
        StepError: role, state or four eyes refuse.
    """
    with transaction.atomic():
        with locked(case_id) as case:
            row = _proposal(case, actor)
            row.approved_by, row.approved_at = actor.user, clock.now()
            ways = [*map(V, row.offered), V.ID_COPY]
            on_file = V.LINK_ON_FILE in ways
            to = row.sent_to_id if on_file else None
            address = _address(case, ways, Channel.EMAIL, to)
            _put(row, actor, row.doubt, ways, Channel.EMAIL, address)
            _log(case, actor, "ID_COPY_APPROVED")
        if case.state == CaseState.VALIDATING:
            case = move(case_id, Step.ASK_IDENTITY, actor=SYSTEM)
        transaction.on_commit(partial(wake, case_id))
    return case


def refuse_copy(case_id: UUID, *, actor: Actor, reason: str) -> ErasureCase:
    """Refuse the proposal: something less intrusive has to do.

    Raises:
        InputError: no reason.
        StepError: role, state or four eyes refuse.
    """
    why = _said("reason", reason, "Say what is to be tried instead.")
    with locked(case_id) as case:
        row = _proposal(case, actor)
        row.proposed_by = row.proposed_at = None
        row.save()
        _log(case, actor, "ID_COPY_REFUSED", why)
    return case


def _proposal(case: ErasureCase, actor: Actor) -> Verification:
    require_in_question(case, actor, "erasure.view_proof")
    row = current(case)
    if not row.copy_to_approve:
        raise StepError("state", "Nobody has proposed to ask for a copy.")
    if actor.user is None or row.proposed_by_id == actor.user.pk:
        raise StepError("four eyes", "You proposed it: somebody else must approve it.")
    return row


def _log(case: ErasureCase, actor: Actor, decision: str, reason: str = "") -> None:
    append(case, "decision", {"actor": actor.key, "reason": reason}, decision=decision)
