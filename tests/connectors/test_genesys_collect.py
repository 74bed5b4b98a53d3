"""Conversations, and what hangs on them, once the identifiers are complete."""

import json
from datetime import timedelta

import pytest
import responses

from erasure import clock
from erasure.connectors.base import Found, Searched, Unanswered
from erasure.connectors.genesys import Genesys
from erasure.connectors.genesys.reading import moment
from erasure.connectors.genesys.stores import RECORDED, STORES, WITHOUT_ROWS
from erasure.values import Identifier, IdentifierKind, StoreStatus
from tests.connectors.given import (
    BASE,
    NUMBER,
    PLANTED,
    CountingLimiter,
    Naps,
    account,
    ago,
    conversation,
    stamp,
    with_token,
)

API = f"{BASE}/api/v2"
ANALYTICS = f"{API}/analytics/conversations/details"
JOBS = f"{ANALYTICS}/jobs"
QUERY = f"{ANALYTICS}/query"
PROTECTION = f"{API}/recordings/deletionprotection"
RECORDING_JOBS = f"{API}/recording/jobs"

EMAIL = Identifier(IdentifierKind.EMAIL, PLANTED)
PHONE = Identifier(IdentifierKind.PHONE, NUMBER)
CONTACT = Identifier(IdentifierKind.EXTERNAL_CONTACT, "c-1")
PERSON = Found("external_contacts", "c-1", identifiers=(EMAIL, PHONE))


def metadata_url(key):
    return f"{API}/conversations/{key}/recordingmetadata"


def with_rows(replies, rows, *, recent=(), pages=1):
    """An analytics job that finds ``rows`` on so many pages, then a synchronous query."""
    with_token(replies)
    replies.get(f"{JOBS}/availability", json={"dataAvailabilityDate": stamp(ago(hours=24))})
    replies.post(JOBS, status=202, json={"jobId": "j-1"})
    replies.get(f"{JOBS}/j-1", json={"state": "FULFILLED"})
    size = -(-len(rows) // pages) if rows else 0
    for page in range(pages):
        some = rows[page * size : (page + 1) * size]
        body = {"conversations": some} if some else {}
        cursor = {"cursor": f"k-{page}"} if page + 1 < pages else {}
        replies.get(f"{JOBS}/j-1/results", json=body | cursor)
    body = {"totalHits": len(recent)}
    replies.post(QUERY, json=body | ({"conversations": list(recent)} if recent else {}))


def with_recordings(replies, keys, entries):
    for key in keys:
        replies.get(metadata_url(key), json=entries)


def with_protection(replies, *protected):
    replies.post(PROTECTION, json=[{"id": key} for key in protected])


def collect(genesys, who=(EMAIL, PHONE), people=(PERSON,)):
    return list(genesys.collect(who, people))


def of(lines, store):
    return [one for one in lines if isinstance(one, Found) and one.store == store]


def words(lines):
    return {one.store: one for one in lines if not isinstance(one, Found)}


def sent(replies, url, method="POST"):
    calls = (call.request for call in replies.calls)
    return [one for one in calls if one.url.partition("?")[0] == url and one.method == method]


def test_collect_finds_rows_of_jobs_and_of_recent_days_each_once(replies, genesys):
    rows = [conversation("v-1"), conversation("v-2"), conversation("v-1")]
    with_rows(replies, rows, recent=[conversation("v-2"), conversation("v-3")], pages=2)
    with_recordings(replies, ["v-1", "v-2", "v-3"], [])
    lines = collect(genesys)
    assert [one.remote_id for one in of(lines, "conversations")] == ["v-1", "v-2", "v-3"]
    cursors = [one.params for one in sent(replies, f"{JOBS}/j-1/results", "GET")]
    assert cursors == [{"pageSize": "1000"}, {"pageSize": "1000", "cursor": "k-0"}]


def test_collect_searches_every_identifier_with_and_without_tel(replies, genesys):
    with_rows(replies, [])
    collect(genesys, (EMAIL, PHONE), (PERSON,))
    body = json.loads(sent(replies, JOBS)[0].body)
    [wanted] = body["segmentFilters"]
    pairs = {(one["dimension"], one["value"]) for one in wanted["predicates"]}
    assert wanted["type"] == "or"
    assert {value for dimension, value in pairs if dimension == "ani"} == {NUMBER, f"tel:{NUMBER}"}
    assert {value for dimension, value in pairs if dimension == "addressFrom"} == {
        PLANTED,
        NUMBER,
        f"tel:{NUMBER}",
    }
    assert {pair for pair in pairs if "ExternalContactId" in pair[0]} == {
        ("canonicalExternalContactId", "c-1")
    }
    assert ("externalContactId", "c-1") in pairs


def test_collect_asks_the_job_for_the_look_back_and_the_query_for_the_rest(replies, genesys):
    with_rows(replies, [])
    collect(genesys)
    spans = []
    for url in (JOBS, QUERY):
        start, _, end = json.loads(sent(replies, url)[0].body)["interval"].partition("/")
        spans.append((moment(start), moment(end)))
    (job_start, job_end), (query_start, query_end) = spans
    assert (clock.now() - job_start).days == 7 * 365 + 2
    assert query_start < job_end
    assert clock.now() - query_end < timedelta(minutes=1)
    assert query_end - query_start < timedelta(days=7)


def test_conversation_tells_what_it_is_and_whose(replies, genesys):
    row = conversation("v-1", divisionIds=["d-2", "d-1"], surveys=[{"surveyId": "s-1"}])
    with_rows(replies, [row])
    with_recordings(replies, ["v-1"], [])
    [found] = of(collect(genesys), "conversations")
    assert (found.parent_id, found.division) == ("v-1", "d-1,d-2")
    assert found.facts == {
        "media": "voice",
        "divisions": "d-1,d-2",
        "surveys": 1,
        "open": False,
        "visible": True,
    }
    assert found.identifiers == (CONTACT, PHONE)
    assert found.names == ("Ada Beispiel",)
    assert found.occurred_at == moment(row["conversationStart"])


def test_third_party_called_in_does_not_widen_the_search(replies, genesys):
    row = conversation("v-1")
    third = {
        "purpose": "external",
        "participantName": "Somebody Else",
        "externalContactId": "c-7",
        "sessions": [{"direction": "outbound", "dnis": "tel:+441632960177"}],
    }
    row["participants"].append(third)
    with_rows(replies, [row])
    with_recordings(replies, ["v-1"], [])
    [found] = of(collect(genesys), "conversations")
    assert (found.identifiers, found.names) == ((CONTACT, PHONE), ("Ada Beispiel",))


def test_companys_own_line_is_never_the_persons(replies, genesys):
    outbound = {"direction": "outbound", "addressTo": "tel:+441632960999", "mediaType": "message"}
    participant = {"purpose": "external", "externalContactId": "c-1", "sessions": [outbound]}
    odd = conversation("v-2", participants=[participant])
    with_rows(replies, [conversation("v-1"), odd])
    with_recordings(replies, ["v-1", "v-2"], [])
    found = of(collect(genesys), "conversations")
    assert [one.identifiers for one in found] == [(CONTACT, PHONE), (CONTACT,)]


@pytest.mark.parametrize("name", ["Customer", "+44 1632 960101", "ada@example.org", "A", ""])
def test_participant_name_for_anybody_is_no_name(replies, genesys, name):
    row = conversation("v-1")
    row["participants"][0]["participantName"] = name
    with_rows(replies, [row])
    with_recordings(replies, ["v-1"], [])
    [found] = of(collect(genesys), "conversations")
    assert found.names == ()


def test_few_conversations_are_read_by_their_metadata(replies, genesys):
    with_rows(replies, [conversation("v-1"), conversation("v-2"), conversation("v-3")])
    kept = {"id": "r-1", "media": "audio", "fileState": "AVAILABLE"}
    gone = {"id": "r-2", "media": "screen", "fileState": "DELETED"}
    with_recordings(replies, ["v-1"], [kept, gone, {**kept, "id": "r-3", "media": "screen"}])
    with_recordings(replies, ["v-2"], [gone])
    replies.get(metadata_url("v-3"), status=404, json={"code": "conversation.not.found"})
    with_protection(replies, "v-1")
    lines = collect(genesys)
    [found] = of(lines, "voice_recordings")
    assert (found.remote_id, found.parent_id, found.division) == ("v-1", "v-1", "d-1")
    assert (found.facts, found.protected) == ({"recordings": 1}, True)
    [screen] = of(lines, "screen_recordings")
    assert (screen.remote_id, screen.facts) == ("v-1", {"recordings": 1, "single": True})
    assert words(lines)["voice_recordings"] == Searched("voice_recordings", StoreStatus.FOUND, 1)


@pytest.mark.parametrize("age", [{"hours": 3}, {"days": 6 * 365}])
def test_conversation_no_job_matches_is_erased_by_itself(replies, genesys, age):
    when = stamp(ago(**age))
    with_rows(replies, [conversation("v-1", conversationStart=when, conversationEnd=when)])
    with_recordings(replies, ["v-1"], [{"id": "r-1", "media": "audio", "fileState": "AVAILABLE"}])
    with_protection(replies)
    [found] = of(collect(genesys), "voice_recordings")
    assert found.facts["single"] is True


def counting_job(replies, key, conversations, recordings):
    """A recording job that is READY with these totals and then cancelled."""
    replies.post(RECORDING_JOBS, status=202, json={"id": key, "state": "PENDING"})
    totals = {"totalConversations": conversations, "totalRecordings": recordings}
    replies.get(f"{RECORDING_JOBS}/{key}", json={"state": "READY", **totals})
    replies.delete(f"{RECORDING_JOBS}/{key}", status=204)


def many(count=30, **changed):
    return [conversation(f"v-{number}", **changed) for number in range(count)]


def test_many_conversations_are_counted_by_a_job_that_never_starts(replies, genesys):
    with_rows(replies, many())
    counting_job(replies, "k-1", 30, 61)
    with_protection(replies)
    lines = collect(genesys)
    found = of(lines, "voice_recordings")
    assert [one.remote_id for one in found] == [f"v-{number}" for number in range(30)]
    assert {one.facts["bulk_recordings"] for one in found} == {61}
    assert len({one.facts["bulk"] for one in found}) == 1
    assert [call.request.method for call in replies.calls].count("PUT") == 0
    body = json.loads(sent(replies, RECORDING_JOBS)[0].body)
    [wanted] = body["conversationQuery"]["conversationFilters"]
    assert (body["action"], body["includeRecordingsWithSensitiveData"]) == ("DELETE", True)
    assert wanted == {
        "type": "or",
        "predicates": [
            {"dimension": "conversationId", "operator": "matches", "value": f"v-{number}"}
            for number in range(30)
        ],
    }


def test_conversations_without_recordings_are_counted_apart(replies, genesys):
    silent = many(30)
    for row in silent:
        row["participants"] = row["participants"][:1]
    with_rows(replies, silent)
    counting_job(replies, "k-1", 0, 0)
    lines = collect(genesys)
    assert words(lines)["voice_recordings"] == Searched("voice_recordings", StoreStatus.EMPTY, 0)


@pytest.mark.parametrize("counted", [29, 31])
def test_count_that_differs_is_not_believed(replies, genesys, counted):
    rows = many()
    with_rows(replies, rows)
    counting_job(replies, "k-1", counted, 60)
    with_recordings(replies, [row["conversationId"] for row in rows[1:]], [{"id": "r-1"}])
    replies.get(metadata_url("v-0"), json=[])
    with_protection(replies)
    found = of(collect(genesys), "voice_recordings")
    assert [one.remote_id for one in found] == [f"v-{number}" for number in range(1, 30)]
    assert all(one.facts == {"recordings": 1, "unknown_media": 1} for one in found)


@pytest.mark.parametrize("status", [403, 409, 501])
def test_without_recording_jobs_each_conversation_is_read(replies, genesys, naps, status):
    rows = many(26)
    with_rows(replies, rows)
    replies.post(RECORDING_JOBS, status=status, json={})
    with_recordings(replies, [row["conversationId"] for row in rows], [{"id": "r-1"}])
    with_protection(replies)
    assert len(of(collect(genesys), "voice_recordings")) == 26
    assert len(sent(replies, RECORDING_JOBS)) == (3 if status == 409 else 1)


def test_counting_job_that_is_never_ready_is_cancelled_and_busy(replies, limiter):
    genesys = Genesys(account(options={"job_wait_seconds": 1}), limiter, sleep=Naps())
    with_rows(replies, many())
    replies.post(RECORDING_JOBS, status=202, json={"id": "k-1"})
    replies.get(f"{RECORDING_JOBS}/k-1", json={"state": "PENDING"})
    replies.delete(f"{RECORDING_JOBS}/k-1", status=204)
    unanswered = words(collect(genesys))["voice_recordings"]
    assert unanswered == Unanswered(
        "voice_recordings", "GET /api/v2/recording/jobs/{jobId}: not ready after 1 s", again=True
    )
    assert len(sent(replies, f"{RECORDING_JOBS}/k-1", "DELETE")) == 1


def test_evaluations_come_with_the_rows_but_for_deleted_ones(replies, genesys):
    made = stamp(ago(days=29))
    evaluations = [
        {"evaluationId": "e-1", "eventTime": made, "evaluationStatus": "Finished"},
        {"evaluationId": "e-2", "deleted": True},
    ]
    with_rows(replies, [conversation("v-1", evaluations=evaluations)])
    with_recordings(replies, ["v-1"], [])
    [found] = of(collect(genesys), "evaluations")
    assert (found.remote_id, found.parent_id, found.division) == ("e-1", "v-1", "d-1")
    assert (found.occurred_at, found.facts) == (moment(made), {"status": "Finished"})


def test_collect_ends_with_a_word_on_every_store(replies, genesys):
    with_rows(replies, [])
    lines = words(collect(genesys))
    oldest = (clock.now() - timedelta(days=7 * 365 + 2)).date()
    assert lines.keys() == {store.name for store in STORES}
    assert lines["external_contacts"] == Searched("external_contacts", StoreStatus.FOUND, 1)
    assert lines["conversations"].note == f"looked back to {oldest}"
    recorded = [lines[name] for name in RECORDED]
    assert recorded == [Searched(name, StoreStatus.EMPTY) for name in RECORDED]


@pytest.mark.parametrize(
    ("state", "again"), [("FAILED", False), ("CANCELLED", False), ("EXPIRED", True)]
)
def test_analytics_job_that_ends_badly_leaves_what_hangs_on_rows_unanswered(
    replies, genesys, state, again
):
    with_token(replies)
    replies.get(f"{JOBS}/availability", json={"dataAvailabilityDate": stamp(ago(hours=24))})
    replies.post(JOBS, status=202, json={"jobId": "j-1"})
    body = {"state": state, "errorMessage": f"no such address {PLANTED}"}
    replies.get(f"{JOBS}/j-1", json=body)
    lines = [one for one in collect(genesys, people=()) if isinstance(one, Unanswered)]
    hanging = {store.name for store in STORES} - WITHOUT_ROWS
    assert {one.store for one in lines} == hanging
    assert {one.again for one in lines} == {again}
    assert PLANTED not in str(lines)


def test_analytics_job_that_never_ends_is_given_up_and_busy(replies, limiter, naps):
    genesys = Genesys(account(options={"job_wait_seconds": 3}), limiter, sleep=naps)
    with_token(replies)
    replies.get(f"{JOBS}/availability", json={"dataAvailabilityDate": stamp(ago(hours=24))})
    replies.post(JOBS, status=202, json={"jobId": "j-1"})
    replies.get(f"{JOBS}/j-1", json={"state": "QUEUED"})
    replies.delete(f"{JOBS}/j-1", status=204)
    assert words(collect(genesys))["conversations"].again is True
    assert sum(naps.seconds) == pytest.approx(3)
    assert naps.seconds == sorted(naps.seconds[:-1]) + naps.seconds[-1:]


def test_collect_without_permission_names_it_and_people_are_still_counted(replies, genesys):
    params = {"permissions": "analytics:conversationDetail:view"}
    body = {"code": "missing.permissions", "messageParams": params}
    with_token(replies)
    replies.get(f"{JOBS}/availability", status=403, json=body)
    lines = words(collect(genesys))
    assert lines["conversations"].reason == (
        "GET /api/v2/analytics/conversations/details/jobs/availability answered 403"
        " missing.permissions (analytics:conversationDetail:view)"
    )
    assert lines["external_contacts"] == Searched("external_contacts", StoreStatus.FOUND, 1)


@pytest.mark.parametrize("broken", ["metadata", "protection"])
def test_recordings_that_cannot_be_read_leave_the_other_stores_answered(replies, genesys, broken):
    with_rows(replies, [conversation("v-1")])
    if broken == "metadata":
        replies.get(metadata_url("v-1"), status=403, json={"code": "not.authorized"})
    else:
        with_recordings(replies, ["v-1"], [{"id": "r-1"}])
        replies.post(PROTECTION, status=503)
    lines = words(collect(genesys))
    assert isinstance(lines["voice_recordings"], Unanswered)
    assert lines["voice_recordings"].again is (broken == "protection")
    assert lines["conversations"].status is StoreStatus.FOUND
    assert lines["evaluations"].status is StoreStatus.EMPTY


def test_collect_by_a_name_alone_is_unanswered_not_empty(genesys):
    lines = collect(genesys, (Identifier(IdentifierKind.NAME, "Ada Beispiel"),), ())
    assert isinstance(words(lines)["conversations"], Unanswered)


@pytest.mark.parametrize("result", ['{"conversations": {}}', '{"conversations": [1]}', "[]", "{"])
def test_rows_that_cannot_be_read_are_unanswered(replies, genesys, result):
    with_token(replies)
    replies.get(f"{JOBS}/availability", json={"dataAvailabilityDate": stamp(ago(hours=24))})
    replies.post(JOBS, status=202, json={"jobId": "j-1"})
    replies.get(f"{JOBS}/j-1", json={"state": "FULFILLED"})
    replies.get(f"{JOBS}/j-1/results", body=result)
    assert isinstance(words(collect(genesys))["conversations"], Unanswered)


@responses.activate
def test_rows_lost_between_shifting_pages_are_looked_for_again():
    given = account(options={"page_size": 2})
    with_token(responses)
    responses.get(f"{JOBS}/availability", json={"dataAvailabilityDate": stamp(ago(hours=24))})
    responses.post(JOBS, status=202, json={"jobId": "j-1"})
    responses.get(f"{JOBS}/j-1", json={"state": "FULFILLED"})
    responses.get(f"{JOBS}/j-1/results", json={})
    one, two, three = (conversation(f"v-{number}") for number in (1, 2, 3))
    for page in ([one, two], [two], [one, two], [three]):
        responses.post(QUERY, json={"conversations": page, "totalHits": 3})
    for key in ("v-1", "v-2", "v-3"):
        responses.get(metadata_url(key), json=[])
    lines = collect(Genesys(given, CountingLimiter(), sleep=Naps()))
    assert [one.remote_id for one in of(lines, "conversations")] == ["v-1", "v-2", "v-3"]


def test_more_recent_rows_than_can_be_read_are_unanswered(replies, genesys):
    with_token(replies)
    replies.get(f"{JOBS}/availability", json={"dataAvailabilityDate": stamp(ago(hours=24))})
    replies.post(JOBS, status=202, json={"jobId": "j-1"})
    replies.get(f"{JOBS}/j-1", json={"state": "FULFILLED"})
    replies.get(f"{JOBS}/j-1/results", json={})
    replies.post(QUERY, json={"totalHits": 10_001})
    assert isinstance(words(collect(genesys))["conversations"], Unanswered)


def test_long_look_back_is_cut_into_jobs_where_asked(replies):
    options = {"look_back_days": 300, "max_job_days": 100}
    with_rows(replies, [])
    collect(Genesys(account(options=options), CountingLimiter(), sleep=Naps()))
    assert len(sent(replies, JOBS)) == 3


def test_rows_told_by_a_job_keep_the_attributes_a_fresh_row_lacks(replies, genesys):
    told = conversation("v-1")
    told["participants"][0]["attributes"] = {"policy": "4711"}
    with_rows(replies, [told], recent=[conversation("v-1")])
    with_recordings(replies, ["v-1"], [])
    [found] = of(collect(genesys), "participant_attributes")
    assert (found.remote_id, found.facts) == ("v-1", {"attributes": 1})


def test_contact_notes_that_fail_leave_the_other_stores_answered(replies, genesys):
    with_rows(replies, [])
    replies.get(f"{API}/externalcontacts/contacts/c-1/notes", status=403, json={})
    lines = words(collect(genesys))
    assert lines["contact_notes"] == Unanswered(
        "contact_notes",
        "GET /api/v2/externalcontacts/contacts/{contactId}/notes answered 403"
        " (needs externalContacts:contact:view, externalContacts:contact:edit)",
    )
    assert lines["conversations"].status is StoreStatus.EMPTY
