"""Recording jobs of action DELETE: they erase nothing before they are set PROCESSING."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from erasure import clock
from erasure.connectors.genesys.options import Options
from erasure.connectors.genesys.reading import (
    any_of,
    inner,
    interval,
    number,
    objects,
    predicate,
    required,
    stamp,
    text,
)
from erasure.connectors.http import Before, Http, Json
from erasure.errors import BusyError, ErasureError, RefusedError

JOBS = "/api/v2/recording/jobs"
JOB = JOBS + "/{jobId}"
FAILED = JOB + "/failedrecordings"
JOB_KIND = "recording_delete"

OPEN = frozenset({"PENDING", "READY", "PROCESSING"})
STOPPABLE = frozenset({"PENDING", "READY"})
PAGE = 100
MOST_PAGES = 100
FULL_TRIES = 3  # looks at a full job queue before counting is given up
FULL_PAUSE = 5.0  # seconds until one of the organisation's two jobs may have ended
MARGIN = timedelta(days=1)  # around the conversations' own dates


Dates = Sequence[datetime | None]


@dataclass(frozen=True, slots=True)
class Count:
    conversations: int
    recordings: int


class RecordingJobs:
    """Deletion jobs over named conversations. At most two run in an organisation.

    No filter of the vendor's tells one kind of recording from another, but for screens:
    a job takes them along or leaves them out.

    Permissions: recording:job:add, :view, :edit, :delete and, to include sensitive
    recordings, recording:recording:viewSensitiveData.
    """

    def __init__(self, http: Http, options: Options, sleep: Callable[[float], None]) -> None:
        self.http = http
        self.options = options
        self.sleep = sleep

    def submit(self, ids: Sequence[str], dates: Dates, *, screens: bool) -> tuple[str, int]:
        """Create a job over these conversations only; it waits at READY.

        POST /api/v2/recording/jobs. Returns the job's id and the status.

        Raises:
            BusyError: two jobs run already (409).
        """
        answer = self.http.send("POST", JOBS, json=self._body(ids, dates, screens), ok=(409,))
        if answer.status == 409:
            why = f"POST {JOBS} answered 409: two jobs run already"
            raise BusyError(why, retry_after=FULL_PAUSE, status=409)
        return required(answer.json_object(), "id"), answer.status

    def read(self, job: str) -> Json | None:
        """A job; None if the vendor does not know it."""
        answer = self.http.send("GET", JOB, jobId=job, ok=(404,))
        return None if answer.status == 404 else answer.json_object()

    def start(self, job: str, before: Before) -> None:
        """Let a job that is READY erase. PUT {"state": "PROCESSING"}, by its creator."""
        body = {"state": "PROCESSING"}
        answer = self.http.send("PUT", JOB, json=body, jobId=job, ok=(409,), before=before)
        if answer.status == 409:
            raise BusyError(f"PUT {JOB} answered 409", retry_after=FULL_PAUSE, status=409)

    def cancel(self, job: str) -> None:
        """DELETE /api/v2/recording/jobs/{jobId}. Unknown: there is nothing to stop."""
        self.http.send("DELETE", JOB, jobId=job, ok=(404,))

    def same(self, ids: Sequence[str], *, screens: bool) -> str:
        """An open job of ours over exactly these conversations; "" if there is none."""
        wanted = set(ids)
        params: Json = {"showOnlyMyJobs": "true", "jobType": "DELETE", "pageSize": PAGE}
        for job in self._pages(JOBS, params):
            alike = named_in(job) == wanted and with_screens(job) is screens
            if text(job, "state") in OPEN and alike:
                return required(job, "id")
        return ""

    def failures(self, job: str) -> frozenset[str]:
        """The conversations whose recordings a job skipped or failed on."""
        entries = self._pages(FAILED, {"pageSize": PAGE}, job)
        return frozenset(text(inner(entry, "conversation"), "id") for entry in entries) - {""}

    def count(self, ids: Sequence[str], dates: Dates, *, screens: bool) -> Count:
        """How much a deletion job would match: it is stopped at READY, never started.

        Raises:
            BusyError: the job was not ready in time, or the queue stayed full.
            RefusedError: no jobs here, or the job failed.
        """
        job = self._submit_when_free(ids, dates, screens)
        try:
            return self._counted(job)
        finally:
            with suppress(ErasureError):  # a job left at READY erases nothing
                self.cancel(job)

    def _submit_when_free(self, ids: Sequence[str], dates: Dates, screens: bool) -> str:
        for _ in range(FULL_TRIES - 1):
            try:
                return self.submit(ids, dates, screens=screens)[0]
            except BusyError as busy:
                if busy.status != 409:
                    raise
            self.sleep(FULL_PAUSE)
        return self.submit(ids, dates, screens=screens)[0]

    def _counted(self, job: str) -> Count:
        for pause in self.options.pauses():
            self.sleep(pause)
            record = self.read(job) or {}
            state = text(record, "state")
            if state == "READY":
                return count_of(record)
            if state != "PENDING":
                raise RefusedError(f"GET {JOB}: a counting job ended before it was ready")
        raise BusyError(f"GET {JOB}: not ready after {self.options.job_wait_seconds:.0f} s")

    def _body(self, ids: Sequence[str], dates: Dates, screens: bool) -> Json:
        """Sensitive recordings are left out unless asked for."""
        if not ids:
            raise RefusedError("A recording job without conversations would match everybody's")
        now = clock.now()
        return {
            "action": "DELETE",
            "actionDate": stamp(now),
            "screenRecordingActionDate": stamp(now),
            "includeRecordingsWithSensitiveData": True,
            "includeScreenRecordings": screens,
            "includePolicyBasedRecordings": True,
            "includeSnippetRecordings": True,
            "clearExport": True,
            "conversationQuery": {
                "interval": self._interval(dates, now),
                "order": "asc",
                "orderBy": "conversationStart",
                "conversationFilters": any_of(predicate("conversationId", one) for one in ids),
            },
        }

    def _interval(self, dates: Dates, now: datetime) -> str:
        known = [date for date in dates if date]
        start = min(known) - MARGIN if known and len(known) == len(dates) else None
        end = max(known) + MARGIN if start else now
        return interval(start or now - self.options.look_back, min(end, now))

    def _pages(self, template: str, params: Json, job: str = "") -> Iterator[Json]:
        for page in range(1, MOST_PAGES + 1):
            given = {**params, "pageNumber": page}
            listing = self.http.send("GET", template, params=given, jobId=job).json_object()
            entries = objects(listing, "entities")
            yield from entries
            if len(entries) < PAGE and not text(listing, "nextUri"):
                return


def count_of(job: Json) -> Count:
    """What a job that is READY matched. Raises RefusedError if it does not tell."""
    conversations, recordings = number(job, "totalConversations"), number(job, "totalRecordings")
    if conversations is None or recordings is None:
        raise RefusedError(f"GET {JOB} tells no totals")
    return Count(conversations, recordings)


def named_in(job: Json) -> set[str]:
    """The conversation ids a job was filtered by."""
    query = inner(inner(job, "recordingJobsQuery"), "conversationQuery")
    predicates = [
        entry
        for one in objects(query, "conversationFilters")
        for entry in objects(one, "predicates")
    ]
    return {text(one, "value") for one in predicates if text(one, "dimension") == "conversationId"}


def with_screens(job: Json) -> bool:
    """Whether a job takes screen recordings along, as the vendor does unless told not to."""
    return inner(job, "recordingJobsQuery").get("includeScreenRecordings") is not False
