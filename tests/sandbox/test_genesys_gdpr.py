import pytest

from tests.sandbox.asking import (
    MARIA,
    MARIA_IDENTIFIED,
    MARIA_SALES,
    contact_id,
    recorded,
    recording,
    talk,
)

HOUR = 3600


def delete_request(client, contact, **subject):
    body = {
        "requestType": "GDPR_DELETE",
        "subject": subject or {"externalContactId": contact},
    }
    return client.post("/gdpr/requests", body, deleteConfirmed="true")


def status(client, request):
    return client.get(f"/gdpr/requests/{request.json['id']}").json["status"]


@pytest.mark.parametrize(
    ("kind", "value", "contacts"),
    [
        ("EMAIL", "maria.beispiel@example.org", {MARIA}),
        ("EMAIL", "M.Beispiel@example.com", {MARIA, MARIA_SALES}),
        ("EMAIL", "mariab@example.net", {MARIA_SALES, MARIA_IDENTIFIED}),
        ("EMAIL", "siobhan.o'brien+news@example.org", {contact_id("siobhan")}),
        ("PHONE", "+441632960101", {MARIA}),
        ("WHATSAPP", "+447700900101", {MARIA_SALES}),
        ("ADDRESS", "7 Sample Street, Exampleton", {MARIA}),
        ("EXTERNAL_ID", "CRM-100101", {MARIA_SALES}),
        ("NAME", "jo doppel", {contact_id("jo1"), contact_id("jo2")}),
        ("NAME", "ليلى مثال", {contact_id("layla")}),
        ("EMAIL", "nobody@example.org", set()),
    ],
)
def test_subjects_by_type_finds_ids_alone(client, kind, value, contacts):
    rows = client.get("/gdpr/subjects", searchType=kind, searchValue=value).json["entities"]
    found = {row["externalContactId"] for row in rows if "externalContactId" in row}
    assert found == contacts
    assert all("conversations" not in row and "id" not in row for row in rows)


def test_subjects_include_rows_of_contact_lists(client):
    rows = client.get("/gdpr/subjects", searchType="PHONE", searchValue="+441632960101").json
    assert sum("dialerContactId" in row for row in rows["entities"]) == 1


def test_subjects_of_an_unknown_type_are_400(client):
    assert client.get("/gdpr/subjects", searchType="IBAN", searchValue="x").status == 400


def test_subjects_total_may_exceed_what_is_listed(app, client):
    app.fault("total-beyond", 3)
    body = client.get("/gdpr/subjects", searchType="PHONE", searchValue="+441632960101").json
    assert body["total"] == len(body["entities"]) + 3
    assert "nextUri" not in body


@pytest.mark.parametrize(
    ("body", "query"),
    [
        ({"requestType": "GDPR_DELETE", "subject": {"externalContactId": MARIA}}, {}),
        (
            {"requestType": "GDPR_DELETE", "subject": {"externalContactId": MARIA}},
            {"deleteConfirmed": "false"},
        ),
        (
            {
                "requestType": "GDPR_DELETE",
                "subject": {"name": "Maria Beispiel", "externalContactId": MARIA},
            },
            {"deleteConfirmed": "true"},
        ),
        ({"requestType": "GDPR_DELETE", "subject": {}}, {"deleteConfirmed": "true"}),
        ({"requestType": "GDPR_DELETE", "subject": {"id": "x"}}, {"deleteConfirmed": "true"}),
        ({"requestType": "GDPR_FORGET", "subject": {"name": "x"}}, {"deleteConfirmed": "true"}),
        (
            {
                "requestType": "GDPR_DELETE",
                "subject": {"externalContactId": MARIA},
                "replacementTerms": [{"type": "NAME", "existingValue": "a", "updatedValue": "b"}],
            },
            {"deleteConfirmed": "true"},
        ),
    ],
)
def test_request_that_the_api_refuses_is_400_and_leaves_nothing(client, body, query):
    assert client.post("/gdpr/requests", body, **query).status == 400
    assert client.get("/gdpr/requests").json["total"] == 0


def test_request_walks_through_its_states_on_the_clock(client, later):
    request = delete_request(client, MARIA)
    assert (request.status, request.json["status"]) == (200, "INITIATED")
    seen = [status(client, request)]
    for _ in range(12):
        later(seconds=HOUR / 4)
        seen.append(status(client, request))
    assert list(dict.fromkeys(seen)) == [
        "INITIATED",
        "SEARCHING",
        "DELETING",
        "FINALIZING",
        "COMPLETED",
    ]


def test_request_completes_long_before_rows_are_redacted(client, later, stores):
    request = delete_request(client, MARIA)
    later(hours=3, seconds=1)
    assert status(client, request) == "COMPLETED"
    assert talk(1) in stores()["conversations"]
    row = client.get(f"/analytics/conversations/{talk(1)}/details").json
    assert row["participants"][0]["participantName"] == "Maria Beispiel"
    later(hours=6)
    assert talk(1) not in stores()["conversations"]
    row = client.get(f"/analytics/conversations/{talk(1)}/details").json
    assert (row["conversationId"], "participantName" in row["participants"][0]) == (talk(1), False)
    assert not {"ani", "remote"} & set(row["participants"][0]["sessions"][0])


def test_request_removes_contact_notes_and_what_was_said(client, later, stores):
    delete_request(client, MARIA)
    later(hours=3)
    held = stores()
    assert MARIA not in held["external_contacts"]
    assert len(held["contact_notes"]) == 1  # the ancestor's
    assert recording(1) not in recorded(held)
    assert recording(3) in recorded(held)  # hangs on another contact
    assert client.get(f"/conversations/{talk(1)}/recordingmetadata").json == []


def test_request_for_every_subject_leaves_what_only_its_own_calls_delete(client, later, stores):
    rows = []
    for kind, value in (("NAME", "maria"), ("PHONE", "+441632960101")):
        rows += client.get("/gdpr/subjects", searchType=kind, searchValue=value).json["entities"]
    for row in rows:
        ids = {key: row[key] for key in ("externalContactId", "dialerContactId") if key in row}
        assert delete_request(client, "", **ids).status == 200
    later(hours=10)
    assert set(stores()) == {"evaluations", "calibrations", "orphan_recordings"}


def test_request_reaches_conversations_of_merged_contacts(client, later):
    delete_request(client, MARIA_SALES)
    later(hours=10)
    row = client.get(f"/analytics/conversations/{talk(6)}/details").json
    assert "participantName" not in row["participants"][0]


@pytest.mark.parametrize("remembers", [True, False])
def test_request_after_the_contact_went_reaches_merged_ones_if_so_set(
    app, client, later, stores, remembers
):
    app.reset("demo", {"remember_merges": remembers})
    client.sign_in()
    client.delete(f"/externalcontacts/contacts/{MARIA_SALES}")
    delete_request(client, MARIA_SALES)
    later(hours=10)
    assert (talk(6) in stores()["conversations"]) is not remembers
    assert talk(9) not in stores()["conversations"]


def test_request_that_matches_nothing_completes_too(client, later, stores):
    before = stores()
    request = delete_request(client, "00000000-0000-4000-8000-000000000000")
    later(hours=10)
    assert status(client, request) == "COMPLETED"
    assert stores() == before


def test_request_by_identifiers_alone_reaches_contact_and_conversations(client, later, stores):
    delete_request(client, "", emailAddresses=["layla.mithal@example.org"])
    later(hours=10)
    assert set(stores("layla")) == {"evaluations"}


def test_request_in_error_removes_nothing(app, client, later, stores):
    before = stores()
    app.fault("gdpr-error", True)
    request = delete_request(client, MARIA)
    later(hours=10)
    assert status(client, request) == "ERROR"
    assert stores() == before


def test_request_spares_protected_recordings_if_so_set(client, later, stores):
    client.put("/recordings/deletionprotection", {"conversationIds": [talk(1)]}, protect="true")
    delete_request(client, MARIA)
    later(hours=10)
    assert {recording(1), recording(1, which=1)} == recorded(stores()) & {
        recording(1),
        recording(1, which=1),
        recording(2),
    }


def test_request_ignores_protection_if_so_set(app, client, later, stores):
    app.reset("demo", {"honour_protection": False})
    client.sign_in()
    client.put("/recordings/deletionprotection", {"conversationIds": [talk(1)]}, protect="true")
    delete_request(client, MARIA)
    later(hours=10)
    assert recording(1) not in stores()["voice_recordings"]


def test_request_takes_the_seconds_it_is_told(app, client, later):
    app.reset("demo", {"gdpr_seconds": 20, "gdpr_redaction_seconds": 10})
    client.sign_in()
    request = delete_request(client, MARIA)
    later(seconds=21)
    assert status(client, request) == "COMPLETED"


def test_requests_are_listed_newest_first(client):
    ids = [delete_request(client, key).json["id"] for key in (MARIA, MARIA_SALES)]
    listed = client.get("/gdpr/requests").json
    assert [row["id"] for row in listed["entities"]] == ids[::-1]
    assert listed["entities"][0]["createdBy"]["id"] == client.id


def test_lost_division_does_not_hide_subjects(app, client):
    app.fault("division-lost", True)
    found = client.get("/gdpr/subjects", searchType="EXTERNAL_ID", searchValue="CRM-100101").json
    assert found["total"] == 1


def test_export_ends_with_a_download(client, later):
    body = {"requestType": "GDPR_EXPORT", "subject": {"externalContactId": MARIA}}
    request = client.post("/gdpr/requests", body)
    later(hours=3, seconds=1)
    done = client.get(f"/gdpr/requests/{request.json['id']}").json
    path = done["resultsUrl"].removeprefix("/api/v2")
    assert (done["status"], client.get(path).status) == ("COMPLETED", 200)
