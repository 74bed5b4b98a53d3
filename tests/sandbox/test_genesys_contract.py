"""Every answer against the vendor's own definitions, with no field beyond them.

``make test-contract CONTRACTS=folder``: needs the vendor's ``genesys-cloud.json`` there.
"""

import copy
import json
import re

import jsonschema
import pytest

from erasure.sandbox import clock
from erasure.sandbox.genesys.rows import CONTACT_LIST, DNC_LIST, QUEUE
from erasure.sandbox.genesys.seed import EVALUATOR, contact_id
from erasure.sandbox.genesys.vendor import ROUTES
from tests.sandbox.asking import (
    EVER,
    MARIA,
    MARIA_ANCESTOR,
    MARIA_SALES,
    evaluation,
    made,
    recording,
    talk,
)

pytestmark = pytest.mark.contract
API = "/api/v2"
ONLY_MARIA = [{"type": "or", "predicates": [{"dimension": "externalContactId", "value": MARIA}]}]


@pytest.fixture(scope="module")
def contract(contracts):
    found = json.loads((contracts / "genesys-cloud.json").read_text())
    for definition in found["definitions"].values():
        if "properties" in definition:
            definition.setdefault("additionalProperties", False)
    return found


def answered(contract, method, template, reply):
    """Complain unless the contract declares the status and the body has its shape."""
    responses = contract["paths"][API + template][method.lower()]["responses"]
    declared = responses[str(reply.status)]
    schema = copy.copy(declared.get("schema"))
    if schema is None:
        assert reply.data == b"", f"{method} {template} has a body"
        return
    checker = jsonschema.FormatChecker()
    whole = {**schema, "definitions": contract["definitions"]}
    jsonschema.Draft4Validator(whole, format_checker=checker).validate(reply.json)


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.template}")
def test_route_is_the_contracts_with_its_permissions(contract, route):
    paths = {re.sub(r"\{\w+\}", "{}", path): verbs for path, verbs in contract["paths"].items()}
    operation = paths[re.sub(r"\{\w+\}", "{}", API + route.template)][route.method.lower()]
    wanted = operation.get("x-inin-requires-permissions", {"permissions": [], "type": "ANY"})
    permissions = set(wanted["permissions"])
    if route.all_of:
        assert (set(route.permissions), wanted["type"]) == (permissions, "ALL")
    elif route.permissions:
        assert set(route.permissions) <= permissions
        assert wanted["type"] == "ANY" or len(permissions) == 1


@pytest.fixture
def job(client, later):
    """The id of a recording job that ended, with something skipped."""
    client.put("/recordings/deletionprotection", {"conversationIds": [talk(2)]})
    named = [{"dimension": "conversationId", "value": talk(number)} for number in (2, 3)]
    body = {
        "action": "DELETE",
        "actionDate": clock.now().isoformat(),
        "conversationQuery": {
            "interval": EVER,
            "conversationFilters": [{"type": "or", "predicates": named}],
        },
    }
    key = client.post("/recording/jobs", body).json["id"]
    later(seconds=1)
    client.put(f"/recording/jobs/{key}", {"state": "PROCESSING"})
    later(seconds=1)
    return key


@pytest.fixture
def request_id(client):
    body = {"requestType": "GDPR_DELETE", "subject": {"externalContactId": MARIA_SALES}}
    return client.post("/gdpr/requests", body, deleteConfirmed="true").json["id"]


@pytest.fixture
def query_id(client, later):
    body = {"interval": EVER, "segmentFilters": ONLY_MARIA}
    key = client.post("/analytics/conversations/details/jobs", body).json["jobId"]
    later(seconds=1)
    return key


@pytest.fixture
def audit_id(client, later):
    client.delete(f"/externalcontacts/contacts/{MARIA_ANCESTOR}")
    later(seconds=3)
    body = {"interval": EVER, "serviceName": "ExternalContacts"}
    key = client.post("/audits/query", body).json["id"]
    later(seconds=1)
    return key


CONTACT = "/externalcontacts/contacts/{contactId}"
TALK = "/conversations/{conversationId}"
DETAILS = "/analytics/conversations/details"
EVALUATION = "/quality/conversations/{conversationId}/evaluations/{evaluationId}"
LIST = "/outbound/contactlists/{contactListId}"
SPEECH = "/speechandtextanalytics/conversations/{conversationId}"
ORPHAN = "/orphanrecordings/{orphanId}"
DNC = "/outbound/dnclists/{dncListId}"
NOW = clock.now().isoformat()
CALLS = [
    ("GET", "/tokens/me", {}, {}, None, 200),
    ("DELETE", "/tokens/me", {}, {}, None, 200),
    ("GET", "/organizations/me", {}, {}, None, 200),
    ("GET", "/organizations/limits/namespaces/{namespaceName}",
     {"namespaceName": "platform.api"}, {}, None, 200),
    ("GET", "/gdpr/subjects", {}, {"searchType": "NAME", "searchValue": "maria"}, None, 200),
    ("GET", "/gdpr/subjects", {}, {"searchType": "NAME"}, None, 400),
    ("POST", "/gdpr/requests", {}, {"deleteConfirmed": "true"},
     {"requestType": "GDPR_DELETE", "subject": {"externalContactId": MARIA}}, 200),
    ("POST", "/gdpr/requests", {}, {}, {}, 400),
    ("GET", "/externalcontacts/contacts", {}, {"q": "maria"}, None, 200),
    ("GET", "/externalcontacts/contacts", {}, {"q": "nobody-at-all"}, None, 200),
    ("GET", CONTACT, {"contactId": MARIA_SALES}, {"expand": "identifiers"}, None, 200),
    ("GET", CONTACT, {"contactId": "none"}, {}, None, 404),
    ("GET", f"{CONTACT}/unresolved", {"contactId": MARIA_ANCESTOR}, {}, None, 200),
    ("DELETE", CONTACT, {"contactId": MARIA}, {}, None, 200),
    ("GET", f"{CONTACT}/identifiers", {"contactId": MARIA}, {}, None, 200),
    ("GET", f"{CONTACT}/notes", {"contactId": MARIA}, {}, None, 200),
    ("GET", f"{CONTACT}/journey/sessions", {"contactId": MARIA_SALES}, {}, None, 200),
    ("POST", "/externalcontacts/identifierlookup/contacts", {}, {},
     {"type": "Phone", "value": "+441632960101"}, 200),
    ("POST", "/externalcontacts/identifierlookup/contacts", {}, {},
     {"type": "Phone", "value": "0163"}, 422),
    ("GET", "/externalcontacts/reversewhitepageslookup", {},
     {"lookupVal": "+441632960101"}, None, 200),
    ("GET", "/externalcontacts/scan/contacts", {}, {"limit": 10}, None, 200),
    ("POST", "/externalcontacts/bulk/contacts", {}, {},
     {"entities": [{"id": MARIA}, {"id": "none"}]}, 200),
    ("POST", "/externalcontacts/bulk/contacts/unresolved", {}, {},
     {"entities": [{"id": MARIA_ANCESTOR}]}, 200),
    ("POST", "/externalcontacts/bulk/contacts/remove", {}, {},
     {"entities": [{"id": MARIA}, {"id": "none"}]}, 200),
    ("POST", "/externalcontacts/bulk/notes/remove", {}, {}, {"entities": [{"id": "none"}]}, 200),
    ("POST", f"{DETAILS}/query", {}, {},
     {"interval": "2020-01-01T00:00:00Z/2020-01-03T00:00:00Z"}, 400),
    ("GET", f"{DETAILS}/jobs/availability", {}, {}, None, 200),
    ("POST", f"{DETAILS}/jobs", {}, {}, {"interval": EVER}, 202),
    ("GET", DETAILS, {}, {"id": [talk(1), talk(2)]}, None, 200),
    ("GET", "/analytics/conversations/{conversationId}/details",
     {"conversationId": talk(2)}, {}, None, 200),
    ("GET", "/analytics/dataretention/settings", {}, {}, None, 200),
    ("GET", TALK, {"conversationId": talk(1)}, {}, None, 200),
    ("GET", TALK, {"conversationId": talk(2)}, {}, None, 200),
    ("GET", f"{TALK}/summaries", {"conversationId": talk(1)}, {}, None, 200),
    ("GET", f"{TALK}/summaries", {"conversationId": talk(2)}, {}, None, 200),
    ("GET", "/analytics/conversations/{conversationId}/details",
     {"conversationId": talk(5)}, {}, None, 200),
    ("GET", f"{TALK}/recordingmetadata", {"conversationId": talk(1)}, {}, None, 200),
    ("GET", f"{TALK}/recordingmetadata/{{recordingId}}",
     {"conversationId": talk(10), "recordingId": recording(10)}, {}, None, 200),
    ("GET", f"{TALK}/recordings", {"conversationId": talk(1)}, {}, None, 202),
    ("GET", f"{TALK}/recordings", {"conversationId": talk(2)}, {}, None, 200),
    ("GET", f"{TALK}/recordings", {"conversationId": talk(3)}, {}, None, 200),
    ("GET", f"{TALK}/recordings", {"conversationId": talk(4)}, {}, None, 200),
    ("GET", f"{TALK}/recordings/{{recordingId}}",
     {"conversationId": talk(1), "recordingId": recording(1)}, {"formatId": "NONE"}, None, 200),
    ("PUT", f"{TALK}/recordings/{{recordingId}}",
     {"conversationId": talk(1), "recordingId": recording(1)}, {}, {"deleteDate": NOW}, 200),
    ("PUT", "/recordings/deletionprotection", {}, {}, {"conversationIds": [talk(5)]}, 200),
    ("POST", "/recordings/deletionprotection", {}, {}, {"conversationIds": [talk(1)]}, 200),
    ("GET", "/quality/evaluations/query", {},
     {"conversationId": talk(1), "expandAnswerTotalScores": "true"}, None, 200),
    ("GET", EVALUATION, {"conversationId": talk(1), "evaluationId": evaluation(1)}, {}, None, 200),
    ("DELETE", EVALUATION,
     {"conversationId": talk(1), "evaluationId": evaluation(1)}, {}, None, 200),
    ("GET", "/quality/conversations/{conversationId}/surveys",
     {"conversationId": talk(2)}, {}, None, 200),
    ("GET", "/quality/calibrations", {}, {"calibratorId": EVALUATOR}, None, 200),
    ("GET", "/quality/calibrations", {}, {"calibratorId": "x"}, None, 200),
    ("GET", "/quality/calibrations", {}, {}, None, 400),
    ("DELETE", "/quality/calibrations/{calibrationId}", {"calibrationId": made(1, "calibration")},
     {"calibratorId": EVALUATOR}, None, 200),
    ("GET", "/quality/surveys/{surveyId}", {"surveyId": made(2, "survey")}, {}, None, 200),
    ("GET", "/audits/query/servicemapping", {}, {}, None, 200),
    ("POST", "/audits/query/realtime", {}, {}, {"interval": EVER}, 200),
    ("GET", "/outbound/contactlists", {}, {}, None, 200),
    ("GET", LIST, {"contactListId": CONTACT_LIST}, {}, None, 200),
    ("POST", f"{LIST}/contacts/search", {"contactListId": CONTACT_LIST}, {},
     {"pageSize": 10, "pageNumber": 1}, 200),
    ("DELETE", f"{LIST}/contacts", {"contactListId": CONTACT_LIST}, {"contactIds": "x"}, None, 204),
    ("GET", "/voicemail/messages", {}, {}, None, 400),
    ("GET", "/voicemail/messages/{messageId}", {"messageId": "none"}, {}, None, 400),
    ("DELETE", "/voicemail/messages/{messageId}", {"messageId": "none"}, {}, None, 400),
    ("GET", "/downloads/{downloadId}", {"downloadId": "none"}, {}, None, 404),
    ("GET", f"{CONTACT}/notes/{{noteId}}", {"contactId": MARIA, "noteId": "none"}, {}, None, 404),
    ("DELETE", TALK, {"conversationId": talk(1)}, {}, None, 200),
    ("GET", "/voicemail/queues/{queueId}/messages", {"queueId": QUEUE}, {}, None, 200),
    ("GET", "/orphanrecordings", {}, {}, None, 200),
    ("GET", ORPHAN, {"orphanId": made(6, "orphan")}, {}, None, 200),
    ("DELETE", ORPHAN, {"orphanId": made(6, "orphan")}, {}, None, 200),
    ("DELETE", ORPHAN, {"orphanId": "none"}, {}, None, 404),
    ("PATCH", f"{DNC}/phonenumbers", {"dncListId": DNC_LIST}, {},
     {"action": "Remove", "phoneNumbers": ["+441632960101"]}, 204),
    ("PATCH", f"{DNC}/emailaddresses", {"dncListId": DNC_LIST}, {},
     {"action": "Add", "emailAddresses": ["a@example.org"]}, 204),
    ("PATCH", f"{DNC}/emailaddresses", {"dncListId": "none"}, {},
     {"action": "Add", "emailAddresses": ["a@example.org"]}, 404),
    ("GET", SPEECH, {"conversationId": talk(5)}, {}, None, 404),
    ("GET", "/externalcontacts/contacts/{contactId}", {"contactId": contact_id("many", "site")},
     {"expand": "identifiers"}, None, 200),
    ("GET", SPEECH, {"conversationId": talk(1)}, {}, None, 200),
    ("GET", f"{SPEECH}/communications/{{communicationId}}/transcripturl",
     {"conversationId": talk(1), "communicationId": "x"}, {}, None, 200),
]  # fmt: skip


@pytest.mark.parametrize(
    ("method", "template", "params", "query", "body", "status"),
    CALLS,
    ids=lambda value: str(value)[:60] if isinstance(value, str | int) else "",
)
def test_answer_has_the_contracts_shape(
    contract, client, method, template, params, query, body, status
):
    reply = client.call(method, template.format(**params), body, **query)
    assert reply.status == status
    answered(contract, method, template, reply)


def test_refused_call_has_the_contracts_shape(contract, app, client):
    client.token = "made-up"
    answered(contract, "GET", "/tokens/me", client.get("/tokens/me"))
    client.sign_in()
    app.fault("permission-lost", "gdpr:request:view")
    answered(contract, "GET", "/gdpr/requests", client.get("/gdpr/requests"))
    for name in ("5xx", "429"):
        app.fault(name, 1)
        answered(contract, "GET", "/tokens/me", client.get("/tokens/me"))
        app.fault(name, 0)


def test_recording_job_has_the_contracts_shape(contract, client, job):
    one = client.get(f"/recording/jobs/{job}")
    assert (one.json["totalSkippedRecordings"], one.json["state"]) == (1, "FULFILLED")
    answered(contract, "GET", "/recording/jobs/{jobId}", one)
    answered(contract, "GET", "/recording/jobs", client.get("/recording/jobs"))
    failed = client.get(f"/recording/jobs/{job}/failedrecordings")
    answered(contract, "GET", "/recording/jobs/{jobId}/failedrecordings", failed)


def test_gdpr_request_has_the_contracts_shape_in_every_state(contract, client, request_id, later):
    for _ in range(14):
        reply = client.get(f"/gdpr/requests/{request_id}")
        answered(contract, "GET", "/gdpr/requests/{requestId}", reply)
        later(seconds=900)
    answered(contract, "GET", "/gdpr/requests", client.get("/gdpr/requests"))


def test_redacted_row_has_the_contracts_shape(contract, client, request_id, later):
    later(hours=12)
    for path in ("/analytics/conversations/{conversationId}/details", TALK, f"{TALK}/summaries"):
        for number in range(13):
            reply = client.get(path.format(conversationId=talk(number)))
            answered(contract, "GET", path, reply)


def test_redacted_visit_and_survey_have_the_contracts_shape(contract, client, later):
    (visit,) = client.get(f"{CONTACT}/journey/sessions".format(contactId=MARIA_SALES)).json[
        "entities"
    ]
    for key in (MARIA, MARIA_SALES):
        body = {"requestType": "GDPR_DELETE", "subject": {"externalContactId": key}}
        client.post("/gdpr/requests", body, deleteConfirmed="true")
    later(hours=12)
    reply = client.get(f"/journey/sessions/{visit['id']}")
    answered(contract, "GET", "/journey/sessions/{sessionId}", reply)
    reply = client.get(f"/quality/surveys/{made(2, 'survey')}")
    answered(contract, "GET", "/quality/surveys/{surveyId}", reply)


def test_query_job_has_the_contracts_shape(contract, client, query_id):
    path = f"{DETAILS}/jobs/{query_id}"
    answered(contract, "GET", f"{DETAILS}/jobs/{{jobId}}", client.get(path))
    results = client.get(f"{path}/results", pageSize=2)
    assert sorted(results.json) == ["conversations", "cursor", "dataAvailabilityDate"]
    answered(contract, "GET", f"{DETAILS}/jobs/{{jobId}}/results", results)


def test_audit_query_has_the_contracts_shape(contract, client, audit_id):
    answered(
        contract, "GET", "/audits/query/{transactionId}", client.get(f"/audits/query/{audit_id}")
    )
    results = client.get(f"/audits/query/{audit_id}/results")
    assert len(results.json["entities"]) == 1
    answered(contract, "GET", "/audits/query/{transactionId}/results", results)


def test_journey_session_and_outbound_contact_have_the_contracts_shape(contract, client, stores):
    (session,) = stores()["journey_sessions"]
    reply = client.get(f"/journey/sessions/{session}")
    answered(contract, "GET", "/journey/sessions/{sessionId}", reply)
    (row,) = stores()["outbound_contacts"]
    reply = client.get(f"/outbound/contactlists/{CONTACT_LIST}/contacts/{row}")
    answered(contract, "GET", f"{LIST}/contacts/{{contactId}}", reply)
