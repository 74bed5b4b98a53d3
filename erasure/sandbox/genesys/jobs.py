"""Bulk recording jobs: two at a time, the creator alone may start one, and only when READY."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from .filters import candidates, check, passes
from .oauth import Client
from .recordings import plan_removal
from .records import Conversation, Recording
from .state import Org
from .web import (
    Answer,
    Call,
    Problem,
    Route,
    bad,
    denied,
    interval,
    missing,
    moment,
    new_id,
    page,
    ref,
    stamp,
)

OPEN = ("PENDING", "READY", "PROCESSING")
STATES = (*OPEN, "FULFILLED", "CANCELLED", "FAILED")
ACTIONS = ("DELETE", "ARCHIVE", "EXPORT")
SENSITIVE = "recording:recording:viewSensitiveData"
FIVE_YEARS = timedelta(days=5 * 365)


@dataclass(slots=True)
class Job:
    """A recording job: what it matched, what it left alone."""

    id: str
    client: Client
    query: dict[str, Any]
    created: datetime
    state: str = "PENDING"
    matched: list[str] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    processed: int = 0


def submit(call: Call) -> Answer:
    """POST /recording/jobs: 202; a third unfinished job is refused with 409."""
    org = call.org
    query = _checked(call)
    if sum(job.state in OPEN for job in org.jobs.values()) >= org.options.max_jobs:
        raise Problem(409, "conflict", "The organization already runs the maximum of jobs.")
    job = Job(new_id(), call.client, query, org.time)
    org.jobs[job.id] = job
    org.audit(call.client, "Quality", "BulkActions", job.id, "Create")
    org.after(org.options.job_step_seconds, lambda: _match(org, job))
    return 202, shown(org, job)


def _checked(call: Call) -> dict[str, Any]:
    action = call.given("action", str, need=True)
    if action not in ACTIONS:
        raise bad("The action is not valid.", "invalid.value")
    date, age = call.given("actionDate", str), call.given("actionAge", int)
    if (date is None) == (age is None):
        raise bad("Give either actionDate or actionAge.")
    if date is not None:
        moment(date)
    if call.given("includeRecordingsWithSensitiveData", bool) and (
        SENSITIVE not in call.org.permissions_of(call.client)
    ):
        raise denied([SENSITIVE])
    query, aged = call.given("conversationQuery", dict), call.given("agedConversationInterval", str)
    if bool(query) == bool(aged):
        raise bad("Give either conversationQuery or agedConversationInterval.")
    if query:
        interval(query.get("interval", ""))
        check(query)
    else:
        _check_aged(call.org, aged)
    return dict(call.body)


def _check_aged(org: Org, aged: str) -> None:
    """Only conversations over five years old, six months at a time."""
    since, until = interval(aged)
    if until > org.time - FIVE_YEARS or until - since > timedelta(days=184):
        raise bad("The aged interval must be over 5 years old and 6 months long at most.")


def _match(org: Org, job: Job) -> None:
    """PENDING to READY: find the recordings; none younger than the matching lag."""
    if job.state != "PENDING":
        return
    job.state = "READY"
    for talk in _talks(org, job):
        for key in org.recordings_of[talk.id]:
            if _covers(job.query, org.recordings[key]):
                job.matched.append(key)


def _talks(org: Org, job: Job) -> list[Conversation]:
    """Those of the query; with no filter, everybody's. Over five years only by age."""
    query = job.query.get("conversationQuery")
    since, until = interval(query["interval"] if query else job.query["agedConversationInterval"])
    settled = org.time - timedelta(hours=org.options.recording_lag_hours)
    return [
        talk
        for talk in candidates(org, query or {})
        if since <= talk.start < until
        and talk.end <= settled
        and (talk.start < org.time - FIVE_YEARS) is (query is None)
        and org.sees(job.client, talk.divisions)
        and (query is None or passes(org, query, talk))
    ]


def _covers(query: dict[str, Any], one: Recording) -> bool:
    if one.state in ("DELETED", "UPLOADING"):
        return False
    if one.media == "screen" and query.get("includeScreenRecordings") is False:
        return False
    return not one.sensitive or query.get("includeRecordingsWithSensitiveData") is True


def start(call: Call) -> Answer:
    """PUT /recording/jobs/{jobId} ``{"state": "PROCESSING"}``: by its creator, when READY."""
    org, job = call.org, _find(call)
    if call.given("state", str, need=True) != "PROCESSING":
        raise bad("The only state that can be set is PROCESSING.", "invalid.value")
    if job.client is not call.client:
        raise Problem(403, "not.authorized", "Only the creator of a job may execute it.")
    if job.state != "READY":
        raise Problem(409, "conflict", f"The job is {job.state}, not READY.")
    job.state = "PROCESSING"
    org.audit(call.client, "Quality", "BulkActions", job.id, "Update")
    org.after(org.options.job_step_seconds, lambda: _process(org, job))
    return 200, shown(org, job)


def _process(org: Org, job: Job) -> None:
    """Set the delete date of all but protected recordings. Fault: ``recording-job-fails``."""
    if job.state != "PROCESSING":
        return
    if org.faults.get("recording-job-fails"):
        job.state = "FAILED"
        org.audit(job.client, "Quality", "BulkActions", job.id, "Update", done=False)
        return
    job.state = "FULFILLED"
    for key in job.matched:
        recording = org.recordings[key]
        if org.conversations[recording.conversation].protected:
            job.skipped.append(key)
            continue
        job.processed += 1
        if job.query["action"] == "DELETE" and not org.lying:
            recording.delete_date = _date(org, job, recording)
            plan_removal(org, recording)


def _date(org: Org, job: Job, one: Recording) -> datetime:
    screen = "screenRecordingActionDate" if one.media == "screen" else "actionDate"
    date = job.query.get(screen) or job.query.get("actionDate")
    if date:
        return moment(date)
    return one.start + timedelta(days=job.query["actionAge"])


def shown(org: Org, job: Job) -> dict[str, Any]:
    """A job as the API writes it."""
    talks = {org.recordings[key].conversation for key in job.matched}
    done = job.processed + len(job.skipped)
    body = ref("/recording/jobs", job.id) | {
        "state": job.state,
        "user": ref("/users", job.client.id),
        "recordingJobsQuery": job.query,
        "dateCreated": stamp(job.created),
        "totalConversations": len(talks),
        "totalRecordings": len(job.matched),
        "totalSkippedRecordings": len(job.skipped),
        "totalFailedRecordings": 0,
        "totalProcessedRecordings": job.processed,
        "percentProgress": 100 * done // len(job.matched) if job.matched else 0,
        "failedRecordings": f"/api/v2/recording/jobs/{job.id}/failedrecordings",
    }
    return body | ({"errorMessage": "The job failed."} if job.state == "FAILED" else {})


def listing(call: Call) -> Answer:
    """GET /recording/jobs: newest first; by state, type, creator."""
    state, action = call.text("state", STATES), call.text("jobType", ACTIONS)
    mine = call.flag("showOnlyMyJobs")
    rows = [
        shown(call.org, job)
        for job in reversed(call.org.jobs.values())
        if (not state or job.state == state)
        and (not action or job.query["action"] == action)
        and (not mine or job.client is call.client)
    ]
    return 200, page(call, rows)


def one(call: Call) -> Answer:
    """GET /recording/jobs/{jobId}."""
    return 200, shown(call.org, _find(call))


def cancel(call: Call) -> Answer:
    """DELETE /recording/jobs/{jobId}: only an unfinished one."""
    job = _find(call)
    if job.state not in OPEN:
        raise Problem(409, "conflict", f"The job is {job.state} already.")
    job.state = "CANCELLED"
    return 204, None


def failed(call: Call) -> Answer:
    """GET /recording/jobs/{jobId}/failedrecordings: protected ones are here too."""
    rows = [
        {
            "conversation": ref("/conversations", call.org.recordings[key].conversation),
            "recording": ref("/recordings", key),
        }
        for key in _find(call).skipped
    ]
    return 200, page(call, rows)


def _find(call: Call) -> Job:
    job = call.org.jobs.get(call.params["jobId"])
    if job is None:
        raise missing("job")
    return job


ROOT = "/recording/jobs"
EDIT = (
    "recording:job:edit",
    "recording:recording:editRetention",
    "recording:screenRecording:editRetention",
    "recording:snippetRecording:editRetention",
)
ROUTES = (
    Route("GET", ROOT, listing, ("recording:job:view",)),
    Route("POST", ROOT, submit, ("recording:job:add",)),
    Route("GET", f"{ROOT}/{{jobId}}", one, ("recording:job:view",)),
    Route("PUT", f"{ROOT}/{{jobId}}", start, EDIT, all_of=True),
    Route("DELETE", f"{ROOT}/{{jobId}}", cancel, ("recording:job:delete",)),
    Route("GET", f"{ROOT}/{{jobId}}/failedrecordings", failed, ("recording:job:view",)),
)
