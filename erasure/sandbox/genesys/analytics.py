"""Analytics: the synchronous query with its narrow window, jobs, single rows. No delete."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from .filters import check, select
from .records import Conversation
from .rows import row
from .state import Org
from .web import Answer, Call, Route, bad, interval, missing, new_id, stamp

VIEW = ("analytics:conversationDetail:view", "analytics:agentConversationDetail:view")


@dataclass(slots=True)
class Query:
    """A query job. ``rows`` are found when it is submitted, told when it is done."""

    id: str
    submitted: datetime
    rows: list[str]
    state: str = "QUEUED"
    completed: datetime | None = None
    pages: dict[str, int] = field(default_factory=dict)


def query(call: Call) -> Answer:
    """POST /analytics/conversations/details/query: at most 7 days, at most 35 days back."""
    org, options = call.org, call.org.options
    since, until = interval(call.given("interval", str, need=True))
    check(call.body)
    if until - since > timedelta(days=options.sync_interval_days):
        raise bad(f"The interval is longer than {options.sync_interval_days} days.")
    if org.time - since > timedelta(days=options.sync_lookback_days):
        raise bad(f"The interval starts more than {options.sync_lookback_days} days ago.")
    size, number = _paging(call)
    found = _visible(call, select(org, call.body, since, until))
    if call.given("order", str) == "desc":
        found.reverse()
    start = (number - 1) * size
    if org.faults.get("pages-repeat") and number > 1:
        start -= 1
    shown = found[start : start + size]
    body: dict[str, Any] = {"totalHits": len(found) + bool(org.faults.get("pages-repeat"))}
    if shown:
        body["conversations"] = [row(org, talk) for talk in shown]
    return 200, body


def _paging(call: Call) -> tuple[int, int]:
    paging = call.given("paging", dict) or {}
    size, number = paging.get("pageSize", 25), paging.get("pageNumber", 1)
    top, rows = call.org.options.max_page, call.org.options.max_rows
    if not (isinstance(size, int) and isinstance(number, int) and 1 <= size <= top and number > 0):
        raise bad(f"The page size must be between 1 and {top}.", "invalid.value")
    if size * number > rows:
        raise bad(f"No more than {rows} rows can be read.", "invalid.value")
    return size, number


def _visible(call: Call, found: list[Conversation]) -> list[Conversation]:
    return [talk for talk in found if call.org.sees(call.client, talk.divisions)]


def horizon(org: Org) -> datetime:
    """Until when jobs have data."""
    return org.time - timedelta(hours=org.options.async_lag_hours)


def availability(call: Call) -> Answer:
    """GET /analytics/conversations/details/jobs/availability."""
    return 200, {"dataAvailabilityDate": stamp(horizon(call.org))}


def submit(call: Call) -> Answer:
    """POST /analytics/conversations/details/jobs: 202, then QUEUED, PENDING, FULFILLED."""
    org = call.org
    since, until = interval(call.given("interval", str, need=True))
    check(call.body)
    found = select(org, call.body, since, min(until, horizon(org)))
    job = Query(new_id(), org.time, [talk.id for talk in _visible(call, found)])
    org.queries[job.id] = job
    org.after(org.options.job_step_seconds, lambda: _advance(org, job, "PENDING"))
    org.after(2 * org.options.job_step_seconds, lambda: _advance(org, job, "FULFILLED"))
    return 202, {"jobId": job.id}


def _advance(org: Org, job: Query, state: str) -> None:
    """Fault ``query-job-fails``: FAILED instead of FULFILLED."""
    if job.state == "CANCELLED":
        return
    job.state = state
    if state == "FULFILLED":
        job.completed = org.time
        job.state = "FAILED" if org.faults.get("query-job-fails") else state


def status(call: Call) -> Answer:
    """GET /analytics/conversations/details/jobs/{jobId}."""
    job = _job(call)
    body = {"state": job.state, "submissionDate": stamp(job.submitted)}
    if job.completed:
        body["completionDate"] = stamp(job.completed)
        body["expirationDate"] = stamp(job.completed + timedelta(days=1))
    if job.state == "FAILED":
        body["errorMessage"] = "The job could not be completed."
    return 200, body


def results(call: Call) -> Answer:
    """GET /analytics/conversations/details/jobs/{jobId}/results: no cursor means the end."""
    job = _job(call)
    if job.state != "FULFILLED":
        raise bad("The job has no results yet.")
    size = call.number("pageSize", 1000, 10_000)
    cursor = call.text("cursor")
    if cursor and call.org.faults.get("expired-cursor"):
        raise bad("The cursor has expired.")
    if cursor and cursor not in job.pages:
        raise bad("The cursor is not valid.", "invalid.value")
    start = job.pages.get(cursor, 0)
    talks = [call.org.conversations[key] for key in job.rows[start : start + size]]
    body: dict[str, Any] = {"dataAvailabilityDate": stamp(horizon(call.org))}
    if talks:
        body["conversations"] = [row(call.org, talk, attributes=True) for talk in talks]
    if start + size < len(job.rows):
        body["cursor"] = new_id()
        job.pages[body["cursor"]] = start + size
    return 200, body


def cancel(call: Call) -> Answer:
    """DELETE /analytics/conversations/details/jobs/{jobId}: ends the query, deletes no data."""
    job = _job(call)
    job.state = job.state if job.completed else "CANCELLED"
    return 204, None


def _job(call: Call) -> Query:
    job = call.org.queries.get(call.params["jobId"])
    if job is None:
        raise missing("job")
    return job


def one(call: Call) -> Answer:
    """GET /analytics/conversations/{conversationId}/details."""
    return 200, row(call.org, call.org.conversation(call.client, call.params["conversationId"]))


def several(call: Call) -> Answer:
    """GET /analytics/conversations/details?id=: those that exist; no key if none does."""
    known = [call.org.conversations.get(key) for key in call.words("id")]
    found = _visible(call, [talk for talk in known if talk])
    return 200, {"conversations": [row(call.org, talk) for talk in found]} if found else {}


def retention(call: Call) -> Answer:
    """GET /analytics/dataretention/settings: no maximum is set."""
    return 200, {}


ROOT = "/analytics/conversations"
JOBS = f"{ROOT}/details/jobs"
ROUTES = (
    Route("POST", f"{ROOT}/details/query", query, VIEW),
    Route("GET", f"{JOBS}/availability", availability, VIEW[:1]),
    Route("POST", JOBS, submit, VIEW),
    Route("GET", f"{JOBS}/{{jobId}}", status, VIEW),
    Route("DELETE", f"{JOBS}/{{jobId}}", cancel, VIEW),
    Route("GET", f"{JOBS}/{{jobId}}/results", results, VIEW),
    Route("GET", f"{ROOT}/details", several, VIEW),
    Route("GET", f"{ROOT}/{{conversationId}}/details", one, VIEW),
    Route("GET", "/analytics/dataretention/settings", retention, ("analytics:dataRetention:view",)),
)
