"""Bulk API 2.0 ingest jobs with the operation hardDelete.

Open -> UploadComplete -> InProgress -> JobComplete; a job moves on each time somebody
asks for it. Rows fail one by one; a job with failed rows is complete all the same.
"""

import csv
import io
from dataclasses import dataclass, field
from datetime import datetime

from .deletion import delete
from .org import Org
from .records import ID, made_id, stamp
from .schema import UNDELETABLE

NO_PERMISSION = (
    "hardDelete operation requires special user profile permission, "
    "please contact your system administrator"
)


class JobError(Exception):
    """The vendor refuses, with its error code."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.code = code
        self.status = status


@dataclass(slots=True)
class Job:
    id: str
    kind: str  # the object's name
    created: datetime
    state: str = "Open"
    ids: list[str] = field(default_factory=list)
    done: list[str] = field(default_factory=list)
    failed: list[tuple[str, str]] = field(default_factory=list)  # id, reason

    def shown(self, version: str) -> dict[str, object]:
        """The job as the vendor describes it."""
        return {
            "id": self.id,
            "operation": "hardDelete",
            "object": self.kind,
            "createdDate": stamp(self.created),
            "state": self.state,
            "contentType": "CSV",
            "lineEnding": "LF",
            "apiVersion": float(version),
            "contentUrl": f"services/data/v{version}/jobs/ingest/{self.id}/batches",
            "numberRecordsProcessed": len(self.done) + len(self.failed),
            "numberRecordsFailed": len(self.failed),
        }


class Jobs:
    def __init__(self, org: Org) -> None:
        self.org = org
        self.known: dict[str, Job] = {}

    def create(self, given: dict[str, object]) -> Job:
        """Open a job. Raises JobError: wrong operation or object, no permission."""
        if given.get("operation") != "hardDelete":
            raise JobError("InvalidJob", "This sandbox knows the operation hardDelete only.")
        if not self.org.hard_delete:
            raise JobError("FEATURENOTENABLED", NO_PERMISSION)
        kind = str(given.get("object"))
        if self.org.sobject(kind) is None or kind in UNDELETABLE:
            raise JobError("INVALIDENTITY", f"Unable to find object: {kind}")
        job = Job(made_id("750", "job", len(self.known)), kind, self.org.now())
        self.known[job.id] = job
        return job

    def named(self, job_id: str) -> Job:
        """Raises JobError (404): no such job."""
        job = self.known.get(job_id)
        if job is None:
            raise JobError("NOT_FOUND", "The requested resource does not exist", 404)
        return job

    def upload(self, job: Job, body: str) -> None:
        """Take the CSV, once. Raises JobError: wrong state, or no column Id."""
        if job.state != "Open" or job.ids:
            raise JobError("INVALIDJOBSTATE", "The job takes no data in its state.")
        rows = list(csv.reader(io.StringIO(body)))
        if not rows or rows[0] != ["Id"]:
            raise JobError("InvalidBatch", "Field name not found : Id")
        job.ids = [row[0] for row in rows[1:] if row]

    def change(self, job: Job, state: object) -> None:
        """UploadComplete starts an open job, Aborted ends one that has not begun."""
        allowed = {"UploadComplete": ("Open",), "Aborted": ("Open", "UploadComplete")}
        if job.state not in allowed.get(str(state), ()):
            raise JobError("INVALIDJOBSTATE", f"A job in {job.state} cannot become {state}.")
        job.state = str(state)

    def advance(self, job: Job) -> None:
        """One step on, as time would bring it."""
        if job.state == "UploadComplete":
            job.state = "InProgress"
        elif job.state == "InProgress":
            for id18 in job.ids:
                self._erase(job, id18)
            job.state = "JobComplete"

    def _erase(self, job: Job, id18: str) -> None:
        if not ID.match(id18):
            job.failed.append((id18, "MALFORMED_ID:malformed id:Id--"))
            return
        refusal = delete(self.org, job.kind, id18, hard=True)
        if refusal is None:
            job.done.append(id18)
        else:
            job.failed.append((id18, f"{refusal.code}:{refusal.message}:--"))


def successful_csv(job: Job) -> str:
    rows = [[id18, "false", id18] for id18 in job.done]
    return _csv([["sf__Id", "sf__Created", "Id"], *rows])


def failed_csv(job: Job) -> str:
    rows = [[id18, why, id18] for id18, why in job.failed]
    return _csv([["sf__Id", "sf__Error", "Id"], *rows])


def _csv(rows: list[list[str]]) -> str:
    out = io.StringIO()
    csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows(rows)
    return out.getvalue()
