"""Jobs at the vendor: where they stand, started only when they match the inventory."""

import pytest

from erasure.connectors.base import ItemRef, JobReport, RemoteJob
from erasure.errors import BusyError, RefusedError, StoppedError
from erasure.values import JobState
from tests.connectors.given import BASE, PLANTED, ago, allow, with_token

API = f"{BASE}/api/v2"
REQUEST = f"{API}/gdpr/requests/g-1"
JOB = f"{API}/recording/jobs/k-1"
FAILED = f"{JOB}/failedrecordings"
NATIVE = RemoteJob("gdpr_delete", "g-1", (ItemRef("gdpr_subjects", "externalContactId:c-1"),))


def recording(key, facts):
    return ItemRef("voice_recordings", key, parent_id=key, facts=facts, occurred_at=ago(days=30))


REFS = (recording("v-1", {"recordings": 2}), recording("v-2", {"recordings": 1}))
BULK = RemoteJob("recording_delete", "k-1", REFS)


def job(state, conversations=2, recordings=3, **changed):
    totals = {"totalConversations": conversations, "totalRecordings": recordings}
    return {"id": "k-1", "state": state, **totals, **changed}


def methods(replies):
    return [call.request.method for call in replies.calls[1:]]


@pytest.mark.parametrize(
    ("word", "state", "reason"),
    [
        ("INITIATED", JobState.RUNNING, ""),
        ("SEARCHING", JobState.RUNNING, ""),
        ("UPDATING", JobState.RUNNING, ""),
        ("DELETING", JobState.RUNNING, ""),
        ("FINALIZING", JobState.RUNNING, ""),
        ("COMPLETED", JobState.DONE, ""),
        ("ERROR", JobState.ERROR, "the vendor ended the request with an error"),
        ("REDACTING", JobState.RUNNING, "unknown status"),
        ("", JobState.RUNNING, "unknown status"),
    ],
)
def test_native_job_reports_the_vendors_word(replies, genesys, word, state, reason):
    with_token(replies)
    replies.get(REQUEST, json={"id": "g-1", "status": word, "subject": {"name": PLANTED}})
    assert genesys.poll(NATIVE, allow) == JobReport(state, word, reason)


def test_native_job_the_vendor_does_not_know_is_lost(replies, genesys):
    with_token(replies)
    replies.get(REQUEST, status=404, json={})
    report = genesys.poll(NATIVE, allow)
    assert (report.state, report.http_status) == (JobState.LOST, 404)


def test_native_job_cannot_be_cancelled(genesys):
    assert genesys.cancel(NATIVE) is False


def test_job_that_is_ready_and_matches_is_started_after_the_guard(replies, genesys, guard):
    with_token(replies)
    replies.get(JOB, json=job("READY"))
    replies.put(JOB, json=job("PROCESSING"))
    assert genesys.poll(BULK, guard) == JobReport(JobState.RUNNING, "PROCESSING")
    assert replies.calls[2].request.body == b'{"state": "PROCESSING"}'
    assert guard.asked == [["v-1", "v-2"]]


def test_job_the_guard_stops_is_not_started(replies, genesys):
    with_token(replies)
    replies.get(JOB, json=job("READY"))

    def stop(refs):
        raise StoppedError("a hold covers it", held=True)

    with pytest.raises(StoppedError):
        genesys.poll(BULK, stop)
    assert methods(replies) == ["GET"]


@pytest.mark.parametrize(("conversations", "recordings"), [(3, 3), (2, 4), (300, 3)])
def test_job_that_matches_more_than_the_inventory_is_cancelled(
    replies, genesys, guard, conversations, recordings
):
    with_token(replies)
    replies.get(JOB, json=job("READY", conversations, recordings))
    replies.delete(JOB, status=204)
    report = genesys.poll(BULK, guard)
    assert report == JobReport(JobState.ERROR, "READY", "matched more than the inventory")
    assert (methods(replies), guard.asked) == (["GET", "DELETE"], [])


def test_group_counted_once_counts_once(replies, genesys, guard):
    facts = {"bulk": "a1", "bulk_recordings": 5}
    refs = tuple(recording(key, facts) for key in ("v-1", "v-2", "v-3"))
    with_token(replies)
    replies.get(JOB, json=job("READY", 3, 6))
    replies.delete(JOB, status=204)
    report = genesys.poll(RemoteJob("recording_delete", "k-1", refs), guard)
    assert report.reason == "matched more than the inventory"


@pytest.mark.parametrize("missing", ["totalConversations", "totalRecordings"])
def test_job_that_tells_no_totals_is_not_started(replies, genesys, missing):
    with_token(replies)
    replies.get(JOB, json=job("READY", **{missing: None}))
    with pytest.raises(RefusedError):
        genesys.poll(BULK, allow)
    assert methods(replies) == ["GET"]


def test_job_that_matches_nothing_is_cancelled_and_done(replies, genesys):
    with_token(replies)
    replies.get(JOB, json=job("READY", 0, 0))
    replies.delete(JOB, status=204)
    for key in ("v-1", "v-2"):
        replies.get(f"{API}/conversations/{key}/recordingmetadata", json=[])
    assert genesys.poll(BULK, allow) == JobReport(JobState.DONE, "READY", "nothing left to erase")


@pytest.mark.parametrize(
    ("record", "word"), [(job("READY", 0, 0), "READY"), (job("FULFILLED", 1, 2), "FULFILLED")]
)
def test_what_a_job_did_not_match_is_undone_and_goes_one_by_one(replies, genesys, record, word):
    """The vendor matches a recording up to 48 hours late."""
    with_token(replies)
    totals = {"totalSkippedRecordings": 0, "totalFailedRecordings": 0}
    replies.get(JOB, json=record | totals)
    if word == "READY":
        replies.delete(JOB, status=204)
    left = [{"id": "r-3", "media": "audio", "fileState": "AVAILABLE"}]
    for key, kept in (("v-1", []), ("v-2", left)):
        replies.get(f"{API}/conversations/{key}/recordingmetadata", json=kept)
    report = genesys.poll(BULK, allow)
    assert report == JobReport(JobState.DONE, word, "the job did not match 1", frozenset({"v-2"}))


def test_job_that_cannot_start_now_is_for_later(replies, genesys):
    with_token(replies)
    replies.get(JOB, json=job("READY"))
    replies.put(JOB, status=409, json={})
    with pytest.raises(BusyError) as busy:
        genesys.poll(BULK, allow)
    assert busy.value.retry_after == 5


@pytest.mark.parametrize(
    ("word", "reason"), [("PENDING", ""), ("PROCESSING", ""), ("RESTING", "unknown status")]
)
def test_job_that_runs_is_left_alone(replies, genesys, guard, word, reason):
    with_token(replies)
    replies.get(JOB, json=job(word))
    assert genesys.poll(BULK, guard) == JobReport(JobState.RUNNING, word, reason)
    assert (methods(replies), guard.asked) == (["GET"], [])


def test_job_fulfilled_whole_is_done(replies, genesys):
    with_token(replies)
    replies.get(JOB, json=job("FULFILLED", totalSkippedRecordings=0, totalFailedRecordings=0))
    assert genesys.poll(BULK, allow) == JobReport(JobState.DONE, "FULFILLED")


@pytest.mark.parametrize(
    ("entities", "undone"),
    [
        ([{"conversation": {"id": "v-2"}, "recording": {"id": "r-3"}}], {"v-2"}),
        ([], {"v-1", "v-2"}),
        ([{"conversation": {"id": "v-9"}}], {"v-1", "v-2"}),
    ],
)
def test_job_fulfilled_in_part_names_what_is_undone(replies, genesys, entities, undone):
    with_token(replies)
    replies.get(JOB, json=job("FULFILLED", totalSkippedRecordings=1, totalFailedRecordings=0))
    replies.get(FAILED, json={"entities": entities})
    report = genesys.poll(BULK, allow)
    assert report == JobReport(JobState.DONE, "FULFILLED", "1 skipped, 0 failed", frozenset(undone))


@pytest.mark.parametrize("word", ["FAILED", "CANCELLED"])
def test_job_that_failed_is_an_error_without_the_vendors_words(replies, genesys, word):
    with_token(replies)
    replies.get(JOB, json=job(word, errorMessage=f"no {PLANTED}"))
    assert genesys.poll(BULK, allow) == JobReport(JobState.ERROR, word, "the vendor ended the job")


def test_job_the_vendor_does_not_know_is_lost(replies, genesys):
    with_token(replies)
    replies.get(JOB, status=404, json={})
    assert genesys.poll(BULK, allow).state is JobState.LOST


def test_job_of_another_kind_is_refused(genesys):
    with pytest.raises(RefusedError):
        genesys.poll(RemoteJob("bulk_query", "q-1"), allow)


@pytest.mark.parametrize("word", ["PENDING", "READY"])
def test_job_that_has_not_begun_is_cancelled(replies, genesys, word):
    with_token(replies)
    replies.get(JOB, json=job(word))
    replies.delete(JOB, status=204)
    assert genesys.cancel(BULK) is True


@pytest.mark.parametrize("word", ["PROCESSING", "FULFILLED", "FAILED", "CANCELLED"])
def test_job_that_has_begun_is_not_cancelled(replies, genesys, word):
    with_token(replies)
    replies.get(JOB, json=job(word))
    assert genesys.cancel(BULK) is False
