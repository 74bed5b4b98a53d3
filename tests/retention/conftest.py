from datetime import timedelta

import pytest
from django.utils import timezone

from erasure import clock, register
from erasure.ledger import sequencer
from erasure.models import ErasureCase, LaterCheck, Letter
from erasure.values import CaseState, ItemState, Role
from tests.factories import make_case, make_connection, make_item, make_search, make_user
from tests.world import TO_THE_END, again, moving, served, world

__all__ = ["moving", "served", "world"]


@pytest.fixture(autouse=True)
def _noon(moving):
    """It is noon: no midnight comes near, and summer time moves nothing to another day."""
    here = timezone.localtime(clock.now())
    noon = here.replace(hour=12, minute=0, second=0) + timedelta(days=1)
    clock.advance(noon - here)


@pytest.fixture
def complete(world):
    """A person's case, erased, answered and certified."""
    case = world.live(world.executing("siobhan"), *TO_THE_END)
    world.answer(case)
    world.certify(case)
    return again(case)


@pytest.fixture
def simple(moving, db):
    """The same without a vendor: one record, one letter, no certificate."""
    case = make_case(CaseState.COMPLETE, email="ada@example.org", text="Please forget me")
    at = make_connection("crm")
    make_search(case, at)
    item = make_item(case, at, state=ItemState.ERASED, verdict="VERIFIED_ABSENT", log_number=0,
                     ended_at=clock.now())  # fmt: skip
    register.note_erased(case, [item])
    letter = Letter(
        case=case, kind="COMPLETE", channel="letter", written_by=make_user(Role.OFFICER)
    )
    letter.text = "Your record was erased"
    letter.leave(clock.now(), "Registered letter 1.")
    letter.save(force_insert=True)
    now = clock.now()
    ErasureCase.objects.update(completed_at=now, answered_at=now, seconds_to_complete=86_400)
    sequencer.sequence()
    return again(case)


def checked(case):
    """As if every search after the end had found nothing."""
    for day in (7, 30, 90):
        at = case.completed_at + timedelta(days=day)
        LaterCheck.objects.create(
            case=case, day=day, due_at=at, next_try=at, done_at=at, result="CLEAN"
        )


def later(**time):
    """Time passes, and the sequencer works."""
    clock.advance(timedelta(**time))
    sequencer.sequence()
