"""The stores beside contacts, conversations and recordings: each found, erased, read back."""

import json
from dataclasses import replace

import pytest
from responses import matchers

from erasure.connectors.base import Control, Found, ItemRef, Leg, Presence, Reply, Searched, Seen
from erasure.connectors.genesys import Genesys, stores
from erasure.connectors.genesys.part import Beside, Person
from erasure.connectors.genesys.rows import conversation as read_row
from erasure.errors import BusyError, RefusedError
from erasure.values import Identifier, IdentifierKind, StoreStatus
from tests.connectors.given import (
    BASE,
    NUMBER,
    PLANTED,
    CountingLimiter,
    account,
    allow,
    conversation,
    with_token,
)

API = f"{BASE}/api/v2"
CONTACT = f"{API}/externalcontacts/contacts/c-1"
NOTES = f"{CONTACT}/notes"
VISITS = f"{CONTACT}/journey/sessions"
TALK = f"{API}/conversations/v-1"
SURVEYS = f"{API}/quality/conversations/v-1/surveys"
CALIBRATIONS = f"{API}/quality/calibrations"
LIST = f"{API}/outbound/contactlists/l-1/contacts"
DETAILS = f"{API}/analytics/conversations/details"

EMAIL = Identifier(IdentifierKind.EMAIL, PLANTED)
PHONE = Identifier(IdentifierKind.PHONE, NUMBER)
CONTACT_ID = Identifier(IdentifierKind.EXTERNAL_CONTACT, "c-1")
ADA = Found("external_contacts", "c-1", division="d-1", identifiers=(EMAIL, CONTACT_ID))
OLD = Found("external_contacts", "c-0", identifiers=(CONTACT_ID,), facts={"ancestor": True})
DIALLED = Found("gdpr_subjects", "dialerContactId:l-1:o-1")

KEPT = """external_contacts contact_notes journey_sessions gdpr_subjects conversations
    participant_attributes voice_recordings screen_recordings chat_transcripts
    message_transcripts email_transcripts orphan_recordings speech_transcripts
    conversation_summaries voicemail evaluations calibrations surveys outbound_contacts
    do_not_contact copies_outside"""


def row(*, known=(EMAIL, PHONE), settled=True, **changed):
    read = read_row(conversation("v-1", **changed), frozenset(known))
    return replace(read, settled=settled)


def person(*rows, people=(ADA,)):
    return Person((EMAIL, PHONE), ("Ada Beispiel",), people, rows)


def part(genesys, store):
    return next(one for one in genesys.parts if store in one.names)


def collect(genesys, store, whom):
    lines = [one for one in part(genesys, store).collect(whom) if one.store == store]
    return [one for one in lines if isinstance(one, Found)], lines[-1]


def verify(genesys, *refs):
    return [one.seen for one in genesys.verify(refs, (EMAIL, PHONE), ("Ada Beispiel",))]


# The table


def test_every_store_the_vendor_keeps_is_declared():
    assert {store.name for store in stores.STORES} == set(KEPT.split())


@pytest.mark.parametrize("store", stores.STORES, ids=lambda one: one.name)
def test_store_declares_how_it_is_searched_erased_and_read_back(store):
    assert all((store.title, store.search, store.erase, store.verify))
    assert store.permissions or store.manual
    assert len(store.manual) <= 300


@pytest.mark.parametrize("store", stores.STORES, ids=lambda one: one.name)
def test_store_is_erased_by_its_own_call_a_vendor_job_or_a_person(store):
    """Nobody answers here, so a store with a call of its own has one that failed."""
    nowhere = account(base_url="http://127.0.0.1:1", login_url="http://127.0.0.1:1")
    ref = ItemRef(store.name, "l:1" if store.name == stores.OUTBOUND else "x/1", parent_id="v-1")
    if store.name == stores.SUBJECTS:
        ref = replace(ref, remote_id="externalContactId:c-1")
    try:
        [answer] = Genesys(nowhere, CountingLimiter()).erase([ref], allow)
    except RefusedError:
        follows = set(store.after) >= set(stores.RECORDED)
        assert store.leg is Leg.NATIVE or store.manual
        assert store.leg is Leg.NATIVE or follows or store.name in (stores.DNC, stores.COPIES)
    else:
        assert (type(answer.error), store.leg) == (BusyError, Leg.OWN)


@pytest.mark.parametrize("store", stores.STORES, ids=lambda one: one.name)
def test_store_belongs_to_one_part(genesys, store):
    assert sum(store.name in one.names for one in genesys.parts) == 1


# Contact notes


def test_notes_of_the_head_contact_are_listed_with_those_of_its_merge_set(replies, genesys):
    first = {"entities": [{"id": f"n-{number}"} for number in range(100)], "total": 101}
    second = {"entities": [{"id": "n-100", "createDate": "2024-01-02T03:04:05Z"}], "total": 101}
    with_token(replies)
    for page, body in ((1, first), (2, second)):
        query = {"pageSize": "100", "pageNumber": str(page), "expand": "mergeset"}
        replies.get(NOTES, json=body, match=[matchers.query_param_matcher(query)])
    found, word = collect(genesys, stores.NOTES, person(people=(ADA, OLD)))
    assert [one.remote_id for one in found] == [f"c-1/n-{number}" for number in range(101)]
    assert {one.division for one in found} == {"d-1"}
    assert word == Searched(stores.NOTES, StoreStatus.FOUND, 101)


@pytest.mark.parametrize(
    "listing",
    [
        {"entities": [], "partialResults": True},
        {"entities": [{"id": "n-1"}], "total": 5},
        {"entities": [{}], "total": 1},
        {"entities": {"id": "n-1"}},
    ],
)
def test_notes_that_are_not_all_there_are_unanswered(replies, genesys, listing):
    with_token(replies)
    replies.get(NOTES, json=listing)
    with pytest.raises(RefusedError):
        list(part(genesys, stores.NOTES).collect(person()))


def test_more_notes_than_the_vendor_lists_are_unanswered(replies, genesys):
    page = {"entities": [{"id": "n"} for _ in range(100)], "total": 1001}
    with_token(replies)
    replies.get(NOTES, json=page)
    with pytest.raises(RefusedError):
        list(part(genesys, stores.NOTES).collect(person()))


@pytest.mark.parametrize(("status", "reply"), [(200, Reply.DONE), (404, Reply.ALREADY_GONE)])
def test_note_is_deleted_by_itself(replies, genesys, guard, status, reply):
    with_token(replies)
    replies.delete(f"{NOTES}/n-1", status=status, json={})
    [answer] = genesys.erase([ItemRef(stores.NOTES, "c-1/n-1")], guard)
    assert (answer.reply, guard.asked) == (reply, [["c-1/n-1"]])


@pytest.mark.parametrize(
    ("status", "body", "seen"),
    [
        (200, {"entities": [{"id": "n-1"}]}, Seen.PRESENT),
        (200, {"entities": [{"id": "n-2"}]}, Seen.ABSENT),
        (404, {}, Seen.ABSENT),
    ],
)
def test_note_is_looked_for_where_it_was_found(replies, genesys, status, body, seen):
    with_token(replies)
    replies.get(NOTES, status=status, json=body)
    assert verify(genesys, ItemRef(stores.NOTES, "c-1/n-1")) == [seen]


# Journey sessions


def test_visits_are_read_page_by_page(replies, genesys):
    query = {"pageSize": "200", "includeMerged": "true"}
    first = {"entities": [{"id": "s-1"}], "nextUri": "/api/v2/x?after=k%2B1&pageSize=200"}
    with_token(replies)
    replies.get(VISITS, json=first, match=[matchers.query_param_matcher(query)])
    last = [matchers.query_param_matcher({**query, "after": "k+1"})]
    replies.get(VISITS, json={"entities": [{"id": "s-2"}]}, match=last)
    found, word = collect(genesys, stores.JOURNEYS, person())
    assert [one.remote_id for one in found] == ["s-1", "s-2"]
    assert word.status is StoreStatus.FOUND


@pytest.mark.parametrize("following", ["/api/v2/x", "/api/v2/x?after=k"])
def test_visits_without_a_new_cursor_are_unanswered(replies, genesys, following):
    with_token(replies)
    replies.get(VISITS, json={"entities": [{"id": "s-1"}], "nextUri": following})
    with pytest.raises(RefusedError):
        list(part(genesys, stores.JOURNEYS).collect(person()))


def test_visits_whose_cursor_expired_are_unanswered(replies, genesys):
    with_token(replies)
    replies.get(VISITS, json={"entities": [], "nextUri": "/api/v2/x?after=k"})
    replies.get(VISITS, status=404, json={})
    with pytest.raises(RefusedError):
        list(part(genesys, stores.JOURNEYS).collect(person()))


@pytest.mark.parametrize(
    ("left", "seen"),
    [
        ({}, Seen.REDACTED),
        ({"ipAddress": "", "externalContact": {}}, Seen.REDACTED),
        ({"ipAddress": "192.0.2.7"}, Seen.PRESENT),
        ({"customerId": "k-1"}, Seen.PRESENT),
        ({"externalContact": {"id": "c-1"}}, Seen.PRESENT),
        ({"lastPage": {"url": f"https://example.org/?u={PLANTED}"}}, Seen.PRESENT),
    ],
)
def test_visit_is_redacted_when_nothing_leads_to_anybody(replies, genesys, left, seen):
    with_token(replies)
    replies.get(f"{API}/journey/sessions/s-1", json={"id": "s-1", "eventCount": 3} | left)
    assert verify(genesys, ItemRef(stores.JOURNEYS, "s-1")) == [seen]


# Participant attributes


def with_attributes(purpose="customer", **given):
    participants = [{"purpose": purpose, "attributes": given}]
    return {"id": "v-1", "participants": participants}


def test_attributes_of_a_settled_row_need_no_call(genesys):
    told = conversation("v-1")
    told["participants"][0]["attributes"] = {"policy": "4711", "empty": ""}
    settled = row(participants=told["participants"])
    found, word = collect(genesys, stores.ATTRIBUTES, person(settled))
    assert [(one.remote_id, one.parent_id, one.facts) for one in found] == [
        ("v-1", "v-1", {"attributes": 1})
    ]
    assert word == Searched(stores.ATTRIBUTES, StoreStatus.FOUND, 1)


def test_conversation_no_job_saw_is_read_for_its_attributes(replies, genesys):
    with_token(replies)
    replies.get(TALK, json=with_attributes(policy="4711"))
    found, _ = collect(genesys, stores.ATTRIBUTES, person(row(settled=False)))
    assert [one.remote_id for one in found] == ["v-1"]


@pytest.mark.parametrize(
    ("body", "seen"),
    [
        (with_attributes(policy=""), Seen.REDACTED),
        (with_attributes(policy="4711"), Seen.PRESENT),
        (with_attributes("agent", policy="4711"), Seen.REDACTED),
        (with_attributes("external", policy="4711"), Seen.PRESENT),
    ],
)
def test_attributes_are_read_from_the_conversation(replies, genesys, body, seen):
    with_token(replies)
    replies.get(TALK, json=body)
    assert verify(genesys, ItemRef(stores.ATTRIBUTES, "v-1", "v-1")) == [seen]


# Surveys


def survey(answer, key="s-1"):
    scores = [{"questionId": "q-1", "freeTextAnswer": answer}]
    return {"id": key, "answers": {"questionGroupScores": [{"questionScores": scores}]}}


def test_unsettled_conversation_that_cannot_be_read_leaves_attributes_unanswered(replies, genesys):
    with_token(replies)
    replies.get(TALK, status=404, json={})
    with pytest.raises(RefusedError, match="does not show a conversation"):
        list(part(genesys, stores.ATTRIBUTES).collect(person(row(settled=False))))


def test_announced_survey_that_an_empty_list_does_not_show_is_no_answer(replies, genesys):
    with_token(replies)
    replies.get(SURVEYS, json=[])
    with pytest.raises(RefusedError, match="does not show a survey"):
        list(part(genesys, stores.SURVEYS).collect(person(row(surveys=[{"surveyId": "s-1"}]))))


def test_surveys_are_asked_for_where_a_row_announces_one(replies, genesys):
    with_token(replies)
    replies.get(SURVEYS, json=[survey("Well done.")])
    announced = row(surveys=[{"surveyId": "s-1"}])
    found, word = collect(genesys, stores.SURVEYS, person(announced))
    assert [(one.remote_id, one.parent_id) for one in found] == [("s-1", "v-1")]
    assert collect(genesys, stores.SURVEYS, person(row())) == (
        [],
        Searched(stores.SURVEYS, StoreStatus.EMPTY),
    )


def test_announced_survey_that_cannot_be_seen_is_unanswered(replies, genesys):
    with_token(replies)
    replies.get(SURVEYS, status=404, json={})
    with pytest.raises(RefusedError):
        list(part(genesys, stores.SURVEYS).collect(person(row(surveys=[{"surveyId": "s-1"}]))))


@pytest.mark.parametrize(
    ("body", "seen"),
    [
        ([survey("")], Seen.REDACTED),
        ([survey("Call me.")], Seen.PRESENT),
        ([{**survey(""), "name": PLANTED}], Seen.PRESENT),
        ([survey("Call me.", "s-2")], Seen.ABSENT),
        ([], Seen.ABSENT),
    ],
)
def test_survey_is_redacted_when_no_free_text_is_left(replies, genesys, body, seen):
    with_token(replies)
    replies.get(SURVEYS, json=body)
    assert verify(genesys, ItemRef(stores.SURVEYS, "s-1", "v-1")) == [seen]


# Calibrations


@pytest.fixture
def calibrated(limiter, naps):
    return Genesys(account(options={"calibrators": "u-8, u-9"}), limiter, sleep=naps)


EVALUATED = {"evaluations": [{"evaluationId": "e-1"}]}


def test_calibrations_are_asked_of_every_calibrator(replies, calibrated):
    with_token(replies)
    for calibrator, entities in (("u-8", []), ("u-9", [{"id": "k-1"}])):
        query = {"calibratorId": calibrator, "conversationId": "v-1"}
        wanted = matchers.query_param_matcher(query, strict_match=False)
        replies.get(
            CALIBRATIONS, json={"entities": entities, "total": len(entities)}, match=[wanted]
        )
    found, word = collect(calibrated, stores.CALIBRATIONS, person(row(**EVALUATED)))
    assert [(one.remote_id, one.parent_id) for one in found] == [("u-9/k-1", "v-1")]
    assert word.note == "calibrators asked: 2"


def test_without_a_known_calibrator_a_person_must_look(genesys):
    _, word = collect(genesys, stores.CALIBRATIONS, person(row(**EVALUATED)))
    assert (word.status, word.manual) == (
        StoreStatus.MANUAL,
        stores.MANUAL[stores.CALIBRATIONS],
    )
    _, word = collect(genesys, stores.CALIBRATIONS, person(row()))
    assert (word.status, word.manual) == (StoreStatus.EMPTY, "")


def test_calibration_is_deleted_and_looked_for_in_its_list(replies, calibrated):
    ref = ItemRef(stores.CALIBRATIONS, "u-9/k-1", "v-1")
    query = [matchers.query_param_matcher({"calibratorId": "u-9"})]
    with_token(replies)
    replies.delete(f"{CALIBRATIONS}/k-1", json={"id": "k-1"}, match=query)
    replies.get(CALIBRATIONS, json={"entities": [{"id": "k-1"}], "total": 1})
    replies.get(CALIBRATIONS, json={"entities": []})
    [answer] = calibrated.erase([ref], allow)
    assert answer.reply is Reply.DONE
    assert verify(calibrated, ref) == [Seen.PRESENT]
    assert verify(calibrated, ref) == [Seen.ABSENT]


def test_calibrations_beyond_those_returned_are_unanswered(replies, calibrated):
    with_token(replies)
    replies.get(CALIBRATIONS, json={"entities": [], "total": 4})
    with pytest.raises(RefusedError):
        list(part(calibrated, stores.CALIBRATIONS).collect(person(row(**EVALUATED))))


# Campaign contacts


def dialled():
    called = conversation("v-1")
    called["participants"][0]["sessions"][0] |= {
        "outboundContactListId": "l-1",
        "outboundContactId": "o-2",
    }
    return row(participants=called["participants"])


def listed(key, phone=NUMBER):
    return {"id": key, "contactListId": "l-1", "data": {"phone": phone, "age": 7}}


@pytest.mark.parametrize(("phone", "certain"), [(NUMBER, True), ("+441632960199", False)])
def test_campaign_rows_come_from_subjects_and_calls(replies, genesys, phone, certain):
    with_token(replies)
    replies.get(f"{LIST}/o-1", json=listed("o-1", "+441632960155"))
    replies.get(f"{LIST}/o-2", json=listed("o-2", phone))
    found, _ = collect(genesys, stores.OUTBOUND, person(dialled(), people=(DIALLED,)))
    assert [(one.remote_id, one.division, one.certain) for one in found] == [
        ("l-1:o-1", "l-1", True),
        ("l-1:o-2", "l-1", certain),
    ]


def test_campaign_row_in_use_is_for_later(replies, genesys):
    with_token(replies)
    replies.delete(f"{LIST}/o-1", status=400, json={"code": "contact.in.use"})
    [answer] = genesys.erase([ItemRef(stores.OUTBOUND, "l-1:o-1")], allow)
    assert isinstance(answer.error, BusyError)


@pytest.mark.parametrize(("status", "seen"), [(200, Seen.PRESENT), (404, Seen.ABSENT)])
def test_campaign_row_kept_in_silence_is_seen(replies, genesys, status, seen):
    with_token(replies)
    replies.delete(f"{LIST}/o-1", json={})
    replies.get(f"{LIST}/o-1", status=status, json=listed("o-1"))
    ref = ItemRef(stores.OUTBOUND, "l-1:o-1")
    [answer] = genesys.erase([ref], allow)
    assert answer.reply is Reply.DONE
    assert list(genesys.verify([ref], (), ())) == [Presence(ref, seen, status)]


# What no interface reaches


def lines(**options):
    genesys = Genesys(account(options=options), CountingLimiter())
    return {one.store: one for one in part(genesys, stores.DNC).collect(person())}


def test_without_named_lists_there_is_no_do_not_contact_line():
    assert lines()[stores.DNC] == Searched(
        stores.DNC, StoreStatus.NOT_PRESENT, note="no list is named in the connection"
    )


def test_named_lists_make_a_line_for_a_person():
    word = lines(dnc_lists="internal, l-7")[stores.DNC]
    assert (word.status, word.manual) == (StoreStatus.MANUAL, stores.MANUAL[stores.DNC])
    assert word.note.startswith("2 named")


@pytest.mark.parametrize(
    ("declared", "status", "task"),
    [
        ("", StoreStatus.MANUAL, stores.MANUAL[stores.COPIES]),
        ("None", StoreStatus.NOT_PRESENT, ""),
        (
            "bucket eu-7",
            StoreStatus.MANUAL,
            "Look for the person, delete what is found, attach the evidence. Where: bucket eu-7",
        ),
    ],
)
def test_copies_outside_are_as_the_connection_declares(declared, status, task):
    word = lines(outside_copies=declared)[stores.COPIES]
    assert (word.status, word.manual) == (status, task)


# Controls


BESIDE = {
    stores.NOTES: (NOTES, {"entities": [{"id": "n-1"}]}, "c-1/n-1"),
    stores.JOURNEYS: (VISITS, {"entities": [{"id": "s-1"}]}, "s-1"),
    stores.ATTRIBUTES: (TALK, with_attributes(), "v-1"),
    stores.SURVEYS: (SURVEYS, [survey("")], "v-1/s-1"),
}


@pytest.mark.parametrize("store", BESIDE)
def test_control_is_a_record_of_somebody_else(replies, genesys, store):
    url, body, remote_id = BESIDE[store]
    with_token(replies)
    replies.get(url, json=body)
    beside = Beside("d-1", contact="c-1", row=row())
    assert part(genesys, store).control(store, beside) == remote_id


@pytest.mark.parametrize("store", BESIDE)
def test_control_out_of_sight_does_not_serve(replies, genesys, store):
    url, _, _ = BESIDE[store]
    with_token(replies)
    replies.get(url, status=404, json={})
    assert part(genesys, store).control(store, Beside("d-1", contact="c-1", row=row())) == ""


PARENTS = {
    stores.NOTES: (NOTES, {"entities": []}, "c-1/", f"{CONTACT}/unresolved", {"id": "c-1"}),
    stores.JOURNEYS: (VISITS, {"entities": []}, "c-1/", f"{CONTACT}/unresolved", {"id": "c-1"}),
    stores.SURVEYS: (SURVEYS, [], "v-1/", DETAILS, {"conversations": [conversation("v-1")]}),
}


@pytest.mark.parametrize("store", PARENTS)
def test_parent_serves_where_others_have_none(replies, genesys, store):
    url, empty, remote_id, parent, shown = PARENTS[store]
    with_token(replies)
    replies.get(url, json=empty)
    replies.get(parent, json=shown)
    beside = Beside("d-1", contact="c-1", row=row())
    assert part(genesys, store).control(store, beside) == remote_id
    assert genesys.sees(Control(store, "d-1", remote_id)) is True


@pytest.mark.parametrize("store", PARENTS)
@pytest.mark.parametrize("status", [403, 404])
def test_parent_whose_store_is_closed_is_not_seen(replies, genesys, store, status):
    url, _, remote_id, parent, shown = PARENTS[store]
    with_token(replies)
    replies.get(url, status=status, json={})
    if store != stores.SURVEYS:
        replies.get(parent, json=shown)
    assert genesys.sees(Control(store, "d-1", remote_id)) is False


@pytest.mark.parametrize(
    ("entities", "remote_id"), [([listed("o-1"), listed("o-9")], "l-1:o-9"), ([], "l-1:")]
)
def test_campaign_control_lies_in_the_same_list(replies, genesys, entities, remote_id):
    with_token(replies)
    replies.post(f"{LIST}/search", json={"entities": entities})
    if entities:
        replies.get(f"{LIST}/o-9", json=listed("o-9"))
    own = Found(stores.OUTBOUND, "l-1:o-1", division="l-1")
    [control] = genesys.controls([own])
    assert control == Control(stores.OUTBOUND, "l-1", remote_id)
    assert genesys.sees(control) is True
    assert json.loads(replies.calls[1].request.body) == {"pageNumber": 1, "pageSize": 25}


def test_calibration_control_is_an_evaluated_conversation(replies, calibrated):
    with_token(replies)
    replies.get(CALIBRATIONS, json={"entities": [{"id": "k-1"}], "total": 1})
    replies.get(DETAILS, json={"conversations": [conversation("v-1")]})
    beside = Beside("d-1", row=row(**EVALUATED))
    assert part(calibrated, stores.CALIBRATIONS).control(stores.CALIBRATIONS, beside) == "v-1/2"
    assert calibrated.sees(Control(stores.CALIBRATIONS, "d-1", "v-1/2")) is True
    assert calibrated.sees(Control(stores.CALIBRATIONS, "d-1", "v-1/3")) is False


def test_control_that_fails_costs_only_its_own_store(replies, genesys):
    with_token(replies)
    replies.get(f"{API}/externalcontacts/contacts", json={"entities": [{"id": "c-5"}]})
    replies.get(f"{API}/externalcontacts/contacts/c-5/notes", status=503)
    note = Found(stores.NOTES, "c-1/n-1", division="d-1")
    assert list(genesys.controls([ADA, note])) == [Control("external_contacts", "d-1", "c-5")]


# Answers outside the schema

ASKED = {
    stores.NOTES: (NOTES, person()),
    stores.JOURNEYS: (VISITS, person()),
    stores.ATTRIBUTES: (TALK, person(row(settled=False))),
    stores.SURVEYS: (SURVEYS, person(row(surveys=[{"surveyId": "s-1"}]))),
    stores.CALIBRATIONS: (CALIBRATIONS, person(row(**EVALUATED))),
    stores.OUTBOUND: (f"{LIST}/o-1", person(people=(DIALLED,))),
}
ODD = [
    "<html>busy</html>",
    '{"entities": [',
    "null",
    '{"entities": [{}], "participants": 1}',
    "[1]",
]


@pytest.mark.parametrize("store", ASKED)
@pytest.mark.parametrize("body", ODD)
def test_answer_outside_the_schema_is_never_an_empty_store(replies, calibrated, store, body):
    url, whom = ASKED[store]
    with_token(replies)
    replies.get(url, body=body)
    with pytest.raises(RefusedError):
        list(part(calibrated, store).collect(whom))


@pytest.mark.parametrize("store", ASKED)
def test_error_body_with_status_200_is_never_an_absence(replies, calibrated, store):
    url, whom = ASKED[store]
    with_token(replies)
    replies.get(url, json={"status": 503, "code": "service.unavailable", "message": PLANTED})
    with pytest.raises(RefusedError) as refused:
        list(part(calibrated, store).collect(whom))
    assert PLANTED not in str(refused.value)
