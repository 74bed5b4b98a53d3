"""A proof that is found sufficient gives back the days the person was asked for it."""

from datetime import UTC, date, datetime

import pytest

from erasure import verification
from erasure.models import Actor, ErasureCase, Verification
from erasure.values import CaseState, Role
from tests.factories import CALLED_BACK, make_case, make_user
from tests.moment import now_is

__all__ = ["now_is"]
pytestmark = pytest.mark.django_db


def on(day):
    return datetime(2026, 3, day, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("asked", "due", "logged"),
    [(4, date(2026, 4, 16), 1), (16, date(2026, 4, 2), 0)],
    ids=["in time", "late"],
)
def test_confirm_after_an_answer_moves_what_is_due_if_it_was_asked_in_time(
    now_is, asked, due, logged
):
    now_is(on(20))
    case = make_case(CaseState.VALIDATING, received_at=on(2))
    Verification.objects.filter(case=case).update(
        state="ANSWERED", doubt="Another address wrote.", asked_at=on(asked), answered_at=on(18)
    )
    verification.confirm(
        case.pk, actor=Actor.of(make_user(Role.OFFICER)), **CALLED_BACK,
        grounds=["17(1)(b)"], ground_reason="Consent withdrawn.",
    )  # fmt: skip
    case = ErasureCase.objects.get(pk=case.pk)
    assert (case.state, case.statutory_due) == (CaseState.DISCOVERY, due)
    moved = case.log.filter(type="decision", facts__decision="DEADLINE_MOVED")
    assert moved.count() == logged
