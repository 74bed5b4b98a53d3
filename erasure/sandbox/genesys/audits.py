"""Audits: an entry per mutation, read through a query that takes its time."""

from dataclasses import dataclass
from functools import partial
from typing import Any

from .state import Org
from .web import Answer, Call, Route, bad, interval, missing, moment, new_id

VIEW = ("audits:audit:view",)
SERVICES = {
    "GDPR": {"GdprRequest": ["Create", "Delete"]},
    "ExternalContacts": {"Contact": ["Delete"], "Note": ["Delete"]},
    "Quality": {
        "Evaluation": ["Delete"],
        "Recording": ["UpdateRetention", "ApplyProtection", "RevokeProtection"],
        "BulkActions": ["Create", "Update"],
        "Calibration": ["Delete"],
        "OrphanedRecording": ["Delete"],
    },
}
PROPERTIES = {"Action": "action", "EntityType": "entityType"}


@dataclass(slots=True)
class AuditQuery:
    """A query over the audit entries."""

    id: str
    body: dict[str, Any]
    state: str = "Queued"


def mapping(call: Call) -> Answer:
    """GET /audits/query/servicemapping: the names that can be asked for."""
    services = [
        {"name": name, "entities": [{"name": kind, "actions": acts} for kind, acts in held.items()]}
        for name, held in SERVICES.items()
    ]
    return 200, {"services": services}


def submit(call: Call) -> Answer:
    """POST /audits/query: Queued, Running, Succeeded."""
    org = call.org
    _check(call)
    found = AuditQuery(new_id(), dict(call.body))
    org.audit_queries[found.id] = found
    for number, state in enumerate(("Running", "Succeeded"), 1):
        org.after(number * org.options.job_step_seconds, partial(_set, found, state))
    return 200, _status(found)


def _set(found: AuditQuery, state: str) -> None:
    found.state = state


def _check(call: Call) -> None:
    interval(call.given("interval", str, need=True))
    service = call.given("serviceName", str)
    if service and service not in SERVICES:
        raise bad("The service name is not valid.", "invalid.value")


def _status(found: AuditQuery) -> dict[str, Any]:
    shown = {
        name: found.body[name]
        for name in ("interval", "serviceName", "filters", "sort")
        if found.body.get(name)
    }
    return {"id": found.id, "state": found.state, **shown}


def status(call: Call) -> Answer:
    """GET /audits/query/{transactionId}."""
    return 200, _status(_find(call))


def results(call: Call) -> Answer:
    """GET /audits/query/{transactionId}/results."""
    found = _find(call)
    if found.state != "Succeeded":
        raise bad("The query has no results yet.")
    size, cursor = call.number("pageSize", 25, 500), call.text("cursor") or "0"
    if not cursor.isdecimal():
        raise bad("The cursor is not valid.", "invalid.value")
    rows, start = _rows(call.org, found.body), int(cursor)
    body = {"id": found.id, "pageSize": size, "entities": rows[start : start + size]}
    return 200, body | ({"cursor": str(start + size)} if start + size < len(rows) else {})


def realtime(call: Call) -> Answer:
    """POST /audits/query/realtime."""
    _check(call)
    rows = _rows(call.org, call.body)
    size, number = int(call.body.get("pageSize") or 25), int(call.body.get("pageNumber") or 1)
    shown = rows[(number - 1) * size : number * size]
    return 200, {
        "entities": shown,
        "pageSize": size,
        "pageNumber": number,
        "total": len(rows),
        "pageCount": max(1, -(-len(rows) // size)),
    }


def _rows(org: Org, body: dict[str, Any]) -> list[dict[str, Any]]:
    since, until = interval(body["interval"])
    return [
        entry
        for entry in org.audits
        if since <= moment(entry["eventDate"]) < until
        and body.get("serviceName") in (None, entry["serviceName"])
        and all(_fits(one, entry) for one in body.get("filters") or [])
    ]


def _fits(one: dict[str, Any], entry: dict[str, Any]) -> bool:
    held = {
        "ClientId": entry["client"]["id"],
        "EntityId": entry["entity"]["id"],
    } | {name: entry[field] for name, field in PROPERTIES.items()}
    return held.get(one.get("property", "")) == one.get("value")


def _find(call: Call) -> AuditQuery:
    found = call.org.audit_queries.get(call.params["transactionId"])
    if found is None:
        raise missing("query")
    return found


ROOT = "/audits/query"
ROUTES = (
    Route("GET", f"{ROOT}/servicemapping", mapping, VIEW),
    Route("GET", f"{ROOT}/realtime/servicemapping", mapping, VIEW),
    Route("POST", ROOT, submit, VIEW),
    Route("POST", f"{ROOT}/realtime", realtime, VIEW),
    Route("GET", f"{ROOT}/{{transactionId}}", status, VIEW),
    Route("GET", f"{ROOT}/{{transactionId}}/results", results, VIEW),
)
