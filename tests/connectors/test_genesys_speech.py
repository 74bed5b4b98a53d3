"""Speech and text analytics: asked one by one or not at all, gone with the recording."""

import pytest

from erasure.connectors.base import (
    Control,
    Erased,
    Found,
    ItemRef,
    Presence,
    Reply,
    Searched,
    Seen,
    Unanswered,
)
from erasure.connectors.genesys import Genesys
from erasure.connectors.genesys.options import Options
from erasure.connectors.genesys.part import Beside, Person
from erasure.connectors.genesys.rows import conversation as read
from erasure.connectors.genesys.speech import Speech
from erasure.errors import BusyError, RefusedError
from erasure.values import StoreStatus
from tests.connectors.given import BASE, PLANTED, account, allow, conversation, with_token

STORE = "speech_transcripts"
ODD = [
    {"json": {"message": PLANTED, "code": "internal.server.error", "status": 500}},
    {"json": {"conversation": {"id": "v-9"}}},
    {"json": {"conversation": "v-1"}},
    {"json": []},
    {"body": "<html>"},
    {"body": '{"conversation": {'},
]


def url(key):
    return f"{BASE}/api/v2/speechandtextanalytics/conversations/{key}"


def told(key, **changed):
    return {"conversation": {"id": key}, "sentimentScore": 0.4} | changed


def row(key, medium="voice", **changed):
    given = conversation(key, **changed)
    for participant in given["participants"]:
        for session in participant["sessions"]:
            session["mediaType"] = medium
    return read(given, frozenset())


def person(*rows):
    return Person((), (), (), rows)


@pytest.fixture
def speech(genesys):
    return Speech(genesys.reading, genesys.options)


def test_few_conversations_are_asked_one_by_one(replies, speech):
    with_token(replies)
    replies.get(url("v-1"), json=told("v-1", sentimentTrendClass="Ecstatic"))
    replies.get(url("v-2"), status=404, json={})
    found, word = speech.collect(person(row("v-1"), row("v-2"), row("v-3", "screenshare")))
    assert (found.remote_id, found.parent_id, found.division) == ("v-1", "v-1", "d-1")
    assert word == Searched(STORE, StoreStatus.FOUND, 1)


def test_many_conversations_cost_no_call_and_each_may_have_one(genesys, speech):
    rows = [row(f"v-{number}") for number in range(10_000)]
    lines = list(speech.collect(person(*rows, row("x-1", "cobrowse"))))
    found, word = lines[:-1], lines[-1]
    assert {one.remote_id for one in found} == {one.id for one in rows}
    assert all(one.facts == {"unasked": True} for one in found)
    assert (word.status, word.total) == (StoreStatus.FOUND, 10_000)
    assert "may have one" in word.note
    assert genesys.http.calls == 0


def test_feature_declared_absent_is_not_asked_for_and_says_who_declared_it(limiter):
    options = {"absent_stores": f"surveys, {STORE}"}
    genesys = Genesys(account(options=options), limiter)
    speech = Speech(genesys.reading, genesys.options)
    [word] = speech.collect(person(row("v-1")))
    declared = "declared absent in the settings of this connection"
    assert word == Searched(STORE, StoreStatus.NOT_PRESENT, note=declared)
    assert genesys.http.calls == 0


def test_feature_is_asked_for_unless_declared_absent():
    assert [Options().absent(STORE), Options(absent_stores="speech").absent(STORE)] == [False] * 2


@pytest.mark.parametrize("answer", [*ODD, {"status": 403, "json": {}}, {"status": 429}])
def test_answer_that_says_nothing_leaves_the_store_unanswered(replies, speech, answer):
    with_token(replies)
    replies.get(url("v-1"), **answer)
    [line] = speech.collect(person(row("v-1")))
    assert isinstance(line, Unanswered)
    assert (line.store, line.again) == (STORE, answer.get("status") == 429)
    assert PLANTED not in line.reason


def test_missing_permission_is_named(replies, speech):
    with_token(replies)
    replies.get(url("v-1"), status=403, json={"code": "not.authorized"})
    [line] = speech.collect(person(row("v-1")))
    assert "speechAndTextAnalytics:data:view" in line.reason


@pytest.mark.parametrize(("status", "reply"), [(200, Reply.ACCEPTED), (404, Reply.ALREADY_GONE)])
def test_erasing_only_looks(replies, genesys, guard, status, reply):
    with_token(replies)
    replies.get(url("v-1"), status=status, json=told("v-1"))
    ref = ItemRef(STORE, "v-1")
    assert list(genesys.erase([ref], guard)) == [Erased(ref, reply, status)]
    assert guard.asked == []


def test_erasing_what_was_never_asked_about_costs_no_call(genesys):
    ref = ItemRef(STORE, "v-1", facts={"unasked": True})
    assert list(genesys.erase([ref], allow)) == [Erased(ref, Reply.ACCEPTED, 0)]
    assert genesys.http.calls == 0


@pytest.mark.parametrize(("status", "seen"), [(200, Seen.PRESENT), (404, Seen.ABSENT)])
@pytest.mark.parametrize("facts", [{}, {"unasked": True}])
def test_each_is_read_back(replies, genesys, status, seen, facts):
    with_token(replies)
    replies.get(url("v-1"), status=status, json=told("v-1"))
    ref = ItemRef(STORE, "v-1", facts=facts)
    assert list(genesys.verify([ref], (), ())) == [Presence(ref, seen, status)]


@pytest.mark.parametrize("answer", [*ODD, {"status": 403, "json": {}}])
def test_read_back_that_says_nothing_is_refused(replies, genesys, answer):
    with_token(replies)
    replies.get(url("v-1"), **answer)
    with pytest.raises(RefusedError):
        list(genesys.verify([ItemRef(STORE, "v-1")], (), ()))


def test_read_back_while_busy_is_for_later(replies, genesys):
    with_token(replies)
    replies.get(url("v-1"), status=503)
    with pytest.raises(BusyError):
        list(genesys.verify([ItemRef(STORE, "v-1")], (), ()))


@pytest.mark.parametrize(("status", "expected"), [(200, "v-8"), (404, "")])
def test_control_is_a_conversation_that_has_one(replies, speech, status, expected):
    with_token(replies)
    replies.get(url("v-8"), status=status, json=told("v-8"))
    assert speech.control(STORE, Beside("d-1", row=row("v-8"))) == expected
    assert speech.sees(Control(STORE, "d-1", "v-8")) is bool(expected)


def test_found_items_tell_nothing_of_the_person(speech):
    lines = speech.collect(person(*(row(f"v-{number}") for number in range(26))))
    assert {one.label for one in lines if isinstance(one, Found)} == {""}
