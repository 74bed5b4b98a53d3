"""Buttons and pages of the acts on a case: who sees them, and what a POST does."""

import pytest
from django.test import Client
from django.utils import timezone

from erasure import clock
from erasure.models import ErasureCase, Letter
from erasure.values import CaseState, Role
from tests.admin.conftest import SignIn, in_state
from tests.admin.page import Page
from tests.admin.urls import at, case_page, step
from tests.factories import (
    CALLED_BACK,
    confirm_person,
    make_case,
    make_hold,
    make_item,
    make_search,
    make_user,
)

S = CaseState
BUTTONS = {
    (S.RECEIVED, Role.CLERK): set(),
    (S.RECEIVED, Role.OFFICER): {"start_validation", "write_letter", "close"},
    (S.RECEIVED, Role.DPO): {"write_letter", "close"},
    (S.RECEIVED, Role.LEGAL): set(),
    (S.RECEIVED, Role.AUDITOR): set(),
    (S.VALIDATING, Role.CLERK): set(),
    (S.VALIDATING, Role.OFFICER): {
        "confirm_identity", "ask_identity", "reject_identity", "write_letter", "record_answer",
        "close",
    },
    (S.VALIDATING, Role.DPO): {"write_letter", "record_answer", "refuse", "close"},
    (S.AWAITING_IDENTITY, Role.OFFICER): {
        "identity_answered", "reject_identity", "write_letter", "close",
    },
    (S.DISCOVERY, Role.OFFICER): {"write_letter", "record_answer", "close"},
    (S.DPO_REVIEW, Role.OFFICER): {"write_letter", "record_answer", "rediscover", "close"},
    (S.DPO_REVIEW, Role.DPO): {"approve", "write_letter", "record_answer", "refuse", "close"},
    (S.DPO_REVIEW, Role.LEGAL): set(),
    (S.DPO_REVIEW, Role.AUDITOR): set(),
    (S.EXECUTING, Role.OFFICER): {"write_letter", "record_answer", "halt"},
    (S.EXECUTING, Role.DPO): {"write_letter", "record_answer", "halt"},
    (S.EXECUTING, Role.LEGAL): {"halt"},
    (S.EXECUTING, Role.AUDITOR): set(),
    (S.PARTIAL_HOLD, Role.LEGAL): {"release"},
    (S.PARTIAL_HOLD, Role.OFFICER): set(),
    (S.COMPLETE, Role.DPO): set(),
    (S.REFUSED, Role.DPO): {"reopen"},
    (S.CLOSED, Role.OFFICER): set(),
}  # fmt: skip
FORMS = {
    "close": {"close_reason": "WITHDRAWN"},
    "refuse": {"article": "17(1)"},
    "ask_identity": {
        "doubt": "The signature differs.", "offered": ["CALL_BACK", "KNOWLEDGE"], "by": "email",
    },
    "reject_identity": {"reason": "The proof does not match."},
    "reopen": {"reason": "The person wrote again."},
    "approve": {"decided_role": "management", "opinion": "Erase it.", "digest": "x"},
    "confirm_identity": {
        **CALLED_BACK, "grounds": ["17(1)(b)"], "ground_reason": "Consent withdrawn.",
    },
    "record_answer": {
        "kind": "COMPLETE", "channel": "letter", "dispatched_at": "2020-01-01T10:00",
        "text": "Done.", "proof": "Registered letter 1.",
    },
}  # fmt: skip


def state_of(case: ErasureCase) -> str:
    return str(ErasureCase.objects.get(pk=case.pk).state)


def named(value: object) -> str:
    """The same in every process: a set has no order of its own."""
    return " ".join(sorted(map(str, value)))  # type: ignore[call-overload]


@pytest.mark.parametrize(("where", "buttons"), BUTTONS.items(), ids=named)
def test_case_page_shows_each_role_exactly_its_buttons(
    sign_in: SignIn, where: tuple[CaseState, Role], buttons: set[str]
) -> None:
    state, role = where
    case = make_case(state)
    shown = Page(sign_in(role).get(case_page(case)))
    assert shown.steps() == buttons


@pytest.mark.parametrize("act", [
    "start_validation", "confirm_identity", "ask_identity", "identity_answered", "reject_identity",
    "approve", "record_answer", "rediscover", "release", "reopen", "halt", "refuse", "close",
])  # fmt: skip
@pytest.mark.parametrize("state", [S.VALIDATING, S.DPO_REVIEW, S.EXECUTING, S.PARTIAL_HOLD])
def test_step_by_auditor_is_refused_and_changes_nothing(
    sign_in: SignIn, state: CaseState, act: str
) -> None:
    case = make_case(state)
    answer = sign_in(Role.AUDITOR).post(step(case, act), FORMS.get(act, {}))
    assert answer.status_code == 403
    assert state_of(case) == state
    assert case.log.count() == 1


def test_step_page_when_looked_at_changes_nothing(sign_in: SignIn, in_review: ErasureCase) -> None:
    dpo = sign_in(Role.DPO)
    before = in_review.log.count()
    for act in ("approve", "refuse", "close", "record_answer"):
        assert dpo.get(step(in_review, act)).status_code == 200
    assert state_of(in_review) == S.DPO_REVIEW
    assert in_review.log.count() == before


def test_unknown_step_is_not_found(sign_in: SignIn, in_review: ErasureCase) -> None:
    assert sign_in(Role.DPO).post(step(in_review, "complete")).status_code == 404


def test_start_validation_by_officer_moves_the_case(sign_in: SignIn) -> None:
    case = make_case(S.RECEIVED)
    answer = sign_in(Role.OFFICER).post(step(case, "start_validation"))
    assert (answer.status_code, answer.url) == (302, case_page(case))
    assert state_of(case) == S.VALIDATING


def test_start_validation_before_the_link_is_used_says_what_is_missing(sign_in: SignIn) -> None:
    case = make_case(S.RECEIVED, channel="web")
    shown = Page(sign_in(Role.OFFICER).get(step(case, "start_validation"))).said()
    assert "The person has not confirmed the request yet" in shown
    assert sign_in(Role.OFFICER).post(step(case, "start_validation")).status_code == 409
    assert state_of(case) == S.RECEIVED


def test_confirm_identity_records_method_and_ground_and_starts_the_search(sign_in: SignIn) -> None:
    case = make_case(S.VALIDATING)
    officer = sign_in(Role.OFFICER)
    officer.post(step(case, "confirm_identity"), FORMS["confirm_identity"])
    case = ErasureCase.objects.get(pk=case.pk)
    verification = case.verifications.get()
    assert (case.state, case.grounds) == (S.DISCOVERY, ["17(1)(b)"])
    assert (verification.state, verification.method, verification.matched) == (
        "CONFIRMED", "CALL_BACK", ["phone"],
    )  # fmt: skip
    assert verification.decided_by == officer.user


def test_confirm_identity_without_ground_keeps_what_was_typed(sign_in: SignIn) -> None:
    case = make_case(S.VALIDATING)
    given = {**FORMS["confirm_identity"], "grounds": []}
    answer = sign_in(Role.OFFICER).post(step(case, "confirm_identity"), given)
    assert answer.status_code == 200
    assert "Called back." in Page(answer).said()
    assert state_of(case) == S.VALIDATING


def test_approve_by_dpo_releases_what_the_page_showed(
    sign_in: SignIn, in_review: ErasureCase
) -> None:
    dpo = sign_in(Role.DPO)
    given = {**FORMS["approve"], "digest": in_review.inventory_digest}
    answer = dpo.post(step(in_review, "approve"), given)
    assert answer.status_code == 302
    case = ErasureCase.objects.get(pk=in_review.pk)
    assert (case.state, case.approved_by, case.decided_role, case.opinion) == (
        S.EXECUTING, dpo.user, "management", "Erase it.",
    )  # fmt: skip
    assert set(case.items.values_list("state", flat=True)) == {"PLANNED"}


def test_approve_when_the_inventory_changed_since_is_refused(
    sign_in: SignIn, in_review: ErasureCase
) -> None:
    answer = sign_in(Role.DPO).post(step(in_review, "approve"), FORMS["approve"])
    assert answer.status_code == 409
    assert "The inventory has changed since you looked. Look again." in Page(answer).said()
    assert state_of(in_review) == S.DPO_REVIEW


def test_approve_page_counts_what_goes_and_what_stays(
    sign_in: SignIn, in_review: ErasureCase
) -> None:
    shown = Page(sign_in(Role.DPO).get(step(in_review, "approve"))).said()
    assert "Genesys Cloud EU: External contacts 2 0 0 0 0" in shown
    assert "All 3 0 0 0 0" in shown


def test_approve_by_officer_is_refused(sign_in: SignIn, in_review: ErasureCase) -> None:
    given = {**FORMS["approve"], "digest": in_review.inventory_digest}
    assert sign_in(Role.OFFICER).post(step(in_review, "approve"), given).status_code == 403
    assert state_of(in_review) == S.DPO_REVIEW


def test_approve_by_who_prepared_is_refused_with_both_roles(
    sign_in: SignIn, in_review: ErasureCase
) -> None:
    both = sign_in(Role.OFFICER, Role.DPO)
    in_review.preparers.add(both.user)
    given = {**FORMS["approve"], "digest": in_review.inventory_digest}
    answer = both.post(step(in_review, "approve"), given)
    assert answer.status_code == 403
    assert "You prepared this case: somebody else must approve it." in Page(answer).said()
    assert "approve" not in Page(both.get(case_page(in_review))).steps()
    assert state_of(in_review) == S.DPO_REVIEW


def test_halt_by_legal_sends_the_case_back(sign_in: SignIn) -> None:
    case = make_case(S.EXECUTING)
    sign_in(Role.LEGAL).post(step(case, "halt"))
    assert state_of(case) == S.DPO_REVIEW


def test_close_without_reason_asks_for_it(sign_in: SignIn) -> None:
    case = make_case(S.VALIDATING)
    answer = sign_in(Role.OFFICER).post(step(case, "close"), {})
    assert (answer.status_code, state_of(case)) == (200, S.VALIDATING)
    assert "This field is required." in Page(answer).said()


def test_close_with_reason_ends_the_case(sign_in: SignIn) -> None:
    case = make_case(S.VALIDATING)
    sign_in(Role.OFFICER).post(step(case, "close"), {"close_reason": "DUPLICATE"})
    case = ErasureCase.objects.get(pk=case.pk)
    assert (case.state, case.close_reason) == (S.CLOSED, "DUPLICATE")


def test_refuse_before_the_letter_says_so(sign_in: SignIn) -> None:
    case = make_case(S.VALIDATING)
    answer = sign_in(Role.DPO).post(step(case, "refuse"), {"article": "17(1)"})
    assert answer.status_code == 409
    assert "The answer to the person has not been sent" in Page(answer).said()
    assert state_of(case) == S.VALIDATING


@pytest.mark.parametrize(("chosen", "ends"), [("12(5)(b)", S.REFUSED), ("17(1)", S.VALIDATING)])
def test_refuse_is_under_the_article_that_the_letter_named(
    sign_in: SignIn, chosen: str, ends: S
) -> None:
    case = make_case(S.VALIDATING)
    now = clock.now()
    ErasureCase.objects.filter(pk=case.pk).update(answered_at=now)
    Letter.objects.create(
        case=case, kind="REFUSAL", state="SENT", article="12(5)(b)", language="en",
        channel="letter", text_sealed=b"", dispatched_at=now,
    )  # fmt: skip
    dpo = sign_in(Role.DPO)
    form = dpo.get(step(case, "refuse")).context["form"]
    assert form.initial["article"] == "12(5)(b)"
    answer = dpo.post(step(case, "refuse"), {"article": chosen})
    assert state_of(case) == ends
    assert ("Art. 12(5)(b): refuse under the same" in Page(answer).said()) is (ends != S.REFUSED)


def finished_case(genesys: object) -> ErasureCase:
    case = make_case(S.EXECUTING)
    make_search(case, genesys, status="FOUND", total=1)
    make_item(case, genesys, state="ERASED", verdict="VERIFIED_ABSENT")
    return case


def test_record_answer_page_offers_the_letters_that_belong_there(
    sign_in: SignIn, genesys: object
) -> None:
    case = finished_case(genesys)
    shown = sign_in(Role.OFFICER).get(step(case, "record_answer"))
    offered = [value for value, _ in shown.context["form"].fields["kind"].choices]
    assert offered == ["COMPLETE", "EXTENSION", "INTERIM"]


def test_record_answer_keeps_the_letter_and_stops_the_clock(
    sign_in: SignIn, genesys: object
) -> None:
    case = finished_case(genesys)
    officer = sign_in(Role.OFFICER)
    now = timezone.localtime().strftime("%Y-%m-%dT%H:%M")
    given = {**FORMS["record_answer"], "dispatched_at": now}
    officer.post(step(case, "record_answer"), given)
    letter = case.letters.get()
    assert (letter.kind, letter.text, letter.written_by) == ("COMPLETE", "Done.", officer.user)
    assert ErasureCase.objects.get(pk=case.pk).answered_at == letter.dispatched_at


def test_release_by_who_placed_a_hold_is_refused(sign_in: SignIn, genesys: object) -> None:
    legal = sign_in(Role.LEGAL)
    case = make_case(S.PARTIAL_HOLD)
    hold = make_hold(legal.user, "RELEASED")
    make_item(case, genesys, state="HELD", hold=hold)
    assert legal.post(step(case, "release")).status_code == 403
    assert state_of(case) == S.PARTIAL_HOLD
    assert sign_in(Role.LEGAL).post(step(case, "release")).status_code == 302
    assert state_of(case) == S.DISCOVERY


# -- decisions on identifiers, records and stores --------------------------------------------


def decision(case: ErasureCase, client: Client, item: object, **given: str) -> int:
    return client.post(at("case_record", case.pk, item.pk), given).status_code


def test_record_excluded_by_officer_is_not_this_person(
    sign_in: SignIn, in_review: ErasureCase
) -> None:
    item = in_review.items.first()
    officer = sign_in(Role.OFFICER)
    assert decision(in_review, officer, item, decision="exclude", reason="A namesake.") == 302
    assert in_review.items.get(pk=item.pk).state == "EXCLUDED"


def test_record_exempt_without_article_asks_for_it(sign_in: SignIn, in_review: ErasureCase) -> None:
    item = in_review.items.first()
    officer = sign_in(Role.OFFICER)
    answer = officer.post(
        at("case_record", in_review.pk, item.pk), {"decision": "exempt", "reason": "Tax."}
    )
    assert "An exemption needs its article, 17(3)(a) to (e)." in Page(answer).said()
    assert in_review.items.get(pk=item.pk).state == "PROPOSED"


def test_record_decided_by_auditor_is_refused(sign_in: SignIn, in_review: ErasureCase) -> None:
    item = in_review.items.first()
    given = {"decision": "exclude", "reason": "No."}
    assert decision(in_review, sign_in(Role.AUDITOR), item, **given) == 403
    assert in_review.items.get(pk=item.pk).state == "PROPOSED"


def test_failed_record_tried_again_is_planned(sign_in: SignIn, genesys: object) -> None:
    case = make_case(S.EXECUTING)
    item = make_item(case, genesys, state="FAILED", log_number=0)
    assert decision(case, sign_in(Role.OFFICER), item, decision="retry") == 302
    assert case.items.get(pk=item.pk).state == "PLANNED"


def test_identifier_in_question_rejected_by_officer(
    sign_in: SignIn, in_review: ErasureCase
) -> None:
    row = in_review.identifiers.first()
    in_review.identifiers.filter(pk=row.pk).update(state="IN_QUESTION")
    url = at("case_identifier", in_review.pk, row.pk)
    assert sign_in(Role.OFFICER).get(url).status_code == 405
    assert sign_in(Role.OFFICER).post(url, {"decision": "reject"}).status_code == 302
    assert in_review.identifiers.get(pk=row.pk).state == "REJECTED"


def test_identifier_decided_by_legal_stays(sign_in: SignIn, in_review: ErasureCase) -> None:
    row = in_review.identifiers.first()
    in_review.identifiers.filter(pk=row.pk).update(state="IN_QUESTION")
    sign_in(Role.LEGAL).post(at("case_identifier", in_review.pk, row.pk), {"decision": "reject"})
    assert in_review.identifiers.get(pk=row.pk).state == "IN_QUESTION"


def test_silent_store_decided_by_dpo_becomes_a_line(
    sign_in: SignIn, in_review: ErasureCase, genesys: object
) -> None:
    search = make_search(in_review, genesys, "evaluations", "UNANSWERED", note="no permission")
    url = at("case_store", in_review.pk, search.pk)
    assert sign_in(Role.OFFICER).get(url).status_code == 403
    given = {"decision": "MANUAL", "reason": "Looked by hand."}
    assert sign_in(Role.DPO).post(url, given).status_code == 302
    search.refresh_from_db()
    assert (search.decision, search.decision_reason) == ("MANUAL", "Looked by hand.")
    assert in_review.items.get(store="evaluations").state == "MANUAL"


def test_case_of_another_is_not_reached_through_a_record(
    sign_in: SignIn, in_review: ErasureCase, genesys: object
) -> None:
    other = make_item(make_case(S.DPO_REVIEW), genesys)
    url = at("case_record", in_review.pk, other.pk)
    assert sign_in(Role.OFFICER).get(url).status_code == 404


def test_next_step_of_dpo_is_the_silent_store_before_the_approval(
    sign_in: SignIn, in_review: ErasureCase, genesys: object
) -> None:
    make_search(in_review, genesys, "evaluations", "UNANSWERED")
    in_state(in_review, S.DPO_REVIEW, frozen=True)
    shown = Page(sign_in(Role.DPO).get(case_page(in_review)))
    assert "Decide on the unanswered store" in shown.said()
    assert "A store is unanswered. Search again" in shown.said()


def test_confirmed_case_for_user_without_roles_is_forbidden(sign_in: SignIn) -> None:
    case = make_case(S.DPO_REVIEW)
    confirm_person(case)
    assert sign_in(user=make_user()).get(case_page(case)).status_code == 403
