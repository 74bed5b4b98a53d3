"""Ways by which somebody else's data, or data left behind, could slip through. None may."""

from contextlib import suppress

import pytest

from erasure import evidence, review
from erasure.cases import move, refusals
from erasure.discovery import discover
from erasure.errors import StepError
from erasure.ledger import sequencer
from erasure.models.conditions import (
    every_identifier_searched,
    every_record_decided,
    every_system_searched,
)
from erasure.values import Identifier, IdentifierKind, ItemState, Step
from tests.execution.test_holds import release, subject_hold
from tests.world import DAY, TO_THE_END, again

JO = "jo.doppel@example.org"
NAMESAKE = "jo.doppel.two@example.com"
LONG = (*TO_THE_END, *[DAY] * 17)


def mail(value):
    return Identifier(IdentifierKind.EMAIL, value)


def decide(world, case, value, *, confirm):
    row = next(row for row in case.identifiers.all() if row.value == value)
    review.decide_identifier(row.pk, confirm=confirm, actor=world.officer)
    return again(case)


def searched_again(world, case):
    move(case.pk, Step.REDISCOVER, actor=world.officer)
    assert discover(case.pk)
    return again(case)


def test_lead_that_a_hold_kept_is_undecided_after_the_release(world):
    case = world.searched("jo1")
    before = world.held("jo2")
    subject_hold(world.legal, mail(JO))
    case = world.answer(world.live(world.approve(case), *TO_THE_END))
    release(world, case)
    assert discover(case.pk)
    with pytest.raises(StepError) as refused:
        world.approve(again(case))
    assert str(refused.value) == every_record_decided.refusal
    assert world.held("jo2") == before


def test_rejected_identifier_calls_for_a_new_search_and_takes_its_records_along(world):
    case = world.searched("jo1", mail(NAMESAKE))
    before = world.held("jo2")
    case = decide(world, case, NAMESAKE, confirm=False)
    assert refusals(case, Step.APPROVE, world.dpo) == [every_identifier_searched.refusal]
    case = searched_again(world, case)
    with suppress(StepError):  # what the namesake shares may still be in question
        world.live(world.approve(case), *LONG)
    assert world.held("jo2") == before


def test_lead_left_out_comes_back_when_its_address_is_confirmed(world):
    case = world.approve(world.searched("jo1"))
    left_out = set(case.items.filter(state=ItemState.EXCLUDED).values_list("pk", flat=True))
    move(case.pk, Step.HALT, actor=world.dpo)
    case = searched_again(world, decide(world, again(case), NAMESAKE, confirm=True))
    back = case.items.filter(pk__in=left_out, state=ItemState.PROPOSED, lead=False)
    assert left_out
    assert back.exists()


def test_system_enabled_after_the_search_keeps_the_case_from_approval(world):
    world.crm.enabled = False
    world.crm.save()
    case = world.searched("jo1")
    world.crm.enabled = True
    world.crm.save()
    with pytest.raises(StepError) as refused:
        world.approve(case)
    assert str(refused.value) == every_system_searched.refusal


def test_system_enabled_during_execution_sends_the_case_back_to_review(world):
    world.crm.enabled = False
    world.crm.save()
    case = world.approve(world.searched("jo1"))
    world.crm.enabled = True
    world.crm.save()
    assert world.live(case, *LONG).state == "DPO_REVIEW"


def test_record_said_to_be_done_by_hand_is_read_back_and_found_out(world):
    case = world.executing("jo1")
    assert world.app.fault("lying-vendor", True)
    case = world.live(case, *LONG)
    failed = list(case.items.filter(state=ItemState.FAILED))
    for item in failed:
        review.settle_by_hand(item.pk, "done", actor=world.officer, reason="Ticket 7.")
    case = world.live(again(case), *LONG)
    assert failed
    assert not case.items.filter(pk__in=[i.pk for i in failed], state=ItemState.ERASED).exists()
    assert not case.finished_execution()


def test_certificate_that_waited_through_a_release_is_followed_by_the_next(world):
    case = world.searched("jo1")
    subject_hold(world.legal, mail(JO))
    case = world.answer(world.live(world.approve(case), *TO_THE_END))
    sequencer.sequence()
    assert evidence.issue(case.pk) is None  # version 1 is appended, not yet in the log
    release(world, case)
    assert discover(case.pk)
    case = again(case)
    for item in case.items.filter(state=ItemState.PROPOSED, certain=False):
        review.decide_item(
            item.pk, "exempt", actor=world.officer, article="17(3)(e)", reason="A claim."
        )
    case = world.answer(world.live(world.approve(again(case)), *LONG))
    for _ in range(4):
        sequencer.sequence()
        evidence.issue(case.pk)
    issued = again(case).certificates.values_list("version", "stage")
    assert list(issued) == [(1, "ISSUED"), (2, "ISSUED")]
