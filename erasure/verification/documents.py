"""Look at the pages of a proof, each look on record; destroy what nobody decided on."""

from datetime import timedelta
from uuid import UUID

from erasure import clock
from erasure.cases import locked
from erasure.crypto.cipher import unseal
from erasure.errors import StepError
from erasure.models import SYSTEM, AccessRecord, Actor, IdentityDocument, case_key
from erasure.verification.current import purge

KEEP_AT_MOST = timedelta(days=30)  # a proof nobody decided on


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


def expire_documents() -> int:
    """Destroy proofs that nobody decided on within 30 days."""
    old = IdentityDocument.objects.filter(uploaded_at__lt=clock.now() - KEEP_AT_MOST)
    cases = list(old.order_by().values_list("case", flat=True).distinct())
    for case_id in cases:
        with locked(case_id) as case:
            purge(case, SYSTEM)
    return len(cases)
