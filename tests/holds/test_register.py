"""Placing, falling due, releasing: who may, what is asked for, what the log says."""

from datetime import UTC, datetime, timedelta

import pytest

from erasure import clock
from erasure.errors import InputError, StepError, StoppedError
from erasure.execution.guard import guard
from erasure.holds import confirm_release, keep, mark_due, place, propose_release
from erasure.ledger.append import private_half
from erasure.models import Actor, ErasureCase, Hold, HoldTarget
from erasure.review import approve, refreeze
from erasure.values import (
    CaseState,
    HoldScope,
    HoldState,
    Identifier,
    IdentifierKind,
    ItemState,
    Role,
)
from tests.cases.given import ready_case
from tests.factories import make_case, make_connection, make_hold, make_item, make_user

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
WHO = Identifier(IdentifierKind.EMAIL, "ada@example.org")
MOMENT = datetime(2026, 3, 1, tzinfo=UTC)


def new_hold(**given):
    standard = {
        "reference": "MATTER-1",
        "scope": HoldScope.SUBJECT,
        "article": "17(3)(e)",
        "reason": "A claim is pending.",
        "public_wording": "Kept for a legal claim.",
        "review_on": clock.now().date() + 90 * DAY,
    }
    return Hold(**{**standard, **given})


def legal():
    return Actor.of(make_user(Role.LEGAL))


@pytest.mark.parametrize("role", [Role.LEGAL, Role.DPO])
def test_place_by_legal_or_dpo_stands_at_once(role):
    actor = Actor.of(make_user(role))
    hold = place(new_hold(), actor=actor, identifiers=[WHO])
    again = Hold.objects.get(pk=hold.pk)
    assert (again.state, again.placed_by, again.targets.count()) == ("ACTIVE", actor.user, 1)


@pytest.mark.parametrize("role", [Role.CLERK, Role.OFFICER, Role.AUDITOR, Role.ADMINISTRATOR])
def test_place_by_another_role_is_refused(role):
    with pytest.raises(StepError) as refused:
        place(new_hold(), actor=Actor.of(make_user(role)), identifiers=[WHO])
    assert (refused.value.refused_by, Hold.objects.count()) == ("permission", 0)


def today():
    return clock.now().date()


@pytest.mark.parametrize(
    ("field", "given", "named"),
    [
        ("review_on", {"review_on": None}, {"identifiers": [WHO]}),
        ("review_on", {"review_on": 0}, {"identifiers": [WHO]}),
        ("review_on", {"review_on": 185}, {"identifiers": [WHO]}),
        ("expires_on", {"expires_on": 0}, {"identifiers": [WHO]}),
        ("article", {"article": "17(3)(a)"}, {"identifiers": [WHO]}),
        ("article", {"article": ""}, {"identifiers": [WHO]}),
        ("reference", {"reference": " "}, {"identifiers": [WHO]}),
        ("reason", {"reason": ""}, {"identifiers": [WHO]}),
        ("public_wording", {"public_wording": ""}, {"identifiers": [WHO]}),
        ("scope", {"scope": "EVERYTHING"}, {"identifiers": [WHO]}),
        ("identifiers", {"scope": HoldScope.SUBJECT}, {}),
        ("identifiers", {"scope": HoldScope.MATTER}, {}),
        ("conversations", {"scope": HoldScope.CONVERSATION}, {"identifiers": [WHO]}),
        ("conversations", {"scope": HoldScope.CONVERSATION}, {"conversations": [(None, " ")]}),
        ("starts_at", {"scope": HoldScope.TIME_RANGE}, {}),
        ("starts_at", {"scope": HoldScope.TIME_RANGE, "ends_at": MOMENT}, {}),
        ("ends_at", {"scope": HoldScope.TIME_RANGE, "starts_at": MOMENT, "ends_at": MOMENT}, {}),
    ],
)
def test_place_with_something_missing_names_the_field(field, given, named):
    for name in ("review_on", "expires_on"):
        if isinstance(given.get(name), int):
            given = given | {name: today() + given[name] * DAY}
    with pytest.raises(InputError) as refused:
        place(new_hold(**given), actor=legal(), **named)
    assert (refused.value.field, Hold.objects.count()) == (field, 0)


@pytest.mark.parametrize("days", [1, 184])
def test_place_with_a_review_within_six_months_is_accepted(days):
    hold = place(new_hold(review_on=today() + days * DAY), actor=legal(), identifiers=[WHO])
    assert hold.state == HoldState.ACTIVE


def test_register_holds_no_identifier_and_no_conversation_id():
    at = make_connection("genesys-eu")
    place(
        new_hold(scope=HoldScope.MATTER),
        actor=legal(),
        identifiers=[WHO],
        conversations=[(at, "conversation-77")],
    )
    kept = str(list(HoldTarget.objects.values())) + str(list(Hold.objects.values()))
    assert [text in kept for text in ("ada@example.org", "ada@", "conversation-77")] == [False] * 3
    assert {len(row.index) for row in HoldTarget.objects.all()} == {64}


# -- cases under way -------------------------------------------------------------------------


def person_of(case):
    return case.identifiers.get().as_value()


@pytest.mark.parametrize("state", [CaseState.EXECUTING, CaseState.AWAITING_VENDOR])
def test_place_in_mid_execution_holds_planned_items_and_logs_it(state):
    case, actor = make_case(state), legal()
    at = make_connection()
    make_item(case, at, state=ItemState.PLANNED, log_number=0)
    make_item(case, at, state=ItemState.RUNNING, log_number=1)
    hold = place(new_hold(), actor=actor, identifiers=[person_of(case)])
    assert [item.state for item in case.items.order_by("number")] == ["HELD", "RUNNING"]
    entry, outcome = case.log.filter(type__in=["hold", "outcome"]).order_by("type")
    said = {"hold": str(hold.pk), "scope": "SUBJECT", "actor": actor.key}
    assert (entry.facts, private_half(entry)) == ({"action": "placed"}, said)
    assert outcome.facts["outcome"] == "HELD"


def test_place_while_a_worker_has_an_item_stops_its_call():
    case, at = make_case(CaseState.EXECUTING), make_connection()
    item = make_item(case, at, state=ItemState.RUNNING, lease_owner="w", log_number=0)
    clear = guard(case.pk, [item], "w")
    clear([item.ref()])
    place(new_hold(), actor=legal(), identifiers=[person_of(case)])
    with pytest.raises(StoppedError) as stopped:
        clear([item.ref()])
    assert stopped.value.held


def test_place_in_review_voids_what_the_dpo_has_looked_at():
    dpo = Actor.of(make_user(Role.DPO))
    case = make_case(CaseState.DPO_REVIEW)
    ready = ready_case(CaseState.DPO_REVIEW, None)
    make_item(ready, ready.searches.get().connection)
    ErasureCase.objects.filter(pk=ready.pk).update(inventory_digest="")
    refreeze(ready.pk)
    seen = ErasureCase.objects.get(pk=ready.pk).inventory_digest
    place(new_hold(), actor=legal(), identifiers=[person_of(ready)])
    for _ in range(2):  # before and after the case was frozen anew
        with pytest.raises(StepError) as refused:
            approve(ready.pk, actor=dpo, digest=seen)
        assert refused.value.refused_by == "condition"
        refreeze(ready.pk)
    frozen = ErasureCase.objects.get(pk=ready.pk).inventory_digest
    assert approve(ready.pk, actor=dpo, digest=frozen).state == CaseState.EXECUTING
    assert [item.state for item in ready.items.order_by("number")] == ["ERASED", "HELD"]
    assert case.log.filter(type="hold").count() == 0


def test_place_by_time_touches_only_cases_with_a_record_of_that_time():
    at, other = make_connection(), make_connection()
    inside, outside, elsewhere = (make_case(CaseState.EXECUTING) for _ in range(3))
    make_item(inside, at, occurred_at=MOMENT, state=ItemState.PLANNED)
    make_item(outside, at, occurred_at=MOMENT - 2 * DAY, state=ItemState.PLANNED)
    make_item(elsewhere, other, occurred_at=MOMENT, state=ItemState.PLANNED)
    place(
        new_hold(
            scope=HoldScope.TIME_RANGE,
            starts_at=MOMENT - DAY,
            ends_at=MOMENT + DAY,
            connection=at,
        ),
        actor=legal(),
    )
    held = [case.items.get().state for case in (inside, outside, elsewhere)]
    logged = [case.log.filter(type="hold").count() for case in (inside, outside, elsewhere)]
    assert (held, logged) == (["HELD", "PLANNED", "PLANNED"], [1, 0, 0])


def test_place_on_a_matter_reaches_cases_by_person_and_by_call():
    at = make_connection("genesys-eu")
    person, call = make_case(CaseState.EXECUTING), make_case(CaseState.EXECUTING)
    make_item(person, at, state=ItemState.PLANNED)
    make_item(call, at, state=ItemState.PLANNED)
    hold = place(new_hold(scope=HoldScope.CONVERSATION), actor=legal(), conversations=[(at, "c-1")])
    call.items.update(parent_index=hold.targets.get().index)
    Hold.objects.update(state=HoldState.RELEASED)
    place(
        new_hold(scope=HoldScope.MATTER),
        actor=legal(),
        identifiers=[person_of(person)],
        conversations=[(at, " c-1 ")],
    )
    assert [case.items.get().state for case in (person, call)] == ["HELD", "HELD"]


# -- falling due and release -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "days", "due"),
    [
        ({"review_on": 10}, 9, 0),
        ({"review_on": 10}, 10, 1),
        ({"review_on": 90, "expires_on": 5}, 4, 0),
        ({"review_on": 90, "expires_on": 5}, 5, 1),
        ({"review_on": None, "expires_on": 5}, 6, 1),
    ],
)
def test_mark_due_on_the_day_opens_a_review_and_still_protects(given, days, due):
    given = {name: day and today() + day * DAY for name, day in given.items()}
    case = make_case(CaseState.PARTIAL_HOLD)
    hold = make_hold(make_user(Role.LEGAL), **given)
    item = make_item(case, make_connection(), state=ItemState.HELD, hold=hold, log_number=0)
    assert mark_due(today() + days * DAY) == due
    assert mark_due(today() + days * DAY) == 0
    after = Hold.objects.get(pk=hold.pk)
    assert (after.state, after.stands) == ("REVIEW_DUE" if due else "ACTIVE", True)
    unchanged = (case.items.get().state, ErasureCase.objects.get(pk=case.pk).state, item.hold)
    assert unchanged == ("HELD", "PARTIAL_HOLD", hold)
    assert [row.facts for row in case.log.filter(type="hold")] == [{"action": "review"}] * due


def test_release_takes_two_people_neither_of_whom_placed_it_alone():
    placer, second = legal(), legal()
    hold = place(new_hold(), actor=placer, identifiers=[WHO])
    propose_release(hold.pk, actor=placer)
    with pytest.raises(StepError) as refused:
        confirm_release(hold.pk, actor=placer)
    assert refused.value.refused_by == "four eyes"
    assert confirm_release(hold.pk, actor=second).state == HoldState.RELEASED
    after = Hold.objects.get(pk=hold.pk)
    assert (after.released_by, after.release_proposed_by) == (second.user, placer.user)


def test_confirm_release_by_who_placed_it_is_refused_though_another_proposed():
    placer, second = legal(), legal()
    hold = place(new_hold(), actor=placer, identifiers=[WHO])
    propose_release(hold.pk, actor=second)
    for actor in (placer, second):
        with pytest.raises(StepError) as refused:
            confirm_release(hold.pk, actor=actor)
        assert refused.value.refused_by == "four eyes"
    assert Hold.objects.get(pk=hold.pk).state == HoldState.RELEASE_PROPOSED
    assert confirm_release(hold.pk, actor=legal()).state == HoldState.RELEASED


@pytest.mark.parametrize("act", [propose_release, confirm_release])
@pytest.mark.parametrize("role", [Role.DPO, Role.OFFICER, Role.AUDITOR, Role.ADMINISTRATOR])
def test_release_by_another_role_than_legal_is_refused(act, role):
    hold = make_hold(make_user(Role.LEGAL), HoldState.ACTIVE)
    if act is confirm_release:
        propose_release(hold.pk, actor=legal())
    with pytest.raises(StepError) as refused:
        act(hold.pk, actor=Actor.of(make_user(role)))
    assert refused.value.refused_by == "permission"


@pytest.mark.parametrize(
    ("act", "possible"),
    [
        (propose_release, {HoldState.ACTIVE, HoldState.REVIEW_DUE}),
        (confirm_release, {HoldState.RELEASE_PROPOSED}),
    ],
)
@pytest.mark.parametrize("state", list(HoldState))
def test_release_from_each_state_is_taken_or_refused_by_it(act, possible, state):
    hold = make_hold(make_user(Role.LEGAL), state)
    Hold.objects.update(release_proposed_by=make_user(Role.LEGAL))
    try:
        act(hold.pk, actor=legal())
        found = "taken"
    except StepError as why:
        found = why.refused_by
        assert Hold.objects.get(pk=hold.pk).state == state
    assert found == ("taken" if state in possible else "state")


def test_release_is_logged_in_every_case_it_kept_and_moves_none():
    cases = [make_case(CaseState.PARTIAL_HOLD) for _ in range(2)]
    hold = make_hold(make_user(Role.LEGAL))
    for case in cases:
        make_item(case, make_connection(), state=ItemState.HELD, hold=hold, log_number=0)
    propose_release(hold.pk, actor=legal())
    confirm_release(hold.pk, actor=legal())
    for case in cases:
        rows = case.log.filter(type="hold").order_by("number")
        assert [row.facts["action"] for row in rows] == ["review", "released"]
        assert ErasureCase.objects.get(pk=case.pk).state == CaseState.PARTIAL_HOLD
        assert case.items.get().state == ItemState.HELD


def test_keep_takes_a_proposed_release_back_and_is_logged_in_the_case():
    placer, other = Actor.of(make_user(Role.LEGAL)), Actor.of(make_user(Role.LEGAL))
    hold = make_hold(placer.user)
    case = make_case(CaseState.PARTIAL_HOLD)
    make_item(case, make_connection(), state=ItemState.HELD, hold=hold)
    propose_release(hold.pk, actor=other)
    keep(hold.pk, actor=placer, reason="An appeal.", review_on=today() + 60 * DAY)
    kept = Hold.objects.get(pk=hold.pk)
    assert (kept.state, kept.release_proposed_by, kept.review_on) == (
        HoldState.ACTIVE, None, today() + 60 * DAY,
    )  # fmt: skip
    assert [row.facts["action"] for row in case.log.filter(type="hold")] == ["review", "review"]
    assert list(kept.events.values_list("what", "reason")) == [
        ("proposed", ""), ("kept", "An appeal."),
    ]  # fmt: skip


def test_history_of_a_hold_names_every_step_and_who_took_it():
    legal, other = Actor.of(make_user(Role.LEGAL)), Actor.of(make_user(Role.LEGAL))
    hold = place(new_hold(placed_by=legal.user), actor=legal, identifiers=[WHO])
    mark_due(today() + 90 * DAY)
    propose_release(hold.pk, actor=legal)
    confirm_release(hold.pk, actor=other)
    assert list(hold.events.values_list("what", "user")) == [
        ("placed", legal.user.pk), ("due", None), ("proposed", legal.user.pk),
        ("released", other.user.pk),
    ]  # fmt: skip
