"""Recordings and transcripts: one item per conversation that has any."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial
from itertools import product

from erasure import clock
from erasure.connectors.base import (
    Clear,
    Erased,
    Facts,
    Found,
    ItemRef,
    JobReport,
    NotErased,
    Presence,
    RemoteJob,
    Reply,
    Seen,
)
from erasure.connectors.genesys.jobs import JOB_KIND, STOPPABLE, Count, RecordingJobs, count_of
from erasure.connectors.genesys.options import Options
from erasure.connectors.genesys.reading import (
    chunks,
    number,
    only_objects,
    required,
    stamp,
    text,
)
from erasure.connectors.genesys.rows import Conversation
from erasure.connectors.genesys.stores import RECORDINGS
from erasure.connectors.http import Http, Json
from erasure.errors import BusyError, ErasureError, RefusedError
from erasure.values import JobState

METADATA = "/api/v2/conversations/{conversationId}/recordingmetadata"
RECORDING = "/api/v2/conversations/{conversationId}/recordings/{recordingId}"
PROTECTION = "/api/v2/recordings/deletionprotection"

CHUNK = 100  # conversations in one job or one protection query
UPLOAD_PAUSE = 300.0  # seconds until a recording in upload may be complete


class Recordings:
    """Recordings by conversation. Permissions: see ``stores``."""

    def __init__(self, http: Http, options: Options, jobs: RecordingJobs) -> None:
        self.http = http
        self.options = options
        self.jobs = jobs

    # Finding

    def collect(self, rows: Sequence[Conversation]) -> list[Found]:
        """One item per conversation with recordings.

        A few conversations are read one by one, and so is one too young for a job. The
        others a job counts; the aged apart, for a job may not match them any more.
        """
        found = list(self._inventory(rows))
        protected = self.protected([one.remote_id for one in found])
        return [_protected(one) if one.remote_id in protected else one for one in found]

    def protected(self, ids: Sequence[str]) -> set[str]:
        """Conversations under the vendor's own legal hold.

        POST /api/v2/recordings/deletionprotection, 100 a call.
        """
        found: set[str] = set()
        for some in chunks(ids, CHUNK):
            body = {"conversationIds": list(some)}
            answer = self.http.send("POST", PROTECTION, json=body)
            found |= {required(one, "id") for one in only_objects(answer.json_list())}
        return found

    def _inventory(self, rows: Sequence[Conversation]) -> Iterator[Found]:
        if len(rows) <= self.options.metadata_up_to:
            yield from self._read(rows)
            return
        yield from self._read([row for row in rows if self._young(row)])
        settled = [row for row in rows if not self._young(row)]
        for aged, recorded in product((False, True), (True, False)):
            some = [r for r in settled if self._aged(r) is aged and r.recorded is recorded]
            for chunk in chunks(some, CHUNK):
                yield from self._counted(chunk, recorded, aged)

    def _counted(
        self, chunk: Sequence[Conversation], recorded: bool, aged: bool
    ) -> Iterator[Found]:
        """Believe the recording flags of a chunk only if a job counts the very same."""
        ids = [row.id for row in chunk]
        count = self._count(ids, chunk)
        if count is None or count.conversations != (len(chunk) if recorded else 0):
            yield from self._read(chunk)
        elif recorded:
            group = hashlib.sha256("\n".join(sorted(ids)).encode()).hexdigest()[:16]
            total = count.recordings
            for row in chunk:
                facts: Facts = {"bulk": group, "bulk_recordings": total, "aged": aged}
                yield as_found(row, {"media": ", ".join(row.media), **facts})

    def _count(self, ids: Sequence[str], chunk: Sequence[Conversation]) -> Count | None:
        """What a job would match; None if no job can tell."""
        try:
            return self.jobs.count(ids, [row.started for row in chunk])
        except RefusedError:
            return None
        except BusyError as busy:
            if busy.status == 409:
                return None
            raise

    def _read(self, rows: Sequence[Conversation]) -> Iterator[Found]:
        for row in rows:
            kept = self._kept(row.id)
            if kept:
                media = ", ".join(sorted({text(one, "media") for one in kept} - {""}))
                facts: dict[str, str | int | bool] = {"recordings": len(kept), "media": media}
                if self._young(row) or self._aged(row):
                    facts["single"] = True
                yield as_found(row, facts)

    def _kept(self, conversation: str) -> list[Json]:
        """Recordings that are still there.

        GET /api/v2/conversations/{conversationId}/recordingmetadata
        """
        answer = self.http.send("GET", METADATA, conversationId=conversation, ok=(404,))
        if answer.status == 404:
            return []
        entries = only_objects(answer.json_list())
        return [one for one in entries if text(one, "fileState") != "DELETED"]

    def _young(self, row: Conversation) -> bool:
        """Whether a job may not match it yet, or it has no date to tell."""
        when = row.ended or row.started
        hours = self.options.young_hours
        return when is None or clock.now() - when < timedelta(hours=hours)

    def _aged(self, row: Conversation | ItemRef) -> bool:
        """Whether a job may not match it any more."""
        when = row.started if isinstance(row, Conversation) else row.occurred_at
        days = self.options.aged_days
        return when is None or clock.now() - when > timedelta(days=days)

    def has_any(self, conversation: str) -> bool:
        return bool(self._kept(conversation))

    # Erasing

    def erase(self, refs: Sequence[ItemRef], clear: Clear) -> Iterator[Erased | NotErased]:
        """One by one where a job cannot reach, all others by one job."""
        single = [ref for ref in refs if ref.single or ref.facts.get("single")]
        for ref in single:
            try:
                yield self._erase_one(ref, clear)
            except ErasureError as error:
                yield NotErased(ref, error)
        others = [ref for ref in refs if ref not in single]
        if others:
            yield from self._erase_many(others)

    def _erase_many(self, refs: Sequence[ItemRef]) -> Iterator[Erased | NotErased]:
        """Have a job ready; ``poll`` compares its counts and starts it."""
        try:
            ids, dates = [ref.remote_id for ref in refs], [ref.occurred_at for ref in refs]
            tried = any(ref.tries > 1 for ref in refs)
            job, status = (self.jobs.same(ids), 200) if tried else ("", 0)
            if not job:
                job, status = self.jobs.submit(ids, dates)
        except ErasureError as error:
            yield from (NotErased(ref, error) for ref in refs)
            return
        yield from (Erased(ref, Reply.ACCEPTED, status, job, JOB_KIND) for ref in refs)

    def _erase_one(self, ref: ItemRef, clear: Clear) -> Erased:
        """Set a deletion date on each recording of a conversation.

        PUT /api/v2/conversations/{conversationId}/recordings/{recordingId}?clearExport=true
        (recording:recording:editRetention). The removal follows later.
        """
        kept = self._kept(ref.remote_id)
        if any(text(one, "fileState") == "UPLOADING" for one in kept):
            raise BusyError(f"GET {METADATA}: still uploading", retry_after=UPLOAD_PAUSE)
        for one in kept:
            self.http.send(
                "PUT",
                RECORDING,
                params={"clearExport": "true"},
                json={"deleteDate": stamp(clock.now())},
                conversationId=ref.remote_id,
                recordingId=required(one, "id"),
                before=partial(clear, [ref]),
            )
        return Erased(ref, Reply.ACCEPTED if kept else Reply.ALREADY_GONE, 200 if kept else 404)

    # The job

    def poll(self, job: RemoteJob, clear: Clear) -> JobReport:
        """Look at a deletion job; start it if it is ready and matches no more than known."""
        record = self.jobs.read(job.remote_id)
        if record is None:
            reason = "the vendor does not know the job"
            return JobReport(JobState.LOST, "", reason, http_status=404)
        state = text(record, "state")
        if state == "READY":
            return self._begin(job, record, clear)
        if state == "FULFILLED":
            return self._ended(job, record)
        if state in ("FAILED", "CANCELLED"):
            return JobReport(JobState.ERROR, state, "the vendor ended the job")
        known = state in ("PENDING", "PROCESSING")
        return JobReport(JobState.RUNNING, state, "" if known else "unknown status")

    def _begin(self, job: RemoteJob, record: Json, clear: Clear) -> JobReport:
        count = count_of(record)
        if count.conversations > len(job.refs) or count.recordings > inventoried(job.refs):
            self.jobs.cancel(job.remote_id)
            return JobReport(JobState.ERROR, "READY", "matched more than the inventory")
        if count.recordings == 0:
            self.jobs.cancel(job.remote_id)
            return JobReport(JobState.DONE, "READY", "nothing left to erase")
        self.jobs.start(job.remote_id, partial(clear, job.refs))
        return JobReport(JobState.RUNNING, "PROCESSING")

    def _ended(self, job: RemoteJob, record: Json) -> JobReport:
        skipped = number(record, "totalSkippedRecordings") or 0
        failed = number(record, "totalFailedRecordings") or 0
        if not skipped + failed:
            return JobReport(JobState.DONE, "FULFILLED")
        ours = frozenset(ref.remote_id for ref in job.refs)
        undone = self.jobs.failures(job.remote_id) & ours or ours
        reason = f"{skipped} skipped, {failed} failed"
        return JobReport(JobState.DONE, "FULFILLED", reason, undone)

    def cancel(self, job: RemoteJob) -> bool:
        """Stop a job that has not begun to erase."""
        record = self.jobs.read(job.remote_id)
        if record is None or text(record, "state") not in STOPPABLE:
            return False
        self.jobs.cancel(job.remote_id)
        return True

    # Reading back

    def verify(self, refs: Sequence[ItemRef]) -> Iterator[Presence]:
        """Read each back by its metadata. Many that a job counted before are counted
        by the same filter again: zero where it matched all, and a direct sample."""
        bulk = [ref for ref in refs if ref.facts.get("bulk") and self._still_counted(ref)]
        known = self._recount(bulk) if len(bulk) > self.options.verify_singly_up_to else None
        for ref in refs:
            if known and ref in bulk:
                yield Presence(ref, known)
            else:
                yield self._verify_one(ref)

    def _still_counted(self, ref: ItemRef) -> bool:
        """Whether the job that counted it would still see it: not if it aged since."""
        return bool(ref.facts.get("aged")) or not self._aged(ref)

    def _recount(self, refs: Sequence[ItemRef]) -> Seen | None:
        """What a count says of all of these at once; None if it says nothing certain."""
        try:
            count = self.jobs.count([ref.remote_id for ref in refs], [r.occurred_at for r in refs])
        except (BusyError, RefusedError):
            return None
        if count.conversations == len(refs):
            return Seen.PRESENT
        step = max(len(refs) // max(self.options.sample, 1), 1)
        sample = refs[::step][: self.options.sample]
        none = count == Count(0, 0) and not any(self._kept(ref.remote_id) for ref in sample)
        return Seen.ABSENT if none else None

    def _verify_one(self, ref: ItemRef) -> Presence:
        return Presence(ref, Seen.PRESENT if self._kept(ref.remote_id) else Seen.ABSENT)


def as_found(row: Conversation, facts: Facts) -> Found:
    """The recordings of one conversation as one item."""
    return Found(
        RECORDINGS,
        row.id,
        parent_id=row.id,
        division=row.division,
        occurred_at=row.started,
        facts=facts,
    )


def _protected(one: Found) -> Found:
    return replace(one, protected=True)


def inventoried(refs: Sequence[ItemRef]) -> int:
    """Recordings known of these items; a group counted by one job counts once."""
    groups = {str(ref.facts["bulk"]): ref.facts for ref in refs if ref.facts.get("bulk")}
    counted = sum(int(facts.get("bulk_recordings", 0)) for facts in groups.values())
    single = [ref for ref in refs if not ref.facts.get("bulk")]
    return counted + sum(int(ref.facts.get("recordings", 0)) for ref in single)
