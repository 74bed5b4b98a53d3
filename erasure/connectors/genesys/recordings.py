"""Recordings and transcripts in five stores, one for each kind.

An item is what one conversation has of one kind. A deletion job erases many at once
where all that a conversation has, but for agents' screens, is of that kind; what no job
can tell apart goes one by one, so that a hold or an exemption of one kind is respected.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial

from erasure import clock
from erasure.connectors.base import (
    Clear,
    Control,
    Erased,
    Found,
    ItemRef,
    JobReport,
    NotErased,
    Presence,
    RemoteJob,
    Reply,
    Searched,
    Seen,
    Unanswered,
)
from erasure.connectors.genesys.inventory import Inventory
from erasure.connectors.genesys.jobs import JOB_KIND, STOPPABLE, Count, RecordingJobs, count_of
from erasure.connectors.genesys.kinds import METADATA, aged, kept, likely
from erasure.connectors.genesys.options import Options
from erasure.connectors.genesys.part import Beside, Person, each, searched
from erasure.connectors.genesys.protection import DeletionProtection
from erasure.connectors.genesys.reading import number, required, stamp, text, unanswered
from erasure.connectors.genesys.stores import RECORDED, RECORDING_PERMISSIONS, SCREENS
from erasure.connectors.http import Http, Json
from erasure.errors import BusyError, ErasureError, RefusedError
from erasure.values import Identifier, JobState

RECORDING = "/api/v2/conversations/{conversationId}/recordings/{recordingId}"
UPLOAD_PAUSE = 300.0  # seconds until a recording in upload may be complete
MISSED = "the job did not match {}"
UNSEEN_SCREENS = "{} conversations tell of a recorded screen, and none of it is visible"


class Recordings:
    """Recordings by conversation and kind. Permissions: see ``stores``.

    Metadata is read with the credential that reads; jobs and deletion dates are the
    executor's, and a job may be started by its creator only.
    """

    names: tuple[str, ...] = RECORDED

    def __init__(self, reading: Http, http: Http, options: Options, jobs: RecordingJobs) -> None:
        self.reading = reading
        self.http = http
        self.options = options
        self.jobs = jobs
        self.inventory = Inventory(reading, options, jobs)
        self.protection = DeletionProtection(reading, http)

    # Finding

    def collect(self, person: Person) -> Iterator[Found | Searched | Unanswered]:
        """One item per conversation and kind, with the vendor's own protection."""
        try:
            found = list(self.inventory.of(person.rows))
            protected = self.protection.on(list(dict.fromkeys(one.remote_id for one in found)))
        except ErasureError as error:
            yield from (unanswered(kind, error, RECORDING_PERMISSIONS) for kind in RECORDED)
            return
        yield from (replace(one, protected=one.remote_id in protected) for one in found)
        for kind in RECORDED:
            ids = {one.remote_id for one in found if one.store == kind}
            unseen = sum(row.screens and row.id not in ids for row in person.rows)
            note = UNSEEN_SCREENS.format(unseen) if kind == SCREENS and unseen else ""
            yield searched(kind, len(ids), note)

    # Erasing

    def erase(self, refs: Sequence[ItemRef], clear: Clear) -> Iterator[Erased | NotErased]:
        """One by one where a job cannot reach, all others by one job."""
        single = [ref for ref in refs if ref.single or ref.facts.get("single")]
        yield from each(self._erase_one, single, clear)
        others = [ref for ref in refs if ref not in single]
        if others:
            yield from self._erase_many(others)

    def _erase_many(self, refs: Sequence[ItemRef]) -> Iterator[Erased | NotErased]:
        """Have a job ready; ``poll`` compares its counts and starts it."""
        screens = refs[0].store == SCREENS
        try:
            ids, dates = [ref.remote_id for ref in refs], [ref.occurred_at for ref in refs]
            tried = any(ref.tries > 1 for ref in refs)
            job, status = (self.jobs.same(ids, screens=screens), 200) if tried else ("", 0)
            if not job:
                job, status = self.jobs.submit(ids, dates, screens=screens)
        except ErasureError as error:
            yield from (NotErased(ref, error) for ref in refs)
            return
        yield from (Erased(ref, Reply.ACCEPTED, status, job, JOB_KIND) for ref in refs)

    def _erase_one(self, ref: ItemRef, clear: Clear) -> Erased:
        """Set a deletion date on each recording of this kind.

        PUT /api/v2/conversations/{conversationId}/recordings/{recordingId}?clearExport=true
        (recording:recording:editRetention, or screenRecording, snippetRecording). The
        removal follows later.
        """
        here = self._left(ref)
        if any(text(one, "fileState") == "UPLOADING" for one in here):
            raise BusyError(f"GET {METADATA}: still uploading", retry_after=UPLOAD_PAUSE)
        for one in here:
            self.http.send(
                "PUT",
                RECORDING,
                params={"clearExport": "true"},
                json={"deleteDate": stamp(clock.now())},
                conversationId=ref.remote_id,
                recordingId=required(one, "id"),
                before=partial(clear, [ref]),
            )
        return Erased(ref, Reply.ACCEPTED if here else Reply.ALREADY_GONE, 200 if here else 404)

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
        expected = state in ("PENDING", "PROCESSING")
        return JobReport(JobState.RUNNING, state, "" if expected else "unknown status")

    def _begin(self, job: RemoteJob, record: Json, clear: Clear) -> JobReport:
        count = count_of(record)
        if count.conversations > len(job.refs) or count.recordings > inventoried(job.refs):
            self.jobs.cancel(job.remote_id)
            return JobReport(JobState.ERROR, "READY", "matched more than the inventory")
        if count.recordings == 0:
            self.jobs.cancel(job.remote_id)
            missed = self._missed(job.refs)
            reason = MISSED.format(len(missed)) if missed else "nothing left to erase"
            return JobReport(JobState.DONE, "READY", reason, missed)
        self.jobs.start(job.remote_id, partial(clear, job.refs))
        return JobReport(JobState.RUNNING, "PROCESSING")

    def _ended(self, job: RemoteJob, record: Json) -> JobReport:
        """Skipped and failed ones are not done; nor is any, if the job does not tell."""
        ours = frozenset(ref.remote_id for ref in job.refs)
        skipped = number(record, "totalSkippedRecordings")
        failed = number(record, "totalFailedRecordings")
        if skipped is None or failed is None:
            return JobReport(JobState.DONE, "FULFILLED", "the vendor tells no totals", ours)
        if skipped + failed:
            undone = self.jobs.failures(job.remote_id) & ours or ours
            reason = f"{skipped} skipped, {failed} failed"
            return JobReport(JobState.DONE, "FULFILLED", reason, undone)
        whole = (number(record, "totalConversations") or 0) >= len(ours)
        missed = frozenset() if whole else self._missed(job.refs)
        return JobReport(
            JobState.DONE, "FULFILLED", MISSED.format(len(missed)) if missed else "", missed
        )

    def _missed(self, refs: Sequence[ItemRef]) -> frozenset[str]:
        """What is still there though a job matched fewer than it was to: it goes one by one."""
        return frozenset(ref.remote_id for ref in refs if self._has(ref))

    def cancel(self, job: RemoteJob) -> bool:
        """Stop a job that has not begun to erase."""
        record = self.jobs.read(job.remote_id)
        if record is None or text(record, "state") not in STOPPABLE:
            return False
        self.jobs.cancel(job.remote_id)
        return True

    # Reading back

    def verify(
        self, refs: Sequence[ItemRef], who: Sequence[Identifier], names: Sequence[str]
    ) -> Iterator[Presence]:
        """Read each back by its metadata. Many that a job counted before are counted
        by the same filter again: zero where it matched all, and a direct sample."""
        bulk = [ref for ref in refs if ref.facts.get("bulk") and self._still_counted(ref)]
        told = self._recount(bulk) if len(bulk) > self.options.verify_singly_up_to else None
        for ref in refs:
            if told and ref in bulk:
                yield Presence(ref, told)
            else:
                yield Presence(ref, Seen.PRESENT if self._has(ref) else Seen.ABSENT)

    def _has(self, ref: ItemRef) -> bool:
        return bool(self._left(ref))

    def _left(self, ref: ItemRef) -> Sequence[Json]:
        """What is there of an item. A job that counted it told no kinds: all but the agents'
        screens, which it was counted without."""
        here = kept(self.reading, ref.remote_id)
        if not ref.facts.get("bulk"):
            return here.get(ref.store, ())
        return [one for kind, some in here.items() if kind != SCREENS for one in some]

    def _still_counted(self, ref: ItemRef) -> bool:
        """Whether the job that counted it would still see it: not if it aged since."""
        return bool(ref.facts.get("aged")) or not aged(ref, self.options)

    def _recount(self, refs: Sequence[ItemRef]) -> Seen | None:
        """What a count says of all of these at once; None if it says nothing certain.

        Each had this one kind only when it was counted, and no screens: nothing but
        screens left is nothing of the kind left.
        """
        ids, dates = [ref.remote_id for ref in refs], [ref.occurred_at for ref in refs]
        try:
            count = self.jobs.count(ids, dates, screens=False)
        except (BusyError, RefusedError):
            return None
        if count.conversations == len(refs):
            return Seen.PRESENT
        step = max(len(refs) // max(self.options.sample, 1), 1)
        sample = refs[::step][: self.options.sample]
        none = count == Count(0, 0) and not any(map(self._has, sample))
        return Seen.ABSENT if none else None

    # Controls

    def control(self, store: str, beside: Beside) -> str:
        row = beside.row
        if not row or not likely(row, store):
            return ""
        return row.id if store in kept(self.reading, row.id) else ""

    def sees(self, control: Control) -> bool:
        """With every credential that reads: a job of the executor's counts as well."""
        both = [self.reading] if self.reading is self.http else [self.reading, self.http]
        return all(control.store in kept(one, control.remote_id) for one in both)


def inventoried(refs: Sequence[ItemRef]) -> int:
    """Recordings known of these items; a group counted by one job counts once."""
    groups = {str(ref.facts["bulk"]): ref.facts for ref in refs if ref.facts.get("bulk")}
    counted = sum(int(facts.get("bulk_recordings", 0)) for facts in groups.values())
    single = [ref for ref in refs if not ref.facts.get("bulk")]
    return counted + sum(int(ref.facts.get("recordings", 0)) for ref in single)
