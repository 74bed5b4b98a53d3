"""Faults of the Genesys side: answers cut short, refused, or outside the schema."""

import json

import pytest

from erasure.sandbox import clock
from erasure.sandbox.genesys.seed import EVALUATOR
from tests.sandbox.asking import EVER, MARIA, ask, evaluation, made, talk

JOBS = "/analytics/conversations/details/jobs"
METADATA = f"/conversations/{talk(1)}/recordingmetadata"


@pytest.fixture
def query_job(client, later):
    key = client.post(JOBS, {"interval": EVER}).json["jobId"]
    later(seconds=1)
    return f"{JOBS}/{key}/results"


def test_partial_results_say_so_and_show_half(app, client):
    whole = client.get("/externalcontacts/contacts", q="beispiel").json
    app.fault("genesys.partial-results", True)
    half = client.get("/externalcontacts/contacts", q="beispiel").json
    assert (whole["partialResults"], half["partialResults"]) == (False, True)
    assert len(half["entities"]) == len(whole["entities"]) // 2


def test_total_beyond_counts_more_subjects_than_it_lists(app, client):
    app.fault("genesys.total-beyond", 2)
    found = client.get("/gdpr/subjects", searchType="PHONE", searchValue="+441632960101").json
    assert found["total"] == len(found["entities"]) + 2


def test_expired_cursor_ends_a_listing_with_400(app, client, query_job):
    cursor = client.get(query_job, pageSize=2).json["cursor"]
    app.fault("genesys.expired-cursor", True)
    assert client.get(query_job, pageSize=2).status == 200
    assert client.get(query_job, pageSize=2, cursor=cursor).status == 400


def test_deny_takes_every_permission_it_lists(app, client):
    app.fault("genesys.deny", ["quality:survey:view", "recording:orphan:view"])
    paths = [f"/quality/surveys/{made(2, 'survey')}", "/orphanrecordings", METADATA]
    replies = [client.get(path) for path in paths]
    assert [reply.status for reply in replies] == [403, 403, 200]
    assert "quality:survey:view" in replies[0].json["message"]
    app.fault("genesys.deny", None)
    assert client.get(paths[0]).status == 200


def test_deny_reaches_what_a_call_checks_itself(app, client):
    app.fault("genesys.deny", ["recording:deletionProtection:apply"])
    reply = client.put("/recordings/deletionprotection", {"conversationIds": [talk(1)]})
    assert reply.status == 403


def test_schema_error_answers_200_with_an_error_for_that_store_alone(app, client):
    app.fault("genesys.schema", "surveys")
    reply = client.get(f"/quality/conversations/{talk(2)}/surveys")
    assert (reply.status, reply.json["code"]) == (200, "internal.server.error")
    assert client.get(METADATA).json[0]["conversationId"] == talk(1)


def test_schema_enum_says_words_nobody_knows(app, client):
    app.fault("genesys.schema", {"store": "voice_recordings", "how": "enum"})
    rows = client.get(METADATA).json
    assert {(row["fileState"], row["media"]) for row in rows} == {("NEVER_SEEN", "NEVER_SEEN")}


def test_schema_missing_leaves_records_without_ids(app, client):
    app.fault("genesys.schema", {"store": "conversations", "how": "missing"})
    row = client.get(f"/analytics/conversations/{talk(1)}/details").json
    assert "conversationId" not in row
    assert row["participants"][0]["participantName"] == "Maria Beispiel"


STORES = {
    "external_contacts": f"/externalcontacts/contacts/{MARIA}",
    "contact_notes": f"/externalcontacts/contacts/{MARIA}/notes",
    "journey_sessions": f"/externalcontacts/contacts/{MARIA}/journey/sessions",
    "gdpr_subjects": "/gdpr/subjects",
    "participant_attributes": f"/conversations/{talk(1)}",
    "screen_recordings": METADATA,
    "orphan_recordings": "/orphanrecordings",
    "speech_transcripts": f"/speechandtextanalytics/conversations/{talk(1)}",
    "conversation_summaries": f"/conversations/{talk(1)}/summaries",
    "evaluations": f"/quality/conversations/{talk(1)}/evaluations/{evaluation(1)}",
    "calibrations": "/quality/calibrations",
    "outbound_contacts": "/outbound/contactlists",
}


@pytest.mark.parametrize("store", STORES)
def test_schema_reaches_no_store_but_its_own(app, client, store):
    app.fault("genesys.schema", store)
    query = {"searchType": "NAME", "searchValue": "x", "calibratorId": "x"}
    found = {name: client.get(path, **query).json for name, path in STORES.items()}
    garbled = {
        name for name, body in found.items() if isinstance(body, dict) and "contextId" in body
    }
    assert garbled == {store}


@pytest.mark.parametrize(
    ("fault", "value"),
    [("schema", "nowhere"), ("schema", {"store": "surveys", "how": "oddly"}), ("deny", "a:b:c")],
)
def test_fault_with_a_value_that_means_nothing_is_refused(app, fault, value):
    body = {f"genesys.{fault}": value}
    assert ask(app, "POST", "/sandbox/faults", body).status == 400


def audited(client, later, **filters):
    later(seconds=10)
    wanted = [{"property": name, "value": value} for name, value in filters.items()]
    body = {"interval": EVER, "filters": wanted}
    rows = client.post("/audits/query/realtime", body).json["entities"]
    return [(row["action"], row["status"], row["client"]["id"]) for row in rows]


def test_audits_tell_what_was_done_by_which_client(client, later):
    client.delete(f"/quality/conversations/{talk(1)}/evaluations/{evaluation(1)}")
    calibration = made(1, "calibration")
    client.delete(f"/quality/calibrations/{calibration}", calibratorId=EVALUATOR)
    client.delete(f"/orphanrecordings/{made(6, 'orphan')}")
    done = ("Delete", "SUCCESS", client.id)
    for key in (evaluation(1), calibration, made(6, "orphan")):
        assert audited(client, later, EntityId=key) == [done]


def test_audit_of_a_refused_date_and_a_refused_protection_is_a_failure(client, later):
    client.put("/recordings/deletionprotection", {"conversationIds": [talk(1), talk(5)]})
    (first, _) = client.get(METADATA).json
    path = f"/conversations/{talk(1)}/recordings/{first['id']}"
    assert client.put(path, {"deleteDate": clock.now().isoformat()}).status == 409
    found = audited(client, later, EntityId=first["id"])
    assert found == [("UpdateRetention", "FAILURE", client.id)]
    assert audited(client, later, EntityId=talk(1)) == [("ApplyProtection", "SUCCESS", client.id)]
    assert audited(client, later, EntityId=talk(5)) == [("ApplyProtection", "FAILURE", client.id)]


def test_audit_of_a_native_job_in_error_is_a_failure(app, client, later):
    app.fault("genesys.gdpr-error", True)
    body = {"requestType": "GDPR_DELETE", "subject": {"externalContactId": MARIA}}
    key = client.post("/gdpr/requests", body, deleteConfirmed="true").json["id"]
    later(hours=4)
    found = [row[:2] for row in audited(client, later, EntityId=key)]
    assert found == [("Create", "SUCCESS"), ("Delete", "FAILURE")]


def test_audit_contradicts_if_so_set(app, client, later):
    app.fault("genesys.audit-contradicts", True)
    client.delete(f"/externalcontacts/contacts/{MARIA}")
    assert audited(client, later, EntityId=MARIA) == [("Delete", "FAILURE", client.id)]


def test_bodies_are_recorded_only_if_asked_for(app, client):
    lookup = "/externalcontacts/identifierlookup/contacts"
    body = {"type": "Phone", "value": "+441632960101"}
    client.post(lookup, body)
    assert not {"request_body", "response_body"} & set(app.requests()[-1])
    app.reset("demo", {"record_bodies": True})
    client.sign_in()
    reply = client.post(lookup, body)
    entry = app.requests()[-1]
    assert json.loads(entry["request_body"]) == body
    assert entry["response_body"].encode() == reply.data
    app.reset("demo", {})
    client.sign_in()
    assert "request_body" not in app.requests()[-1]
