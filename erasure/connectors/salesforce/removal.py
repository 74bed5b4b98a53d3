"""Erasing records: for good in a bulk job, or into the recycle bin where only that is allowed.

Repeating is harmless: a second job finds nothing left and says so row by row.
"""

import csv
import io
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any

from erasure.connectors.base import (
    Clear,
    Erased,
    ItemRef,
    JobReport,
    NotErased,
    RemoteJob,
    Reply,
)
from erasure.connectors.http import Answer
from erasure.connectors.salesforce import soap
from erasure.connectors.salesforce.kinds import MENTIONS, SObject, kind_of
from erasure.connectors.salesforce.org import BUSY_CODES, LOCKED, Csv, Org
from erasure.connectors.salesforce.reading import Reading
from erasure.connectors.salesforce.soql import id18
from erasure.connectors.salesforce.users import Users
from erasure.errors import BusyError, ErasureError, RefusedError, StoppedError
from erasure.values import JobState

JOB_KIND = "hard_delete"
GONE_CODES = frozenset({"ENTITY_IS_DELETED", "NOT_FOUND", "INVALID_CROSS_REFERENCE_KEY"})
NOT_PERMITTED = "featurenotenabled"  # in whatever case the vendor writes it
STATES = {
    "Open": JobState.SUBMITTED,
    "UploadComplete": JobState.SUBMITTED,
    "InProgress": JobState.RUNNING,
    "JobComplete": JobState.DONE,
    "Failed": JobState.ERROR,
    "Aborted": JobState.ERROR,
}
ENDED = (JobState.DONE, JobState.ERROR)
BY_HAND = "Another record mentions the person: have its text edited, then close this by hand."


class Removal:
    """Deletes records of one org."""

    def __init__(self, org: Org, users: Users) -> None:
        self.org = org
        self._users = users
        self._reading = Reading(org)

    def erase(self, refs: Sequence[ItemRef], clear: Clear) -> Iterator[Erased | NotErased]:
        """One answer for each item: a bulk job for all but those it left behind before."""
        try:
            kinds = dict.fromkeys(kind_of(ref.store, ref.facts) for ref in refs)
        except RefusedError as error:
            yield from (NotErased(ref, error) for ref in refs)
            return
        for kind in kinds:
            own = [ref for ref in refs if kind_of(ref.store, ref.facts) == kind]
            yield from self._erase_alike(kind, own, clear)

    def _erase_alike(
        self, kind: SObject, refs: Sequence[ItemRef], clear: Clear
    ) -> Iterator[Erased | NotErased]:
        if kind.store == MENTIONS:
            yield from (NotErased(ref, RefusedError(BY_HAND)) for ref in refs)
            return
        if kind.scrambled:
            yield from self._users.erase(refs, clear)
            return
        if kind.soap:
            yield from soap.delete(self.org, refs, clear)
            return
        try:
            left = self._left_of(kind, refs)
        except (BusyError, RefusedError) as error:
            yield from (NotErased(ref, error) for ref in refs)
            return
        yield from (Erased(ref, Reply.ALREADY_GONE, 200) for ref in refs if ref not in left)
        single = [ref for ref in left if ref.single or not kind.bulk]
        bulk = [ref for ref in left if kind.bulk and not ref.single]
        if bulk:
            yield from self._answered(bulk, clear)
        if single:
            yield from self._into_the_bin(single, clear)

    def _left_of(self, kind: SObject, refs: Sequence[ItemRef]) -> list[ItemRef]:
        """What an attempt before this one, whose answer may be lost, has left to be deleted.

        What lies in the recycle bin is left too: it is to be taken out. Raises BusyError,
        RefusedError.
        """
        before = [ref for ref in refs if ref.tries > 1]
        there = self._reading.by_id(kind, before) if before else {}
        return [r for r in refs if r.tries == 1 or id18(r.remote_id) in there]

    def _answered(self, refs: Sequence[ItemRef], clear: Clear) -> Iterator[Erased | NotErased]:
        try:
            job_id, status = self._hard_delete(refs, clear)
        except (BusyError, RefusedError, StoppedError) as error:
            if isinstance(error, RefusedError) and error.code.lower() == NOT_PERMITTED:
                yield from self._into_the_bin(refs, clear)
                return
            yield from (NotErased(ref, error) for ref in refs)
            return
        for ref in refs:
            yield Erased(ref, Reply.ACCEPTED, status, remote_job=job_id, job_kind=JOB_KIND)

    def _hard_delete(self, refs: Sequence[ItemRef], clear: Clear) -> tuple[str, int]:
        """Start a job; its id and the status of the call that started it.

        POST, PUT batches, PATCH /jobs/ingest (Bulk API Hard Delete). Only the last
        call destroys anything, so ``clear`` is asked before that one.

        Raises:
            BusyError, RefusedError: no job runs, or one that was told to stop.
            StoppedError: from ``clear``; nothing was deleted.
        """
        kind = _kind_of(refs)
        rows = [_own_id(ref, kind) for ref in refs]
        wanted = {"object": kind.name, "operation": "hardDelete"}
        wanted |= {"contentType": "CSV", "lineEnding": "LF"}
        job_id = id18(self.org.send("POST", "/jobs/ingest", json=wanted).json_object().get("id"))
        try:
            text = Csv("\n".join(["Id", *rows]) + "\n")
            self.org.send("PUT", "/jobs/ingest/{job}/batches", json=text, job=job_id)
            started = self._set_state(job_id, "UploadComplete", before=lambda: clear(refs))
        except ErasureError:
            with suppress(ErasureError):
                self._set_state(job_id, "Aborted")
            raise
        return job_id, started.status

    def _set_state(self, job_id: str, state: str, **given: Any) -> Answer:
        body = {"state": state}
        return self.org.send("PATCH", "/jobs/ingest/{job}", json=body, job=job_id, **given)

    def _into_the_bin(self, refs: Sequence[ItemRef], clear: Clear) -> Iterator[Erased | NotErased]:
        """Delete up to 200 records; they stay recoverable for 15 days.

        DELETE /composite/sobjects (delete on the object, or Modify All Data). Answers
        200 even if every row fails: each row's result counts.
        """
        try:
            kind = _kind_of(refs)
            query = {"ids": ",".join(_own_id(ref, kind) for ref in refs), "allOrNone": "false"}
            answer = self.org.send(
                "DELETE", "/composite/sobjects", params=query, before=lambda: clear(refs)
            )
            results = answer.json_list()
            if len(results) != len(refs):
                raise RefusedError("Salesforce: a deletion answered for other records than asked.")
        except (BusyError, RefusedError, StoppedError) as error:
            yield from (NotErased(ref, error) for ref in refs)
            return
        settled = [_settled(r, told, answer.status) for r, told in zip(refs, results, strict=True)]
        gone = [each.ref for each in settled if isinstance(each, Erased)]
        with suppress(ErasureError):  # what stays in the bin is read back as recoverable
            soap.empty_bin(self.org, gone, clear)
        yield from settled

    def poll(self, job: RemoteJob) -> JobReport:
        """Where a job stands, and at its end which items it did not delete.

        GET /jobs/ingest/{job}, successfulResults, failedResults. What stands in neither,
        such as an unprocessed record, is undone.
        """
        job_id = id18(job.remote_id)
        answer = self.org.send("GET", "/jobs/ingest/{job}", ok=(404,), job=job_id)
        if answer.status == 404:
            return JobReport(JobState.LOST, "NOT_FOUND", http_status=404)
        word = str(answer.json_object().get("state"))
        if word not in STATES:
            raise RefusedError("Salesforce: a job is in a state nobody knows.")
        state = STATES[word]
        undone = self._undone(job, job_id) if state in ENDED else frozenset()
        reason = f"{len(undone)} of {len(job.refs)} records were not deleted" if undone else ""
        return JobReport(state, word, reason, undone)

    def _undone(self, job: RemoteJob, job_id: str) -> frozenset[str]:
        done = {row["sf__Id"] for row in self._results("successfulResults", job_id)}
        for row in self._results("failedResults", job_id):
            if row.get("sf__Error", "").partition(":")[0] in GONE_CODES:
                done.add(row["sf__Id"] or row.get("Id", ""))
        gone = {id18(each) for each in done}
        return frozenset(ref.remote_id for ref in job.refs if id18(ref.remote_id) not in gone)

    def _results(self, name: str, job_id: str) -> list[dict[str, str]]:
        answer = self.org.send("GET", f"/jobs/ingest/{{job}}/{name}", job=job_id)
        rows = list(csv.DictReader(io.StringIO(answer.body.decode("utf-8", "replace"))))
        if any("sf__Id" not in row for row in rows):
            raise RefusedError("Salesforce: the results of a job cannot be read.")
        return rows

    def cancel(self, job: RemoteJob) -> bool:
        """Abort a job. True only if the vendor says that it had erased nothing.

        PATCH /jobs/ingest/{job}. Raises BusyError, RefusedError.
        """
        answer = self._set_state(id18(job.remote_id), "Aborted", ok=(400, 404))
        if answer.status in (400, 404):
            return False
        told = answer.json_object()
        return told.get("state") == "Aborted" and told.get("numberRecordsProcessed") == 0


def _kind_of(refs: Sequence[ItemRef]) -> SObject:
    """The one object all items are records of. Raises RefusedError: several."""
    kinds = {kind_of(ref.store, ref.facts) for ref in refs}
    if len(kinds) != 1:
        raise RefusedError("Salesforce: items of several objects in one call.")
    return kinds.pop()


def _own_id(ref: ItemRef, kind: SObject) -> str:
    """The item's id. Raises RefusedError: it is no id of this object."""
    own = id18(ref.remote_id)
    if not own.startswith(kind.prefix):
        raise RefusedError(f"Salesforce: this is no id of a {kind.name}.")
    return own


def _settled(ref: ItemRef, result: object, status: int) -> Erased | NotErased:
    """What one row of a composite deletion says."""
    if not isinstance(result, dict) or not _is_about(result, ref):
        return NotErased(ref, RefusedError("Salesforce: a deletion's answer cannot be read."))
    if result.get("success") is True:
        return Erased(ref, Reply.DONE, status)
    code = _status_code(result)
    if code in GONE_CODES:
        return Erased(ref, Reply.ALREADY_GONE, status)
    text = f"DELETE {kind_of(ref.store, ref.facts).name} answered {code or 'no reason'}"
    if code in BUSY_CODES:
        return NotErased(ref, BusyError(text, retry_after=LOCKED, status=status))
    return NotErased(ref, RefusedError(text, status=status, code=code))


def _is_about(result: dict[str, Any], ref: ItemRef) -> bool:
    """A row that failed may lack its id; one that names another record is not ours."""
    named = result.get("id")
    if named is None:
        return result.get("success") is not True
    return id18(named) == id18(ref.remote_id)


def _status_code(result: dict[str, Any]) -> str:
    errors = result.get("errors")
    first = errors[0] if isinstance(errors, list) and errors else {}
    code = first.get("statusCode") if isinstance(first, dict) else ""
    return code if isinstance(code, str) and code.replace("_", "").isalpha() else ""
