from datetime import timedelta
from importlib import import_module
from threading import Event

import pytest
from django.db.models.signals import post_save

from erasure import clock, review
from erasure.cases import move
from erasure.connectors.base import Control, Searched, Unanswered
from erasure.discovery import discover
from erasure.discovery.discover import BY_JOINT, LEASE, TRIES
from erasure.errors import BusyError, RefusedError
from erasure.models import Actor, DataItem, ErasureCase, SystemConnection
from erasure.values import CaseState, IdentifierState, ItemState, Role, Step
from tests.discovery.fakes import busy, record
from tests.factories import make_connection, make_user
from tests.world import HOUR, again


def answers(case):
    """What each store answered, and the reason it gave."""
    return {row.store: (row.status, row.note) for row in case.searches.all()}


def rediscover(case):
    move(case.pk, Step.REDISCOVER, actor=Actor.of(make_user(Role.OFFICER)))
    assert discover(case.pk)


def test_search_writes_what_was_found_and_goes_to_review(case, remote):
    remote.records = [record("r-1", division="north"), record("r-2", division="north")]
    assert discover(case.pk)
    case = again(case)
    assert (case.state, case.item_count, case.inventory_digest) == (
        CaseState.DPO_REVIEW, 2, case.current_digest(),
    )  # fmt: skip
    assert answers(case) == {"people": ("EMPTY", ""), "records": ("FOUND", "")}
    assert {(item.state, item.division) for item in case.items.all()} == {("PROPOSED", "north")}


def test_search_twice_adds_nothing(case, remote):
    remote.records = [record("r-1")]
    assert [discover(case.pk) for _ in range(3)] == [True, False, False]
    assert (case.items.count(), case.searches.count(), remote.collected) == (1, 2, 1)
    steps = [row.facts["step"] for row in case.log.filter(type="step")]
    assert steps == ["finish_discovery"]


def test_search_that_is_repeated_keeps_its_items(case, remote):
    remote.records = [record("r-1"), record("r-2")]
    discover(case.pk)
    before = list(case.items.values_list("pk", "number"))
    rediscover(case)
    assert list(case.items.values_list("pk", "number")) == before


def test_store_that_refuses_is_unanswered_with_its_reason_and_never_empty(case, remote):
    remote.silent = [Unanswered("records", "GET /things answered 403 (a:b:view)")]
    assert discover(case.pk)
    assert answers(case)["records"] == ("UNANSWERED", "GET /things answered 403 (a:b:view)")


def test_unanswered_store_blocks_approval(case, remote):
    remote.silent = [Unanswered("records", "no answer")]
    discover(case.pk)
    case = again(case)
    with pytest.raises(review.StepError) as refused:
        review.approve(
            case.pk, actor=Actor.of(make_user(Role.DPO)), digest=case.inventory_digest, opinion="ok"
        )
    assert str(refused.value) == (
        "A store is unanswered. Search again, or let the DPO decide on it with a reason."
    )


def test_record_that_is_somebody_elses_too_is_asked_about_and_blocks_approval(case, remote):
    remote.records = [record("r-1", joint=True), record("r-2")]
    discover(case.pk)
    case = again(case)
    asked = case.items.get(certain=False)
    assert (asked.lead, asked.reason) == (False, BY_JOINT)
    with pytest.raises(review.StepError) as refused:
        review.approve(
            case.pk, actor=Actor.of(make_user(Role.DPO)), digest=case.inventory_digest, opinion="ok"
        )
    assert str(refused.value) == (
        "A record is in question and undecided: is it this person, or not?"
    )


def test_unanswered_look_up_outranks_the_count_of_the_collection(case, remote):
    remote.people = [Unanswered("people", "GET /people answered 403")]
    discover(case.pk)
    assert answers(case)["people"] == ("UNANSWERED", "GET /people answered 403")


@pytest.mark.parametrize("error", [RefusedError("it broke"), BusyError("it broke")])
@pytest.mark.parametrize("verb", ["lookup", "collect"])
def test_connector_that_fails_outright_leaves_every_store_unanswered(
    case, remote, monkeypatch, verb, error
):
    def fail(*given):
        raise error

    monkeypatch.setattr(remote, verb, fail)
    for _ in range(TRIES):
        discover(case.pk)
        clock.advance(HOUR)
    assert again(case).state == CaseState.DPO_REVIEW
    assert answers(case) == dict.fromkeys(("people", "records"), ("UNANSWERED", "it broke"))


def test_store_the_connector_says_nothing_of_is_unanswered(case, remote, monkeypatch):
    monkeypatch.setattr(remote, "collect", lambda who, people: iter(()))
    discover(case.pk)
    told = "The connector did not say whether it searched this store."
    assert answers(case)["records"] == ("UNANSWERED", told)


def test_busy_store_is_asked_again_later_and_then_answers(case, remote):
    remote.silent = [busy()]
    assert discover(case.pk) is False
    waiting = again(case)
    assert (waiting.state, waiting.waiting_for) == (
        CaseState.DISCOVERY, "A system is busy: it is asked again.",
    )  # fmt: skip
    assert discover(case.pk) is False
    assert remote.collected == 1
    remote.silent, remote.records = [], [record("r-1")]
    clock.advance(timedelta(seconds=6))
    assert discover(case.pk)
    assert answers(case)["records"] == ("FOUND", "")


def test_store_that_stays_busy_is_unanswered_in_the_end(case, remote):
    remote.silent = [busy()]
    rounds = []
    for _ in range(TRIES):
        rounds.append(discover(case.pk))
        clock.advance(HOUR)
    assert rounds == [False] * (TRIES - 1) + [True]
    assert answers(case)["records"] == ("UNANSWERED", "GET /things answered 503")
    assert (remote.collected, again(case).rounds) == (TRIES, 0)


def test_case_has_one_searcher_at_a_time(case, remote):
    remote.during = lambda: seen.append(discover(case.pk))
    seen = []
    assert discover(case.pk)
    assert (seen, remote.collected) == ([False], 1)


def test_search_of_a_killed_worker_is_taken_over_after_its_lease(case, remote):
    ErasureCase.objects.filter(pk=case.pk).update(
        lease_owner="killed", lease_until=clock.now() + LEASE
    )
    assert discover(case.pk) is False
    clock.advance(LEASE + timedelta(seconds=1))
    assert discover(case.pk)


def test_lease_is_drawn_out_while_a_system_takes_longer_than_it(case, remote, monkeypatch):
    """The slow system lets its lease run down twice; each time the searcher must have renewed."""
    monkeypatch.setattr(import_module("erasure.discovery.discover"), "BEAT", 0.02)
    renewed, taken = Event(), []

    def beat(sender, instance, update_fields, **given):
        if remote.collected and update_fields == frozenset({"lease_until"}):
            taken.append(discover(case.pk))
            renewed.set()

    def slow(who, people):
        remote.collected += 1
        for _ in range(2):
            renewed.clear()
            clock.advance(LEASE * 0.9)
            assert renewed.wait(10)
        yield Searched("people", "EMPTY")
        yield Searched("records", "EMPTY")

    monkeypatch.setattr(remote, "collect", slow)
    post_save.connect(beat, sender=ErasureCase)
    try:
        assert discover(case.pk)
    finally:
        post_save.disconnect(beat, sender=ErasureCase)
    assert (len(taken) >= 2, any(taken), remote.collected) == (True, False, 1)


def test_searcher_that_was_overtaken_writes_nothing_more(case, remote):
    remote.records = [record("r-1")]
    taken = {"lease_owner": "another", "lease_until": clock.now() + LEASE}
    remote.during = lambda: ErasureCase.objects.filter(pk=case.pk).update(**taken)
    assert discover(case.pk) is False
    assert (case.items.count(), again(case).lease_owner) == (0, "another")


def test_case_that_is_closed_during_its_search_stays_as_it_was_closed(case, remote):
    remote.records = [record("r-1")]
    officer = Actor.of(make_user(Role.OFFICER))
    remote.during = lambda: move(
        case.pk, Step.CLOSE, actor=officer, close_reason="WITHDRAWN"
    )  # fmt: skip
    assert discover(case.pk) is False
    assert (again(case).state, case.items.count()) == (CaseState.CLOSED, 0)


def test_record_that_is_not_found_again_leaves_the_inventory_and_comes_back_with_it(case, remote):
    """A division out of sight looks like an empty one: nothing may be lost by that."""
    remote.records = [record("r-1"), record("r-2")]
    discover(case.pk)
    remote.records = [record("r-1")]
    rediscover(case)
    lost = case.items.get(state=ItemState.EXCLUDED)
    assert lost.reason == "Not found again when the search was repeated."
    remote.records = [record("r-1"), record("r-2")]
    rediscover(case)
    assert {item.state for item in case.items.all()} == {ItemState.PROPOSED}
    assert case.searches.get(store="records").total == 2


def test_approved_record_that_is_lost_from_sight_and_found_again_is_in_question(case, remote):
    remote.records = [record("r-1")]
    discover(case.pk)
    DataItem.objects.update(state=ItemState.PLANNED, log_number=0)
    for there, reason in (
        ([], "Not found again when the search was repeated."),
        ([record("r-1")], "Found again after it was gone."),
    ):
        remote.records = there
        rediscover(case)
        item = case.items.get()
        assert (item.state, item.reason) == (ItemState.PROPOSED, reason)


def test_record_an_officer_excluded_stays_excluded_when_found_again(case, remote):
    remote.records = [record("r-1")]
    discover(case.pk)
    officer = Actor.of(make_user(Role.OFFICER))
    review.decide_item(case.items.get().pk, "exclude", actor=officer, reason="Not the person.")
    rediscover(case)
    assert case.items.get().state == ItemState.EXCLUDED


def test_record_in_a_silent_store_stays_in_the_inventory(case, remote):
    remote.records = [record("r-1")]
    discover(case.pk)
    remote.records, remote.silent = [], [Unanswered("records", "no answer")]
    rediscover(case)
    assert case.items.get().state == ItemState.PROPOSED


def test_record_found_again_after_it_was_erased_is_proposed_anew(case, remote):
    remote.records = [record("r-1")]
    discover(case.pk)
    DataItem.objects.update(state=ItemState.ERASED, verdict="VERIFIED_ABSENT")
    rediscover(case)
    item = case.items.get()
    assert (item.state, item.verdict, item.reason) == (
        ItemState.PROPOSED, "", "Found again after it was gone.",
    )  # fmt: skip


def test_control_of_a_store_outlives_a_search_that_finds_nothing_there(case, remote):
    remote.records = [record("r-1")]
    discover(case.pk)
    remote.records = []
    rediscover(case)
    assert [(row.store, row.remote_id) for row in case.controls.all()] == [("records", "something")]


def test_control_chosen_anew_takes_the_place_of_the_older_one(case, remote):
    remote.records = [record("r-1")]
    discover(case.pk)
    remote.visible = [Control("records", "", "another thing")]
    rediscover(case)
    assert [row.remote_id for row in case.controls.all()] == ["another thing"]


def test_connection_without_its_secret_is_unanswered_with_a_sentence(case, connection, remote):
    connection.secret_env = "NO_SUCH_SECRET"
    connection.save()
    discover(case.pk)
    told = "Genesys system: the environment variable NO_SUCH_SECRET is not set."
    assert answers(case) == dict.fromkeys(("people", "records"), ("UNANSWERED", told))


def test_system_of_an_unknown_kind_is_unanswered_and_keeps_no_other_from_its_search(case, remote):
    make_connection("strange", system="typewriter", name="The typewriter")
    remote.records = [record("r-1")]
    discover(case.pk)
    strange = case.searches.get(connection__slug="strange")
    assert (strange.status, strange.note) == (
        "UNANSWERED", "The typewriter: this version knows no system of its kind.",
    )  # fmt: skip
    assert answers(case)["records"] == ("FOUND", "")


def test_connection_disabled_between_two_searches_is_unanswered(case, connection, remote):
    discover(case.pk)
    SystemConnection.objects.update(enabled=False)
    rediscover(case)
    told = ("UNANSWERED", "The connection is disabled.")
    assert answers(case) == dict.fromkeys(("people", "records"), told)


def test_identifier_of_a_conversation_is_a_lead_that_widens_nothing(case, remote):
    others = case.identifiers.first().as_value()
    who = type(others)(others.kind, "somebody.else@example.org")
    remote.records = [record("r-1", identifiers=(who,))]
    discover(case.pk)
    assert case.identifiers.get(number=1).state == IdentifierState.LEAD
    assert remote.looked == 2  # the address and the name that were given
