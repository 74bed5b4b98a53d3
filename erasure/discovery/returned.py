"""What came back after the end of a case: noticed once, and told to the DPO."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.conf import settings
from django.db.models import Q

from erasure import notices
from erasure.connectors.base import Found
from erasure.discovery.people import record_index
from erasure.follow_ups import sentences
from erasure.ledger.append import append
from erasure.models import (
    OPEN_STATES,
    SYSTEM,
    ErasureCase,
    FollowUp,
    LaterCheck,
    ReturnedRecord,
    SystemConnection,
)
from erasure.values import Cause, FollowUpState, Return

Key = tuple[UUID, str, str]  # connection, store, keyed index of the record


@dataclass(frozen=True, slots=True)
class Returned:
    """One record that is there after the end of the case."""

    connection: SystemConnection
    found: Found
    how: Return

    @property
    def index(self) -> str:
        return record_index(self.connection.slug, self.found)

    @property
    def key(self) -> Key:
        return self.connection.pk, self.found.store, self.index


def raise_follow_up(
    case: ErasureCase, cause: Cause, returned: Sequence[Returned], *,
    silent: Sequence[str] = (), unknown: bool = False, check: LaterCheck | None = None,
) -> FollowUp | None:  # fmt: skip
    """A follow-up about what nobody was told of yet. Call under the lock of the case.

    ``silent``: stores that did not answer, named beside what came back; with ``unknown``
    also where nothing did, for then nobody may call them clean.
    """
    known = _told(case)
    news = {each.key: each for each in returned if each.key not in known}
    asked = any(row.silent == list(silent) for row in case.follow_ups.open())
    if not news and (asked or not unknown):
        return None
    made = FollowUp.objects.create(case=case, cause=cause, check_of=check, silent=list(silent))
    ReturnedRecord.objects.bulk_create(_row(made, each) for each in news.values())
    private = {"actor": SYSTEM.key, "follow_up": str(made.pk), "records": len(news)}
    append(case, "decision", private, decision="FOLLOW_UP_RAISED")
    tell(made)
    return made


def _told(case: ErasureCase) -> set[Key]:
    """Records that a person is deciding on, has decided to leave, or is erasing again."""
    again = Q(follow_up__state=FollowUpState.TAKEN_UP)
    done = again & ~Q(follow_up__new_case__state__in=OPEN_STATES)
    rows = ReturnedRecord.objects.filter(follow_up__case=case).exclude(done)
    return set(rows.values_list("connection", "store", "remote_index"))


def _row(follow_up: FollowUp, each: Returned) -> ReturnedRecord:
    row = ReturnedRecord(
        follow_up=follow_up, connection=each.connection, store=each.found.store,
        remote_index=each.index, kind=each.how, made_at=each.found.occurred_at,
        found_by=sorted({str(who.kind) for who in each.found.identifiers}),
    )  # fmt: skip
    row.locator = {"remote_id": each.found.remote_id, "label": each.found.label}
    return row


def tell(made: FollowUp) -> None:
    """Mail it to the DPO."""
    about = made.case.reference if made.case else made.source
    where = f"{settings.PUBLIC_URL}/admin/erasure/followup/{made.pk}/change/"
    text = "\n".join([*sentences(made), "", "Nothing is blocked by it. Decide on it here:", where])
    notices.tell(f"follow-up:{made.pk}", f"Follow-up: {about}", text, case=made.case)
