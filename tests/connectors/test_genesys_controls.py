"""Somebody else's records, read beside an absence."""

import json

import pytest
from responses import matchers

from erasure.connectors.base import Control, Found
from erasure.connectors.genesys import rows
from erasure.connectors.genesys.conversations import as_found
from erasure.errors import BusyError
from erasure.values import Identifier, IdentifierKind
from tests.connectors.given import BASE, conversation, with_token

API = f"{BASE}/api/v2"
CONTACTS = f"{API}/externalcontacts/contacts"
SUBJECTS = f"{API}/gdpr/subjects"
DETAILS = f"{API}/analytics/conversations/details"
QUERY = f"{DETAILS}/query"
JOBS = f"{DETAILS}/jobs"

OWN_ID = Identifier(IdentifierKind.EXTERNAL_CONTACT, "c-1")
PERSON = Found("external_contacts", "c-1", division="d-1", identifiers=(OWN_ID,))
OTHER = {"id": "c-5", "workEmail": "bo.muster@example.net"}


def evaluated(key):
    return conversation(key, evaluations=[{"evaluationId": f"e-{key}"}])


def metadata_url(key):
    return f"{API}/conversations/{key}/recordingmetadata"


def found(store, key, division="d-1"):
    return Found(store, key, parent_id="v-1", division=division)


def test_contact_control_is_somebody_elses_of_the_same_division(replies, genesys):
    own = {"id": "c-1"}
    merged = {"id": "c-2", "mergeSet": [{"id": "c-2"}, {"id": "c-1"}]}
    query = matchers.query_param_matcher({"pageSize": "100", "divisionIds": "d-1"})
    with_token(replies)
    replies.get(CONTACTS, json={"entities": [own, merged, OTHER]}, match=[query])
    assert list(genesys.controls([PERSON])) == [Control("external_contacts", "d-1", "c-5")]


def test_subject_control_is_a_contact_of_any_division(replies, genesys):
    with_token(replies)
    replies.get(CONTACTS, json={"entities": [OTHER]})
    subject = Found("gdpr_subjects", "externalContactId:c-1", identifiers=(OWN_ID,))
    assert list(genesys.controls([subject])) == [Control("gdpr_subjects", "", "c-5")]


def test_division_of_the_person_alone_has_no_control(replies, genesys):
    with_token(replies)
    replies.get(CONTACTS, json={"entities": [{"id": "c-1"}]})
    assert list(genesys.controls([PERSON])) == []


def test_one_query_serves_all_stores_that_hang_on_conversations(replies, genesys):
    rows = [evaluated("v-1"), conversation("v-7", conversationEnd=None), evaluated("v-8")]
    with_token(replies)
    replies.post(QUERY, json={"conversations": rows, "totalHits": 3})
    replies.get(metadata_url("v-8"), json=[{"id": "r-1", "fileState": "AVAILABLE"}])
    own = [
        found("conversations", "v-1"),
        found("voice_recordings", "v-1"),
        found("evaluations", "e-v-1"),
    ]
    assert sorted(genesys.controls(own), key=lambda one: one.store) == [
        Control("conversations", "d-1", "v-8"),
        Control("evaluations", "d-1", "v-8/e-v-8"),
        Control("voice_recordings", "d-1", "v-8"),
    ]
    body = json.loads(replies.calls[1].request.body)
    [wanted] = body["conversationFilters"]
    assert wanted["predicates"] == [
        {"dimension": "divisionId", "operator": "matches", "value": "d-1"}
    ]


def test_quiet_week_is_made_up_for_by_a_job(replies, genesys):
    with_token(replies)
    replies.post(QUERY, json={"totalHits": 0})
    replies.post(JOBS, status=202, json={"jobId": "j-1"})
    replies.get(f"{JOBS}/j-1", json={"state": "FULFILLED"})
    replies.get(f"{JOBS}/j-1/results", json={"conversations": [conversation("v-8")]})
    assert list(genesys.controls([found("conversations", "v-1")])) == [
        Control("conversations", "d-1", "v-8")
    ]
    assert json.loads(replies.calls[2].request.body)["limit"] == 100


def test_recording_that_is_gone_is_no_control(replies, genesys):
    with_token(replies)
    replies.post(QUERY, json={"conversations": [conversation("v-8"), conversation("v-9")]})
    replies.get(metadata_url("v-8"), json=[{"id": "r-1", "fileState": "DELETED"}])
    replies.get(metadata_url("v-9"), json=[{"id": "r-2", "fileState": "AVAILABLE"}])
    assert list(genesys.controls([found("voice_recordings", "v-1")])) == [
        Control("voice_recordings", "d-1", "v-9")
    ]


def test_row_that_lies_in_another_division_too_is_no_control(replies, genesys):
    shared = conversation("v-8", divisionIds=["d-1", "d-2"])
    with_token(replies)
    replies.post(QUERY, json={"conversations": [shared, conversation("v-9")]})
    assert list(genesys.controls([found("conversations", "v-1")])) == [
        Control("conversations", "d-1", "v-9")
    ]


def in_divisions(count):
    divisions = tuple(f"{number:036}" for number in range(count))
    row = rows.conversation(conversation("v-1", divisionIds=list(divisions)), frozenset())
    return divisions, as_found(row)


@pytest.mark.parametrize("count", [2, 3])
def test_conversation_of_several_divisions_has_a_control_in_each(replies, genesys, count):
    divisions, own = in_divisions(count)
    with_token(replies)
    for number, division in enumerate(divisions):
        replies.post(
            QUERY, json={"conversations": [conversation(f"w-{number}", divisionIds=[division])]}
        )
    together = ",".join(f"w-{number}" for number in range(count))
    assert list(genesys.controls([own])) == [Control("conversations", own.division, together)]
    assert (len(own.division) <= 80, len({in_divisions(2)[1].division, own.division})) == (
        True,
        count - 1,
    )


def test_conversation_of_several_divisions_lacks_a_control_if_one_has_none(replies, genesys):
    divisions, own = in_divisions(2)
    with_token(replies)
    replies.post(QUERY, json={"conversations": [conversation("w-0", divisionIds=[divisions[0]])]})
    replies.post(JOBS, status=202, json={"jobId": "j-1"})
    replies.get(f"{JOBS}/j-1", json={"state": "FULFILLED"})
    replies.get(f"{JOBS}/j-1/results", json={"conversations": []})
    assert list(genesys.controls([own])) == []


@pytest.mark.parametrize(("there", "seen"), [(("v-8", "v-9"), True), (("v-8",), False)])
def test_control_of_several_divisions_is_seen_if_each_record_is(replies, genesys, there, seen):
    with_token(replies)
    for key in ("v-8", "v-9"):
        body = {"conversations": [conversation(key)]} if key in there else {}
        replies.get(DETAILS, json=body, match=[matchers.query_param_matcher({"id": key})])
    assert genesys.sees(Control("conversations", "a,b", "v-8,v-9")) is seen


SEEN = {
    "external_contacts": (f"{CONTACTS}/c-5/unresolved", OTHER, "c-5"),
    "conversations": (DETAILS, {"conversations": [conversation("v-8")]}, "v-8"),
    "voice_recordings": (metadata_url("v-8"), [{"id": "r-1"}], "v-8"),
    "evaluations": (f"{API}/quality/conversations/v-8/evaluations/e-8", {"id": "e-8"}, "v-8/e-8"),
}


@pytest.mark.parametrize("store", SEEN)
def test_control_that_is_read_is_seen(replies, genesys, store):
    url, body, key = SEEN[store]
    with_token(replies)
    replies.get(url, json=body)
    assert genesys.sees(Control(store, "d-1", key)) is True


@pytest.mark.parametrize("store", SEEN)
@pytest.mark.parametrize("status", [403, 404])
def test_control_that_is_hidden_is_not_seen(replies, genesys, store, status):
    url, _, key = SEEN[store]
    with_token(replies)
    replies.get(url, status=status, json={"code": "not.found"})
    assert genesys.sees(Control(store, "d-1", key)) is False


@pytest.mark.parametrize(("store", "empty"), [("conversations", {}), ("voice_recordings", [])])
def test_control_missing_from_the_answer_is_not_seen(replies, genesys, store, empty):
    url, _, key = SEEN[store]
    with_token(replies)
    replies.get(url, json=empty)
    assert genesys.sees(Control(store, "d-1", key)) is False


def test_control_that_cannot_be_read_now_is_for_later(replies, genesys):
    with_token(replies)
    replies.get(f"{CONTACTS}/c-5/unresolved", status=503)
    with pytest.raises(BusyError):
        genesys.sees(Control("external_contacts", "d-1", "c-5"))


@pytest.mark.parametrize(("key", "seen"), [("c-5", True), ("c-6", False)])
def test_subject_control_must_come_back_from_the_subject_search(replies, genesys, key, seen):
    with_token(replies)
    replies.get(f"{CONTACTS}/c-5/unresolved", json=OTHER)
    query = {"searchType": "EMAIL", "searchValue": "bo.muster@example.net"}
    entities = [{"externalContactId": key}]
    wanted = [matchers.query_param_matcher(query)]
    replies.get(SUBJECTS, json={"entities": entities, "total": 1}, match=wanted)
    assert genesys.sees(Control("gdpr_subjects", "", "c-5")) is seen
