"""A receipt that was recorded wrong is corrected with a reason, and every date follows."""

from datetime import UTC, date, datetime, timedelta

import pytest

from erasure.cases import correct_receipt, extend, locked
from erasure.errors import InputError, StepError
from erasure.ledger.append import private_half
from erasure.models import Actor, ErasureCase
from erasure.values import CaseState, Role
from tests.factories import make_case, make_user
from tests.moment import now_is

__all__ = ["now_is"]
pytestmark = pytest.mark.django_db
RECEIVED, NOW = datetime(2026, 3, 5, 9, tzinfo=UTC), datetime(2026, 3, 20, 9, tzinfo=UTC)
TRUE = datetime(2026, 3, 2, 9, tzinfo=UTC)


@pytest.fixture
def case(now_is):
    now_is(NOW)
    return make_case(CaseState.VALIDATING, received_at=RECEIVED)


@pytest.fixture
def officer():
    return Actor.of(make_user(Role.OFFICER))


def correct(case, actor, received_at=TRUE, reason="Postmark on the envelope."):
    correct_receipt(case.pk, received_at=received_at, reason=reason, actor=actor)
    return ErasureCase.objects.get(pk=case.pk)


def test_correct_receipt_moves_every_date_and_is_logged(case, officer):
    case = correct(case, officer)
    found = (case.received_at, case.statutory_base, case.statutory_due, case.internal_target)
    assert found == (TRUE, date(2026, 4, 2), date(2026, 4, 2), date(2026, 4, 1))
    rows = list(case.log.filter(type="decision").order_by("number"))
    assert [(row.facts["decision"], private_half(row)) for row in rows] == [
        ("RECEIPT_CORRECTED", {
            "actor": officer.key,
            "reason": "Postmark on the envelope. Received 2 Mar 2026, not 5 Mar 2026.",
        }),
        ("DEADLINE_MOVED", {
            "actor": officer.key, "reason": "Due 2 Apr 2026 instead of 7 Apr 2026.",
        }),
    ]  # fmt: skip
    assert case.logged_at > TRUE
    assert case.preparers.filter(pk=officer.user.pk).exists()


def test_correct_receipt_within_the_day_is_logged_and_moves_nothing(case, officer):
    due = case.statutory_due
    case = correct(case, officer, RECEIVED - timedelta(hours=2))
    assert case.statutory_due == due
    assert [row.facts["decision"] for row in case.log.filter(type="decision")] == [
        "RECEIPT_CORRECTED"
    ]


def test_correct_receipt_past_an_extension_lets_it_fall_and_says_so(case, officer, now_is):
    now_is(datetime(2026, 4, 7, 9, tzinfo=UTC))  # the last day: Easter Monday was yesterday
    with locked(case.pk) as mine:
        extend(mine, told_at=datetime(2026, 4, 7, 8, tzinfo=UTC), reason="Complex.", actor=officer)
    assert ErasureCase.objects.get(pk=case.pk).statutory_due == date(2026, 6, 5)
    case = correct(case, officer)
    assert case.statutory_due == date(2026, 4, 2)
    first = case.log.filter(type="decision").order_by("number")[1]
    assert private_half(first)["reason"].endswith(
        "The extension was told after month one and counts no more."
    )


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"reason": " "}, "reason"),
        ({"received_at": NOW + timedelta(days=1)}, "received_at"),
        ({"received_at": datetime(2026, 3, 2, 9)}, "received_at"),  # noqa: DTZ001
        ({"received_at": RECEIVED}, "received_at"),
    ],
    ids=["no reason", "the future", "no zone", "nothing new"],
)
def test_correct_receipt_to_what_cannot_be_is_refused(case, officer, given, field):
    with pytest.raises(InputError) as refused:
        correct(case, officer, **given)
    assert refused.value.field == field
    assert case.log.filter(type="decision").count() == 0


def test_correct_receipt_to_after_it_was_entered_is_refused(case, officer, now_is):
    now_is(NOW + timedelta(days=5))
    with pytest.raises(InputError) as refused:
        correct(case, officer, NOW + timedelta(days=2))
    assert str(refused.value) == "The request was entered here before that."


@pytest.mark.parametrize(
    ("state", "columns"),
    [(CaseState.COMPLETE, {}), (CaseState.EXECUTING, {"answered_at": RECEIVED})],
)
def test_correct_receipt_of_a_case_that_is_answered_or_ended_is_refused(
    case, officer, state, columns
):
    ErasureCase.objects.filter(pk=case.pk).update(state=state, **columns)
    with pytest.raises(StepError) as refused:
        correct(case, officer)
    assert refused.value.refused_by == "state"


@pytest.mark.parametrize("role", [Role.CLERK, Role.LEGAL, Role.AUDITOR, Role.ADMINISTRATOR])
def test_correct_receipt_by_a_role_that_may_not_is_refused(case, role):
    with pytest.raises(StepError) as refused:
        correct(case, Actor.of(make_user(role)))
    assert refused.value.refused_by == "permission"
