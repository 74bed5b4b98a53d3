"""Calls that a widely copied sketch of this workflow makes and the vendor refuses."""

import pytest

from tests.sandbox.asking import MARIA, recording, talk


def test_subjects_by_parameter_name_lacks_search_value(client):
    reply = client.get("/gdpr/subjects", searchType="NAME", name="Maria Beispiel")
    assert (reply.status, reply.json["message"]) == (
        400,
        "The required query parameter searchValue is missing.",
    )


@pytest.mark.parametrize(
    "body",
    [
        {"replacementTerms": [{"type": "NAME", "value": "x"}, None], "deleteConfirmed": True},
        {
            "requestType": "GDPR_DELETE",
            "subject": {"externalContactId": MARIA},
            "deleteConfirmed": True,
        },
    ],
)
def test_request_confirmed_in_its_body_is_refused(client, body, stores):
    before = stores()
    assert client.post("/gdpr/requests", body).json["code"] == "bad.request"
    assert stores() == before


def test_recording_cannot_be_deleted(client):
    path = f"/conversations/{talk(1)}/recordings/{recording(1)}"
    assert client.delete(path).json["code"] == "method.not.allowed"


def test_evaluations_cannot_be_listed_by_conversation(client):
    reply = client.get(f"/quality/conversations/{talk(1)}/evaluations")
    assert (reply.status, reply.json["code"]) == (404, "not.found")


def test_analytics_cannot_be_deleted(client, stores):
    before = stores()
    assert client.delete(f"/analytics/conversations/{talk(1)}/details").status == 405
    assert stores() == before
