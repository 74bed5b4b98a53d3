"""What a hold keeps is protected at the vendor too; until then nothing there is erased."""

import pytest

from erasure import clock, execution, holds, protection
from erasure.cases import refusals
from erasure.connectors.genesys.stores import RECORDED, VOICE
from erasure.models import Actor, VendorProtection
from erasure.values import HoldScope, ItemState, Role, Step
from tests.execution.fakes import bench, remote
from tests.execution.test_holds import place
from tests.factories import make_item, make_search, make_user
from tests.world import HOUR, MINUTE, again, moving, served, states, world

__all__ = ["bench", "moving", "remote", "served", "world"]

BARE = "The genesys-eu: 1 held conversation is not yet under its own deletion protection. "


def hold_talk(world, case):
    """Put a hold on one recorded conversation. Returns its vendor id."""
    item = case.items.filter(store=VOICE).order_by("occurred_at").first()
    key = item.locator["parent_id"]
    place(world.legal, HoldScope.CONVERSATION, conversations=[(world.genesys, key)])
    return key


def protected(world):
    """The conversations that the vendor truly protects."""
    return {key for key, talk in world.org.conversations.items() if talk.protected}


def test_held_conversation_and_no_other_is_protected_at_the_vendor(world):
    case = world.searched("held")
    key = hold_talk(world, case)
    assert refusals(again(case), Step.APPROVE, world.dpo)[0] == BARE + "It is being asked for."
    assert protection.protect(case.pk) == 1
    assert protected(world) == {key}
    row = VendorProtection.objects.get()
    assert (row.conversation, row.on, row.reason, row.next_try) == (key, True, "", None)
    assert not any(BARE in one for one in refusals(again(case), Step.APPROVE, world.dpo))
    kept = case.items.filter(protected=True)
    assert {(item.store in RECORDED, item.locator["parent_id"]) for item in kept} == {(True, key)}


def test_protection_is_asked_for_once_however_often_the_bell_rings(world):
    case = world.searched("held")
    hold_talk(world, case)
    protection.protect(case.pk)
    sent = len(world.app.requests())
    assert (protection.protect(case.pk), protection.cases_with_work()) == (0, [])
    assert len(world.app.requests()) == sent


def test_refused_protection_keeps_its_reason_and_blocks_approval(world):
    world.options(max_protected=0)
    case = world.searched("held")
    hold_talk(world, case)
    assert protection.protect(case.pk) == 0
    why = "The vendor refused it: protection.limit.exceeded."
    row = VendorProtection.objects.get()
    assert (row.on, row.reason, row.attempts, row.next_try > clock.now()) == (False, why, 1, True)
    assert BARE + why in refusals(again(case), Step.APPROVE, world.dpo)
    world.options(max_protected=1_000)
    clock.advance(HOUR)
    assert (protection.cases_with_work(), protection.protect(case.pk)) == ([case.pk], 1)


def test_vendor_that_takes_it_and_does_nothing_is_not_believed(world):
    case = world.searched("held")
    hold_talk(world, case)
    world.fault(genesys_lying_vendor=True)
    assert (protection.protect(case.pk), VendorProtection.objects.get().on) == (0, False)


@pytest.fixture
def ada(bench, remote):
    """A case at work with one held conversation and one item that may go."""
    case = bench.case(plain=1)
    index = holds.conversation_index("system", "talk-1")
    held = bench.item(case, "bulk", parent_index=index)
    where = held.locator | {"parent_id": "talk-1"}
    held.case = case
    held.locator = where
    held.save()
    legal = Actor.of(make_user(Role.LEGAL))
    place(legal, HoldScope.CONVERSATION, conversations=[(bench.connection, "talk-1")])
    return case


def drain(bench):
    return execution.drain(bench.connection.pk, clock.now() + MINUTE)


def test_no_call_leaves_while_what_is_held_there_is_unprotected(ada, bench, remote):
    remote.unprotectable = {"talk-1"}
    protection.protect(ada.pk)
    drain(bench)
    execution.progress(ada.pk)
    case = execution.progress(ada.pk)
    assert (remote.sent, states(case)) == ([], {ItemState.PLANNED: 1, ItemState.HELD: 1})
    assert case.waiting_for == (
        "Genesys system: 1 held conversation is not yet under its own deletion protection. "
        "The vendor refused it."
    )
    assert execution.connections_with_work() == []
    remote.unprotectable = set()
    clock.advance(HOUR)
    assert protection.protect(ada.pk) == 1
    drain(bench)
    assert len(remote.sent) == 1


def test_protection_refused_again_and_again_brings_the_case_back_to_a_person(ada, bench, remote):
    remote.unprotectable = {"talk-1"}
    drain(bench)
    assert execution.progress(ada.pk).state == "AWAITING_VENDOR"
    for _ in range(3):
        protection.protect(ada.pk)
        clock.advance(HOUR)
    assert execution.progress(ada.pk).state == "EXECUTING"


def test_hold_that_comes_before_the_call_stops_it_until_it_is_protected(bench, remote):
    case = bench.case(plain=2)
    legal = Actor.of(make_user(Role.LEGAL))
    index = holds.conversation_index("system", "talk-1")
    held = bench.item(case, "late", parent_index=index, next_try=clock.now() + HOUR)
    held.case = case
    held.locator = held.locator | {"parent_id": "talk-1"}
    held.save()

    def come(refs):
        remote.before = lambda refs: None
        place(legal, HoldScope.CONVERSATION, conversations=[(bench.connection, "talk-1")])

    remote.before = come
    drain(bench)
    assert (remote.sent, states(case)["PLANNED"]) == ([], 2)
    protection.protect(case.pk)
    drain(bench)
    assert len(remote.sent) == 2


def settled(case, connection, status):
    """The reason of the one row after every store of recordings answered so."""
    for store in RECORDED:
        make_search(case, connection, store, status)
    protection.protect(case.pk)
    row = VendorProtection.objects.get()
    return row.reason, row.next_try is None


def test_conversation_without_any_recording_has_nothing_to_protect(ada, bench, remote):
    remote.unprotectable = {"talk-1"}
    assert settled(ada, bench.connection, "EMPTY") == (protection.NOTHING_THERE, True)


def test_conversation_whose_recordings_are_unknown_stays_unprotected(ada, bench, remote):
    remote.unprotectable = {"talk-1"}
    assert settled(ada, bench.connection, "UNANSWERED") == ("The vendor refused it.", False)


def test_conversation_with_a_recording_is_never_nothing_to_protect(ada, bench, remote):
    remote.unprotectable = {"talk-1"}
    index = holds.conversation_index("system", "talk-1")
    make_item(ada, bench.connection, VOICE, ItemState.HELD, parent_index=index)
    assert settled(ada, bench.connection, "FOUND") == ("The vendor refused it.", False)


def test_protection_lifted_by_somebody_is_asked_for_again(world):
    case = world.searched("held")
    key = hold_talk(world, case)
    protection.protect(case.pk)
    world.lift()
    protection.look_again(case.pk)
    assert protection.cases_with_work() == []  # read again after an hour
    clock.advance(HOUR)
    protection.look_again(case.pk)
    assert VendorProtection.objects.get().reason == protection.LIFTED
    protection.protect(case.pk)
    assert protected(world) == {key}


def test_vendor_that_does_not_answer_has_lifted_nothing(world):
    case = world.searched("held")
    hold_talk(world, case)
    protection.protect(case.pk)
    clock.advance(HOUR)
    world.fault(genesys_down=True)
    protection.look_again(case.pk)
    assert VendorProtection.objects.get().on


def test_record_stays_blocked_after_the_release_until_the_vendor_lets_go(world):
    case = world.searched("held")
    hold_talk(world, case)
    protection.protect(case.pk)
    second, third = world.staff(Role.LEGAL), world.staff(Role.LEGAL)
    hold = case.items.filter(hold__isnull=False).first().hold
    holds.propose_release(hold.pk, actor=second)
    holds.confirm_release(hold.pk, actor=third)
    holds.unhold(again(case))
    why = "A record is protected at the vendor: lift the protection there (it is read again), "
    assert any(one.startswith(why) for one in refusals(again(case), Step.APPROVE, world.dpo))
    assert [line.reason for line in protection.protections_of(case)] == [protection.LIFT_IT]
    world.lift()
    clock.advance(MINUTE)
    protection.look_again(case.pk)
    assert not any(one.startswith(why) for one in refusals(again(case), Step.APPROVE, world.dpo))
    assert protection.protections_of(case) == []


def test_hold_released_before_it_was_protected_asks_for_nothing(ada, bench, remote):
    legal = [Actor.of(make_user(Role.LEGAL)) for _ in range(2)]
    hold = ada.items.get(state=ItemState.HELD).hold
    holds.propose_release(hold.pk, actor=legal[0])
    holds.confirm_release(hold.pk, actor=legal[1])
    assert (protection.protect(ada.pk), VendorProtection.objects.count()) == (0, 0)
