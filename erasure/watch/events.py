"""An event that time brought about, told once."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.conf import settings
from django.db import transaction

from erasure.cases import locked
from erasure.ledger.append import append
from erasure.models import SYSTEM, ErasureCase, StaffNotice, User
from erasure.notices import tell
from erasure.values import Role

SITE = "/admin/erasure"


@dataclass(frozen=True, slots=True)
class Event:
    """``key`` names it for good. Subject and text hold references, nothing of a person."""

    key: str
    subject: str
    text: str
    case: ErasureCase | None = None
    user: User | None = None
    role: Role = Role.DPO
    entry: str = ""  # the decision that the case's ledger gets
    holds: Callable[[], bool] | None = None  # asked only of what was not told yet


def tell_new(events: Sequence[Event]) -> int:
    """Tell what nobody was told yet. Returns how many."""
    known = StaffNotice.objects.filter(key__in=[event.key for event in events])
    told = set(known.values_list("key", flat=True))
    fresh = [event for event in events if event.key not in told]
    return sum(_tell(event) for event in fresh if event.holds is None or event.holds())


def _tell(event: Event) -> bool:
    with transaction.atomic():
        if event.entry and event.case:
            with locked(event.case.pk) as case:
                new = _notice(event)
                if new:
                    said = {"actor": SYSTEM.key, "reason": event.text.partition("\n")[0]}
                    append(case, "decision", said, decision=event.entry)
            return new
        return _notice(event)


def _notice(event: Event) -> bool:
    return tell(
        event.key, event.subject, event.text, case=event.case, user=event.user, role=event.role
    )


def case_link(case_id: UUID) -> str:
    return f"{settings.PUBLIC_URL}{SITE}/erasurecase/{case_id}/change/"


def hold_link(hold_id: UUID) -> str:
    return f"{settings.PUBLIC_URL}{SITE}/hold/{hold_id}/change/"
