"""What no interface reaches stands as one line, until a person has worked it off."""

from datetime import timedelta

import pytest

from erasure import clock, correspondence, evidence, execution, intake, review, verification
from erasure.cases import move
from erasure.connectors.base import Store
from erasure.discovery import discover
from erasure.errors import StepError
from erasure.holds import confirm_release, place, propose_release
from erasure.ledger import sequencer
from erasure.models import SYSTEM, Actor, Hold
from erasure.proof import canonical
from erasure.systems import connect
from erasure.values import (
    CaseState,
    HoldScope,
    Identifier,
    IdentifierKind,
    Role,
    Step,
    System,
)
from tests.discovery.fakes import record
from tests.factories import CALLED_BACK, make_user
from tests.world import again

ASK = "Look for the person in the exports, delete what is found, attach the evidence."
LISTS = Store(
    "lists", "Lists", "A person looks.", "Kept by default: the entry keeps the calls away.",
    "A person attests it.", manual="Remove the entry.", kept="17(3)(b)",
)  # fmt: skip


@pytest.fixture
def officer(db):
    return Actor.of(make_user(Role.OFFICER))


@pytest.fixture
def dpo(db):
    return Actor.of(make_user(Role.DPO))


@pytest.fixture
def lists(remote, monkeypatch):
    """A third store, whose entries stay by default."""
    remote.stores = (*remote.stores, LISTS)
    monkeypatch.setitem(connect._STORES, System.GENESYS, remote.stores)
    remote.by_hand["lists"] = "Remove the entry."


@pytest.fixture
def whole_case(connection, officer):
    """A case that came to its search by every step, as a certificate wants it."""
    opened = intake.open_case(
        channel="phone", name="Ada Beispiel", received_at=clock.now(), actor=officer,
        identifiers=[Identifier(IdentifierKind.EMAIL, "ada@example.org")],
    )  # fmt: skip
    intake.start(opened.pk)
    return verification.confirm(
        opened.pk, actor=officer, **CALLED_BACK,
        grounds=["17(1)(b)"], ground_reason="Consent withdrawn.",
    )  # fmt: skip


def lines(case):
    return [
        (item.store, item.state, item.reason, item.locator["remote_id"], item.locator["label"])
        for item in case.items.all()
        if item.is_line
    ]


def rediscover(case, officer):
    move(case.pk, Step.REDISCOVER, actor=officer)
    assert discover(case.pk)


def approve(case, dpo):
    case = again(case)
    return review.approve(case.pk, actor=dpo, digest=case.inventory_digest, opinion="Fine.")


def finish(case, officer):
    """Send the answer, and take the case and its certificate to their end."""
    correspondence.record_answer(
        case.pk, actor=officer, kind=correspondence.answer_kind(again(case)), channel="letter",
        text="What we erased.", dispatched_at=clock.now(), proof="Registered letter 1.",
    )  # fmt: skip
    execution.progress(case.pk)
    for _ in range(4):
        sequencer.sequence()
        certificate = evidence.issue(case.pk)
        if certificate:
            return canonical.decode(bytes(certificate.document))
    raise AssertionError("No certificate came.")


def test_store_with_a_part_out_of_reach_is_by_hand_and_never_empty(case, remote):
    remote.by_hand["records"] = ASK
    assert discover(case.pk)
    search = case.searches.get(store="records")
    assert (search.status, search.total) == ("MANUAL", 0)
    assert lines(case) == [("records", "MANUAL", ASK, "", "The whole store")]


def test_store_that_found_records_besides_its_line_is_found(case, remote):
    remote.by_hand["records"], remote.records = ASK, [record("r-1")]
    assert discover(case.pk)
    search = case.searches.get(store="records")
    assert (search.status, search.total, case.items.count()) == ("FOUND", 1, 2)


def test_line_found_again_is_the_same_line(case, remote, officer):
    remote.by_hand["records"] = ASK
    discover(case.pk)
    before = case.items.get().pk
    remote.by_hand["records"] = "Ask the vendor."
    rediscover(case, officer)
    assert (case.items.get().pk, case.items.get().reason) == (before, "Ask the vendor.")


def test_line_is_dropped_by_an_answer_that_leaves_nothing_to_do(case, remote, officer):
    remote.by_hand["records"] = ASK
    discover(case.pk)
    remote.by_hand.clear()
    rediscover(case, officer)
    assert [(i.state, i.log_number) for i in case.items.all()] == [("EXCLUDED", None)]
    assert case.searches.get(store="records").status == "EMPTY"
    remote.by_hand["records"] = ASK
    rediscover(case, officer)
    assert [line[1] for line in lines(case)] == ["MANUAL"]


def test_line_of_a_store_that_is_kept_by_default_is_exempt_until_the_dpo_decides(
    case, remote, lists, officer, dpo
):
    discover(case.pk)
    line = case.items.get()
    assert (line.state, line.article, line.reason) == ("EXEMPT", "17(3)(b)", LISTS.erase)
    with pytest.raises(StepError) as refused:
        review.decide_item(line.pk, "erase", actor=officer)
    assert refused.value.refused_by == "permission"
    review.decide_item(line.pk, "erase", actor=dpo)
    line = case.items.get()
    assert (line.state, line.article, line.reason) == ("MANUAL", "", "Remove the entry.")
    rediscover(case, officer)
    assert case.items.get().state == "MANUAL"
    review.decide_item(line.pk, "exempt", actor=dpo, article="17(3)(b)", reason="Keeps calls away.")
    assert (case.items.get().state, case.items.get().article) == ("EXEMPT", "17(3)(b)")


def test_line_kept_by_default_ends_exempt_in_log_and_certificate(whole_case, lists, officer, dpo):
    case = whole_case
    discover(case.pk)
    approve(case, dpo)
    execution.progress(case.pk)
    certificate = finish(case, officer)
    assert again(case).state == CaseState.PARTIAL_HOLD
    assert [(r["store"], r["ground"], r["items"]) for r in certificate["retained"]] == [
        ("system.lists", "17(3)(b)", 1)
    ]


def test_line_blocks_completion_until_a_person_attests_it(whole_case, remote, officer, dpo):
    case = whole_case
    remote.by_hand["records"] = ASK
    discover(case.pk)
    approve(case, dpo)
    case = execution.progress(case.pk)
    assert (case.state, case.finished_execution()) == (CaseState.EXECUTING, False)
    line = case.items.get()
    with pytest.raises(StepError):
        review.settle_by_hand(line.pk, "done", actor=SYSTEM, reason="Nothing there.")
    review.settle_by_hand(line.pk, "done", actor=officer, reason="Searched; ticket 4711.")
    line = case.items.get()
    assert (line.state, line.verdict) == ("ERASED", "ATTESTED")
    assert line.reason == "Searched; ticket 4711."
    logged = case.log.get(type="outcome")
    assert (logged.facts["outcome"], logged.facts["store"]) == ("ATTESTED", "system.records")
    certificate = finish(case, officer)
    assert again(case).state == CaseState.COMPLETE
    assert certificate["summary"]["items"] == 1
    inventory = case.log.filter(type="inventory").latest("number").facts
    assert (inventory["items"], inventory["unanswered"]) == (1, [])


def test_line_that_was_approved_stays_when_the_store_answers_whole(case, remote, officer, dpo):
    remote.by_hand["records"] = ASK
    discover(case.pk)
    approve(case, dpo)
    move(case.pk, Step.HALT, actor=officer)
    remote.by_hand.clear()
    rediscover(case, officer)
    assert [line[1] for line in lines(case)] == ["MANUAL"]


def test_line_under_a_hold_is_held_and_comes_back_to_a_person(case, remote, officer, dpo):
    remote.by_hand["records"] = ASK
    legal, other = Actor.of(make_user(Role.LEGAL)), Actor.of(make_user(Role.LEGAL))
    hold = Hold(
        reference="M-1", scope=HoldScope.SUBJECT, article="17(3)(e)", reason="A claim.",
        public_wording="A claim.", review_on=clock.now().date() + timedelta(days=90),
    )  # fmt: skip
    place(hold, actor=legal, identifiers=[case.identifiers.get(kind="email").as_value()])
    discover(case.pk)
    assert [line[1] for line in lines(case)] == ["HELD"]
    propose_release(hold.pk, actor=legal)
    confirm_release(hold.pk, actor=other)
    rediscover(case, officer)
    assert lines(case) == [("records", "MANUAL", ASK, "", "The whole store")]
