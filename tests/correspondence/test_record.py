"""The answer to the person: when it may be recorded, and what it sets."""

from datetime import UTC, date, datetime, timedelta

import pytest

from erasure import clock
from erasure.correspondence import LETTERS, record_answer, suggested_text
from erasure.errors import InputError, StepError
from erasure.ledger.append import private_half
from erasure.models import Actor, ErasureCase, Letter
from erasure.values import CaseState, HoldScope, ItemState, Role, StoreStatus
from tests.factories import (
    make_case,
    make_connection,
    make_hold,
    make_item,
    make_search,
    make_user,
)

pytestmark = pytest.mark.django_db

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
        "kind": "outcome",
        "text": TEXT,
        "channel": "letter",
        "dispatched_at": clock.now() - timedelta(hours=1),
    }
    return record_answer(case.pk, actor=actor, **{**standard, **given})


def answered_at(case):
    return ErasureCase.objects.get(pk=case.pk).answered_at


def refused_by(case, actor, **given):
    with pytest.raises(StepError) as refused:
        record(case, actor, **given)
    return refused.value.refused_by


def test_outcome_of_a_finished_case_sets_the_answer_to_its_dispatch(case, officer):
    moment = clock.now() - timedelta(days=1)
    letter = record(case, officer, dispatched_at=moment, text=f" {TEXT} ")
    row = case.log.get(type="decision")
    assert (answered_at(case), Letter.objects.get(pk=letter.pk).text) == (moment, TEXT)
    assert (row.facts, private_half(row)) == (
        {"decision": "LETTER_SENT"},
        {"actor": officer.key, "reason": "outcome"},
    )
    assert letter.recorded_by == officer.user


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


def test_interim_letter_while_items_are_open_answers_nothing(case, officer):
    make_item(case, case.searches.first().connection, state=ItemState.REQUESTED)
    record(case, officer, kind="interim")
    record(case, officer, kind="interim")
    assert (answered_at(case), Letter.objects.count()) == (None, 2)


@pytest.mark.parametrize("kind", list(LETTERS))
@pytest.mark.parametrize("state", list(CaseState))
def test_letter_in_each_state_is_taken_or_refused_by_it(case, officer, kind, state):
    ErasureCase.objects.filter(pk=case.pk).update(state=state)
    if state in LETTERS[kind]:
        assert record(case, officer, kind=kind).kind == kind
    else:
        assert refused_by(case, officer, kind=kind) == "state"


def test_refusal_letter_is_the_answer(case, officer):
    ErasureCase.objects.filter(pk=case.pk).update(state=CaseState.DPO_REVIEW)
    letter = record(case, officer, kind="refusal")
    assert answered_at(case) == letter.dispatched_at


def test_second_answer_is_refused_so_that_a_late_one_cannot_become_timely(case, officer):
    first = record(case, officer)
    assert refused_by(case, officer, dispatched_at=clock.now() - timedelta(days=2)) == "state"
    assert (answered_at(case), Letter.objects.count()) == (first.dispatched_at, 1)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"kind": "apology"}, "kind"),
        ({"text": " "}, "text"),
        ({"channel": "pigeon"}, "channel"),
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


def test_suggested_text_counts_each_end_and_names_why_and_until_when_records_stay(case):
    at = case.searches.first().connection
    make_item(case, at, state=ItemState.ERASED, verdict="ANONYMISED")
    make_item(case, at, state=ItemState.ERASED, verdict="ATTESTED")
    make_item(case, at, state=ItemState.EXCLUDED)
    hold = make_hold(
        make_user(Role.LEGAL), scope=HoldScope.SUBJECT, expires_on=date(2031, 2, 3)
    )  # fmt: skip
    for _ in range(2):
        make_item(case, at, state=ItemState.HELD, hold=hold, article="17(3)(e)")
    make_item(case, at, state=ItemState.EXEMPT, article="17(3)(b)", reason="Tax law.")
    assert suggested_text(case).splitlines() == [
        f"Your request {case.reference} of {case.received_at:%d %B %Y}",
        "",
        "We searched 2 stores. Records found about you: 7.",
        "2 records were erased; a fresh search no longer finds them.",
        "1 record was made anonymous; nothing in it leads to you.",
        "1 record was erased on the word of who holds it.",
        "3 records are kept for now.",
        "Kept under Art. 17(3)(e) until 03 February 2031: Kept for a legal claim.",
        "Kept under Art. 17(3)(b): Tax law.",
        "",
        "You may complain to the data protection authority and you may go to court "
        "(Art. 77 and 79 GDPR).",
    ]
