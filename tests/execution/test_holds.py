"""A hold before, during and after: what it covers stays, what cannot be told apart stays too."""

from datetime import timedelta

import pytest

from erasure import clock, execution, holds, review
from erasure.cases import move
from erasure.connectors.genesys.stores import RECORDED
from erasure.discovery import discover
from erasure.errors import StoppedError
from erasure.execution.guard import guard
from erasure.models import Actor, Hold, VendorJob
from erasure.values import HoldScope, Identifier, IdentifierKind, ItemState, Role, Step
from tests.execution.fakes import outcomes
from tests.factories import make_user
from tests.world import DAY, HOUR, MINUTE, TO_THE_END, again, states


def place(legal, scope, **targets):
    new = Hold(
        reference="MATTER-7", scope=scope, article="17(3)(e)", reason="A claim is pending.",
        public_wording="Kept for a legal claim.", placed_by=legal.user,
        review_on=clock.now().date() + timedelta(days=90),
    )  # fmt: skip
    return holds.place(new, actor=legal, **targets)


def subject_hold(legal, who):
    return place(legal, HoldScope.SUBJECT, identifiers=[who])


def release(world, case):
    """Two people release the hold, a third the case; one of them lifts what the vendor keeps."""
    second, third = world.staff(Role.LEGAL), world.staff(Role.LEGAL)
    for hold in Hold.objects.all():
        holds.propose_release(hold.pk, actor=second)
        holds.confirm_release(hold.pk, actor=third)
    world.lift()
    return move(case.pk, Step.RELEASE, actor=third)


def hold_conversation(world, case, skip=0):
    """Put a hold on one of the conversations that have recordings. Returns its vendor id."""
    item = case.items.filter(store="voice_recordings").order_by("occurred_at")[skip]
    key = item.locator["parent_id"]
    place(world.legal, HoldScope.CONVERSATION, conversations=[(world.genesys, key)])
    return key


def recordings(world, key):
    """How many recordings the vendor truly holds of a conversation."""
    org = world.org
    return sum(org.recordings[one].state != "DELETED" for one in org.recordings_of[key])


def test_held_conversation_stays_whole_and_blocks_the_native_job(world):
    case = world.searched("held")
    key = hold_conversation(world, case)
    before = recordings(world, key)
    others = world.rows(but="held")
    case = world.live(world.approve(case), *TO_THE_END)
    assert world.answer(case).state == "PARTIAL_HOLD"
    assert world.calls("POST", "/gdpr/requests") == 0
    assert recordings(world, key) == before
    kept = {talk for talk, one in world.org.conversations.items() if one.person == "held"}
    assert sum(recordings(world, talk) for talk in kept) == before
    assert states(case, "gdpr_subjects", "conversations") == {ItemState.HELD: 4}
    assert world.rows(but="held") == others


def test_blocked_item_says_that_a_hold_elsewhere_blocks_it(world):
    case = world.searched("held")
    key = hold_conversation(world, case)
    case = again(case)
    items = {item.locator["remote_id"]: item for item in case.items.filter(store="conversations")}
    reasons = {item.reason for name, item in items.items() if name != key}
    assert reasons == {
        "BLOCKED_BY_HOLD: only the vendor's subject-wide job erases it, and that knows no hold."
    }
    assert items[key].reason == "A legal hold covers it."


def test_hold_that_comes_when_the_bulk_job_is_ready_stops_its_start(world):
    case = world.executing("held")
    world.options(job_step_seconds=600)
    world.fault(genesys_permission_lost="gdpr:request:add")  # the native job is not on its way
    case = world.work(case)
    world.fault(genesys_permission_lost="")
    key = hold_conversation(world, case, skip=1)
    case = world.live(case, *TO_THE_END, DAY)
    held = case.items.get(store="voice_recordings", state=ItemState.HELD)
    assert (held.locator["parent_id"], recordings(world, key)) == (key, 1)
    first = VendorJob.objects.filter(kind="recording_delete").first()
    assert (first.state, world.org.jobs[first.remote_id].state) == ("ERROR", "CANCELLED")
    assert first.reason == "Cancelled before it began. A hold covers it."
    assert states(case, *RECORDED) == {ItemState.HELD: 1, ItemState.ERASED: 2}


def test_failed_native_item_is_held_and_not_tried_again_once_a_hold_stands(world):
    world.fault(genesys_permission_lost="gdpr:request:add")
    case = world.work(world.executing("held"))
    world.fault(genesys_permission_lost="")
    hold_conversation(world, case)
    failed = case.items.filter(state=ItemState.FAILED)
    native = ("gdpr_subjects", "conversations", "participant_attributes")
    assert {item.store for item in failed} == set(native)
    for item in failed:
        review.settle_by_hand(item.pk, "retry", actor=world.officer, reason="")
    sent = world.calls("POST", "/gdpr/requests")
    case = world.live(case, HOUR)
    assert states(case, *native) == {ItemState.HELD: 7}
    assert world.calls("POST", "/gdpr/requests") == sent


def test_hold_between_claim_and_call_keeps_the_call_from_leaving(bench, remote):
    case = bench.case(plain=2, bulk=1)
    legal = Actor.of(make_user(Role.LEGAL))
    [who] = [row.as_value() for row in case.identifiers.confirmed()]

    def come(refs):
        remote.before = lambda refs: None
        subject_hold(legal, who)

    remote.before = come
    execution.drain(bench.connection.pk, clock.now() + MINUTE)
    assert (remote.sent, states(case)) == ([], {ItemState.HELD: 3})
    first = [each for each in outcomes(case) if each[0] == 0]
    assert first == [(0, "erase", "FAILED", 1), (0, "hold", "HELD", 1)]
    attempt = case.items.first().tries.get()
    assert (attempt.outcome, attempt.note) == ("FAILED", "A hold covers it.")


def test_hold_on_another_record_stops_the_subject_wide_call(bench, remote):
    case = bench.case(plain=1, wide=1, rows=1)
    case.items.filter(store="plain").update(
        parent_index=holds.conversation_index("system", "talk-1"), next_try=clock.now() + DAY
    )
    legal = Actor.of(make_user(Role.LEGAL))

    def come(refs):
        remote.before = lambda refs: None
        place(legal, HoldScope.CONVERSATION, conversations=[(bench.connection, "talk-1")])

    remote.before = come
    execution.drain(bench.connection.pk, clock.now() + MINUTE)
    assert (remote.sent, states(case)) == ([], {ItemState.HELD: 3})


def test_hold_on_somebody_else_stops_nothing(world):
    case = world.executing("held")
    place(
        world.legal, HoldScope.SUBJECT,
        identifiers=[Identifier(IdentifierKind.EMAIL, world.person("maria").email)],
    )  # fmt: skip
    case = world.live(case, *TO_THE_END)
    assert set(states(case)) == {"ERASED"}


def test_released_hold_lets_the_rest_be_searched_and_erased(world):
    case = world.searched("held")
    hold_conversation(world, case)
    case = world.answer(world.live(world.approve(case), *TO_THE_END))
    release(world, case)
    assert discover(case.pk)
    case = world.live(world.approve(again(case)), *TO_THE_END)
    assert world.answer(case).state == "COMPLETE"
    assert world.held("held") == {}


def exempted(world, case):
    """Everything of one conversation exempt. Returns its vendor id."""
    first = case.items.filter(store="voice_recordings").first()
    for item in case.items.filter(parent_index=first.parent_index, state=ItemState.PROPOSED):
        review.decide_item(
            item.pk, "exempt", actor=world.officer, article="17(3)(e)", reason="A claim."
        )
    return first.locator["parent_id"]


def test_exempt_conversation_stays_whole_and_no_native_job_is_asked_for(world):
    case = world.answered(world.searched("maria"))
    key = exempted(world, case)
    before = [row for row in world.app.holdings("maria") if row.get("parent_id") == key]
    case = world.live(world.approve(case), *TO_THE_END)
    assert before
    assert [row for row in world.app.holdings("maria") if row.get("parent_id") == key] == before
    assert world.org.gdpr_requests == {}
    native = case.items.filter(native=True).exclude(state=ItemState.EXEMPT)
    assert {item.state for item in native} == {ItemState.MANUAL}
    assert {item.reason for item in native} == {holds.cover.EXEMPTED}


def test_exemption_during_execution_stops_the_native_job_before_its_call(world):
    case = world.executing("held")
    item = case.items.filter(store="voice_recordings").first()
    item.fail("It was refused.")
    item.save()
    review.settle_by_hand(
        item.pk, "exempt", actor=world.officer, article="17(3)(e)", reason="A claim."
    )
    subject = case.items.select_related("case").filter(store="gdpr_subjects").first()
    with pytest.raises(StoppedError, match="exempt"):
        guard(case.pk, [subject], "")([subject.ref()])
    case = world.live(again(case), *TO_THE_END)
    assert world.org.gdpr_requests == {}
    assert set(states(case, "gdpr_subjects")) == {ItemState.MANUAL}
