"""Fresh reads: gone, redacted, still there, or no answer at all."""

import json

import pytest
from responses import matchers

from erasure.connectors.base import ItemRef, Presence, Seen
from erasure.errors import BusyError, RefusedError
from erasure.values import Identifier, IdentifierKind
from tests.connectors.given import BASE, NUMBER, PLANTED, ago, conversation, with_token

API = f"{BASE}/api/v2"
DETAILS = f"{API}/analytics/conversations/details"
SUBJECTS = f"{API}/gdpr/subjects"
JOBS = f"{API}/recording/jobs"

EMAIL = Identifier(IdentifierKind.EMAIL, PLANTED)
PHONE = Identifier(IdentifierKind.PHONE, NUMBER)
NAME = Identifier(IdentifierKind.NAME, "Ada Beispiel")
CONTACT = Identifier(IdentifierKind.EXTERNAL_CONTACT, "c-1")
WHO = (EMAIL, PHONE, CONTACT)
NAMES = ("Ada Beispiel",)


def verify(genesys, refs, who=WHO, names=NAMES):
    return list(genesys.verify(refs, who, names))


def metadata_url(key):
    return f"{API}/conversations/{key}/recordingmetadata"


@pytest.mark.parametrize(("status", "seen"), [(200, Seen.PRESENT), (404, Seen.ABSENT)])
def test_contact_is_read_by_its_exact_id(replies, genesys, status, seen):
    with_token(replies)
    replies.get(f"{API}/externalcontacts/contacts/c-1/unresolved", status=status, json={})
    ref = ItemRef("external_contacts", "c-1")
    assert verify(genesys, [ref]) == [Presence(ref, seen, status)]


@pytest.mark.parametrize(("status", "seen"), [(200, Seen.PRESENT), (404, Seen.ABSENT)])
def test_evaluation_is_read_by_its_id(replies, genesys, status, seen):
    with_token(replies)
    url = f"{API}/quality/conversations/v-1/evaluations/e-1"
    replies.get(url, status=status, json={"id": "e-1", "answers": {}})
    ref = ItemRef("evaluations", "e-1", parent_id="v-1")
    assert verify(genesys, [ref]) == [Presence(ref, seen, status)]


@pytest.mark.parametrize(("status", "error"), [(403, RefusedError), (503, BusyError)])
@pytest.mark.parametrize(
    ("ref", "url"),
    [
        (
            ItemRef("external_contacts", "c-1"),
            f"{API}/externalcontacts/contacts/c-1/unresolved",
        ),
        (ItemRef("gdpr_subjects", "externalContactId:c-1"), SUBJECTS),
        (ItemRef("conversations", "v-1"), DETAILS),
        (ItemRef("voice_recordings", "v-1"), metadata_url("v-1")),
        (
            ItemRef("evaluations", "e-1", parent_id="v-1"),
            f"{API}/quality/conversations/v-1/evaluations/e-1",
        ),
    ],
)
def test_read_that_fails_is_never_an_absence(replies, genesys, ref, url, status, error):
    with_token(replies)
    replies.get(url, status=status, json={"message": PLANTED})
    with pytest.raises(error) as caught:
        verify(genesys, [ref])
    assert PLANTED not in str(caught.value)


def test_store_nobody_knows_is_refused(genesys):
    with pytest.raises(RefusedError):
        verify(genesys, [ItemRef("voicemail", "m-1")])


# GDPR subjects


def test_subject_is_absent_when_no_identifier_leads_to_it(replies, genesys):
    with_token(replies)
    for kind, value in (("EMAIL", PLANTED), ("PHONE", NUMBER)):
        query = {"searchType": kind, "searchValue": value}
        found = [{"externalContactId": "c-2"}] if kind == "PHONE" else []
        wanted = [matchers.query_param_matcher(query)]
        replies.get(SUBJECTS, json={"entities": found, "total": len(found)}, match=wanted)
    refs = [ItemRef("gdpr_subjects", f"externalContactId:{key}") for key in ("c-1", "c-2")]
    assert verify(genesys, refs) == [
        Presence(refs[0], Seen.ABSENT),
        Presence(refs[1], Seen.PRESENT),
    ]


def test_subject_known_by_name_alone_is_searched_by_it(replies, genesys):
    with_token(replies)
    query = {"searchType": "NAME", "searchValue": "Ada Beispiel"}
    wanted = [matchers.query_param_matcher(query)]
    replies.get(SUBJECTS, json={"entities": []}, match=wanted)
    ref = ItemRef("gdpr_subjects", "externalContactId:c-1")
    assert verify(genesys, [ref], who=(NAME,)) == [Presence(ref, Seen.ABSENT)]


def test_subject_with_nothing_to_search_by_is_refused(genesys):
    with pytest.raises(RefusedError):
        verify(genesys, [ItemRef("gdpr_subjects", "externalContactId:c-1")], (CONTACT,), ())


def test_subject_search_that_is_incomplete_is_refused(replies, genesys):
    with_token(replies)
    replies.get(SUBJECTS, json={"entities": [], "total": 3})
    with pytest.raises(RefusedError):
        verify(genesys, [ItemRef("gdpr_subjects", "externalContactId:c-1")])


def test_subject_without_an_id_that_comes_changed_is_still_there(replies, genesys):
    with_token(replies)
    before = {"name": "Ada Beispiel", "emailAddresses": [PLANTED]}
    replies.get(SUBJECTS, json={"entities": [{"emailAddresses": [PLANTED]}], "total": 1})
    ref = ItemRef("gdpr_subjects", genesys.subjects.ids_of(before)[0].key)
    assert verify(genesys, [ref], who=(EMAIL,)) == [Presence(ref, Seen.PRESENT)]


# Conversations


def redacted(key):
    row = conversation(key)
    customer = row["participants"][0]
    del customer["participantName"]
    for field in ("ani", "dnis"):
        del customer["sessions"][0][field]
    return row


def read_rows(replies, genesys, rows, refs, **given):
    with_token(replies)
    replies.get(DETAILS, json={"conversations": rows} if rows else {})
    return [one.seen for one in verify(genesys, refs, **given)]


def test_rows_are_read_in_one_call(replies, genesys):
    refs = [ItemRef("conversations", f"v-{number}") for number in range(100)]
    read_rows(replies, genesys, [], refs)
    assert replies.calls[1].request.params == {"id": [ref.remote_id for ref in refs]}


def test_row_with_nothing_of_the_person_left_is_redacted(replies, genesys):
    refs = [ItemRef("conversations", key) for key in ("v-1", "v-2", "v-3")]
    rows = [conversation("v-2"), redacted("v-1")]
    assert read_rows(replies, genesys, rows, refs) == [Seen.REDACTED, Seen.PRESENT, Seen.ABSENT]


@pytest.mark.parametrize(
    "left",
    [
        {"attributes": {"mail": "Ada.BEISPIEL@example.org"}},
        {"attributes": {"link": "https://example.org/?u=ada.beispiel%40example.org"}},
        {"sessions": [{"remote": "tel:+441632960101"}]},
        {"sessions": [{"remote": "441632960101"}]},
        {"sessions": [{"remote": "+44 (1632) 960-101"}]},
        {"sessions": [{"segments": [{"subject": "Beispiel, ADA: a question"}]}]},
        {"participantName": "ada beispiel"},
    ],
)
def test_row_with_anything_of_the_person_left_is_present(replies, genesys, left):
    row = redacted("v-1")
    row["participants"][0] |= left
    refs = [ItemRef("conversations", "v-1")]
    assert read_rows(replies, genesys, [row], refs) == [Seen.PRESENT]


HIDDEN = {"purpose": "external", "externalContactId": "c-1"}


@pytest.mark.parametrize(
    ("left", "seen"),
    [
        ({}, Seen.REDACTED),
        ({"participantName": "Somebody Else"}, Seen.PRESENT),
        ({"sessions": [{"addressOther": "bo.muster@example.net"}]}, Seen.PRESENT),
        ({"sessions": [{"callbackNumbers": ["+441632960188"]}]}, Seen.PRESENT),
    ],
)
def test_row_that_never_showed_the_person_may_show_nobody(replies, genesys, left, seen):
    row = conversation("v-1", participants=[HIDDEN | left])
    refs = [ItemRef("conversations", "v-1", facts={"visible": False})]
    assert read_rows(replies, genesys, [row], refs) == [seen]


def test_row_that_showed_the_person_may_keep_somebody_elses_name(replies, genesys):
    row = conversation("v-1", participants=[HIDDEN | {"participantName": "Somebody Else"}])
    refs = [ItemRef("conversations", "v-1", facts={"visible": True})]
    assert read_rows(replies, genesys, [row], refs) == [Seen.REDACTED]


@pytest.mark.parametrize(
    ("store", "url"),
    [("conversations", DETAILS), ("gdpr_subjects", SUBJECTS)],
)
def test_error_told_as_a_success_is_never_an_absence(replies, genesys, store, url):
    with_token(replies)
    replies.get(url, json={"status": 503, "code": "service.unavailable", "message": PLANTED})
    with pytest.raises(RefusedError) as refused:
        verify(genesys, [ItemRef(store, "externalContactId:c-1")])
    assert PLANTED not in str(refused.value)


def test_namesake_at_work_is_not_the_person(replies, genesys):
    row = redacted("v-1")
    row["participants"][1]["participantName"] = "Ada Beispiel"
    refs = [ItemRef("conversations", "v-1")]
    assert read_rows(replies, genesys, [row], refs) == [Seen.REDACTED]


# Recordings


def recording(key, facts=None, when=None):
    return ItemRef("voice_recordings", key, facts=facts or {}, occurred_at=when or ago(days=30))


@pytest.mark.parametrize(
    ("entries", "seen"),
    [
        ([], Seen.ABSENT),
        ([{"id": "r-1", "fileState": "DELETED"}], Seen.ABSENT),
        (
            [{"id": "r-1", "fileState": "AVAILABLE", "deleteDate": "2099-01-01T00:00:00Z"}],
            Seen.PRESENT,
        ),
        (
            [{"id": "r-1", "fileState": "DELETED"}, {"id": "r-2", "fileState": "ARCHIVED"}],
            Seen.PRESENT,
        ),
        ([{"id": "r-1"}], Seen.PRESENT),
    ],
)
def test_recording_is_read_by_its_metadata(replies, genesys, entries, seen):
    with_token(replies)
    replies.get(metadata_url("v-1"), json=entries)
    ref = recording("v-1")
    assert verify(genesys, [ref]) == [Presence(ref, seen)]


def test_metadata_that_is_no_list_is_refused(replies, genesys):
    with_token(replies)
    replies.get(metadata_url("v-1"), json={"entities": []})
    with pytest.raises(RefusedError):
        verify(genesys, [recording("v-1")])


COUNTED = {"bulk": "a1", "bulk_recordings": 40}


def many(facts=None, when=None):
    return [recording(f"v-{number}", facts or COUNTED, when) for number in range(20)]


def recount(replies, conversations, recordings):
    replies.post(JOBS, status=202, json={"id": "k-1"})
    totals = {"totalConversations": conversations, "totalRecordings": recordings}
    replies.get(f"{JOBS}/k-1", json={"state": "READY", **totals})
    replies.delete(f"{JOBS}/k-1", status=204)


def read_singly(replies, refs):
    for ref in refs:
        replies.get(metadata_url(ref.remote_id), json=[])


def test_many_counted_recordings_are_counted_again_and_sampled(replies, genesys):
    refs = many()
    with_token(replies)
    recount(replies, 0, 0)
    read_singly(replies, (refs[0], refs[6], refs[12]))
    assert {one.seen for one in verify(genesys, refs)} == {Seen.ABSENT}
    [wanted] = json.loads(replies.calls[1].request.body)["conversationQuery"]["conversationFilters"]
    assert [one["value"] for one in wanted["predicates"]] == [ref.remote_id for ref in refs]
    assert [call.request.method for call in replies.calls].count("PUT") == 0


def test_many_counted_recordings_all_left_are_all_present(replies, genesys):
    with_token(replies)
    recount(replies, 20, 40)
    assert {one.seen for one in verify(genesys, many())} == {Seen.PRESENT}


def test_many_counted_recordings_in_part_left_are_each_read(replies, genesys):
    refs = many()
    with_token(replies)
    recount(replies, 1, 1)
    read_singly(replies, refs[1:])
    replies.get(metadata_url("v-0"), json=[{"id": "r-1", "fileState": "AVAILABLE"}])
    seen = [one.seen for one in verify(genesys, refs)]
    assert seen == [Seen.PRESENT] + [Seen.ABSENT] * 19


def test_sample_that_contradicts_the_count_has_each_read(replies, genesys):
    refs = many()
    with_token(replies)
    recount(replies, 0, 0)
    read_singly(replies, refs[1:])
    replies.get(metadata_url("v-0"), json=[{"id": "r-1", "fileState": "AVAILABLE"}])
    seen = [one.seen for one in verify(genesys, refs)]
    assert seen == [Seen.PRESENT] + [Seen.ABSENT] * 19


@pytest.mark.parametrize(
    ("facts", "days"), [({"recordings": 2}, 30), ({**COUNTED, "aged": False}, 6 * 365)]
)
def test_recordings_no_job_counted_before_are_each_read(replies, genesys, facts, days):
    refs = many(facts, ago(days=days))
    with_token(replies)
    read_singly(replies, refs)
    assert {one.seen for one in verify(genesys, refs)} == {Seen.ABSENT}


def test_recordings_counted_when_aged_are_counted_again(replies, genesys):
    refs = many({**COUNTED, "aged": True}, ago(days=6 * 365))
    with_token(replies)
    recount(replies, 0, 0)
    read_singly(replies, (refs[0], refs[6], refs[12]))
    assert {one.seen for one in verify(genesys, refs)} == {Seen.ABSENT}


def test_recordings_when_no_job_may_count_are_each_read(replies, genesys):
    refs = many()
    with_token(replies)
    replies.post(JOBS, status=409, json={})
    read_singly(replies, refs)
    assert {one.seen for one in verify(genesys, refs)} == {Seen.ABSENT}


def test_counted_recordings_of_another_kind_than_their_row_told_are_still_there(replies, genesys):
    with_token(replies)
    left = [{"id": "r-1", "media": "message", "fileState": "AVAILABLE"}]
    replies.get(metadata_url("v-1"), json=left)
    ref = recording("v-1", COUNTED)
    assert verify(genesys, [ref]) == [Presence(ref, Seen.PRESENT)]
