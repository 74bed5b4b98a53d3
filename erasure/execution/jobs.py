"""Poll the vendors' slow jobs. A job's end is a reason to read back, never an erasure."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from django.db.models import Q

from erasure import clock
from erasure.cases import locked
from erasure.connectors.base import Connector, ItemRef, JobReport, RemoteJob
from erasure.errors import BusyError, ErasureError, KeyMissingError, RefusedError, StoppedError
from erasure.execution.claim import dispatch
from erasure.execution.guard import guard
from erasure.execution.settle import Ended, write
from erasure.holds import apply_holds
from erasure.models import (
    DataItem,
    ErasureCase,
    SystemConnection,
    VendorJob,
    beside_refusals,
)
from erasure.models.jobs import OPEN_JOBS
from erasure.systems import connector_for
from erasure.values import ItemState, JobState, Outcome

POLL_LEASE = timedelta(minutes=2)
HOURLY = timedelta(hours=1)
NATIVE_KIND = "gdpr_delete"  # the vendor's subject-wide job: it cannot be cancelled
SLOW_KINDS = frozenset({NATIVE_KIND, "opendsr"})  # run for days: asked for hourly at most
MOST_UNREADABLE = 6  # polls in a row that were refused, before a person must look


def due_jobs(connection: SystemConnection) -> list[VendorJob]:
    now = clock.now()
    free = Q(lease_until__isnull=True) | Q(lease_until__lt=now)
    due = VendorJob.objects.filter(
        free, connection=connection, state__in=OPEN_JOBS, next_poll__lte=now
    )
    return list(due.select_related("connection", "case")[:20])


def poll(connector: Connector, job: VendorJob) -> bool:
    """Ask for a job that is due. False: somebody else does."""
    now = clock.now()
    free = Q(lease_until__isnull=True) | Q(lease_until__lt=now)
    mine = VendorJob.objects.filter(free, pk=job.pk, state__in=OPEN_JOBS)
    if not mine.update(lease_until=now + POLL_LEASE):
        return False
    items = _of(job.case, job.items.select_related("connection").exclude(state=ItemState.HELD))
    refs = tuple(item.ref() for item in items)
    remote = RemoteJob(job.kind, job.remote_id, refs, job.submitted_at)
    try:
        report = connector.poll(remote, _writing_ahead(job, items))
    except StoppedError as why:
        _stopped(job, connector, remote, str(why))
    except BusyError as why:
        _poll_later(job, timedelta(seconds=why.retry_after or 30), str(why))
    except ErasureError as why:
        _unreadable(job.pk, str(why))
        _give_back(connector, job.pk, remote)
    else:
        _settle_job(job.pk, report)
        _give_back(connector, job.pk, remote)
    return True


def _give_back(connector: Connector, job_id: UUID, remote: RemoteJob) -> None:
    """A job that was given up must not keep one of the vendor's few places."""
    if VendorJob.objects.filter(pk=job_id, state__in=[JobState.ERROR, JobState.LOST]).exists():
        _cancel(connector, remote)


def free_places(connection_id: UUID) -> int:
    """Cancel our own jobs at the vendor that wait for a start nobody will give them.

    Returns how many.
    """
    connection = SystemConnection.objects.filter(pk=connection_id, enabled=True).first()
    if connection is None:
        return 0
    open_jobs = VendorJob.objects.filter(connection=connection, state__in=OPEN_JOBS)
    try:
        known = {job.remote_id for job in open_jobs.select_related("case")}
        return connector_for(connection).tidy(known)
    except ErasureError:  # the next time will do
        return 0


def _writing_ahead(job: VendorJob, items: list[DataItem]):  # type: ignore[no-untyped-def]
    """The guard of a job's destructive step, with its own dispatch entry before the call."""
    clear = guard(job.case_id, items, "")

    def ahead(refs: tuple[ItemRef, ...]) -> None:
        with locked(job.case_id) as case:  # who places a hold or halts holds this lock
            dispatch(case, items)
            clear(refs)

    return ahead


def _settle_job(job_id: UUID, report: JobReport) -> None:
    case_id = VendorJob.objects.values_list("case", flat=True).get(pk=job_id)
    with locked(case_id) as case:
        job = VendorJob.objects.select_for_update(of=("self",)).get(pk=job_id)
        if job.state not in OPEN_JOBS:
            return
        job.vendor_state, job.lease_until = report.vendor_state[:40], None
        job.polls += 1
        if report.state is not JobState.DONE:
            report = replace(report, reason=beside_refusals(job, report.reason))
        ends = {JobState.DONE: _done, JobState.ERROR: _error, JobState.LOST: _lost}
        if report.state in ends:
            ends[report.state](case, job, report)
        else:
            job.run()
            job.reason = report.reason[:300]
            job.next_poll = clock.now() + poll_wait(job)
        job.save()


def poll_wait(job: VendorJob) -> timedelta:
    """A job that runs for days at most hourly; a bulk job soon, then less and less often."""
    if job.kind in SLOW_KINDS:
        own = job.connection.options.get("native_poll_seconds")
        return timedelta(seconds=float(own)) if own else HOURLY
    return min(timedelta(milliseconds=100) * 1.5 ** min(job.polls, 20), timedelta(minutes=1))


def _patience(job: VendorJob, wait: timedelta) -> timedelta:
    """Never sooner than the job's own rhythm, even when nobody answered."""
    return max(wait, poll_wait(job)) if job.kind in SLOW_KINDS else wait


def _items(case: ErasureCase, job: VendorJob) -> list[DataItem]:
    rows = job.items.select_for_update(of=("self",)).select_related("connection")
    return _of(case, rows.filter(state=ItemState.REQUESTED))


def _of(case: ErasureCase, found: Iterable[DataItem]) -> list[DataItem]:
    """Rows that share one case, and so its opened keys."""
    rows = list(found)
    for row in rows:
        row.case = case
    return rows


def _done(case: ErasureCase, job: VendorJob, report: JobReport) -> None:
    job.finish()
    ended, now = [], clock.now()
    for item in _items(case, job):
        native_row = item.native and job.kind == NATIVE_KIND
        item.job, item.next_try, item.requested_at = None, now, now
        if item.locator["remote_id"] in report.undone:
            item.single = True
            why = "The vendor's bulk job skipped it or failed on it."
            item.again(None, why)
            ended.append(Ended(item, Outcome.FAILED, "job", report.http_status, why))
        else:
            action = "native" if native_row else "job"
            ended.append(Ended(item, Outcome.DELETED, action, report.http_status, "", ""))
    DataItem.objects.save_alike(each.item for each in ended)
    write(case, ended)


def _error(case: ErasureCase, job: VendorJob, report: JobReport) -> None:
    job.fail(report.reason[:300] or f"The vendor's job ended as {report.vendor_state}.")
    _give_up(case, job, job.reason)


def _give_up(case: ErasureCase, job: VendorJob, why: str) -> None:
    ended = []
    for item in _items(case, job):
        item.again(None)
        item.fail(why)
        item.save()
        ended.append(Ended(item, Outcome.FAILED, "job", note=why))
    write(case, ended)


def _lost(case: ErasureCase, job: VendorJob, report: JobReport) -> None:
    job.lose(report.reason[:300] or "The vendor does not know the job any more.")
    _plan_again(case, job, job.reason)


def _stopped(job: VendorJob, connector: Connector, remote: RemoteJob, why: str) -> None:
    """A hold or a halt came before the job began: cancel it, plan what no hold covers again."""
    if not _cancel(connector, remote):
        _poll_later(job, timedelta(seconds=30), why)
        return
    with locked(job.case_id) as case:
        job = VendorJob.objects.select_for_update(of=("self",)).get(pk=job.pk)
        if job.state not in OPEN_JOBS:
            return
        job.lease_until = None
        job.fail(f"Cancelled before it began. {why}"[:300])
        _plan_again(case, job, why)
        job.save()
        apply_holds(case)


def _plan_again(case: ErasureCase, job: VendorJob, why: str) -> None:
    ended = []
    for item in _items(case, job):
        item.again(None, why[:300])
        item.save()
        ended.append(Ended(item, Outcome.FAILED, "job", note=why))
    write(case, ended)


def _cancel(connector: Connector, remote: RemoteJob) -> bool:
    try:
        return connector.cancel(remote)
    except ErasureError:
        return False


def _poll_later(job: VendorJob, wait: timedelta, why: str) -> None:
    VendorJob.objects.filter(pk=job.pk).update(
        lease_until=None,
        next_poll=clock.now() + _patience(job, wait),
        reason=beside_refusals(job, why),
    )


def _unreadable(job_id: UUID, why: str) -> None:
    """Refused: worth a few more tries, then a person must look. Nothing counts as done."""
    with locked(VendorJob.objects.values_list("case", flat=True).get(pk=job_id)) as case:
        job = VendorJob.objects.select_for_update(of=("self",)).get(pk=job_id)
        job.polls, job.lease_until = job.polls + 1, None
        job.reason = beside_refusals(job, why)
        job.next_poll = clock.now() + _patience(job, timedelta(minutes=5))
        if job.polls >= MOST_UNREADABLE and job.kind not in SLOW_KINDS:
            job.fail(why[:300])
            _give_up(case, job, why[:300])
        job.save()


def stop_jobs(case_id: UUID) -> None:
    """After a halt: cancel the vendor jobs that have not begun to erase."""
    case = ErasureCase.objects.get(pk=case_id)
    going = case.jobs.filter(state__in=OPEN_JOBS).exclude(kind=NATIVE_KIND)
    for job in going.select_related("connection"):
        refs = tuple(item.ref() for item in job.items.all())
        remote = RemoteJob(job.kind, job.remote_id, refs, job.submitted_at)
        try:
            connector = connector_for(job.connection)
        except (KeyMissingError, RefusedError):
            continue
        _stopped(job, connector, remote, "Execution was halted.")
