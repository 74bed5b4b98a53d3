"""A vendor whose every success is false: what it says and what it holds come apart."""

import pytest

from erasure.sandbox import clock
from tests.sandbox.asking import EVER, MARIA, evaluation, recording, talk


@pytest.fixture
def before(app, stores):
    app.fault("lying-vendor", True)
    return stores()


def test_lying_delete_of_a_contact_says_yes_and_keeps_it(client, before, stores):
    assert client.delete(f"/externalcontacts/contacts/{MARIA}").status == 200
    body = {"entities": [{"id": MARIA}]}
    removed = client.post("/externalcontacts/bulk/contacts/remove", body).json
    assert removed["errorCount"] == 0
    assert client.get(f"/externalcontacts/contacts/{MARIA}").status == 200
    assert stores() == before


def test_lying_gdpr_request_completes_and_redacts_nothing(client, before, stores, later):
    body = {"requestType": "GDPR_DELETE", "subject": {"externalContactId": MARIA}}
    request = client.post("/gdpr/requests", body, deleteConfirmed="true").json
    later(days=3)
    assert client.get(f"/gdpr/requests/{request['id']}").json["status"] == "COMPLETED"
    row = client.get(f"/analytics/conversations/{talk(1)}/details").json
    assert row["participants"][0]["participantName"] == "Maria Beispiel"
    assert stores() == before


def test_lying_delete_date_is_accepted_and_forgotten(client, before, stores, later):
    path = f"/conversations/{talk(1)}/recordings/{recording(1)}"
    reply = client.put(path, {"deleteDate": clock.now().isoformat()})
    assert (reply.status, "deleteDate" in reply.json) == (200, True)
    later(days=1)
    assert stores() == before


def test_lying_job_counts_what_it_leaves_alone(client, before, stores, later):
    only = {"type": "or", "predicates": [{"dimension": "conversationId", "value": talk(1)}]}
    body = {
        "action": "DELETE",
        "actionDate": clock.now().isoformat(),
        "conversationQuery": {"interval": EVER, "conversationFilters": [only]},
    }
    path = f"/recording/jobs/{client.post('/recording/jobs', body).json['id']}"
    later(seconds=1)
    client.put(path, {"state": "PROCESSING"})
    later(hours=1)
    job = client.get(path).json
    assert (job["state"], job["totalProcessedRecordings"]) == ("FULFILLED", 2)
    assert stores() == before


def test_lying_delete_of_evaluation_note_and_row_keeps_them(client, before, stores, later):
    assert (
        client.delete(f"/quality/conversations/{talk(1)}/evaluations/{evaluation(1)}").status == 200
    )
    notes = client.get(f"/externalcontacts/contacts/{MARIA}/notes").json["entities"]
    path = f"/externalcontacts/contacts/{MARIA}/notes/{notes[0]['id']}"
    assert client.delete(path).status == 200
    later(hours=1)
    assert stores() == before


def test_lie_told_once_does_not_come_true_when_the_fault_ends(app, client, before, stores, later):
    client.delete(f"/externalcontacts/contacts/{MARIA}")
    path = f"/conversations/{talk(1)}/recordings/{recording(1)}"
    client.put(path, {"deleteDate": clock.now().isoformat()})
    app.fault("lying-vendor", False)
    later(days=1)
    assert stores() == before
