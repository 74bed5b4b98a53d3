"""Requests at a processor: made, followed, recalled.

POST /requests, GET and DELETE /requests/{subject_request_id}. A lost answer does no
harm: the same id is sent again, and "already exists" leads to its status.
"""

import base64
import json
from collections.abc import Iterator, Sequence
from datetime import datetime

from erasure import clock
from erasure.connectors.base import (
    Clear,
    Erased,
    ItemRef,
    JobReport,
    NotErased,
    Presence,
    RemoteJob,
    Reply,
    Seen,
)
from erasure.connectors.http import Answer
from erasure.connectors.opendsr.callbacks import callback_token
from erasure.connectors.opendsr.identities import next_id
from erasure.connectors.opendsr.processor import Processor
from erasure.connectors.opendsr.status import OPEN, Status, says_exists, status_of
from erasure.connectors.opendsr.stores import JOB_KIND, LONGEST
from erasure.errors import BusyError, RefusedError, StoppedError
from erasure.values import JobState

MOST = 16  # requests about the same identities, one after the other
OVERDUE = "No answer by the deadline"


class Requests:
    """Erasure requests at one processor."""

    def __init__(self, processor: Processor, callback_key: str) -> None:
        self.processor = processor
        self._callback_key = callback_key

    def erase(self, refs: Sequence[ItemRef], clear: Clear) -> Iterator[Erased | NotErased]:
        """One request for each item; accepted is not erased."""
        for ref in refs:
            try:
                job_id, status = self._submitted(ref, clear)
            except (BusyError, RefusedError, StoppedError) as error:
                yield NotErased(ref, error)
            else:
                yield Erased(ref, Reply.ACCEPTED, status, job_id, JOB_KIND)

    def _submitted(self, ref: ItemRef, clear: Clear) -> tuple[str, int]:
        """The id of a request that is under way, and the status of the call that says so.

        400 "already exists": an earlier answer was lost; the request is followed if it is
        open. If it has ended, another one is made: an old end proves nothing today.

        Raises:
            BusyError: 429, 5xx, no answer: the same id again later.
            RefusedError: 400, 401, 404, 409, no valid receipt.
            StoppedError: from ``clear``; nothing was sent.
        """
        for number in range(MOST):
            job_id = next_id(ref.remote_id, number)
            body = self._body(ref, job_id)
            answer = self.processor.wire.call(
                "POST", "/requests", body, ok=(400, 409), before=lambda: clear([ref])
            )
            if answer.status == 409:
                raise RefusedError(
                    "POST /requests answered 409: another request about the same identities "
                    "is under way there. Try again when it has ended.",
                    status=409,
                )
            if answer.status != 400:
                self._require_receipt(answer, job_id, body)
                return job_id, answer.status
            if not says_exists(answer.body):
                raise RefusedError("POST /requests answered 400", status=400)
            known = self._known(job_id)
            if known.word in OPEN:
                return job_id, known.http_status
        raise RefusedError("OpenDSR: too many ended requests about the same identities.")

    def _body(self, ref: ItemRef, job_id: str) -> bytes:
        """The request, byte for byte. Raises RefusedError: no identities are kept."""
        identities = json.loads(str(ref.facts.get("identities") or "[]"))
        phones = json.loads(str(ref.facts.get("phones") or "[]"))
        if not identities and not phones:
            raise RefusedError("OpenDSR: the record names no identity.")
        settings = self.processor.settings
        request = {
            "regulation": settings.regulation,
            "subject_request_id": job_id,
            "subject_request_type": "erasure",
            "submitted_time": ref.facts.get("submitted_time"),
            "subject_identities": identities,
            "api_version": "2.0",
        }
        if settings.callback_base and self._callback_key:
            token = callback_token(self._callback_key, job_id)
            request["status_callback_urls"] = [f"{settings.callback_base}/{token}"]
        if phones:
            request["extensions"] = {settings.domains[0]: {"identities": phones}}
        return json.dumps(request).encode()

    def _require_receipt(self, answer: Answer, job_id: str, body: bytes) -> None:
        """Signed, of this id, and with our own request in it, which is then dropped.

        Raises:
            RefusedError: one of them is not so.
        """
        self._require_proven(answer)
        told = answer.json_object()
        if told.get("subject_request_id") != job_id:
            raise RefusedError("POST /requests: the receipt is of another request")
        if told.get("encoded_request") != base64.b64encode(body).decode():
            raise RefusedError("POST /requests: the receipt does not hold what was sent")

    def _require_proven(self, answer: Answer) -> str:
        """Why the answer is unverified, where that is allowed; else RefusedError."""
        unproven = self.processor.unproven(answer)
        if unproven and not self.processor.settings.unsigned:
            text = f"{answer.method} {answer.template} answered {answer.status}. {unproven}"
            raise RefusedError(text, status=answer.status)
        return unproven

    def _read(self, job_id: str) -> Status | None:
        """GET /requests/{subject_request_id}; None: unknown there. Raises BusyError, RefusedError.

        The signature is looked at first; what is unproven says so and is for the caller to
        refuse.
        """
        answer = self.processor.wire.call("GET", "/requests/{id}", ok=(404,), id=job_id)
        if answer.status == 404:
            return None
        return status_of(answer, job_id, self.processor.unproven(answer))

    def _known(self, job_id: str) -> Status:
        """A status that may be relied on. Raises BusyError, RefusedError."""
        status = self._read(job_id)
        if status is None:
            raise RefusedError("The processor says that it has the request and cannot find it.")
        return self._relied_on(status)

    def _relied_on(self, status: Status) -> Status:
        if status.unproven and not self.processor.settings.unsigned:
            raise RefusedError(f"GET /requests/{{id}}: {status.unproven}")
        return status

    def poll(self, job: RemoteJob) -> JobReport:
        """How the request stands; never later than the deadline.

        An answer that cannot be read or is not proven says nothing: the request goes on.

        Raises:
            BusyError: no answer now. RefusedError: it was refused.
        """
        try:
            status = self._read(job.remote_id)
        except (BusyError, RefusedError) as why:
            if self._late(job, None):
                return JobReport(JobState.ERROR, "unknown", f"{OVERDUE}. {why}.")
            if isinstance(why, BusyError) or why.status >= 300:
                raise
            return JobReport(JobState.RUNNING, "unknown", f"{why}.")
        if status is None:
            text = "The processor does not know the request any more."
            return JobReport(JobState.LOST, "unknown", text, http_status=404)
        return self._reported(job, status)

    def _reported(self, job: RemoteJob, status: Status) -> JobReport:
        believed = not status.unproven or self.processor.settings.unsigned
        if believed and status.word == "cancelled":
            return _report(JobState.ERROR, status, "The processor cancelled the request.")
        if believed and status.word == "completed" and status.left:
            text = f"Completed, but not with every recipient of the processor: {status.left}."
            return _report(JobState.ERROR, status, text)
        if believed and status.done:
            return _report(JobState.DONE, status, "")
        waiting = f"Recipients of the processor: {status.waiting}." if status.waiting else ""
        if self._late(job, status.expected):
            return _report(JobState.ERROR, status, f"{OVERDUE}. {waiting}".strip())
        return _report(JobState.RUNNING, status, waiting or _expecting(status))

    def _late(self, job: RemoteJob, expected: datetime | None) -> bool:
        now = clock.now()
        if expected and now > expected + self.processor.settings.grace:
            return True
        return bool(job.submitted_at and now > job.submitted_at + LONGEST)

    def cancel(self, job: RemoteJob) -> bool:
        """DELETE /requests/{subject_request_id}: 202 while it is pending, else it runs on.

        A recall that nobody signed does not count. Raises BusyError, RefusedError.
        """
        answer = self.processor.wire.call(
            "DELETE", "/requests/{id}", ok=(400, 404, 409), id=job.remote_id
        )
        if answer.status != 202:
            return False
        self._require_proven(answer)
        return answer.json_object().get("subject_request_id") == job.remote_id

    def verify(self, refs: Sequence[ItemRef]) -> Iterator[Presence]:
        """Does the processor state that the newest request about each is completed?

        Raises:
            BusyError: no answer now. RefusedError: nobody signed it, or it cannot be read.
        """
        for ref in refs:
            status = self._newest(ref)
            attested = status is not None and self._relied_on(status).done
            seen = Seen.ATTESTED if attested else Seen.PRESENT
            yield Presence(ref, seen, status.http_status if status else 404)

    def _newest(self, ref: ItemRef) -> Status | None:
        newest = None
        for number in range(MOST):
            status = self._read(next_id(ref.remote_id, number))
            if status is None:
                break
            newest = status
            if status.word in OPEN:
                break
        return newest


def _expecting(status: Status) -> str:
    if status.word not in OPEN:
        return ""
    if status.expected is None:
        return "The processor has not said when it will be done."
    return f"The processor expects to be done by {status.expected:%Y-%m-%d %H:%M} UTC."


def _report(state: JobState, status: Status, text: str) -> JobReport:
    reason = f"{text} {status.unproven}".strip()
    return JobReport(state, status.word, reason, http_status=status.http_status)
