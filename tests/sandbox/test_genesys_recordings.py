from datetime import timedelta

import pytest

from erasure.sandbox import clock
from tests.sandbox.asking import Genesys, recording, talk

PROTECTION = "/recordings/deletionprotection"


def metadata(client, number):
    return client.get(f"/conversations/{talk(number)}/recordingmetadata")


def schedule(client, number, date=None, which=0):
    path = f"/conversations/{talk(number)}/recordings/{recording(number, which=which)}"
    return client.put(path, {"deleteDate": (date or clock.now()).isoformat()})


def test_metadata_is_a_bare_array_at_once(client):
    rows = metadata(client, 1).json
    assert [(row["media"], row["fileState"]) for row in rows] == [
        ("audio", "AVAILABLE"),
        ("screen", "AVAILABLE"),
    ]


@pytest.mark.parametrize(
    ("number", "media"), [(2, ["email"]), (3, ["chat"]), (4, ["message"]), (5, [])]
)
def test_metadata_lists_transcripts_as_recordings(client, number, media):
    assert [row["media"] for row in metadata(client, number).json] == media


def test_metadata_of_an_archived_recording_says_so(client):
    assert metadata(client, 10).json[0]["fileState"] == "ARCHIVED"


def test_metadata_of_no_conversation_is_404(client):
    reply = client.get("/conversations/none/recordingmetadata")
    assert (reply.status, reply.json["code"]) == (404, "conversation.not.found")


def test_recordings_are_202_without_a_body_until_transcoded(client, later):
    path = f"/conversations/{talk(1)}/recordings"
    first = client.get(path)
    assert (first.status, first.data) == (202, b"")
    later(seconds=1)
    assert [row["id"] for row in client.get(path).json] == [recording(1), recording(1, which=1)]


def test_recordings_of_written_media_carry_their_transcript(client):
    row = client.get(f"/conversations/{talk(2)}/recordings").json[0]
    assert row["emailTranscript"][0]["from"]["email"] == "maria.beispiel@example.org"


def test_delete_of_a_recording_does_not_exist(client, stores):
    reply = client.delete(f"/conversations/{talk(1)}/recordings/{recording(1)}")
    assert reply.status == 405
    assert recording(1) in stores()["voice_recordings"]


def test_delete_date_removes_after_a_while(client, later, stores):
    assert schedule(client, 1).status == 200
    assert [row["id"] for row in metadata(client, 1).json] == [
        recording(1),
        recording(1, which=1),
    ]
    assert "deleteDate" in metadata(client, 1).json[0]
    later(seconds=61)
    assert [row["id"] for row in metadata(client, 1).json] == [recording(1, which=1)]
    assert recording(1) not in stores()["voice_recordings"]


def test_delete_date_of_next_week_removes_then(client, later):
    schedule(client, 2, clock.now() + timedelta(days=7))
    later(days=6)
    assert len(metadata(client, 2).json) == 1
    later(days=2)
    assert metadata(client, 2).json == []


def test_delete_date_lifted_in_time_removes_nothing(client, later):
    schedule(client, 2, clock.now() + timedelta(days=7))
    client.put(f"/conversations/{talk(2)}/recordings/{recording(2)}", {"deleteDate": None})
    later(days=9)
    assert len(metadata(client, 2).json) == 1


def test_removed_recording_stays_listed_as_deleted_if_so_set(app, client, later):
    app.reset("demo", {"keep_deleted_rows": True})
    client.sign_in()
    schedule(client, 2)
    later(seconds=61)
    assert [row["fileState"] for row in metadata(client, 2).json] == ["DELETED"]


def test_delete_date_without_edit_retention_is_403(app, client):
    reader = Genesys(app, "reader")
    reader.sign_in()
    reply = schedule(reader, 1)
    assert (reply.status, reply.json["code"]) == (403, "missing.permissions")
    assert "recording:recording:editRetention" in reply.json["message"]


def test_delete_date_that_is_no_date_is_400(client):
    path = f"/conversations/{talk(1)}/recordings/{recording(1)}"
    assert client.put(path, {"deleteDate": "tomorrow"}).json["code"] == "invalid.date"


def test_protected_recording_refuses_a_delete_date(client, later, stores):
    assert client.put(PROTECTION, {"conversationIds": [talk(1)]}).json == {"failedUpdates": []}
    assert schedule(client, 1).status == 409
    later(days=1)
    assert recording(1) in stores()["voice_recordings"]


def test_protection_applied_late_blocks_until_it_is_revoked(app, client, vendor, later):
    schedule(client, 2, clock.now() + timedelta(days=1))
    client.put(PROTECTION, {"conversationIds": [talk(2)]}, protect="true")
    later(days=2)
    assert len(metadata(client, 2).json) == 1
    assert client.put(PROTECTION, {"conversationIds": [talk(2)]}, protect="false").status == 403
    owner = vendor.org.desk.clients[client.id]
    owner.permissions |= {"recording:deletionProtection:revoke"}
    assert client.put(PROTECTION, {"conversationIds": [talk(2)]}, protect="false").status == 200
    later(seconds=61)
    assert metadata(client, 2).json == []


def test_protection_is_read_back_for_the_protected_alone(client):
    client.put(PROTECTION, {"conversationIds": [talk(1)]})
    rows = client.post(PROTECTION, {"conversationIds": [talk(1), talk(2)]}).json
    assert [row["id"] for row in rows] == [talk(1)]


def test_protection_of_a_conversation_without_recording_fails(client):
    wanted = {"conversationIds": [talk(5), "none", talk(1)]}
    failed = client.put(PROTECTION, wanted).json["failedUpdates"]
    assert [(one["conversation"]["id"], one["errorCode"]) for one in failed] == [
        (talk(5), "recording.not.found"),
        ("none", "conversation.not.found"),
    ]


def test_protection_has_a_cap_per_call_and_one_per_organisation(app, client):
    assert client.put(PROTECTION, {"conversationIds": ["x"] * 101}).status == 400
    app.reset("demo", {"max_protected": 1})
    client.sign_in()
    failed = client.put(PROTECTION, {"conversationIds": [talk(1), talk(2)]}).json["failedUpdates"]
    assert [one["errorCode"] for one in failed] == ["protection.limit.exceeded"]


def test_transcript_vanishes_with_its_recording(client, later):
    base = f"/speechandtextanalytics/conversations/{talk(6)}"
    assert client.get(base).status == 200
    assert client.get(f"{base}/communications/x/transcripturl").status == 200
    schedule(client, 6)
    later(seconds=61)
    assert client.get(base).status == 404
    assert client.get(f"{base}/communications/x/transcripturl").status == 404


def test_delete_of_a_conversation_is_recorded_and_deletes_nothing(client, vendor, stores):
    before = stores()
    client.delete(f"/conversations/{talk(1)}")
    assert vendor.disconnects == [talk(1)]
    assert stores() == before
