"""Recordings in five stores: counted, erased and read back kind by kind."""

import json

import pytest
from responses import matchers

from erasure.connectors.base import (
    Control,
    Found,
    ItemRef,
    JobReport,
    Presence,
    RemoteJob,
    Reply,
    Searched,
    Seen,
    Unanswered,
)
from erasure.connectors.genesys.part import Beside, Person
from erasure.connectors.genesys.rows import conversation as read
from erasure.connectors.genesys.stores import RECORDED
from erasure.errors import BusyError, RefusedError
from erasure.values import JobState, StoreStatus
from tests.connectors.given import BASE, ago, allow, conversation, stamp, with_token

API = f"{BASE}/api/v2"
JOBS = f"{API}/recording/jobs"
PROTECTION = f"{API}/recordings/deletionprotection"


def metadata_url(key):
    return f"{API}/conversations/{key}/recordingmetadata"


def row(key, medium="voice", *, screens=False, recorded=True, **changed):
    """Somebody's conversation over one medium, as analytics tells it, read."""
    given = conversation(key, **changed)
    for participant in given["participants"]:
        for session in participant["sessions"]:
            session["mediaType"] = medium
    agent = given["participants"][1]
    agent["sessions"][0]["recording"] = recorded
    agent["screenRecording"] = screens
    return read(given, frozenset())


def entry(key, media="audio", **changed):
    return {"id": key, "media": media, "fileState": "AVAILABLE"} | changed


def collect(genesys, *rows):
    return list(genesys.recordings.collect(Person((), (), (), rows)))


def found_in(lines):
    return {(one.store, one.remote_id): one.facts for one in lines if isinstance(one, Found)}


def words(lines):
    return {one.store: one for one in lines if not isinstance(one, Found)}


def job_bodies(replies):
    posts = [call.request for call in replies.calls if call.request.method == "POST"]
    return [json.loads(one.body) for one in posts if one.url == JOBS]


def counting(replies, *counts):
    """Recording jobs that are READY with these totals, one after the other."""
    for number, (conversations, recordings) in enumerate(counts):
        url = f"{JOBS}/k-{number}"
        totals = {"totalConversations": conversations, "totalRecordings": recordings}
        replies.post(JOBS, status=202, json={"id": f"k-{number}", "state": "PENDING"})
        replies.get(url, json={"id": f"k-{number}", "state": "READY", **totals})
        replies.delete(url, status=204)


@pytest.mark.parametrize(
    ("recording", "store"),
    [
        (entry("r-1", "audio"), "voice_recordings"),
        (entry("r-1", "Voice"), "voice_recordings"),
        (entry("r-1", "screen"), "screen_recordings"),
        (entry("r-1", "", mediaSubtype="Screen"), "screen_recordings"),
        (entry("r-1", "audio", mediaSubtype="Snippet"), "voice_recordings"),
        (entry("r-1", "chat"), "chat_transcripts"),
        (entry("r-1", "message"), "message_transcripts"),
        (entry("r-1", "messaging"), "message_transcripts"),
        (entry("r-1", "email"), "email_transcripts"),
    ],
)
def test_recording_is_put_in_the_store_of_its_medium(replies, genesys, recording, store):
    with_token(replies)
    replies.get(metadata_url("v-1"), json=[recording])
    replies.post(PROTECTION, json=[])
    lines = collect(genesys, row("v-1"))
    assert found_in(lines) == {(store, "v-1"): {"recordings": 1}}
    assert {one.store for one in words(lines).values() if one.total} == {store}
    assert words(lines).keys() == set(RECORDED)


def test_recording_of_an_unknown_medium_is_voice_and_says_so(replies, genesys):
    with_token(replies)
    replies.get(metadata_url("v-1"), json=[entry("r-1"), entry("r-2", "hologram")])
    replies.post(PROTECTION, json=[])
    facts = {"recordings": 2, "unknown_media": 1}
    assert found_in(collect(genesys, row("v-1"))) == {("voice_recordings", "v-1"): facts}


def test_conversation_of_several_kinds_has_an_item_for_each_erased_by_itself(replies, genesys):
    entries = [entry("r-1", "chat"), entry("r-2", "email"), entry("r-3", "email")]
    with_token(replies)
    replies.get(metadata_url("v-1"), json=entries)
    replies.post(PROTECTION, json=[{"id": "v-1"}])
    lines = collect(genesys, row("v-1"))
    assert found_in(lines) == {
        ("chat_transcripts", "v-1"): {"recordings": 1, "single": True},
        ("email_transcripts", "v-1"): {"recordings": 2, "single": True},
    }
    assert all(one.protected for one in lines if isinstance(one, Found))


def test_call_with_a_screen_goes_by_job_and_the_screen_by_itself(replies, genesys):
    with_token(replies)
    replies.get(metadata_url("v-1"), json=[entry("r-1"), entry("r-2", "screen")])
    replies.post(PROTECTION, json=[])
    assert found_in(collect(genesys, row("v-1", screens=True))) == {
        ("voice_recordings", "v-1"): {"recordings": 1},
        ("screen_recordings", "v-1"): {"recordings": 1, "single": True},
    }


def test_screen_the_row_tells_of_and_nobody_sees_is_said(replies, genesys):
    with_token(replies)
    replies.get(metadata_url("v-1"), json=[])
    note = "1 conversations tell of a recorded screen, and none of it is visible"
    lines = words(collect(genesys, row("v-1", screens=True)))
    assert lines["screen_recordings"] == Searched("screen_recordings", StoreStatus.EMPTY, 0, note)


def test_many_of_one_kind_are_counted_with_and_without_screens(replies, genesys):
    with_token(replies)
    counting(replies, (30, 45), (30, 45))
    replies.post(PROTECTION, json=[])
    found = found_in(collect(genesys, *(row(f"v-{number}", "chat") for number in range(30))))
    assert found.keys() == {("chat_transcripts", f"v-{number}") for number in range(30)}
    assert {facts["bulk_recordings"] for facts in found.values()} == {45}
    bodies = job_bodies(replies)
    assert [body["includeScreenRecordings"] for body in bodies] == [True, False]
    assert all(body["includeRecordingsWithSensitiveData"] for body in bodies)


def test_screen_no_row_tells_of_is_found_by_the_second_count(replies, genesys):
    rows = [row(f"v-{number}") for number in range(26)]
    with_token(replies)
    counting(replies, (26, 27), (26, 26))
    for one in rows[1:]:
        replies.get(metadata_url(one.id), json=[entry("r-1")])
    replies.get(metadata_url("v-0"), json=[entry("r-1"), entry("r-2", "screen")])
    replies.post(PROTECTION, json=[])
    lines = words(collect(genesys, *rows))
    assert (lines["voice_recordings"].total, lines["screen_recordings"].total) == (26, 1)


def test_kinds_are_counted_apart_and_rows_of_several_are_read(replies, genesys):
    calls = [row(f"v-{number}") for number in range(20)]
    mails = [row(f"m-{number}", "email") for number in range(10)]
    mixed = row("x-1", screens=True)
    with_token(replies)
    counting(replies, (10, 10), (10, 10), (20, 20), (20, 20))
    replies.get(metadata_url("x-1"), json=[entry("r-1"), entry("r-2", "screen")])
    replies.post(PROTECTION, json=[])
    lines = words(collect(genesys, *calls, mixed, *mails))
    totals = {name: line.total for name, line in lines.items() if line.total}
    assert totals == {"voice_recordings": 21, "screen_recordings": 1, "email_transcripts": 10}


@pytest.mark.parametrize(
    "answer",
    [
        {"json": {"message": "failed", "code": "internal", "status": 500}},
        {"json": [{"media": "audio"}]},
        {"json": ["r-1"]},
        {"body": "<html>Sorry</html>"},
        {"body": '[{"id": "r-'},
        {"status": 403, "json": {}},
        {"status": 503},
    ],
)
def test_metadata_outside_its_schema_leaves_all_five_unanswered(replies, genesys, answer):
    with_token(replies)
    replies.get(metadata_url("v-1"), **answer)
    lines = collect(genesys, row("v-1"))
    assert [one.store for one in lines if isinstance(one, Unanswered)] == list(RECORDED)
    assert len(lines) == 5


@pytest.mark.parametrize("state", ["ARCHIVED", "RESTORING", "ERROR", "HIBERNATING", ""])
def test_recording_in_any_state_but_deleted_is_still_there(replies, genesys, state):
    with_token(replies)
    replies.get(metadata_url("v-1"), json=[entry("r-1", fileState=state)])
    ref = ItemRef("voice_recordings", "v-1")
    assert list(genesys.verify([ref], (), ())) == [Presence(ref, Seen.PRESENT)]


# Erasing


def test_one_kind_erased_by_itself_leaves_the_others_alone(replies, genesys, guard):
    entries = [entry("r-1"), entry("r-2", "screen"), entry("r-3", "screen", fileState="DELETED")]
    with_token(replies)
    replies.get(metadata_url("v-1"), json=entries)
    cleared = matchers.query_param_matcher({"clearExport": "true"})
    replies.put(f"{API}/conversations/v-1/recordings/r-2", json={}, match=[cleared])
    [answer] = genesys.erase([ItemRef("screen_recordings", "v-1", facts={"single": True})], guard)
    assert (answer.reply, guard.asked) == (Reply.ACCEPTED, [["v-1"]])


@pytest.mark.parametrize(
    ("store", "screens"),
    [
        ("voice_recordings", False),
        ("chat_transcripts", False),
        ("message_transcripts", False),
        ("email_transcripts", False),
        ("screen_recordings", True),
    ],
)
def test_job_takes_screens_along_only_for_screens(replies, genesys, store, screens):
    with_token(replies)
    replies.post(JOBS, status=202, json={"id": "k-1"})
    [answer] = genesys.erase([ItemRef(store, "v-1", occurred_at=ago(days=30))], allow)
    assert answer.remote_job == "k-1"
    assert [body["includeScreenRecordings"] for body in job_bodies(replies)] == [screens]


@pytest.mark.parametrize("body", ["<html>", '{"id": ', "[]", '{"message": "no"}'])
def test_job_whose_answer_cannot_be_read_erases_nothing(replies, genesys, body):
    with_token(replies)
    replies.post(JOBS, status=202, body=body)
    [answer] = genesys.erase([ItemRef("chat_transcripts", "v-1")], allow)
    assert isinstance(answer.error, RefusedError)


def test_screen_job_that_would_take_a_call_along_is_cancelled(replies, genesys, guard):
    refs = (ItemRef("screen_recordings", "v-1", facts={"recordings": 1}),)
    with_token(replies)
    totals = {"totalConversations": 1, "totalRecordings": 2}
    replies.get(f"{JOBS}/k-1", json={"id": "k-1", "state": "READY", **totals})
    replies.delete(f"{JOBS}/k-1", status=204)
    report = genesys.poll(RemoteJob("recording_delete", "k-1", refs), guard)
    assert report == JobReport(JobState.ERROR, "READY", "matched more than the inventory")
    assert guard.asked == []


@pytest.mark.parametrize("totals", [{}, {"totalSkippedRecordings": 0}])
def test_job_that_ends_without_totals_has_done_nothing(replies, genesys, totals):
    refs = (ItemRef("chat_transcripts", "v-1", facts={"recordings": 1}),)
    with_token(replies)
    replies.get(f"{JOBS}/k-1", json={"id": "k-1", "state": "FULFILLED", **totals})
    report = genesys.poll(RemoteJob("recording_delete", "k-1", refs), allow)
    assert report.undone == {"v-1"}


# Reading back


def test_kind_that_is_gone_is_absent_though_another_is_left(replies, genesys):
    with_token(replies)
    replies.get(metadata_url("v-1"), json=[entry("r-1")])
    voice, screen = ItemRef("voice_recordings", "v-1"), ItemRef("screen_recordings", "v-1")
    assert list(genesys.verify([voice], (), ())) == [Presence(voice, Seen.PRESENT)]
    assert list(genesys.verify([screen], (), ())) == [Presence(screen, Seen.ABSENT)]


def test_recount_of_a_kind_leaves_screens_out(replies, genesys):
    facts = {"bulk": "a1", "bulk_recordings": 12}
    refs = [
        ItemRef("email_transcripts", f"v-{number}", facts=facts, occurred_at=ago(days=30))
        for number in range(12)
    ]
    with_token(replies)
    counting(replies, (0, 0))
    for ref in refs[::4]:
        replies.get(metadata_url(ref.remote_id), json=[])
    assert {one.seen for one in genesys.verify(refs, (), ())} == {Seen.ABSENT}
    assert [body["includeScreenRecordings"] for body in job_bodies(replies)] == [False]


# Controls


def test_control_has_a_recording_of_the_very_kind(replies, genesys):
    with_token(replies)
    replies.get(metadata_url("v-8"), json=[entry("r-1", "chat")])
    beside = Beside("d-1", row=row("v-8", "chat"))
    stores = ("chat_transcripts", "email_transcripts")
    assert [genesys.recordings.control(one, beside) for one in stores] == ["v-8", ""]
    assert genesys.sees(Control("chat_transcripts", "d-1", "v-8")) is True
    assert genesys.sees(Control("email_transcripts", "d-1", "v-8")) is False


def test_upload_of_another_kind_keeps_nothing_waiting(replies, genesys):
    entries = [entry("r-1", "screen", fileState="UPLOADING"), entry("r-2")]
    with_token(replies)
    replies.get(metadata_url("v-1"), json=entries)
    replies.put(f"{API}/conversations/v-1/recordings/r-2", json={})
    voice, screen = (
        ItemRef(store, "v-1", facts={"single": True})
        for store in ("voice_recordings", "screen_recordings")
    )
    [done] = genesys.erase([voice], allow)
    [waits] = genesys.erase([screen], allow)
    assert done.reply is Reply.ACCEPTED
    assert isinstance(waits.error, BusyError)


def test_young_conversation_is_read_even_among_many(replies, genesys):
    now = stamp(ago(hours=3))
    young = row("y-1", conversationStart=now, conversationEnd=now)
    with_token(replies)
    counting(replies, (26, 26), (26, 26))
    replies.get(metadata_url("y-1"), json=[entry("r-1")])
    replies.post(PROTECTION, json=[])
    found = found_in(collect(genesys, young, *(row(f"v-{number}") for number in range(26))))
    assert found["voice_recordings", "y-1"] == {"recordings": 1, "single": True}
    assert len(found) == 27
