"""Review: what blocks an approval, what it releases, and the officer's list afterwards."""

import pytest

from erasure import clock
from erasure.cases import freeze, locked, move, steps_for
from erasure.connectors.base import Searched
from erasure.discovery.keep import drop_unseen, keep_search
from erasure.errors import InputError, StepError
from erasure.holds import place
from erasure.ledger.append import append, private_half
from erasure.models import Actor, DataItem, ErasureCase, Hold, StoreSearch
from erasure.review import (
    approve,
    decide_identifier,
    decide_item,
    decide_store,
    refreeze,
    settle_by_hand,
)
from erasure.values import (
    CaseState,
    IdentifierState,
    ItemState,
    Role,
    Step,
    StoreStatus,
)
from tests.factories import (
    confirm_person,
    make_case,
    make_connection,
    make_item,
    make_search,
    make_user,
    protect_all,
)

pytestmark = pytest.mark.django_db

IN_REVIEW = CaseState.DPO_REVIEW


@pytest.fixture
def officer():
    return Actor.of(make_user(Role.OFFICER))


@pytest.fixture
def dpo():
    return Actor.of(make_user(Role.DPO))


@pytest.fixture
def at():
    return make_connection("genesys-eu")


@pytest.fixture
def case(at):
    """In review with a store that answered, and nothing in it yet."""
    case = make_case(IN_REVIEW)
    confirm_person(case)
    case.identifiers.update(searched_at=clock.now())
    make_search(case, at)
    return case


def now(case):
    return ErasureCase.objects.get(pk=case.pk)


def frozen(case):
    """The digest somebody looks at."""
    with locked(case.pk) as mine:
        freeze(mine)
        mine.save()
    return mine.inventory_digest


def approved(case, dpo):
    digest = frozen(case)
    protect_all(case)
    return approve(case.pk, actor=dpo, digest=digest)


def states(case):
    return [item.state for item in case.items.order_by("number")]


def outcomes(case):
    rows = case.log.filter(type="outcome").select_related("item")
    found = [(row.scope, row.facts["outcome"]) for row in rows]
    return sorted(found)


def refused_by(call, *args, **given):
    with pytest.raises(StepError) as refused:
        call(*args, **given)
    return refused.value.refused_by


# -- approval --------------------------------------------------------------------------------


def test_approve_plans_proposed_items_numbers_them_and_logs_the_release(case, at, dpo):
    for _ in range(3):
        make_item(case, at)
    after = approve(
        case.pk, actor=dpo, digest=frozen(case), decided_role="controller", opinion="No objection."
    )
    assert (after.state, after.approved_by, after.decided_role, after.opinion_role) == (
        CaseState.EXECUTING, dpo.user, "controller", "dpo",
    )  # fmt: skip
    assert now(case).opinion == "No objection."
    assert [(item.state, item.log_number) for item in case.items.order_by("number")] == [
        ("PLANNED", 0), ("PLANNED", 1), ("PLANNED", 2),
    ]  # fmt: skip
    step, inventory, release = case.log.order_by("number")[2:]
    assert [row.type for row in (step, inventory, release)] == ["step", "inventory", "release"]
    assert (inventory.facts["items"], release.facts) == (3, {"items": 3})
    assert private_half(release) == {"actor": dpo.key, "grounds": ["17(1)(b)"]}


@pytest.mark.parametrize("role", [r for r in Role if r is not Role.DPO])
def test_approve_by_another_role_is_refused(case, at, role):
    make_item(case, at)
    actor = Actor.of(make_user(role))
    assert refused_by(approve, case.pk, actor=actor, digest=frozen(case)) == "permission"
    assert states(case) == ["PROPOSED"]


def test_approve_by_who_prepared_the_case_is_refused(case, at):
    both = Actor.of(make_user(Role.OFFICER, Role.DPO))
    item = make_item(case, at)
    decide_item(item.pk, "erase", actor=both)
    digest = now(case).inventory_digest
    assert refused_by(approve, case.pk, actor=both, digest=digest) == "four eyes"
    assert Step.APPROVE not in steps_for(now(case), both)
    assert (states(case), case.items.get().log_number) == (["PLANNED"], None)


def test_approve_of_what_was_seen_before_a_decision_is_refused(case, at, officer, dpo):
    item = make_item(case, at)
    seen = frozen(case)
    decide_item(item.pk, "exclude", actor=officer, reason="A namesake.")
    assert refused_by(approve, case.pk, actor=dpo, digest=seen) == "condition"
    assert approve(case.pk, actor=dpo, digest=now(case).inventory_digest).state == "EXECUTING"


def test_approve_of_what_changed_behind_the_digest_is_refused(case, at, dpo):
    make_item(case, at)
    seen = frozen(case)
    make_item(case, at)
    assert refused_by(approve, case.pk, actor=dpo, digest=seen) == "condition"
    refreeze(case.pk)
    assert refused_by(approve, case.pk, actor=dpo, digest=seen) == "condition"


def test_approve_twice_is_refused_by_the_state(case, at, dpo):
    make_item(case, at)
    digest = frozen(case)
    approve(case.pk, actor=dpo, digest=digest)
    before = case.log.count()
    assert refused_by(approve, case.pk, actor=dpo, digest=digest) == "state"
    assert case.log.count() == before


@pytest.mark.parametrize(
    "given",
    [
        pytest.param({"certain": False}, id="in question"),
        pytest.param({"protected": True}, id="protected by the vendor"),
    ],
)
def test_approve_with_a_record_nobody_decided_on_is_refused_until_it_is(
    case, at, officer, dpo, given
):
    item = make_item(case, at, **given)
    assert refused_by(approved, case, dpo) == "condition"
    decide_item(item.pk, "exempt", actor=officer, article="17(3)(b)", reason="Tax law.")
    assert approved(case, dpo).state == CaseState.EXECUTING


def test_approve_of_a_record_confirmed_as_the_persons_plans_it(case, at, officer, dpo):
    item = make_item(case, at, certain=False)
    decide_item(item.pk, "erase", actor=officer)
    approved(case, dpo)
    after = case.items.get()
    assert (after.state, after.confirmed_by_officer, after.certain) == ("PLANNED", True, True)


def test_approve_excludes_leads_and_erases_none(case, at, dpo):
    make_item(case, at)
    make_item(case, at, certain=False, lead=True)
    approved(case, dpo)
    assert states(case) == ["PLANNED", "EXCLUDED"]
    assert [item.log_number for item in case.items.order_by("number")] == [0, None]


def test_approve_with_an_identifier_in_question_is_refused_until_decided(case, at, officer, dpo):
    make_item(case, at)
    case.identifiers.update(state=IdentifierState.IN_QUESTION)
    assert refused_by(approved, case, dpo) == "condition"
    decide_identifier(case.identifiers.get().pk, confirm=True, actor=officer)
    assert refused_by(approved, case, dpo) == "condition"  # nothing is collected by it yet
    case.identifiers.update(searched_at=clock.now())
    assert approved(case, dpo).state == CaseState.EXECUTING


def test_approve_with_an_identifier_confirmed_since_the_search_is_refused(case, at, officer, dpo):
    make_item(case, at)
    case.identifiers.update(state=IdentifierState.IN_QUESTION, searched_at=None)
    decide_identifier(case.identifiers.get().pk, confirm=True, actor=officer)
    assert refused_by(approved, case, dpo) == "condition"


def test_approve_gives_held_and_exempt_items_their_final_outcome(case, at, officer, dpo):
    make_item(case, at, parent_index="a" * 64)
    second = make_item(case, at)
    decide_item(second.pk, "exempt", actor=officer, article="17(3)(b)", reason="Tax law.")
    hold_all(case)
    case.protections.update(on=True)
    approved(case, dpo)
    assert states(case) == ["HELD", "EXEMPT"]
    assert outcomes(case) == [("i/0/0", "HELD"), ("i/1/0", "EXEMPT")]


def hold_all(case):
    hold = Hold(
        reference="M-1", scope="SUBJECT", article="17(3)(e)", reason="A claim.",
        public_wording="A claim.", expires_on=clock.now().date().replace(year=2090),
    )  # fmt: skip
    who = case.identifiers.get().as_value()
    return place(hold, actor=Actor.of(make_user(Role.LEGAL)), identifiers=[who])


def test_approve_again_logs_the_exemption_of_what_had_been_tried_before(case, at, officer, dpo):
    """Else the last outcome in the log would be no end, and no certificate could be issued."""
    make_item(case, at)
    approved(case, dpo)
    DataItem.objects.update(state=ItemState.FAILED)
    item = case.items.get()
    with locked(case.pk) as mine:
        append(
            mine, "outcome", {"item": "1"}, item=item, store=item.line, action="erase",
            outcome="FAILED", try_=1,
        )  # fmt: skip
    ErasureCase.objects.filter(pk=case.pk).update(state=IN_REVIEW)
    item = case.items.get()
    decide_item(item.pk, "exempt", actor=officer, article="17(3)(e)", reason="A claim came.")
    approved(case, dpo)
    assert outcomes(case) == [("i/0/0", "FAILED"), ("i/0/1", "EXEMPT")]
    ErasureCase.objects.filter(pk=case.pk).update(state=IN_REVIEW)
    approved(case, dpo)
    assert outcomes(case) == [("i/0/0", "FAILED"), ("i/0/1", "EXEMPT")]


# -- records that only the vendor's own job erases -------------------------------------------


def test_native_record_without_a_subject_record_needs_a_person(case, at, dpo):
    make_item(case, at, "conversations", native=True)
    approved(case, dpo)
    item = case.items.get()
    assert (item.state, item.reason.split(":")[0]) == (
        "MANUAL",
        "The vendor knows no subject record of this person, so its own erasure job cannot be "
        "asked for",
    )


def test_native_record_beside_a_subject_record_is_planned(case, at, dpo):
    make_item(case, at, "conversations", native=True)
    make_item(case, at, "gdpr_subjects", native=True)
    approved(case, dpo)
    assert states(case) == ["PLANNED", "PLANNED"]


def test_native_record_of_one_system_is_not_helped_by_the_subject_of_another(case, at, dpo):
    make_item(case, at, "conversations", native=True)
    other = make_connection()
    make_search(case, other, "gdpr_subjects")
    make_item(case, other, "gdpr_subjects", native=True)
    approved(case, dpo)
    assert states(case) == ["MANUAL", "PLANNED"]


# -- decisions on records and identifiers ----------------------------------------------------


@pytest.mark.parametrize(
    ("decision", "given", "state"),
    [
        ("erase", {}, "PLANNED"),
        ("exclude", {"reason": "A namesake."}, "EXCLUDED"),
        ("exempt", {"article": "17(3)(b)", "reason": "Tax law."}, "EXEMPT"),
    ],
)
def test_decide_item_sets_state_freezes_anew_and_logs_it(case, at, officer, decision, given, state):
    item = make_item(case, at)
    before = frozen(case)
    decide_item(item.pk, decision, actor=officer, **given)
    row = case.log.get(type="decision")
    assert (case.items.get().state, row.facts) == (state, {"decision": f"ITEM_{decision.upper()}"})
    assert private_half(row)["actor"] == officer.key
    assert now(case).inventory_digest != before
    assert now(case).inventory_digest == now(case).current_digest()
    assert list(case.preparers.all()) == [officer.user]


@pytest.mark.parametrize(
    ("decision", "given", "field"),
    [
        ("vanish", {}, "decision"),
        ("exclude", {"reason": " "}, "reason"),
        ("exempt", {"article": "17(3)(b)"}, "reason"),
        ("exempt", {"reason": "Tax law."}, "article"),
        ("exempt", {"article": "17(1)(b)", "reason": "Tax law."}, "article"),
    ],
)
def test_decide_item_with_something_missing_names_the_field(
    case, at, officer, decision, given, field
):
    item = make_item(case, at)
    with pytest.raises(InputError) as refused:
        decide_item(item.pk, decision, actor=officer, **given)
    assert (refused.value.field, case.items.get().state) == (field, "PROPOSED")


@pytest.mark.parametrize("role", [Role.CLERK, Role.DPO, Role.LEGAL, Role.AUDITOR])
def test_decide_by_another_role_than_officer_is_refused(case, at, role):
    item, actor = make_item(case, at), Actor.of(make_user(role))
    who = case.identifiers.get()
    assert refused_by(decide_item, item.pk, "erase", actor=actor) == "permission"
    assert refused_by(decide_identifier, who.pk, confirm=False, actor=actor) == "permission"
    assert (states(case), case.identifiers.get().state) == (["PROPOSED"], "CONFIRMED")


@pytest.mark.parametrize("state", [s for s in CaseState if s != IN_REVIEW])
def test_decide_in_any_other_state_of_the_case_is_refused(case, at, officer, dpo, state):
    item = make_item(case, at)
    search = make_search(case, at, "voice_recordings", StoreStatus.UNANSWERED)
    ErasureCase.objects.filter(pk=case.pk).update(state=state)
    assert refused_by(decide_item, item.pk, "erase", actor=officer) == "state"
    who = case.identifiers.get()
    assert refused_by(decide_identifier, who.pk, confirm=False, actor=officer) == "state"
    assert refused_by(decide_store, search.pk, "MANUAL", "Tapes.", actor=dpo) == "state"


def test_decide_item_that_is_already_erased_is_refused(case, at, officer):
    item = make_item(case, at, state=ItemState.ERASED, verdict="VERIFIED_ABSENT")
    given = {"actor": officer, "article": "17(3)(b)", "reason": "Tax law."}
    for decision in ("erase", "exclude", "exempt"):
        assert refused_by(decide_item, item.pk, decision, **given) == "state"


def test_exclude_of_what_was_approved_before_is_refused(case, at, officer):
    item = make_item(case, at, log_number=0)
    reason = "A namesake."
    assert refused_by(decide_item, item.pk, "exclude", actor=officer, reason=reason) == "state"


def test_erase_of_what_a_hold_covers_stays_held(case, at, officer):
    item = make_item(case, at)
    hold_all(case)
    decide_item(item.pk, "erase", actor=officer)
    assert states(case) == ["HELD"]


def test_decide_identifier_that_is_not_the_persons_rejects_it(case, officer):
    case.identifiers.update(state=IdentifierState.IN_QUESTION, question="Shared by two contacts.")
    decide_identifier(case.identifiers.get().pk, confirm=False, actor=officer)
    row = case.identifiers.get()
    assert (row.state, row.question) == ("REJECTED", "")
    assert case.log.get(type="decision").facts == {"decision": "IDENTIFIER_REJECTED"}


# -- stores that could not be searched -------------------------------------------------------


@pytest.fixture
def silent(case, at):
    return make_search(case, at, "voice_recordings", StoreStatus.UNANSWERED)


def test_approve_with_an_unanswered_store_is_refused(case, at, silent, dpo):
    make_item(case, at)
    assert refused_by(approved, case, dpo) == "condition"


@pytest.mark.parametrize(
    ("decision", "item", "logged"),
    [
        ("MANUAL", ("MANUAL", "", "No interface."), []),
        ("ATTESTED", ("ERASED", "ATTESTED", "No interface."), [("i/0/0", "ATTESTED")]),
    ],
)
def test_decide_store_makes_a_line_with_its_outcome(case, silent, dpo, decision, item, logged):
    decide_store(silent.pk, decision, " No interface. ", actor=dpo)
    row, line = case.log.get(type="decision"), case.items.get()
    assert row.facts == {
        "decision": decision, "store": "genesys-eu.voice_recordings", "reason": "unanswered",
    }  # fmt: skip
    assert (line.state, line.verdict, line.reason) == item
    assert approved(case, dpo).state == CaseState.EXECUTING
    last = case.log.filter(type="inventory").latest("number").facts
    assert (last["items"], last["unanswered"]) == (1, [])
    assert outcomes(case) == logged


def test_decide_store_anew_after_the_line_was_exempt_is_logged_with_the_approval(
    case, silent, officer, dpo
):
    """What stands last in the log is what the case ends with."""
    decide_store(silent.pk, "MANUAL", "No interface.", actor=dpo)
    approved(case, dpo)
    given = {"actor": officer, "reason": "Tax law.", "article": "17(3)(b)"}
    settle_by_hand(case.items.get().pk, "exempt", **given)
    move(case.pk, Step.HALT, actor=dpo)
    decide_store(silent.pk, "ATTESTED", "The vendor wrote.", actor=dpo)
    approved(case, dpo)
    assert outcomes(case) == [("i/0/0", "EXEMPT"), ("i/0/1", "ATTESTED")]


def test_decide_store_makes_the_dpo_no_preparer(case, silent, dpo):
    decide_store(silent.pk, "MANUAL", "No interface.", actor=dpo)
    assert case.preparers.count() == 0


@pytest.mark.parametrize("role", [r for r in Role if r is not Role.DPO])
def test_decide_store_by_another_role_than_dpo_is_refused(case, silent, role):
    actor = Actor.of(make_user(role))
    assert refused_by(decide_store, silent.pk, "MANUAL", "Tapes.", actor=actor) == "permission"
    assert (StoreSearch.objects.get(pk=silent.pk).decision, case.items.count()) == ("", 0)


@pytest.mark.parametrize("status", [s for s in StoreStatus if s != StoreStatus.UNANSWERED])
def test_decide_store_that_has_answered_is_refused(case, silent, dpo, status):
    StoreSearch.objects.filter(pk=silent.pk).update(status=status)
    assert refused_by(decide_store, silent.pk, "MANUAL", "Tapes.", actor=dpo) == "state"


@pytest.mark.parametrize(
    ("decision", "reason", "field"), [("SKIP", "x", "decision"), ("MANUAL", " ", "reason")]
)
def test_decide_store_with_something_missing_names_the_field(silent, dpo, decision, reason, field):
    with pytest.raises(InputError) as refused:
        decide_store(silent.pk, decision, reason, actor=dpo)
    assert refused.value.field == field


def test_decide_store_a_second_time_changes_the_one_line(case, silent, dpo):
    for decision, state in (("ATTESTED", "ERASED"), ("MANUAL", "MANUAL"), ("ATTESTED", "ERASED")):
        decide_store(silent.pk, decision, "No interface.", actor=dpo)
        assert states(case) == [state]
    assert StoreSearch.objects.get(pk=silent.pk).decision == "ATTESTED"


def test_store_that_answers_after_all_drops_decision_and_line_and_may_fall_silent_again(
    case, at, silent, dpo
):
    decide_store(silent.pk, "MANUAL", "No interface.", actor=dpo)
    keep_search(case, at, Searched("voice_recordings", StoreStatus.EMPTY))
    drop_unseen(case, clock.now())
    assert (states(case), StoreSearch.objects.get(pk=silent.pk).decision) == (["EXCLUDED"], "")
    StoreSearch.objects.filter(pk=silent.pk).update(status=StoreStatus.UNANSWERED)
    decide_store(silent.pk, "ATTESTED", "The vendor wrote.", actor=dpo)
    assert states(case) == ["ERASED"]


def test_line_of_a_whole_store_is_never_planned_because_no_call_could_name_it(
    case, silent, officer, dpo
):
    decide_store(silent.pk, "MANUAL", "No interface.", actor=dpo)
    line = case.items.get()
    assert refused_by(decide_item, line.pk, "erase", actor=officer) == "permission"
    decide_item(line.pk, "erase", actor=dpo)
    assert (states(case), case.preparers.count()) == (["MANUAL"], 0)
    approved(case, dpo)
    assert refused_by(settle_by_hand, line.pk, "retry", actor=officer, reason="") == "state"
    assert states(case) == ["MANUAL"]


def test_line_of_a_whole_store_is_not_called_somebody_elses(case, silent, dpo):
    decide_store(silent.pk, "MANUAL", "No interface.", actor=dpo)
    line = case.items.get()
    assert refused_by(decide_item, line.pk, "exclude", actor=dpo, reason="Empty.") == "state"
    assert states(case) == ["MANUAL"]


# -- the officer's list ----------------------------------------------------------------------


@pytest.fixture
def stuck(case, at):
    ErasureCase.objects.filter(pk=case.pk).update(state=CaseState.EXECUTING)
    return make_item(case, at, state=ItemState.FAILED, log_number=0, attempts=3, reason="403")


@pytest.mark.parametrize("state", [ItemState.FAILED, ItemState.MANUAL])
@pytest.mark.parametrize(
    ("decision", "article", "after", "logged"),
    [
        ("retry", "", ("PLANNED", "", "", ""), []),
        ("done", "", ("REQUESTED", "", "", ""), []),  # read back like any other
        ("exempt", "17(3)(b)", ("EXEMPT", "", "17(3)(b)", "Ticket 7."), [("i/0/0", "EXEMPT")]),
    ],
)
def test_settle_by_hand_each_way_is_recorded_with_its_outcome(
    case, stuck, officer, state, decision, article, after, logged
):
    DataItem.objects.update(state=state)
    settle_by_hand(stuck.pk, decision, actor=officer, reason=" Ticket 7. ", article=article)
    item = case.items.get()
    assert (item.state, item.verdict, item.article, item.reason) == after
    assert outcomes(case) == logged
    row = case.log.exclude(type="opened").get()
    said = private_half(row)
    assert (said["actor"], said["reason"]) == (officer.key, "Ticket 7.")
    if logged:
        assert row.facts["try"] == 3
    else:
        assert row.facts == {"decision": f"ITEM_{decision.upper()}"}


@pytest.mark.parametrize(
    ("decision", "given", "field"),
    [
        ("forget", {"reason": "x"}, "decision"),
        ("done", {"reason": " "}, "reason"),
        ("exempt", {"reason": ""}, "reason"),
        ("exempt", {"reason": "x", "article": "12(5)"}, "article"),
    ],
)
def test_settle_by_hand_with_something_missing_names_the_field(
    stuck, officer, decision, given, field
):
    with pytest.raises(InputError) as refused:
        settle_by_hand(stuck.pk, decision, actor=officer, **given)
    assert refused.value.field == field


@pytest.mark.parametrize("state", [s for s in ItemState if s not in ("FAILED", "MANUAL")])
def test_settle_by_hand_of_an_item_that_needs_nobody_is_refused(case, stuck, officer, state):
    DataItem.objects.update(state=state, verdict="ATTESTED")
    for decision in ("retry", "done"):
        given = {"actor": officer, "reason": "x"}
        assert refused_by(settle_by_hand, stuck.pk, decision, **given) == "state"
    assert states(case) == [state]


def test_settle_by_hand_outside_execution_or_by_another_role_is_refused(case, stuck, officer, dpo):
    given = {"reason": "Ticket 7."}
    assert refused_by(settle_by_hand, stuck.pk, "done", actor=dpo, **given) == "permission"
    for state in (IN_REVIEW, CaseState.PARTIAL_HOLD):
        ErasureCase.objects.filter(pk=case.pk).update(state=state)
        assert refused_by(settle_by_hand, stuck.pk, "done", actor=officer, **given) == "state"


@pytest.mark.parametrize(
    ("subject", "taken"),
    [("FAILED", True), ("PLANNED", True), ("REQUESTED", False), ("ERASED", False), (None, False)],
)
def test_retry_of_a_native_record_needs_a_subject_that_is_to_be_asked_for(
    case, at, stuck, officer, subject, taken
):
    """Nobody calls for it alone: it would be planned for ever."""
    DataItem.objects.update(store="conversations", native=True)
    if subject:
        make_item(case, at, "gdpr_subjects", native=True, state=subject, verdict="VERIFIED_ABSENT")
    try:
        settle_by_hand(stuck.pk, "retry", actor=officer, reason="")
        found = True
    except StepError as why:
        found, refused = False, why.refused_by
        assert refused == "state"
    assert (found, case.items.get(pk=stuck.pk).state) == (taken, "PLANNED" if taken else "FAILED")


def test_refreeze_of_an_unchanged_inventory_writes_nothing(case, at):
    make_item(case, at)
    frozen(case)
    before = case.log.count()
    refreeze(case.pk)
    assert case.log.count() == before
