"""Letters sent outside of the product: when they may be recorded, and what they set."""

from datetime import UTC, datetime, timedelta

import pytest

from erasure import clock
from erasure.correspondence import STATES, record_answer
from erasure.errors import InputError, StepError
from erasure.ledger.append import private_half
from erasure.models import ANSWERS, Actor, ErasureCase, Letter
from erasure.values import CaseState, ItemState, LetterKind, Role, StoreStatus
from tests.factories import make_case, make_connection, make_hold, make_item, make_search, make_user

pytestmark = pytest.mark.django_db

K = LetterKind
TEXT = "Dear Ada Beispiel, we erased what we had."


@pytest.fixture
def officer():
    return Actor.of(make_user(Role.OFFICER))


@pytest.fixture
def case():
    """Everything has ended: two records read back, one store empty."""
    case, at = make_case(CaseState.EXECUTING), make_connection()
    make_search(case, at)
    make_search(case, at, "recordings", StoreStatus.EMPTY)
    for _ in range(2):
        make_item(case, at, state=ItemState.ERASED, verdict="VERIFIED_ABSENT")
    return case


def record(case, actor, **given):
    standard = {
        "kind": K.COMPLETE,
        "text": TEXT,
        "channel": "letter",
        "dispatched_at": clock.now() - timedelta(hours=1),
        "proof": "Registered letter 1.",
    }
    return record_answer(case.pk, actor=actor, **{**standard, **given})


def keep(case):
    hold = make_hold(make_user(Role.LEGAL))
    at = case.searches.first().connection
    make_item(case, at, state=ItemState.HELD, hold=hold, article="17(3)(e)")


def answered_at(case):
    return ErasureCase.objects.get(pk=case.pk).answered_at


def refused_by(case, actor, **given):
    with pytest.raises(StepError) as refused:
        record(case, actor, **given)
    return refused.value.refused_by


def test_outcome_of_a_finished_case_sets_the_answer_to_its_dispatch(case, officer):
    moment = clock.now() - timedelta(days=1)
    letter = Letter.objects.get(pk=record(case, officer, dispatched_at=moment).pk)
    row = case.log.get(type="decision")
    assert (answered_at(case), letter.text, letter.state) == (moment, TEXT, "SENT")
    assert (row.facts, private_half(row)) == (
        {"decision": "LETTER_SENT"},
        {"actor": officer.key, "reason": "COMPLETE", "channel": "letter", "version": "",
         "proof": "Registered letter 1."},
    )  # fmt: skip
    assert letter.written_by == officer.user


@pytest.mark.parametrize(
    "state",
    [ItemState.PLANNED, ItemState.RUNNING, ItemState.REQUESTED, ItemState.FAILED, ItemState.MANUAL],
)
def test_outcome_while_an_item_is_open_is_refused(case, officer, state):
    make_item(case, case.searches.first().connection, state=state)
    assert refused_by(case, officer) == "condition"
    assert (answered_at(case), Letter.objects.count()) == (None, 0)


def test_outcome_while_a_store_is_unanswered_is_refused(case, officer):
    case.searches.filter(store="recordings").update(status=StoreStatus.UNANSWERED)
    assert refused_by(case, officer) == "condition"


@pytest.mark.parametrize(("kept", "told"), [(True, K.COMPLETE), (False, K.PARTIAL_HOLD)])
def test_outcome_other_than_the_records_show_is_refused(case, officer, kept, told):
    if kept:
        keep(case)
    assert refused_by(case, officer, kind=told) == "condition"


def test_release_without_a_hold_that_was_told_of_is_refused(case, officer):
    assert refused_by(case, officer, kind=K.HOLD_RELEASED) == "condition"


def test_interim_letter_while_items_are_open_answers_nothing(case, officer):
    make_item(case, case.searches.first().connection, state=ItemState.REQUESTED)
    record(case, officer, kind=K.INTERIM)
    record(case, officer, kind=K.INTERIM)
    assert (answered_at(case), Letter.objects.count()) == (None, 2)


@pytest.mark.parametrize("kind", [k for k in K if k not in (K.HOLD_RELEASED, K.PARTIAL_HOLD)])
@pytest.mark.parametrize("state", list(CaseState))
def test_letter_in_each_state_is_taken_or_refused_by_it(case, officer, kind, state):
    ErasureCase.objects.filter(pk=case.pk).update(state=state)
    dpo = Actor.of(make_user(Role.DPO))
    article = "17(1)" if kind == K.REFUSAL else ""
    unidentified = kind == K.REFUSAL and state == CaseState.AWAITING_IDENTITY
    if state in STATES[kind] or unidentified:
        assert record(case, dpo, kind=kind, article=article).kind == kind
        assert bool(answered_at(case)) == (kind in ANSWERS)
    else:
        assert refused_by(case, dpo, kind=kind, article=article) == "state"


def test_extension_told_inside_the_month_extends_the_time(case):
    dpo = Actor.of(make_user(Role.DPO))
    before = case.statutory_due
    record(case, dpo, kind=K.EXTENSION)
    now = ErasureCase.objects.get(pk=case.pk)
    assert (now.statutory_due > before, now.extension_reason) == (True, TEXT)


def test_second_answer_is_refused_so_that_a_late_one_cannot_become_timely(case, officer):
    first = record(case, officer)
    assert refused_by(case, officer, dispatched_at=clock.now() - timedelta(days=2)) == "state"
    assert (answered_at(case), Letter.objects.count()) == (first.dispatched_at, 1)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"kind": "apology"}, "kind"),
        ({"kind": K.REFUSAL}, "article"),
        ({"text": " "}, "text"),
        ({"channel": "pigeon"}, "channel"),
        ({"proof": " "}, "proof"),
        ({"dispatched_at": datetime(2026, 5, 5)}, "dispatched_at"),  # noqa: DTZ001
        ({"dispatched_at": datetime(2090, 5, 5, tzinfo=UTC)}, "dispatched_at"),
        ({"dispatched_at": datetime(2020, 5, 5, tzinfo=UTC)}, "dispatched_at"),
    ],
)
def test_letter_with_wrong_input_names_the_field(case, officer, given, field):
    with pytest.raises(InputError) as refused:
        record(case, officer, **given)
    assert (refused.value.field, answered_at(case), Letter.objects.count()) == (field, None, 0)


@pytest.mark.parametrize("role", [Role.CLERK, Role.LEGAL, Role.AUDITOR, Role.ADMINISTRATOR])
def test_letter_by_another_role_is_refused(case, role):
    assert refused_by(case, Actor.of(make_user(role))) == "permission"
