"""Asked immediately before each destructive call, with the limiter's wait behind us."""

from collections.abc import Callable, Sequence
from uuid import UUID

from django.db.models import OuterRef, Subquery

from erasure.connectors.base import ItemRef
from erasure.errors import StoppedError
from erasure.execution.claim import UNDER_WAY
from erasure.holds import blocking, covering, exempt_places
from erasure.models import DataItem, ErasureCase, VendorProtection, Verification
from erasure.values import VerificationState

LAST_WORD = Subquery(
    Verification.objects.filter(case=OuterRef("pk")).order_by("-opened_at").values("state")[:1]
)


def guard(
    case_id: UUID, items: Sequence[DataItem], owner: str
) -> Callable[[Sequence[ItemRef]], None]:
    """A ``Clear`` for these items.

    It raises StoppedError when the case was halted, the last word on the person's identity
    is not that it is confirmed, the lease was lost, a hold has come to cover an item, the
    subject-wide job would take what is exempt, or what is held there is not yet under the
    vendor's protection.
    """
    by_key = {(item.store, item.locator["remote_id"]): item for item in items}

    def clear(refs: Sequence[ItemRef]) -> None:
        found = ErasureCase.objects.filter(pk=case_id).annotate(identity=LAST_WORD)
        state, identity = found.values_list("state", "identity").get()
        if state not in UNDER_WAY:
            raise StoppedError("Execution was halted.")
        if identity != VerificationState.CONFIRMED:
            raise StoppedError("The identity of the person is not confirmed.")
        mine = [by_key[(ref.store, ref.remote_id)] for ref in refs]
        if owner:
            kept = DataItem.objects.filter(pk__in=[i.pk for i in mine], lease_owner=owner)
            if kept.count() != len(mine):
                raise StoppedError("Another worker has taken this over.")
        if mine and _held(mine):
            raise StoppedError("A hold covers it.", held=True)
        native = {item.connection_id for item in mine if item.native}
        if native and native & exempt_places(mine[0].case):
            raise StoppedError("A record there is exempt.")
        at = {item.connection_id for item in mine}
        if VendorProtection.objects.pending().filter(case=case_id, connection__in=at).exists():
            raise StoppedError("What is held there is not yet protected at the vendor.")

    return clear


def _held(items: Sequence[DataItem]) -> bool:
    """Holds and identifiers are read afresh; the case only leads to them."""
    case, native = items[0].case, any(item.native for item in items)
    if covering(case, items):
        return True
    return native and blocking(case, items[0].connection_id) is not None
