from datetime import timedelta

import pytest

from erasure.sandbox import clock
from tests.sandbox.asking import EVER, Genesys, recorded, recording, talk

JOBS = "/recording/jobs"


def query(*numbers, **more):
    predicates = [{"dimension": "conversationId", "value": talk(number)} for number in numbers]
    filters = [{"type": "or", "predicates": predicates}] if numbers else []
    return {
        "action": "DELETE",
        "actionDate": clock.now().isoformat(),
        "conversationQuery": {"interval": EVER, "conversationFilters": filters},
        **more,
    }


@pytest.fixture
def run(client, later):
    """Run a job to its end and return it."""

    def job(body):
        created = client.post(JOBS, body)
        assert created.status == 202
        path = f"{JOBS}/{created.json['id']}"
        later(seconds=0.2)
        assert client.get(path).json["state"] == "READY"
        assert client.put(path, {"state": "PROCESSING"}).json["state"] == "PROCESSING"
        later(seconds=0.2)
        return client.get(path).json

    return job


def totals(job):
    names = ("Conversations", "Recordings", "SkippedRecordings", "ProcessedRecordings")
    return tuple(job[f"total{name}"] for name in names)


def test_job_removes_what_its_filter_names_and_nothing_else(run, later, stores):
    before, others = recorded(stores()), stores("held")
    job = run(query(1, 2))
    assert (job["state"], totals(job)) == ("FULFILLED", (2, 3, 0, 3))
    later(seconds=61)
    gone = {recording(1), recording(1, which=1), recording(2)}
    assert before - recorded(stores()) == gone
    assert stores("held") == others


def test_job_without_a_filter_takes_everybodys(run, later, stores):
    run(query())
    later(seconds=61)
    assert stores("held")["voice_recordings"] == {recording(2, "held")}  # over five years old
    assert "voice_recordings" not in stores("bystander00")


def test_job_leaves_sensitive_recordings_unless_told(run, later, stores):
    assert totals(run(query(9))) == (0, 0, 0, 0)
    assert totals(run(query(9, includeRecordingsWithSensitiveData=True))) == (1, 1, 0, 1)
    later(seconds=61)
    assert recording(9) not in stores()["voice_recordings"]


def test_job_for_sensitive_recordings_needs_the_permission(app, client):
    app.fault("permission-lost", "recording:recording:viewSensitiveData")
    client_permissions = app.wires["genesys"].vendor.org.desk.clients[client.id]
    client_permissions.permissions -= {"recording:recording:viewSensitiveData"}
    assert client.post(JOBS, query(9, includeRecordingsWithSensitiveData=True)).status == 403


def test_job_does_not_match_recordings_younger_than_two_days(run, later):
    assert totals(run(query(0))) == (0, 0, 0, 0)
    later(days=2)
    assert totals(run(query(0))) == (1, 1, 0, 1)


def test_job_by_query_does_not_match_what_is_over_five_years_old(run):
    assert totals(run(query(10, 11, 12))) == (1, 1, 0, 1)


def test_job_may_leave_screen_recordings(run):
    assert totals(run(query(1, includeScreenRecordings=False))) == (1, 1, 0, 1)


def test_job_skips_protected_recordings_and_lists_them(client, run, later, stores):
    client.put("/recordings/deletionprotection", {"conversationIds": [talk(2)]})
    job = run(query(2, 3))
    assert (job["state"], totals(job)) == ("FULFILLED", (2, 2, 1, 1))
    rows = client.get(f"{JOBS}/{job['id']}/failedrecordings").json["entities"]
    assert [(row["conversation"]["id"], row["recording"]["id"]) for row in rows] == [
        (talk(2), recording(2))
    ]
    later(days=1)
    assert recorded(stores()) & {recording(2), recording(3)} == {recording(2)}


def test_job_with_a_later_date_removes_then(run, later, stores):
    run(query(2, actionDate=(clock.now() + timedelta(days=3)).isoformat()))
    later(days=2)
    assert recording(2) in recorded(stores())
    later(days=2)
    assert recording(2) not in recorded(stores())


def test_third_unfinished_job_is_409_until_one_ends(client):
    first = client.post(JOBS, query(1)).json["id"]
    assert client.post(JOBS, query(2)).status == 202
    assert client.post(JOBS, query(3)).status == 409
    assert client.delete(f"{JOBS}/{first}").status == 204
    assert client.post(JOBS, query(3)).status == 202


def test_job_starts_only_when_ready(client):
    path = f"{JOBS}/{client.post(JOBS, query(1)).json['id']}"
    assert client.put(path, {"state": "PROCESSING"}).status == 409


def test_job_is_started_by_its_creator_alone(app, client, later):
    path = f"{JOBS}/{client.post(JOBS, query(1)).json['id']}"
    later(seconds=1)
    other = Genesys(app, "home")
    other.sign_in()
    assert other.put(path, {"state": "PROCESSING"}).json["code"] == "not.authorized"


def test_job_that_was_cancelled_removes_nothing(client, later, stores):
    before = stores()
    path = f"{JOBS}/{client.post(JOBS, query(1)).json['id']}"
    later(seconds=1)
    client.delete(path)
    assert client.put(path, {"state": "PROCESSING"}).status == 409
    assert client.delete(path).status == 409
    later(days=1)
    assert (client.get(path).json["state"], stores()) == ("CANCELLED", before)


def test_job_that_fails_removes_nothing(app, run, later, stores):
    before = stores()
    app.fault("recording-job-fails", True)
    assert run(query(1))["state"] == "FAILED"
    later(days=1)
    assert stores() == before


@pytest.mark.parametrize(
    "change",
    [
        {"action": "SHRED"},
        {"actionDate": None},
        {"actionAge": 3},
        {"conversationQuery": None},
        {"conversationQuery": {"interval": "ever"}},
        {"agedConversationInterval": "2015-01-01T00:00:00Z/2015-03-01T00:00:00Z"},
    ],
)
def test_job_that_the_api_refuses_is_400(client, change):
    assert client.post(JOBS, query(1) | change).status == 400


def test_aged_job_reaches_only_beyond_five_years_and_six_months_at_a_time(client, run):
    def aged(start, end):
        now = clock.now()
        since, until = now - timedelta(days=start), now - timedelta(days=end)
        body = query() | {"agedConversationInterval": f"{since.isoformat()}/{until.isoformat()}"}
        del body["conversationQuery"]
        return body

    assert client.post(JOBS, aged(1950, 1800)).status == 400
    assert client.post(JOBS, aged(2200, 1900)).status == 400
    job = run(aged(1960, 1940))
    assert totals(job) == (1, 1, 0, 1)


def test_jobs_are_listed_by_state_type_and_creator(app, client):
    other = Genesys(app, "home")
    other.sign_in()
    mine, theirs = (one.post(JOBS, query(1)).json["id"] for one in (client, other))
    assert client.get(JOBS).ids == {mine, theirs}
    assert client.get(JOBS, showOnlyMyJobs="true", jobType="DELETE").ids == {mine}
    assert client.get(JOBS, state="FULFILLED").ids == set()
    assert client.get(JOBS, state="DONE").status == 400


def test_job_of_a_client_without_the_division_leaves_it_alone(app, later, stores):
    home = Genesys(app, "home")
    home.sign_in()
    path = f"{JOBS}/{home.post(JOBS, query(2, 3)).json['id']}"
    later(seconds=1)
    assert totals(home.get(path).json)[:2] == (1, 1)
