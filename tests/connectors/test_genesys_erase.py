"""Destructive calls: one answer for each item, asked about immediately before."""

import json
from datetime import timedelta

import pytest
from responses import matchers

from erasure import clock
from erasure.connectors.base import Erased, ItemRef, NotErased, Reply
from erasure.connectors.genesys.reading import moment
from erasure.errors import BusyError, RefusedError, StoppedError
from tests.connectors.given import BASE, PLANTED, ago, allow, stamp, with_token

API = f"{BASE}/api/v2"
CONTACTS = f"{API}/externalcontacts/contacts"
REQUESTS = f"{API}/gdpr/requests"
JOBS = f"{API}/recording/jobs"
CONFIRMED = matchers.query_param_matcher({"deleteConfirmed": "true"})


def evaluation_url(key):
    return f"{API}/quality/conversations/v-1/evaluations/{key}"


def metadata_url(key):
    return f"{API}/conversations/{key}/recordingmetadata"


def stop(refs):
    raise StoppedError("a hold covers it", held=True)


def methods(replies):
    return [call.request.method for call in replies.calls[1:]]


@pytest.mark.parametrize(("status", "reply"), [(200, Reply.DONE), (404, Reply.ALREADY_GONE)])
def test_erase_contact_tells_what_the_system_said(replies, genesys, guard, status, reply):
    with_token(replies)
    replies.delete(f"{CONTACTS}/c-1", status=status, json={})
    ref = ItemRef("external_contacts", "c-1")
    assert list(genesys.erase([ref], guard)) == [Erased(ref, reply, status)]
    assert guard.asked == [["c-1"]]


@pytest.mark.parametrize("status", [429, 503])
def test_erase_contact_when_genesys_is_busy_says_when_to_retry(replies, genesys, status):
    with_token(replies)
    replies.delete(f"{CONTACTS}/c-1", status=status, headers={"Retry-After": "7"})
    [answer] = genesys.erase([ItemRef("external_contacts", "c-1")], allow)
    assert isinstance(answer.error, BusyError)
    assert answer.error.retry_after == 7


def test_erase_goes_on_after_one_item_failed(replies, genesys):
    with_token(replies)
    replies.delete(f"{CONTACTS}/c-1", status=409, json={"code": "conflict", "message": PLANTED})
    replies.delete(f"{CONTACTS}/c-2", json={})
    refs = [ItemRef("external_contacts", key) for key in ("c-1", "c-2")]
    failed, done = genesys.erase(refs, allow)
    assert (failed.ref, str(failed.error)) == (
        refs[0],
        "DELETE /api/v2/externalcontacts/contacts/{contactId} answered 409 conflict",
    )
    assert done == Erased(refs[1], Reply.DONE, 200)


@pytest.mark.parametrize(
    "ref",
    [
        ItemRef("external_contacts", "c-1"),
        ItemRef("evaluations", "e-1", parent_id="v-1"),
        ItemRef("gdpr_subjects", "externalContactId:c-1"),
    ],
)
def test_item_the_guard_stops_is_not_erased_and_nothing_leaves(replies, genesys, ref):
    with_token(replies)
    [answer] = genesys.erase([ref], stop)
    assert isinstance(answer, NotErased)
    assert (answer.error.held, methods(replies)) == (True, [])


def test_erase_evaluation_keeps_nothing_of_the_answer(replies, genesys, guard, caplog):
    caplog.set_level("DEBUG")
    with_token(replies)
    replies.delete(evaluation_url("e-1"), json={"answers": {"comments": f"spoke to {PLANTED}"}})
    ref = ItemRef("evaluations", "e-1", parent_id="v-1")
    [answer] = genesys.erase([ref], guard)
    assert (answer, guard.asked) == (Erased(ref, Reply.DONE, 200), [["e-1"]])
    assert PLANTED not in repr(answer) + caplog.text


def test_erase_evaluation_without_its_conversation_is_refused_before_it_leaves(genesys):
    [answer] = genesys.erase([ItemRef("evaluations", "e-1")], allow)
    assert isinstance(answer.error, RefusedError)
    assert genesys.http.calls == 0


def test_erase_of_conversations_is_refused(genesys):
    with pytest.raises(RefusedError):
        genesys.erase([ItemRef("conversations", "v-1")], allow)


@pytest.mark.parametrize(
    "refs", [[], [ItemRef("voice_recordings", "v-1"), ItemRef("evaluations", "e")]]
)
def test_erase_of_anything_but_one_store_is_refused(genesys, refs):
    with pytest.raises(RefusedError):
        genesys.erase(refs, allow)


# GDPR subjects


@pytest.mark.parametrize(
    ("remote_id", "subject"),
    [
        ("externalContactId:c-1", {"externalContactId": "c-1"}),
        ("externalId:CRM:1", {"externalId": "CRM:1"}),
        ("dialerContactId:l-1:o-1", {"dialerContactId": {"contactListId": "l-1", "id": "o-1"}}),
        ("journeyCustomer:cookie:j-1", {"journeyCustomer": {"type": "cookie", "id": "j-1"}}),
    ],
)
def test_native_job_is_submitted_for_one_id_and_confirmed(
    replies, genesys, guard, remote_id, subject
):
    body = matchers.json_params_matcher({"requestType": "GDPR_DELETE", "subject": subject})
    with_token(replies)
    replies.post(REQUESTS, json={"id": "g-1", "status": "INITIATED"}, match=[CONFIRMED, body])
    ref = ItemRef("gdpr_subjects", remote_id)
    expected = Erased(ref, Reply.ACCEPTED, 200, "g-1", "gdpr_delete")
    assert list(genesys.erase([ref], guard)) == [expected]
    assert guard.asked == [[remote_id]]


@pytest.mark.parametrize(
    "ref",
    [
        ItemRef("gdpr_subjects", "userId:u-1"),
        ItemRef("gdpr_subjects", "externalContactId:c-1", facts={"employee": True}),
        ItemRef("gdpr_subjects", "identifiers:0123456789abcdef"),
        ItemRef("gdpr_subjects", "externalContactId:"),
        ItemRef("gdpr_subjects", "dialerContactId:l-1"),
        ItemRef("gdpr_subjects", "somethingNew:1"),
    ],
)
def test_native_job_for_an_employee_or_without_an_id_is_never_submitted(genesys, ref):
    [answer] = genesys.erase([ref], allow)
    assert isinstance(answer.error, RefusedError)
    assert genesys.http.calls == 0


def listed(key, subject, **changed):
    made = {"id": key, "requestType": "GDPR_DELETE", "status": "SEARCHING", "subject": subject}
    return {**made, "createdDate": stamp(ago(minutes=5)), **changed}


def test_native_job_after_a_lost_answer_is_looked_for_first(replies, genesys, guard):
    requests = [
        listed("g-1", {"externalContactId": "c-2"}),
        listed("g-2", {"externalContactId": "c-1"}, requestType="GDPR_EXPORT"),
        listed("g-3", {"externalContactId": "c-1"}, status="ERROR"),
        listed("g-4", {"externalContactId": "c-1"}, createdDate=stamp(ago(days=3))),
        listed("g-5", {"externalContactId": "c-1"}),
    ]
    with_token(replies)
    replies.get(REQUESTS, json={"entities": requests})
    ref = ItemRef("gdpr_subjects", "externalContactId:c-1", tries=2, first_tried=ago(minutes=6))
    [answer] = genesys.erase([ref], guard)
    assert (answer.reply, answer.remote_job) == (Reply.ACCEPTED, "g-5")
    assert (methods(replies), guard.asked) == (["GET"], [])


def test_native_job_not_found_again_is_submitted(replies, genesys):
    full = [listed(f"g-{number}", {"externalContactId": "c-2"}) for number in range(25)]
    with_token(replies)
    for page, entities in (("1", full), ("2", [])):
        query = matchers.query_param_matcher({"pageSize": "25", "pageNumber": page})
        replies.get(REQUESTS, json={"entities": entities}, match=[query])
    replies.post(REQUESTS, json={"id": "g-9"})
    ref = ItemRef("gdpr_subjects", "externalContactId:c-1", tries=2, first_tried=ago(minutes=6))
    [answer] = genesys.erase([ref], allow)
    assert (answer.remote_job, methods(replies)) == ("g-9", ["GET", "GET", "POST"])


def test_native_job_whose_answer_has_no_id_is_not_erased(replies, genesys):
    with_token(replies)
    replies.post(REQUESTS, json={"status": "INITIATED"})
    [answer] = genesys.erase([ItemRef("gdpr_subjects", "externalContactId:c-1")], allow)
    assert isinstance(answer.error, RefusedError)


# Recordings


def bulk(key, **given):
    given = {"facts": {"recordings": 2}, "occurred_at": ago(days=30), **given}
    return ItemRef("voice_recordings", key, parent_id=key, **given)


def test_recordings_are_erased_by_one_job_over_exactly_these_conversations(replies, genesys, guard):
    with_token(replies)
    replies.post(JOBS, status=202, json={"id": "k-1", "state": "PENDING"})
    refs = [bulk("v-1"), bulk("v-2", occurred_at=ago(days=90))]
    expected = [Erased(ref, Reply.ACCEPTED, 202, "k-1", "recording_delete") for ref in refs]
    assert list(genesys.erase(refs, guard)) == expected
    body = json.loads(replies.calls[1].request.body)
    start, end = map(moment, body["conversationQuery"]["interval"].split("/"))
    [wanted] = body["conversationQuery"]["conversationFilters"]
    assert [one["value"] for one in wanted["predicates"]] == ["v-1", "v-2"]
    assert body["includeRecordingsWithSensitiveData"] is True
    assert body["includeScreenRecordings"] is False
    assert abs(moment(body["actionDate"]) - clock.now()) < timedelta(minutes=1)
    assert (start < refs[1].occurred_at, end > refs[0].occurred_at) == (True, True)
    assert (guard.asked, methods(replies)) == ([], ["POST"])


def test_undated_recordings_are_sought_over_the_whole_look_back(replies, genesys):
    with_token(replies)
    replies.post(JOBS, status=202, json={"id": "k-1"})
    list(genesys.erase([bulk("v-1"), bulk("v-2", occurred_at=None)], allow))
    body = json.loads(replies.calls[1].request.body)
    start, _ = map(moment, body["conversationQuery"]["interval"].split("/"))
    assert (clock.now() - start).days == 7 * 365 + 2


def test_recording_job_when_two_run_already_is_for_later(replies, genesys):
    with_token(replies)
    replies.post(JOBS, status=409, json={})
    answers = list(genesys.erase([bulk("v-1"), bulk("v-2")], allow))
    assert [one.error.retry_after for one in answers] == [5.0, 5.0]


def open_job(key, state, *ids, screens=False):
    predicates = [{"dimension": "conversationId", "value": one} for one in ids]
    filters = [{"type": "or", "predicates": predicates}]
    query = {"conversationQuery": {"conversationFilters": filters}}
    query |= {} if screens else {"includeScreenRecordings": False}
    return {"id": key, "state": state, "recordingJobsQuery": query}


def test_recording_job_after_a_lost_answer_is_looked_for_first(replies, genesys):
    jobs = [
        open_job("k-1", "READY", "v-1", "v-2", "v-3"),
        open_job("k-2", "FULFILLED", "v-1", "v-2"),
        open_job("k-3", "PENDING", "v-1", "v-2", screens=True),
        open_job("k-4", "PROCESSING", "v-2", "v-1"),
    ]
    query = {"showOnlyMyJobs": "true", "jobType": "DELETE", "pageSize": "100", "pageNumber": "1"}
    with_token(replies)
    replies.get(JOBS, json={"entities": jobs}, match=[matchers.query_param_matcher(query)])
    answers = list(genesys.erase([bulk("v-1", tries=2), bulk("v-2")], allow))
    assert {one.remote_job for one in answers} == {"k-4"}


def test_recording_job_not_found_again_is_submitted(replies, genesys):
    with_token(replies)
    replies.get(JOBS, json={"entities": [open_job("k-1", "READY", "v-9")]})
    replies.post(JOBS, status=202, json={"id": "k-2"})
    [answer] = genesys.erase([bulk("v-1", tries=2)], allow)
    assert answer.remote_job == "k-2"


def single(key):
    return bulk(key, facts={"recordings": 2, "single": True})


@pytest.mark.parametrize("ref", [single("v-1"), bulk("v-1", single=True)])
def test_recording_no_job_reaches_gets_a_deletion_date_one_by_one(replies, genesys, guard, ref):
    entries = [
        {"id": "r-1", "fileState": "AVAILABLE"},
        {"id": "r-2", "fileState": "DELETED"},
        {"id": "r-3", "fileState": "ARCHIVED"},
    ]
    cleared = matchers.query_param_matcher({"clearExport": "true"})
    with_token(replies)
    replies.get(metadata_url("v-1"), json=entries)
    for key in ("r-1", "r-3"):
        replies.put(f"{API}/conversations/v-1/recordings/{key}", json={}, match=[cleared])
    assert list(genesys.erase([ref], guard)) == [Erased(ref, Reply.ACCEPTED, 200)]
    assert guard.asked == [["v-1"], ["v-1"]]
    bodies = [json.loads(call.request.body) for call in replies.calls[2:]]
    assert [list(body) for body in bodies] == [["deleteDate"]] * 2
    assert abs(moment(bodies[0]["deleteDate"]) - clock.now()) < timedelta(minutes=1)


def test_recording_already_gone_is_told_as_such(replies, genesys, guard):
    with_token(replies)
    replies.get(metadata_url("v-1"), json=[{"id": "r-1", "fileState": "DELETED"}])
    [answer] = genesys.erase([single("v-1")], guard)
    assert (answer.reply, guard.asked) == (Reply.ALREADY_GONE, [])


def test_recording_still_uploading_is_for_later(replies, genesys):
    with_token(replies)
    replies.get(metadata_url("v-1"), json=[{"id": "r-1", "fileState": "UPLOADING"}])
    [answer] = genesys.erase([single("v-1")], allow)
    assert answer.error.retry_after == 300


def test_single_and_bulk_recordings_of_one_batch_each_get_an_answer(replies, genesys):
    with_token(replies)
    replies.get(metadata_url("v-1"), status=403, json={"code": "not.authorized"})
    replies.post(JOBS, status=202, json={"id": "k-1"})
    failed, accepted = genesys.erase([single("v-1"), bulk("v-2")], allow)
    assert (failed.ref.remote_id, failed.error.status) == ("v-1", 403)
    assert (accepted.ref.remote_id, accepted.remote_job) == ("v-2", "k-1")
