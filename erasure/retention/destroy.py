"""Destroy one secret of a case after the other, with all that it protects."""

from uuid import UUID

from django.db.models import Exists, OuterRef

from erasure import clock
from erasure.cases import locked
from erasure.deadlines.retention import Stage
from erasure.ledger.append import append, append_purged
from erasure.models import SYSTEM, DataItem, ErasureCase, Hold, HoldTarget, KeyDestruction
from erasure.models.cases import purged_reference
from erasure.retention.files import forget_mail, mark_compact
from erasure.retention.plan import plan_of, today
from erasure.retention.rows import delete_rows, strip_rows
from erasure.values import HoldState


def purge(case_id: UUID) -> list[Stage]:
    """Destroy every stage of a case whose day has come; returns which were.

    Each stage is one transaction: interrupted, it goes on where it stopped. Safe to call
    at any time and twice; never touches a case that is open or partly held.
    """
    done: list[Stage] = []
    while stage := _destroy_next(case_id):
        done.append(stage)
    return done


def _destroy_next(case_id: UUID) -> Stage | None:
    """The earliest stage that is still there, if its day has come and nothing stands against it."""
    with locked(case_id) as case:
        planned = next((each for each in plan_of(case) if each.destroyed_at is None), None)
        if planned is None or not planned.is_due(today()):
            return None
        mark_compact()
        _destroy(case, planned.stage)
    if planned.stage is Stage.FILE:
        forget_mail(case.reference)
    return planned.stage


def _destroy(case: ErasureCase, stage: Stage) -> None:
    """The log says so first, for the last time under the case's own tag before its key goes."""
    if stage is Stage.LOG:
        append_purged(case.log.get(type="opened").log_index or 0)
    else:
        append(case, "identity", {"purged": stage.value, "actor": SYSTEM.key})
    if stage is Stage.FILE:
        _forget_people(case)
    strip_rows(case, stage)
    delete_rows(case, stage)
    case.secrets.filter(purpose=stage.value).delete()
    KeyDestruction.objects.create(case=case, purpose=stage.value)
    if stage is Stage.LOG:
        _leave_statistics(case)


def _forget_people(case: ErasureCase) -> None:
    """Who prepared it, and whom the released holds of this case, and of no other, named."""
    others = DataItem.objects.filter(hold=OuterRef("pk")).exclude(case=case)
    released = Hold.objects.filter(~Exists(others), items__case=case, state=HoldState.RELEASED)
    HoldTarget.objects.filter(hold__in=released).delete()
    case.preparers.clear()


def _leave_statistics(case: ErasureCase) -> None:
    """What is left leads to no person: its reference, which letters carry, goes as well."""
    case.erased_records.update(case=None)
    case.reference, case.purged_at = purged_reference(), clock.now()
    case.save(update_fields=["reference", "purged_at"])
