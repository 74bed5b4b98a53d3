"""A hold on one of forty conversations, seen in the sandbox's own record."""

import pytest

from erasure import clock
from erasure.cases import refusals
from erasure.holds import conversation_index
from erasure.values import HoldScope, ItemState, Step
from tests.execution.test_holds import place
from tests.world import DAY, HOUR, OPTIONS, TO_THE_END, World, again, no_naps, states

TALKS = 40
BLOCKED = "BLOCKED_BY_HOLD: only the vendor's subject-wide job erases it, and that knows no hold."
NATIVE = ("gdpr_subjects", "conversations", "participant_attributes", "conversation_summaries",
          "surveys", "voicemail", "journey_sessions")  # fmt: skip
GONE = ("voice_recordings", "screen_recordings", "chat_transcripts", "message_transcripts",
        "email_transcripts", "evaluations", "calibrations", "speech_transcripts")  # fmt: skip


@pytest.fixture
def world(served, moving, monkeypatch, db):
    no_naps(monkeypatch)
    served.app.reset("demo", OPTIONS | {"talks": TALKS})
    return World(served.app, served.url)


def kept(world, key):
    """Stores and ids that the vendor truly holds of one conversation."""
    rows = world.app.holdings("maria")
    return sorted((r["store"], r["remote_id"]) for r in rows if r.get("parent_id") == key)


def left(world, *stores):
    """Conversations of which the vendor truly holds something in these stores."""
    rows = world.app.holdings("maria")
    return {row.get("parent_id", "") for row in rows if row["store"] in stores}


def fullest(world):
    """The conversation with a recording, a transcript, a summary and an evaluation."""
    wanted = {"voice_recordings", "speech_transcripts", "conversation_summaries", "evaluations"}
    talks = {row.get("parent_id", "") for row in world.app.holdings("maria")}
    [key] = [key for key in talks if wanted <= {store for store, _ in kept(world, key)}]
    return key


def hold(world, key):
    place(world.legal, HoldScope.CONVERSATION, conversations=[(world.genesys, key)])


def protected(world):
    return {key for key, talk in world.org.conversations.items() if talk.protected}


def check_end(world, case, key, before, others):
    """What the vendor holds is the held conversation, and what no call reaches without its job."""
    assert kept(world, key) == before
    assert left(world, *GONE) == {key}
    assert left(world, "orphan_recordings") == set()
    assert protected(world) == {key}
    assert world.org.gdpr_requests == {}
    assert world.rows(but="maria") == others
    native = case.items.filter(store__in=NATIVE)
    assert {item.state for item in native} == {ItemState.HELD}
    reasons = {item.reason for item in native if item.locator["parent_id"] != key}
    assert reasons == {BLOCKED}
    assert {i.locator["parent_id"] for i in case.items.filter(store__in=GONE, state="HELD")} == {
        key
    }
    assert set(states(case, *GONE)) == {ItemState.HELD, ItemState.ERASED}


def test_hold_on_one_of_forty_keeps_it_whole_and_lets_the_rest_go(world):
    case = world.answered(world.searched("maria"))
    assert case.items.filter(store="conversations").count() == TALKS
    key = fullest(world)
    before, others = kept(world, key), world.rows(but="maria")
    hold(world, key)
    assert (
        "The genesys-eu: 1 held conversation is not yet under its own deletion protection. "
        "It is being asked for."
    ) in refusals(again(case), Step.APPROVE, world.dpo)
    case = world.live(world.approve(case), *TO_THE_END, *[DAY] * 4)
    check_end(world, case, key, before, others)
    assert world.calls("POST", "/gdpr/requests") == 0
    assert world.answer(case).state == "PARTIAL_HOLD"


def test_hold_on_one_of_forty_that_comes_in_mid_run_keeps_it_whole(world):
    case = world.executing("maria")
    world.options(job_step_seconds=600)
    native = case.items.filter(store="gdpr_subjects")
    native.update(next_try=clock.now() + HOUR)  # its turn has not come
    key = fullest(world)
    before, others = kept(world, key), world.rows(but="maria")
    case.items.filter(parent_index=conversation_index("genesys-eu", key)).update(
        next_try=clock.now() + HOUR
    )
    case = world.work(case)
    assert states(case, "evaluations")[ItemState.ERASED] > 0
    assert {job.state for job in world.org.jobs.values()} != set()
    hold(world, key)
    case = world.live(case, *TO_THE_END, *[DAY] * 4)
    check_end(world, again(case), key, before, others)
