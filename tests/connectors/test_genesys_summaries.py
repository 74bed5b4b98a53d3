"""Summaries: found where they are, read back until nothing of the person is left."""

import pytest

from erasure.connectors.base import Control, ItemRef, Presence, Searched, Seen, Unanswered
from erasure.connectors.genesys.part import Beside, Person
from erasure.connectors.genesys.rows import conversation as read
from erasure.connectors.genesys.summaries import Summaries
from erasure.errors import RefusedError
from erasure.values import Identifier, IdentifierKind, StoreStatus
from tests.connectors.given import BASE, PLANTED, allow, conversation, with_token

STORE = "conversation_summaries"
TEXT = f"Ada Beispiel asked for a copy to {PLANTED}."
WHO = (Identifier(IdentifierKind.EMAIL, PLANTED),)
NAMES = ("Ada Beispiel",)
ODD = [
    {"json": {"message": PLANTED, "code": "internal.server.error", "status": 500}},
    {"json": {}},
    {"json": {"conversation": {"id": "v-9"}, "summary": {"text": "x"}}},
    {"json": {"conversation": {"id": "v-1"}, "sessionSummaries": "none"}},
    {"json": []},
    {"body": "<html>"},
    {"body": '{"conversation": {"id"'},
]


def url(key):
    return f"{BASE}/api/v2/conversations/{key}/summaries"


def told(key, text="", session=""):
    body = {"conversation": {"id": key}, "sessionSummaries": []}
    made = {"id": "s-1", "status": "Pondering", "mediaType": "Call", "language": "en-gb"}
    body |= {"summary": {**made, "text": text, "confidence": 0.9}} if text else {}
    body["sessionSummaries"] += [{**made, "reason": {"text": session}}] if session else []
    return body


def row(key):
    return read(conversation(key), frozenset())


def person(count=1):
    return Person((), (), (), tuple(row(f"v-{number + 1}") for number in range(count)))


@pytest.fixture
def summaries(genesys):
    return Summaries(genesys.reading, genesys.options)


def test_conversations_with_a_summary_are_found_without_its_words(replies, summaries):
    with_token(replies)
    replies.get(url("v-1"), json=told("v-1", TEXT))
    replies.get(url("v-2"), json=told("v-2", session="Wrote."))
    replies.get(url("v-3"), json=told("v-3"))
    replies.get(url("v-4"), status=404, json={})
    *found, word = summaries.collect(person(4))
    assert [(one.remote_id, one.parent_id, one.facts) for one in found] == [
        ("v-1", "v-1", {"characters": len(TEXT)}),
        ("v-2", "v-2", {"characters": 6}),
    ]
    assert word == Searched(STORE, StoreStatus.FOUND, 2)


def test_many_conversations_cost_no_call(genesys, summaries):
    *found, word = summaries.collect(person(10_000))
    assert (len(found), word.total, genesys.http.calls) == (10_000, 10_000, 0)
    assert {tuple(one.facts.items()) for one in found} == {(("unasked", True),)}


@pytest.mark.parametrize("answer", [*ODD, {"status": 403, "json": {}}, {"status": 503}])
def test_answer_that_says_nothing_leaves_the_store_unanswered(replies, summaries, answer):
    with_token(replies)
    replies.get(url("v-1"), **answer)
    [line] = summaries.collect(person())
    assert isinstance(line, Unanswered)
    assert (line.store, PLANTED in line.reason) == (STORE, False)


def test_summary_has_no_erasure_of_its_own(genesys):
    with pytest.raises(RefusedError):
        genesys.erase([ItemRef(STORE, "v-1")], allow)


KNOWN = {"characters": len(TEXT)}


@pytest.mark.parametrize(
    ("facts", "answer", "seen"),
    [
        (KNOWN, {"status": 404, "json": {}}, Seen.ABSENT),
        (KNOWN, {"json": told("v-1")}, Seen.ABSENT),
        (KNOWN, {"json": told("v-1", " ")}, Seen.REDACTED),
        (KNOWN, {"json": told("v-1", "A customer asked for a copy.")}, Seen.REDACTED),
        (KNOWN, {"json": told("v-1", TEXT)}, Seen.PRESENT),
        (KNOWN, {"json": told("v-1", f"Copy to {PLANTED}")}, Seen.PRESENT),
        (KNOWN, {"json": told("v-1", "x" * len(TEXT))}, Seen.PRESENT),
        (KNOWN, {"json": told("v-1", session="Called by Ada Beispiel")}, Seen.PRESENT),
        ({"unasked": True}, {"json": told("v-1", "A customer asked.")}, Seen.PRESENT),
        ({"unasked": True}, {"json": told("v-1")}, Seen.ABSENT),
    ],
)
def test_summary_is_redacted_only_when_changed_and_free_of_the_person(
    replies, genesys, facts, answer, seen
):
    with_token(replies)
    replies.get(url("v-1"), **answer)
    ref = ItemRef(STORE, "v-1", facts=facts)
    assert list(genesys.verify([ref], WHO, NAMES)) == [Presence(ref, seen)]


@pytest.mark.parametrize("answer", [*ODD, {"status": 403, "json": {}}])
def test_read_back_that_says_nothing_is_refused(replies, genesys, answer):
    with_token(replies)
    replies.get(url("v-1"), **answer)
    with pytest.raises(RefusedError) as caught:
        list(genesys.verify([ItemRef(STORE, "v-1")], WHO, NAMES))
    assert PLANTED not in str(caught.value)


@pytest.mark.parametrize(("status", "expected"), [(200, "v-8"), (404, "")])
def test_control_is_a_conversation_that_can_be_asked(replies, summaries, status, expected):
    with_token(replies)
    replies.get(url("v-8"), status=status, json=told("v-8"))
    assert summaries.control(STORE, Beside("d-1", row=row("v-8"))) == expected
    assert summaries.sees(Control(STORE, "d-1", "v-8")) is bool(expected)
