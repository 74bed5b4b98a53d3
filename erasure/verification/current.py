"""The verification under way in a case, and the destruction of its proof."""

from erasure import clock
from erasure.errors import StepError
from erasure.ledger.append import append
from erasure.models import Actor, ErasureCase, Verification
from erasure.values import CaseState

IN_QUESTION = (CaseState.VALIDATING, CaseState.AWAITING_IDENTITY)


def current(case: ErasureCase) -> Verification:
    """The verification under way; a decided one is followed by a new one."""
    last: Verification | None = case.verifications.order_by("-opened_at").first()
    if last is None or last.decided_at:
        return Verification.objects.create(case=case)
    return last


def require_in_question(case: ErasureCase, actor: Actor, permission: str) -> None:
    """
    Raises:
        StepError: the role does not allow it, or identity is not in question now.
    """
    if not actor.may(permission):
        raise StepError("permission", "Your role does not allow this.")
    if case.state not in IN_QUESTION:
        raise StepError("state", f"The case is {case.state}: identity is not in question now.")


def purge(case: ErasureCase, actor: Actor) -> None:
    """Destroy the proof; the evidence record and the log say that it was, and when."""
    if not case.documents.exists():
        return
    proven = case.documents.order_by().values_list("verification", flat=True).distinct()
    Verification.objects.filter(pk__in=list(proven)).update(purged_at=clock.now())
    case.documents.all().delete()
    append(case, "identity", {"purged": "document", "actor": actor.key})
