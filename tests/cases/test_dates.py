"""The dates of a case in the database: what moves them, what does not, and what is refused."""

from datetime import UTC, date, datetime, timedelta

import pytest

from erasure.cases import decide_by, extend, locked, recompute, tell_by
from erasure.errors import InputError, StepError
from erasure.ledger.append import private_half
from erasure.models import SYSTEM, Actor, ErasureCase, Verification
from erasure.values import CaseState, Role
from tests.factories import make_case, make_user
from tests.moment import now_is

__all__ = ["now_is"]
pytestmark = pytest.mark.django_db
RECEIVED = datetime(2026, 3, 2, 9, tzinfo=UTC)


def at(text):
    return datetime.fromisoformat(f"{text}T12:00+01:00")


def dates_of(case):
    case = ErasureCase.objects.get(pk=case.pk)
    return (case.statutory_base, case.statutory_due, case.internal_target)


def day(text):
    return date.fromisoformat(text)


def told(case):
    return [row.facts["decision"] for row in case.log.filter(type="decision").order_by("number")]


@pytest.fixture
def case(now_is):
    now_is(at("2026-04-01"))
    return make_case(CaseState.VALIDATING, received_at=RECEIVED)


@pytest.fixture
def officer():
    return Actor.of(make_user(Role.OFFICER))


def asked(case, asked_at, answered_at, state="CONFIRMED", doubt="Another address wrote."):
    Verification.objects.filter(case=case).update(
        state=state, doubt=doubt, asked_at=asked_at and at(asked_at),
        answered_at=answered_at and at(answered_at),
    )  # fmt: skip


def recomputed(case):
    with locked(case.pk) as fresh:
        return recompute(fresh)


def extended(case, actor, told_at="2026-03-30", reason="Eleven systems, redaction of calls."):
    with locked(case.pk) as fresh:
        extend(fresh, told_at=at(told_at), reason=reason, actor=actor)


def test_recompute_after_an_answer_in_time_moves_what_is_due_alone(case):
    asked(case, "2026-03-04", "2026-03-18")
    assert recomputed(case)
    assert dates_of(case) == (day("2026-04-02"), day("2026-04-16"), day("2026-04-01"))
    [row] = case.log.filter(type="decision")
    assert row.facts["decision"] == "DEADLINE_MOVED"
    assert private_half(row)["reason"] == (
        "Stopped for 14 days by the identity question. Due 16 Apr 2026 instead of 2 Apr 2026."
    )


def test_recompute_twice_logs_once(case):
    asked(case, "2026-03-04", "2026-03-18")
    assert (recomputed(case), recomputed(case)) == (True, False)
    assert told(case) == ["DEADLINE_MOVED"]


@pytest.mark.parametrize(
    "facts",
    [
        ("2026-03-30", "2026-03-31", "CONFIRMED"),  # asked late
        ("2026-03-04", "2026-03-18", "ANSWERED"),  # nobody found it sufficient yet
        ("2026-03-04", "2026-03-18", "REJECTED"),
        ("2026-03-04", None, "ASKED"),
        (None, None, "CONFIRMED"),  # nothing was asked
        ("2026-03-04", "2026-03-18", "CONFIRMED", ""),  # no doubt is on record
    ],
)
def test_recompute_without_an_answer_to_a_question_in_time_moves_nothing(case, facts):
    before = dates_of(case)
    asked(case, *facts)
    assert not recomputed(case)
    assert dates_of(case) == before
    assert told(case) == []


def test_recompute_in_the_uk_starts_the_month_with_the_answer(settings, now_is):
    settings.COUNTRY, settings.TIME_ZONE = "GB", "Europe/London"
    now_is(at("2026-04-01"))
    case = make_case(CaseState.VALIDATING, received_at=RECEIVED)
    asked(case, "2026-03-04", "2026-03-18")
    assert recomputed(case)
    assert dates_of(case) == (day("2026-04-18"), day("2026-04-20"), day("2026-04-01"))
    assert tell_by(ErasureCase.objects.get(pk=case.pk)) == day("2026-04-20")


def test_recompute_after_changed_settings_keeps_the_place_of_the_case(case, settings):
    before = dates_of(case)
    settings.TIME_ZONE, settings.COUNTRY, settings.REGIME = "Pacific/Auckland", "NZ", "california"
    assert not recomputed(case)
    assert dates_of(case) == before


def test_extend_counts_three_months_and_is_logged(case, officer):
    extended(case, officer)
    assert dates_of(case) == (day("2026-06-02"), day("2026-06-02"), day("2026-06-02"))
    fresh = ErasureCase.objects.get(pk=case.pk)
    assert fresh.extension_reason == "Eleven systems, redaction of calls."
    assert (fresh.extended_by, fresh.extended_at) == (officer.user, at("2026-03-30"))
    [row] = case.log.filter(type="decision")
    assert row.facts["decision"] == "TIME_EXTENDED"
    assert private_half(row)["reason"] == (
        "Eleven systems, redaction of calls. Due 2 Jun 2026 instead of 2 Apr 2026."
    )


def test_extend_after_a_suspension_adds_its_days(case, officer):
    asked(case, "2026-03-04", "2026-03-18")
    recomputed(case)
    extended(case, officer)
    assert dates_of(case) == (day("2026-06-02"), day("2026-06-16"), day("2026-06-02"))


def test_extend_moves_no_date_for_a_refusal(case, officer):
    extended(case, officer)
    assert decide_by(ErasureCase.objects.get(pk=case.pk)) == day("2026-04-02")


def test_extend_by_the_outbox_itself_is_allowed(case):
    extended(case, SYSTEM)
    assert ErasureCase.objects.get(pk=case.pk).extended_by is None


@pytest.mark.parametrize(
    ("received_at", "last"), [(RECEIVED, "2 Apr"), (RECEIVED - timedelta(days=1), "1 Apr")]
)
def test_extend_after_month_one_is_refused_with_its_last_day(officer, now_is, received_at, last):
    now_is(at("2026-04-03"))
    case = make_case(CaseState.VALIDATING, received_at=received_at)
    before = dates_of(case)
    with pytest.raises(InputError) as refused:
        extended(case, officer, "2026-04-03")
    assert refused.value.field == "told_at"
    assert str(refused.value) == f"An extension had to be told by {last} 2026: the date stands."
    assert dates_of(case) == before


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"told_at": "2026-04-02"}, "told_at"),  # tomorrow
        ({"told_at": "2026-03-01"}, "told_at"),  # before the request came
        ({"reason": "  "}, "reason"),
    ],
)
def test_extend_with_what_cannot_be_names_the_field(case, officer, given, field):
    with pytest.raises(InputError) as refused:
        extended(case, officer, **given)
    assert refused.value.field == field
    assert told(case) == []


def test_extend_twice_is_refused(case, officer):
    extended(case, officer)
    with pytest.raises(StepError) as refused:
        extended(case, officer)
    assert refused.value.refused_by == "state"


@pytest.mark.parametrize(
    ("state", "columns"),
    [(CaseState.CLOSED, {}), (CaseState.VALIDATING, {"answered_at": at("2026-03-20")})],
)
def test_extend_of_a_case_that_is_answered_or_ended_is_refused(case, officer, state, columns):
    ErasureCase.objects.filter(pk=case.pk).update(state=state, **columns)
    with pytest.raises(StepError):
        extended(case, officer)


@pytest.mark.parametrize("role", [Role.CLERK, Role.LEGAL, Role.AUDITOR, Role.ADMINISTRATOR])
def test_extend_by_a_role_that_may_not_is_refused(case, role):
    with pytest.raises(StepError) as refused:
        extended(case, Actor.of(make_user(role)))
    assert refused.value.refused_by == "permission"


def test_extend_where_the_law_has_none_is_refused(officer, settings, now_is):
    settings.REGIME = "brazil"
    now_is(at("2026-03-10"))
    case = make_case(CaseState.VALIDATING, received_at=RECEIVED)
    with pytest.raises(StepError) as refused:
        extended(case, officer, "2026-03-09")
    assert str(refused.value) == "The LGPD knows no extension."
