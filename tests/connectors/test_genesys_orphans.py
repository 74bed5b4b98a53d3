"""Orphan recordings: matched by the conversation they name, deleted one by one."""

import pytest
from responses import matchers

from erasure.connectors.base import (
    Control,
    Erased,
    Found,
    ItemRef,
    NotErased,
    Presence,
    Reply,
    Searched,
    Seen,
    Unanswered,
)
from erasure.connectors.genesys.orphans import NOTE, Orphans
from erasure.connectors.genesys.part import Beside, Person
from erasure.connectors.genesys.rows import conversation as read
from erasure.errors import RefusedError, StoppedError
from erasure.values import StoreStatus
from tests.connectors.given import BASE, PLANTED, allow, conversation, with_token

LISTING = f"{BASE}/api/v2/orphanrecordings"
DETAILS = f"{BASE}/api/v2/analytics/conversations/details"
REF = ItemRef("orphan_recordings", "o-1", parent_id="v-1")


@pytest.fixture
def orphans(genesys):
    return Orphans(genesys.reading, genesys.http)


def row(key):
    return read(conversation(key), frozenset())


def collect(orphans, *keys):
    return list(orphans.collect(Person((), (), (), tuple(map(row, keys)))))


def orphan(key, named="v-1", **changed):
    recording = {"recording": {"id": key, "conversationId": named}} if named else {}
    return {"id": key, "fileState": "AVAILABLE", **recording} | changed


def page(number, **extra):
    return [matchers.query_param_matcher({"pageSize": "100", "pageNumber": number, **extra})]


def test_orphan_that_names_a_conversation_of_the_person_is_theirs(replies, orphans):
    entries = [orphan("o-1"), orphan("o-2", "v-9"), orphan("o-3", fileState="DELETED")]
    with_token(replies)
    replies.get(LISTING, json={"entities": entries, "total": 3})
    found, word = collect(orphans, "v-1", "v-2")
    assert (found.remote_id, found.parent_id, found.division) == ("o-1", "v-1", "d-1")
    assert word == Searched("orphan_recordings", StoreStatus.FOUND, 1, NOTE)
    assert replies.calls[1].request.params["hasConversation"] == "true"


def test_orphan_of_an_associated_conversation_is_theirs(replies, orphans):
    entry = orphan("o-1", "v-9")
    entry["recording"]["associatedConversationIds"] = ["v-8", "v-1"]
    with_token(replies)
    replies.get(LISTING, json={"entities": [entry], "total": 1})
    assert [one.parent_id for one in collect(orphans, "v-1") if isinstance(one, Found)] == ["v-1"]


def test_orphan_the_list_leaves_bare_is_read_by_itself(replies, orphans):
    with_token(replies)
    replies.get(LISTING, json={"entities": [orphan("o-1", ""), orphan("o-2", "")], "total": 2})
    replies.get(f"{LISTING}/o-1", json=orphan("o-1"))
    replies.get(f"{LISTING}/o-2", status=404, json={})
    assert [one.store for one in collect(orphans, "v-1")] == ["orphan_recordings"] * 2


def test_without_conversations_no_orphan_can_be_the_persons(genesys, orphans):
    assert collect(orphans) == [Searched("orphan_recordings", StoreStatus.EMPTY, 0, NOTE)]
    assert genesys.http.calls == 0


def test_every_page_of_orphans_is_read(replies, orphans):
    first = [orphan(f"o-{number}", "v-9") for number in range(100)]
    known = {"hasConversation": "true"}
    with_token(replies)
    replies.get(LISTING, json={"entities": first, "total": 101}, match=page("1", **known))
    replies.get(LISTING, json={"entities": [orphan("o-x")], "total": 101}, match=page("2", **known))
    assert [one.remote_id for one in collect(orphans, "v-1") if isinstance(one, Found)] == ["o-x"]


@pytest.mark.parametrize(
    "answer",
    [
        {"json": {"entities": [orphan("o-9", "v-9")], "total": 501}},
        {"json": {"entities": [{"fileState": "AVAILABLE"}], "total": 1}},
        {"json": {"entities": {}}},
        {"json": {"code": "internal.server.error", "status": 500, "message": PLANTED}},
        {"json": []},
        {"body": "<html>"},
        {"body": '{"entities": ['},
        {"status": 403, "json": {}},
        {"status": 503, "json": {}},
    ],
)
def test_list_that_may_be_incomplete_leaves_orphans_unanswered(replies, orphans, answer):
    with_token(replies)
    replies.get(LISTING, **answer)
    [line] = collect(orphans, "v-1")
    assert isinstance(line, Unanswered)
    assert (line.store, PLANTED in line.reason) == ("orphan_recordings", False)


@pytest.mark.parametrize("told", [orphan("o-1", ""), {"id": "o-2"}, {}])
def test_orphan_that_never_says_whose_it_is_leaves_the_store_unanswered(replies, orphans, told):
    with_token(replies)
    replies.get(LISTING, json={"entities": [orphan("o-1", "")], "total": 1})
    replies.get(f"{LISTING}/o-1", json=told)
    [line] = collect(orphans, "v-1")
    assert isinstance(line, Unanswered)


@pytest.mark.parametrize(("status", "reply"), [(200, Reply.DONE), (404, Reply.ALREADY_GONE)])
def test_orphan_is_deleted_after_the_guard(replies, orphans, guard, status, reply):
    with_token(replies)
    replies.delete(f"{LISTING}/o-1", status=status, json={"name": PLANTED})
    [answer] = orphans.erase([REF], guard)
    assert (answer, guard.asked) == (Erased(REF, reply, status), [["o-1"]])
    assert PLANTED not in repr(answer)


def test_orphan_the_guard_stops_is_not_deleted(replies, orphans):
    with_token(replies)

    def stop(refs):
        raise StoppedError("a hold covers it", held=True)

    [answer] = orphans.erase([REF], stop)
    assert isinstance(answer, NotErased)
    assert len(replies.calls) == 1


@pytest.mark.parametrize(
    ("answer", "seen"),
    [
        ({"status": 404, "json": {}}, Presence(REF, Seen.ABSENT, 404)),
        ({"json": orphan("o-1", fileState="DELETED")}, Presence(REF, Seen.ABSENT, 200)),
        ({"json": orphan("o-1")}, Presence(REF, Seen.PRESENT, 200)),
        ({"json": orphan("o-1", fileState="FROZEN")}, Presence(REF, Seen.PRESENT, 200)),
    ],
)
def test_orphan_is_read_by_its_id(replies, orphans, answer, seen):
    with_token(replies)
    replies.get(f"{LISTING}/o-1", **answer)
    assert list(orphans.verify([REF], (), ())) == [seen]


@pytest.mark.parametrize(
    "answer", [{"json": {"message": "no"}}, {"body": "<html>"}, {"body": '{"id": "o'}]
)
def test_orphan_whose_answer_is_no_orphan_is_refused(replies, orphans, answer):
    with_token(replies)
    replies.get(f"{LISTING}/o-1", **answer)
    with pytest.raises(RefusedError):
        list(orphans.verify([REF], (), ()))


def test_control_is_a_conversation_beside_a_list_that_answers(replies, orphans):
    with_token(replies)
    replies.get(LISTING, json={"entities": [], "total": 0})
    replies.get(DETAILS, json={"conversations": [conversation("v-8")]})
    beside = Beside("d-1", row=row("v-8"))
    assert orphans.control("orphan_recordings", beside) == "v-8"
    assert orphans.sees(Control("orphan_recordings", "d-1", "v-8")) is True


def test_control_out_of_sight_proves_nothing(replies, orphans):
    with_token(replies)
    replies.get(LISTING, json={"entities": [], "total": 0})
    replies.get(DETAILS, json={})
    assert orphans.sees(Control("orphan_recordings", "d-1", "v-8")) is False


def test_control_without_a_permission_is_refused(replies, orphans):
    with_token(replies)
    replies.get(LISTING, status=403, json={})
    with pytest.raises(RefusedError):
        orphans.sees(Control("orphan_recordings", "d-1", "v-8"))


def test_orphans_are_erased_by_the_connector(replies, genesys):
    with_token(replies)
    replies.delete(f"{LISTING}/o-1", json={})
    assert [one.reply for one in genesys.erase([REF], allow)] == [Reply.DONE]
