"""Voicemail: what the queues show, and a task for the mailboxes no client opens."""

import pytest

from erasure.connectors.base import Control, ItemRef, Presence, Searched, Seen, Unanswered
from erasure.connectors.genesys.part import Beside, Person
from erasure.connectors.genesys.rows import conversation as read
from erasure.connectors.genesys.stores import MANUAL
from erasure.connectors.genesys.voicemail import Voicemail
from erasure.errors import RefusedError
from erasure.values import StoreStatus
from tests.connectors.given import BASE, PLANTED, allow, conversation, with_token

STORE = "voicemail"
TASK = MANUAL[STORE]
NO_USER = {"status": 400, "json": {"code": "not.a.user", "message": PLANTED}}
ODD = [
    {"json": {"message": PLANTED, "code": "internal.server.error", "status": 500}},
    {"json": {"entities": [{"conversation": {"id": "v-1"}}]}},
    {"json": {"entities": [{"id": "m-1"}], "total": 1}},
    {"json": {"entities": [], "total": 4}},
    {"json": []},
    {"body": "<html>"},
    {"body": '{"entities": [{'},
    {"status": 400, "json": {"code": "bad.request"}},
    {"status": 503},
]


def url(queue):
    return f"{BASE}/api/v2/voicemail/queues/{queue}/messages"


def mailbox(queue="", **changed):
    segment = {"segmentType": "voicemail"} | ({"queueId": queue} if queue else {})
    return {"purpose": "voicemail", "sessions": [{"segments": [segment]}]} | changed


def row(key, *boxes):
    given = conversation(key)
    given["participants"][1]["sessions"][0]["segments"] = [{"queueId": "q-9"}]
    given["participants"] += boxes
    return read(given, frozenset())


def person(*rows):
    return Person((), (), (), rows)


def message(key, named="v-1", **changed):
    return {"id": key, "conversation": {"id": named}, "callerAddress": PLANTED} | changed


def listing(*entries):
    return {"entities": list(entries), "total": len(entries)}


@pytest.fixture
def voicemail(genesys):
    return Voicemail(genesys.reading)


def test_no_conversation_that_went_to_voicemail_is_empty_without_a_call(genesys, voicemail):
    assert list(voicemail.collect(person(row("v-1")))) == [Searched(STORE, StoreStatus.EMPTY)]
    assert genesys.http.calls == 0


def test_message_left_in_a_queue_is_found(replies, voicemail):
    rows = (row("v-1", mailbox("q-1")), row("v-2", mailbox("q-1")), row("v-3"))
    with_token(replies)
    replies.get(url("q-1"), json=listing(message("m-1"), message("m-2", "v-9")))
    found, word = voicemail.collect(person(*rows))
    assert (found.remote_id, found.parent_id, found.facts) == ("m-1", "v-1", {"queue": "q-1"})
    assert word == Searched(STORE, StoreStatus.FOUND, 1)
    assert len(replies.calls) == 2


@pytest.mark.parametrize("answer", [NO_USER, {"status": 403, "json": {}}])
def test_queue_closed_to_a_client_is_a_task_for_a_person(replies, voicemail, answer):
    with_token(replies)
    replies.get(url("q-1"), **answer)
    note = "1 of 1 conversations left a message in a mailbox that no interface opens"
    assert list(voicemail.collect(person(row("v-1", mailbox("q-1"))))) == [
        Searched(STORE, StoreStatus.MANUAL, 0, note, TASK)
    ]


@pytest.mark.parametrize("box", [mailbox(), mailbox("q-1", userId="u-1"), {"purpose": "voicemail"}])
def test_mailbox_of_a_user_or_unknown_is_a_task_for_a_person(genesys, voicemail, box):
    [word] = voicemail.collect(person(row("v-1", box)))
    assert (word.status, word.manual) == (StoreStatus.MANUAL, TASK)
    assert genesys.http.calls == 0


def test_what_is_found_does_not_hide_what_cannot_be_looked_into(replies, voicemail):
    with_token(replies)
    replies.get(url("q-1"), json=listing(message("m-1")))
    replies.get(url("q-2"), **NO_USER)
    rows = (row("v-1", mailbox("q-1")), row("v-2", mailbox("q-2")))
    found, word = voicemail.collect(person(*rows))
    assert (found.remote_id, word.status, word.manual) == ("m-1", StoreStatus.FOUND, TASK)


@pytest.mark.parametrize("answer", ODD)
def test_queue_that_cannot_be_read_leaves_the_store_unanswered(replies, voicemail, answer):
    with_token(replies)
    replies.get(url("q-1"), **answer)
    [line] = voicemail.collect(person(row("v-1", mailbox("q-1"))))
    assert isinstance(line, Unanswered)
    assert (line.store, PLANTED in line.reason) == (STORE, False)


def test_message_has_no_erasure_of_its_own(genesys):
    with pytest.raises(RefusedError):
        genesys.erase([ItemRef(STORE, "m-1")], allow)


@pytest.mark.parametrize(
    ("entries", "seen"),
    [
        ([], Seen.ABSENT),
        ([message("m-2")], Seen.ABSENT),
        ([message("m-1")], Seen.PRESENT),
        ([message("m-1", callerAddress="")], Seen.PRESENT),
        ([message("m-1", deleted=True)], Seen.RECOVERABLE),
    ],
)
def test_message_is_looked_for_in_its_queue(replies, genesys, entries, seen):
    with_token(replies)
    replies.get(url("q-1"), json=listing(*entries))
    ref = ItemRef(STORE, "m-1", facts={"queue": "q-1"})
    assert list(genesys.verify([ref], (), ())) == [Presence(ref, seen)]


@pytest.mark.parametrize("facts", [{"queue": "q-1"}, {}])
def test_read_back_of_a_closed_or_unknown_queue_is_refused(replies, genesys, facts):
    with_token(replies)
    replies.assert_all_requests_are_fired = False
    replies.get(url("q-1"), **NO_USER)
    with pytest.raises(RefusedError):
        list(genesys.verify([ItemRef(STORE, "m-1", facts=facts)], (), ()))


def test_control_is_a_queue_that_can_be_read(replies, voicemail):
    with_token(replies)
    replies.get(url("q-9"), json=listing())
    assert voicemail.control(STORE, Beside("d-1", row=row("v-8"))) == "q-9"
    assert voicemail.sees(Control(STORE, "d-1", "q-9")) is True


def test_control_that_answers_with_no_list_is_not_seen(replies, voicemail):
    with_token(replies)
    replies.get(url("q-9"), json={"message": "no"})
    assert voicemail.sees(Control(STORE, "d-1", "q-9")) is False
