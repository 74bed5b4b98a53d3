"""Two cases with one identifier: merged, linked or told apart; nobody skips verification."""

from datetime import timedelta
from itertools import product

import pytest
from django.db import transaction

from erasure import clock
from erasure.cases import move, refusals
from erasure.discovery import discover
from erasure.errors import StepError
from erasure.intake import (
    Agent,
    keep_mandate,
    likely_duplicates,
    merge,
    open_case,
    relate,
    relations_of,
)
from erasure.ledger.append import private_half
from erasure.models import SYSTEM, Actor, CaseRelation, ErasureCase, StoreSearch, Verification
from erasure.models.cases import BEFORE_EXECUTION
from erasure.values import (
    CaseState,
    Identifier,
    IdentifierKind,
    Relation,
    Role,
    Step,
    VerificationState,
)
from tests.factories import make_case, make_connection, make_user

pytestmark = pytest.mark.django_db
EMAIL, PHONE = "ada@example.org", "+441632960001"
UNPROVEN = "The identity of the person is not confirmed."
SECOND = "It came with a second request, after this person was verified."


@pytest.fixture
def officer():
    return Actor.of(make_user(Role.OFFICER))


def fresh(case):
    return ErasureCase.objects.get(pk=case.pk)


def pair(state=CaseState.VALIDATING, other_state=CaseState.VALIDATING, days=(2, 9)):
    """Two requests with the same address; the second was received first and has a number more."""
    now = clock.now()
    case, other = (
        make_case(where, email=EMAIL, phone=phone, text=text,
                  received_at=now - timedelta(days=age))
        for where, phone, text, age in (
            (state, "", "Please.", days[0]), (other_state, PHONE, "Again!", days[1]))
    )  # fmt: skip
    return case, other


def verified(case, state):
    Verification.objects.filter(case=case).update(state=state)


# -- finding them ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("column", "age", "found"),
    [("closed_at", 89, True), ("closed_at", 91, False), ("completed_at", 89, True),
     ("completed_at", 91, False)],
)  # fmt: skip
def test_duplicates_are_looked_for_among_open_and_recent_cases(column, age, found):
    case, other = pair(other_state=CaseState.CLOSED)
    ended = {column: clock.now() - timedelta(days=age)}
    ErasureCase.objects.filter(pk=other.pk).update(**ended)
    assert likely_duplicates(case) == ([other] if found else [])


def test_duplicates_are_not_those_who_share_a_name():
    name = Identifier(IdentifierKind.NAME, "Anna Müller")
    cases = [
        open_case(
            channel="letter", name="Anna Müller", received_at=clock.now(), actor=SYSTEM,
            identifiers=[Identifier(IdentifierKind.EMAIL, f"anna{n}@example.org"), name],
        )
        for n in range(2)
    ]  # fmt: skip
    assert likely_duplicates(cases[0]) == []


@pytest.mark.parametrize("relation", [Relation.LINKED, Relation.DIFFERENT])
def test_duplicates_decided_on_are_not_asked_about_again(officer, relation):
    case, other = pair()
    relate(case.pk, other.pk, relation, actor=officer)
    assert (likely_duplicates(case), likely_duplicates(other)) == ([], [])
    seen = [] if relation == Relation.DIFFERENT else [relation]
    assert [row.relation for row in relations_of(other)] == seen


def test_relate_stands_in_the_log_of_both_and_changes_no_state(officer):
    case, other = pair()
    relate(case.pk, other.pk, Relation.LINKED, actor=officer)
    for one, counterpart in ((case, other), (other, case)):
        row = one.log.order_by("number").last()
        assert (row.type, row.facts) == ("decision", {"decision": "REQUEST_LINKED"})
        assert private_half(row) == {
            "actor": officer.key, "reason": f"With {counterpart.reference}.",
        }  # fmt: skip
        assert fresh(one).state == CaseState.VALIDATING


@pytest.mark.parametrize("role", [Role.CLERK, Role.LEGAL, Role.AUDITOR, Role.ADMINISTRATOR])
def test_merge_and_relate_by_another_role_are_refused(role):
    case, other = pair()
    actor = Actor.of(make_user(role))
    for decide in (merge, lambda a, b, actor: relate(a, b, Relation.LINKED, actor=actor)):
        with pytest.raises(StepError) as refused:
            decide(case.pk, other.pk, actor=actor)
        assert refused.value.refused_by == "permission"
    assert CaseRelation.objects.count() == 0


def test_merge_with_itself_or_twice_is_refused(officer):
    case, other = pair()
    with pytest.raises(StepError):
        merge(case.pk, case.pk, actor=officer)
    merge(case.pk, other.pk, actor=officer)
    for first, second in ((case, other), (other, case)):
        with pytest.raises(StepError):
            merge(first.pk, second.pk, actor=officer)


# -- merging ---------------------------------------------------------------------------------


def test_merge_keeps_everything_and_the_earlier_receipt(officer):
    case, other = pair()
    merge(case.pk, other.pk, actor=officer)
    kept, closed = fresh(case), fresh(other)
    assert (closed.state, closed.close_reason) == (CaseState.CLOSED, "DUPLICATE")
    assert [row.value for row in kept.identifiers.all()] == [EMAIL, PHONE]
    assert (kept.received_at, kept.statutory_due) == (other.received_at, other.statutory_due)
    assert kept.request.split("\n\n")[0] == "Please."
    assert kept.request.split("\n")[-1] == "Again!"
    assert closed.request == "Again!"
    assert list(kept.preparers.all()) == [officer.user]
    (relation,) = relations_of(kept)
    assert (relation.case, relation.other, relation.relation) == (kept, closed, "MERGED")
    said = [row.facts.get("decision") for row in kept.log.order_by("number")]
    assert [word for word in said if word] == ["REQUEST_MERGED", "RECEIPT_CORRECTED"]


def test_merge_of_a_later_request_moves_no_date(officer):
    case, other = pair(days=(9, 2))
    merge(case.pk, other.pk, actor=officer)
    assert (fresh(case).received_at, fresh(case).statutory_due) == (
        case.received_at, case.statutory_due,
    )  # fmt: skip


def test_merge_brings_the_mandate_and_who_asked(officer):
    case, _ = pair()
    other = open_case(
        channel="letter", name="Ada", received_at=clock.now(), actor=SYSTEM,
        identifiers=[Identifier(IdentifierKind.EMAIL, EMAIL)],
        agent=Agent("Rita Recht", "rita@example.net", (b"page one",)),
    )  # fmt: skip
    keep_mandate(case, [b"own page"])
    merge(case.pk, other.pk, actor=officer)
    kept = fresh(case)
    assert [page.opened_data() for page in kept.mandate.all()] == [b"own page", b"page one"]
    assert (kept.on_behalf, kept.representative.name) == (True, "Rita Recht")


@pytest.mark.parametrize("state", [s for s in CaseState if s not in BEFORE_EXECUTION])
@pytest.mark.parametrize("kept", [True, False])
def test_merge_from_execution_on_is_refused_and_changes_nothing(officer, state, kept):
    case, other = pair()
    ErasureCase.objects.filter(pk=(case if kept else other).pk).update(state=state)
    with pytest.raises(StepError) as refused:
        merge(case.pk, other.pk, actor=officer)
    assert refused.value.refused_by == "state"
    assert [row.value for row in fresh(case).identifiers.all()] == [EMAIL]
    assert CaseRelation.objects.count() == 0


# -- nobody skips verification ---------------------------------------------------------------


def decided(case, other, how, officer):
    """The case that goes on, after an officer decided on the pair, or nobody did."""
    if how == "merged into":
        return merge(case.pk, other.pk, actor=officer)
    if how == "merged":
        return merge(other.pk, case.pk, actor=officer)
    if how != "undecided":
        relate(case.pk, other.pk, Relation(how), actor=officer)
    return case


@pytest.mark.parametrize("how", ["undecided", "LINKED", "DIFFERENT", "merged into", "merged"])
def test_duplicate_in_any_state_of_verification_proves_nothing(officer, how):
    """Every pair of states: what goes on is as proven as it was, and not a bit more."""
    case, other = pair()
    for ours, theirs in product(VerificationState, VerificationState):
        with transaction.atomic():
            verified(case, ours)
            verified(other, theirs)
            goes_on = decided(case, other, how, officer)
            own = theirs if how == "merged" else ours
            assert list(goes_on.verifications.values_list("state", flat=True)) == [own]
            objections = refusals(fresh(goes_on), Step.CONFIRM_IDENTITY, officer)
            assert (UNPROVEN in objections) is (own != VerificationState.CONFIRMED)
            transaction.set_rollback(True)


@pytest.mark.parametrize("how", ["undecided", "LINKED", "merged into", "merged"])
def test_duplicate_of_a_verified_case_is_not_searched_for(officer, how):
    make_connection()
    case, other = pair(other_state=CaseState.DISCOVERY)
    verified(other, VerificationState.CONFIRMED)
    decided(case, other, how, officer)
    assert discover(case.pk) is False
    assert StoreSearch.objects.filter(case=case).count() == 0


@pytest.mark.parametrize("state", [CaseState.VALIDATING, CaseState.DISCOVERY, CaseState.DPO_REVIEW])
def test_merge_into_a_verified_case_puts_what_is_new_in_question(officer, state):
    case, other = pair(state=state)
    verified(case, VerificationState.CONFIRMED)
    merge(case.pk, other.pk, actor=officer)
    rows = [(row.value, row.state, row.given) for row in fresh(case).identifiers.all()]
    assert rows == [(EMAIL, "CONFIRMED", True), (PHONE, "IN_QUESTION", False)]
    assert fresh(case).identifiers.get(number=1).question == SECOND
    undecided = "An identifier is in question: confirm or reject it first."
    dpo = Actor.of(make_user(Role.DPO))
    ErasureCase.objects.filter(pk=case.pk).update(state=CaseState.DPO_REVIEW)
    assert undecided in refusals(fresh(case), Step.APPROVE, dpo)


def test_merged_case_reopened_starts_at_its_own_verification(officer):
    case, other = pair()
    verified(case, VerificationState.CONFIRMED)
    merge(case.pk, other.pk, actor=officer)
    again = move(other.pk, Step.REOPEN, actor=Actor.of(make_user(Role.DPO)), reason="Not the same.")
    assert (again.state, again.verifications.get().state) == ("VALIDATING", "OPEN")
