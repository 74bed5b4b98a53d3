"""What hangs on a conversation or a contact: read, deleted or redacted, store by store."""

import pytest

from erasure.sandbox.genesys.rows import CONTACT_LIST, DNC_LIST, QUEUE
from erasure.sandbox.genesys.seed import EVALUATOR
from erasure.sandbox.genesys.vendor import Genesys as Vendor
from erasure.sandbox.people import populate
from tests.sandbox.asking import MARIA, MARIA_SALES, Genesys, made, recording, talk

ROWS = f"/outbound/contactlists/{CONTACT_LIST}/contacts"
SESSIONS = f"/externalcontacts/contacts/{MARIA_SALES}/journey/sessions"


@pytest.fixture
def redacted(client, later):
    """Maria's two contacts given to the native job, and its late redaction awaited."""
    (visit,) = client.get(SESSIONS).json["entities"]
    for key in (MARIA, MARIA_SALES):
        body = {"requestType": "GDPR_DELETE", "subject": {"externalContactId": key}}
        assert client.post("/gdpr/requests", body, deleteConfirmed="true").status == 200
    later(hours=10)
    return visit["id"]


def customer(client, number):
    return client.get(f"/conversations/{talk(number)}").json["participants"][0]


def test_conversation_shows_its_attributes_and_not_once_redacted(client, redacted, app):
    assert customer(client, 1)["attributes"] == {}
    assert not {"name", "address", "ani"} & set(customer(client, 1))
    app.reset("demo", {})
    client.sign_in()
    shown = customer(client, 1)
    assert shown["attributes"] == {"customer": "Maria Beispiel", "reached_at": "+441632960101"}
    assert shown["name"] == "Maria Beispiel"


def test_conversation_of_another_division_is_404(app):
    home = Genesys(app, "home")
    home.sign_in()
    assert [home.get(f"/conversations/{talk(n)}").status for n in (1, 3)] == [200, 404]


def test_summary_is_there_until_it_is_redacted(client, redacted, app, stores):
    path = f"/conversations/{talk(1)}/summaries"
    assert client.get(path).json["summary"]["text"] == ""
    assert "conversation_summaries" not in stores()
    app.reset("demo", {})
    client.sign_in()
    assert "Maria Beispiel" in client.get(path).json["summary"]["text"]
    assert "summary" not in client.get(f"/conversations/{talk(2)}/summaries").json


def test_journey_session_stays_without_contact_and_visitor(client, redacted, stores):
    body = client.get(f"/journey/sessions/{redacted}").json
    assert (body["id"], body["eventCount"]) == (redacted, 3)
    assert not {"externalContact", "customerId", "ipAddress"} & set(body)
    assert "journey_sessions" not in stores()


def test_journey_session_outlives_its_contact(client, stores):
    (visit,) = client.get(SESSIONS).json["entities"]
    client.delete(f"/externalcontacts/contacts/{MARIA_SALES}")
    assert client.get(f"/journey/sessions/{visit['id']}").status == 200
    assert stores()["journey_sessions"] == {visit["id"]}


def test_journey_session_is_redacted_by_its_visitor_alone(client, later):
    (visit,) = client.get(SESSIONS).json["entities"]
    subject = {"journeyCustomer": {"type": "cookie", "id": visit["customerId"]}}
    body = {"requestType": "GDPR_DELETE", "subject": subject}
    client.post("/gdpr/requests", body, deleteConfirmed="true")
    later(hours=10)
    assert "customerId" not in client.get(f"/journey/sessions/{visit['id']}").json


def test_survey_stays_without_its_text(client, redacted):
    found = client.get(f"/quality/surveys/{made(2, 'survey')}").json
    (group,) = found["answers"]["questionGroupScores"]
    assert group["questionScores"] == [
        {"questionId": group["questionScores"][0]["questionId"], "score": 9}
    ]
    assert len(client.get(f"/quality/conversations/{talk(2)}/surveys").json) == 1


def test_transcript_goes_with_the_last_recording_that_has_words(vendor, client, stores):
    path = f"/speechandtextanalytics/conversations/{talk(1)}"
    vendor.org.remove_recording(recording(1, which=1))  # the screen
    assert client.get(path).status == 200
    vendor.org.remove_recording(recording(1))
    assert client.get(path).json["code"] == "transcript.not.found"
    assert talk(1) not in stores()["speech_transcripts"]


def test_transcript_of_a_written_conversation_exists_and_of_a_callback_does_not(client):
    path = "/speechandtextanalytics/conversations/{}"
    assert [client.get(path.format(talk(n))).status for n in (2, 3, 4, 5)] == [200, 200, 200, 404]


def test_email_recording_carries_its_attachments(client):
    (one,) = client.get(f"/conversations/{talk(2)}/recordings").json
    (mail,) = one["emailTranscript"]
    assert [file["name"] for file in mail["attachments"]] == ["passport.pdf"]


def test_calibrations_need_their_calibrator(client):
    assert client.get("/quality/calibrations").status == 400
    assert client.get("/quality/calibrations", calibratorId="other").json["total"] == 0


def test_calibrations_of_a_conversation_are_listed_alone(client):
    listed = {"calibratorId": EVALUATOR, "conversationId": talk(1)}
    assert client.get("/quality/calibrations", **listed).ids == {made(1, "calibration")}
    everybodys = client.get("/quality/calibrations", calibratorId=EVALUATOR)
    assert everybodys.json["total"] == 5


def test_calibration_is_deleted_for_its_calibrator_only(client, stores):
    path = f"/quality/calibrations/{made(1, 'calibration')}"
    assert client.delete(path).status == 400
    assert client.delete(path, calibratorId="other").status == 404
    assert client.delete(path, calibratorId=EVALUATOR).json["id"] == made(1, "calibration")
    assert client.delete(path, calibratorId=EVALUATOR).status == 404
    assert "calibrations" not in stores()


def test_orphan_recording_names_its_conversation_and_is_deleted(client, stores):
    path = f"/orphanrecordings/{made(6, 'orphan')}"
    assert client.get(path).json["recording"]["conversationId"] == talk(6)
    assert client.delete(path).status == 200
    assert [client.get(path).status, client.delete(path).status] == [404, 404]
    assert "orphan_recordings" not in stores()


def test_orphan_list_ends_at_500_unless_the_conversation_is_known(client, vendor):
    one = vendor.org.orphans[made(6, "orphan")]
    lost = dict.fromkeys((f"x{number}" for number in range(600)), one)
    vendor.org.orphans |= lost
    path = "/orphanrecordings"
    assert client.get(path).json["total"] == 500
    assert client.get(path, hasConversation="true").json["total"] == 605
    vendor.org.orphans = dict.fromkeys(lost, vendor.org.orphans[made(6, "orphan")])
    assert client.get(path, hasConversation="true", media="Screen").json["total"] == 0


def test_orphans_without_a_conversation_are_in_the_whole_list_alone(client):
    everything = client.get("/orphanrecordings").json
    known = client.get("/orphanrecordings", hasConversation="true").json
    assert (everything["total"], known["total"]) == (9, 5)
    lost = [row for row in everything["entities"] if row["orphanStatus"] == "NO_CONVERSATION"]
    assert [("recording" in row) for row in lost] == [False] * 4


def test_dnc_list_takes_and_loses_numbers_and_addresses(client, vendor):
    path, held = f"/outbound/dnclists/{DNC_LIST}", vendor.org.dnc_lists[DNC_LIST]
    phones = {"action": "Add", "phoneNumbers": ["+441632960101", "+441632960102"]}
    assert client.patch(f"{path}/phonenumbers", phones).status == 204
    less = {"action": "Remove", "phoneNumbers": ["+441632960101"]}
    assert client.patch(f"{path}/phonenumbers", less).status == 204
    emails = {"action": "Add", "emailAddresses": ["a@example.org"]}
    assert client.patch(f"{path}/emailaddresses", emails).status == 204
    assert (held.phones, held.emails) == ({"+441632960102"}, {"a@example.org"})


@pytest.mark.parametrize(
    ("body", "status"),
    [({"action": "Forget", "phoneNumbers": ["x"]}, 400), ({"action": "Add"}, 400)],
)
def test_dnc_list_refuses_what_it_does_not_know(client, body, status):
    assert client.patch(f"/outbound/dnclists/{DNC_LIST}/phonenumbers", body).status == status
    assert client.patch("/outbound/dnclists/none/phonenumbers", body).status == 404


def test_queue_voicemail_needs_a_user_if_so_set(app, client):
    app.reset("demo", {"voicemail_needs_user": True})
    client.sign_in()
    reply = client.get(f"/voicemail/queues/{QUEUE}/messages")
    assert (reply.status, reply.json["code"]) == (400, "not.a.user")


def test_conversation_that_went_to_voicemail_says_so(client):
    rows = client.get("/analytics/conversations/details", id=[talk(1), talk(5)]).json
    purposes = [[one["purpose"] for one in row["participants"]] for row in rows["conversations"]]
    assert purposes == [["customer", "agent"], ["external", "agent", "voicemail"]]


def test_outbound_in_use_lasts_as_long_as_told(app, client, stores, later):
    (key,) = stores()["outbound_contacts"]
    app.fault("genesys.outbound-in-use", 60)
    assert client.delete(f"{ROWS}/{key}").json["code"] == "contact.in.use"
    assert client.delete(ROWS, contactIds=key).status == 204
    assert client.get(f"{ROWS}/{key}").status == 200
    later(seconds=61)
    assert client.delete(f"{ROWS}/{key}").status == 200


def test_maria_has_as_many_conversations_as_told(app, stores):
    app.reset("demo", {"talks": 40})
    held = stores()
    assert len(held["conversations"]) == 40
    assert len(held["evaluations"]) == 2 + 6
    app.reset("demo", {"talks": 60})
    assert len(stores()["conversations"]) == 60


def test_bystanders_records_never_name_maria(app, vendor):
    maria = app.people[0]
    words = [text.lower() for text in maria.identifiers()]
    tables = [vendor.org.contacts, vendor.org.conversations, vendor.org.outbound]
    rows = [
        repr(row).lower() for table in tables for row in table.values() if row.person != "maria"
    ]
    assert len(rows) > 60
    assert [row for row in rows if any(word in row for word in words)] == []


@pytest.mark.parametrize("name", ["demo", "bench", "graph"])
def test_two_resets_of_a_population_hold_the_same(name, clock_file):
    from_one, from_two = Vendor(), Vendor()
    people = populate(name)
    held = []
    for vendor in (from_one, from_two):
        vendor.reset(people, {}, vendor.org.time)
        held.append({one.key: vendor.holdings(one.key) for one in people})
    assert held[0] == held[1]


def test_reader_reads_every_store_and_changes_none(app, stores):
    reader = Genesys(app, "reader")
    reader.sign_in()
    before = stores()
    reads = [
        f"/conversations/{talk(1)}",
        f"/conversations/{talk(1)}/summaries",
        f"/conversations/{talk(1)}/recordingmetadata",
        f"/speechandtextanalytics/conversations/{talk(1)}",
        f"/orphanrecordings/{made(6, 'orphan')}",
        f"/quality/surveys/{made(2, 'survey')}",
        "/quality/calibrations",
        f"/voicemail/queues/{QUEUE}/messages",
        SESSIONS,
    ]
    answers = [reader.get(path, calibratorId=EVALUATOR).status for path in reads]
    assert answers == [200] * len(reads)
    changes = [
        reader.delete(f"/externalcontacts/contacts/{MARIA}"),
        reader.delete(f"/orphanrecordings/{made(6, 'orphan')}"),
        reader.delete(f"/quality/calibrations/{made(1, 'calibration')}", calibratorId=EVALUATOR),
        reader.put("/recordings/deletionprotection", {"conversationIds": [talk(1)]}),
        reader.patch(f"/outbound/dnclists/{DNC_LIST}/phonenumbers", {}),
        reader.post("/recording/jobs", {}),
        reader.post("/gdpr/requests", {}),
    ]
    assert [reply.status for reply in changes] == [403] * len(changes)
    assert stores() == before
