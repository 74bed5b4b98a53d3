"""How each store is tried without touching a record: an id that no record has.

Whoever may not is told 403 with the permission's name; whoever may is told that there
is no such record. Nothing is created by any of these, so what only a real request
would show stays untried and is said so.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from erasure.connectors.genesys import stores
from erasure.connectors.http import Answer, Http

NOBODY = "00000000-0000-4000-8000-000000000000"
NOBODY_AT = "nobody@example.invalid"
NOT_THERE = (400, 404, 409)  # the permission was granted: there is just no such record

Call = Callable[[Http], Answer]


@dataclass(frozen=True, slots=True)
class Probe:
    """The reads and the deletions that a store needs, and what cannot be tried."""

    reads: tuple[Call, ...] = ()
    deletes: tuple[Call, ...] = ()
    untried: str = ""


def _get(template: str, **params: str | int) -> Call:
    return partial(_send, "GET", template, params)


def _delete(template: str, **params: str | int) -> Call:
    return partial(_send, "DELETE", template, params)


def _send(method: str, template: str, params: dict[str, str | int], http: Http) -> Answer:
    names = ("contactId", "noteId", "conversationId", "evaluationId", "jobId", "orphanId",
             "calibrationId", "contactListId", "queueId")  # fmt: skip
    ids: dict[str, Any] = {name: NOBODY for name in names if f"{{{name}}}" in template}
    return http.send(method, template, params=params, ok=NOT_THERE if ids else (), **ids)


V2 = "/api/v2"
CONTACT = f"{V2}/externalcontacts/contacts/{{contactId}}"
TALK = f"{V2}/conversations/{{conversationId}}"
QUALITY = f"{V2}/quality/conversations/{{conversationId}}"
JOB = f"{V2}/recording/jobs/{{jobId}}"
ROW = f"{V2}/outbound/contactlists/{{contactListId}}/contacts/{{contactId}}"

RECORDED = Probe(
    (_get(f"{TALK}/recordingmetadata"), _get(f"{V2}/recording/jobs", pageSize=1)),
    (_delete(JOB),),
    "whether a job may be made, and a deletion date set",
)
BY_STORE: dict[str, Probe] = {
    stores.CONTACTS: Probe(
        (_get(f"{V2}/externalcontacts/contacts", pageSize=1),), (_delete(CONTACT),)
    ),
    stores.NOTES: Probe((_get(f"{CONTACT}/notes"),), (_delete(f"{CONTACT}/notes/{{noteId}}"),)),
    stores.JOURNEYS: Probe((_get(f"{CONTACT}/journey/sessions"),)),
    stores.SUBJECTS: Probe(
        (
            _get(f"{V2}/gdpr/subjects", searchType="EMAIL", searchValue=NOBODY_AT),
            _get(f"{V2}/gdpr/requests", pageSize=1),
        ),
        untried="whether a GDPR request may be made",
    ),
    stores.CONVERSATIONS: Probe((_get(f"{V2}/analytics/conversations/details/jobs/availability"),)),
    stores.ATTRIBUTES: Probe((_get(TALK),)),
    **dict.fromkeys(stores.RECORDED, RECORDED),
    stores.ORPHANS: Probe(
        (_get(f"{V2}/orphanrecordings", pageSize=1),),
        (_delete(f"{V2}/orphanrecordings/{{orphanId}}"),),
    ),
    stores.TRANSCRIPTS: Probe((_get(f"{V2}/speechandtextanalytics{TALK.removeprefix(V2)}"),)),
    stores.SUMMARIES: Probe((_get(f"{TALK}/summaries"),)),
    stores.VOICEMAIL: Probe((_get(f"{V2}/voicemail/queues/{{queueId}}/messages"),)),
    stores.EVALUATIONS: Probe(
        (_get(f"{V2}/quality/evaluations/query", conversationId=NOBODY),),
        (_delete(f"{QUALITY}/evaluations/{{evaluationId}}"),),
    ),
    stores.CALIBRATIONS: Probe(
        (_get(f"{V2}/quality/calibrations", calibratorId=NOBODY),),
        (_delete(f"{V2}/quality/calibrations/{{calibrationId}}", calibratorId=NOBODY),),
    ),
    stores.SURVEYS: Probe((_get(f"{QUALITY}/surveys"),)),
    stores.OUTBOUND: Probe((_get(ROW),), (_delete(ROW),)),
    stores.DNC: Probe(untried="no interface reads it: a person does it"),
    stores.COPIES: Probe(untried="no interface knows it: a person does it"),
}
