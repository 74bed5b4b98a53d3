"""Write the outcome of an attempt: item, attempt and log entry in one transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import random
from uuid import UUID

from erasure import clock
from erasure.cases import locked
from erasure.connectors.base import Erased, NotErased, Reply
from erasure.errors import BusyError, StoppedError
from erasure.execution.claim import Batch, still_mine
from erasure.holds import apply_holds
from erasure.ledger.append import Draft, append_all
from erasure.models import OPEN_JOBS, Attempt, DataItem, ErasureCase, VendorJob, blind
from erasure.values import ItemState, Outcome

MOST_ATTEMPTS = 8
SLOWEST_RETRY = timedelta(minutes=30)
QUICK = 3  # attempts after which it is no hiccup but an outage: all eight span an hour
READ_ACCEPTED_AFTER = timedelta(seconds=60)
FIRST_POLL = timedelta(milliseconds=100)
OUTCOMES = {
    Reply.DONE: Outcome.DELETED,
    Reply.ACCEPTED: Outcome.SUBMITTED,
    Reply.ALREADY_GONE: Outcome.ABSENT,
}


@dataclass(frozen=True, slots=True)
class Ended:
    """What is written of one attempt."""

    item: DataItem
    outcome: Outcome
    action: str
    status: int = 0
    note: str = ""
    job: str = ""


def settle(batch: Batch, answers: Sequence[Erased | NotErased]) -> None:
    """Record what the calls of a batch were answered. A lost lease changes nothing."""
    by_id = {item.locator["remote_id"]: item.pk for item in batch.items}
    with locked(batch.case_id) as case:
        mine, now = still_mine(case, batch), clock.now()
        jobs: dict[str, VendorJob] = {}
        ended: list[Ended] = []
        for answer in answers:
            item = mine.pop(by_id[answer.ref.remote_id], None)
            if item and item.state == ItemState.RUNNING:
                ended.append(_settle_one(case, item, answer, jobs, now))
        for item in batch.along:
            if item.pk in mine:
                ended.append(_take_along(mine.pop(item.pk), jobs, ended, now))
        for item in mine.values():  # the connector gave no answer for it
            ended.append(_later(item, "The connector gave no answer.", None))
        if batch.store.batch > 1:
            _together([each.item for each in ended])
        DataItem.objects.save_alike(each.item for each in ended)
        write(case, ended)
        apply_holds(case)


def _together(items: Sequence[DataItem]) -> None:
    """One call had them all: they are tried again in one, or its lost job is not found."""
    later = [item for item in items if item.state == ItemState.PLANNED and item.next_try]
    for item in later:
        item.next_try = max(each.next_try for each in later if each.next_try)


def _settle_one(
    case: ErasureCase,
    item: DataItem,
    answer: Erased | NotErased,
    jobs: dict[str, VendorJob],
    now: datetime,
) -> Ended:
    if isinstance(answer, NotErased):
        return _not_erased(item, answer.error)
    if answer.remote_job:
        job = jobs.get(answer.remote_job) or _job(case, item, answer)
        jobs[answer.remote_job] = job
        _follow(item, job, now)
    else:
        wait = READ_ACCEPTED_AFTER if answer.reply is Reply.ACCEPTED else timedelta(0)
        item.requested(now + wait, now=now)
    return Ended(item, OUTCOMES[answer.reply], "erase", answer.http_status, "", answer.remote_job)


def _follow(item: DataItem, job: VendorJob, now: datetime) -> None:
    """Wait for the job; one that had ended before is polled by nobody: look at once."""
    if job.state in OPEN_JOBS:
        item.requested(None, job, now=now)
    else:
        item.requested(now, now=now)


def _job(case: ErasureCase, item: DataItem, answer: Erased) -> VendorJob:
    index = blind("job", f"{item.connection.slug}:{answer.remote_job}")
    known = case.jobs.filter(connection=item.connection, remote_index=index).first()
    if known:
        return known
    job = VendorJob(
        case=case, connection=item.connection, kind=answer.job_kind, remote_index=index,
        submitted_at=clock.now(), next_poll=clock.now() + FIRST_POLL,
    )  # fmt: skip
    job.remote_id = answer.remote_job
    job.save(force_insert=True)
    return job


def _not_erased(item: DataItem, error: Exception) -> Ended:
    if isinstance(error, StoppedError):
        # A held item is planned again here; apply_holds then marks it HELD in this transaction.
        item.again(None, str(error))
        return Ended(item, Outcome.FAILED, "erase", note=str(error))
    if isinstance(error, BusyError):
        return _later(item, str(error), error.retry_after, error.status)
    item.fail(str(error)[:300])
    return Ended(item, Outcome.FAILED, "erase", getattr(error, "status", 0), str(error))


def _later(item: DataItem, why: str, retry_after: float | None, status: int = 0) -> Ended:
    if item.attempts >= MOST_ATTEMPTS:
        item.fail(f"Given up after {item.attempts} attempts. {why}"[:300])
    else:
        item.again(clock.now() + backoff(item.attempts, retry_after), why[:300])
    return Ended(item, Outcome.FAILED, "erase", status, why)


def backoff(attempts: int, retry_after: float | None = None) -> timedelta:
    """Doubling from a second, then eightfold, with jitter; at least what the vendor asked for.

    A system that is down for an hour must not leave every one of its records to a person.
    """
    slow = min(max(0, attempts - QUICK), 10)
    seconds = 0.5 * 2 ** min(attempts, QUICK) * 8**slow * (0.75 + random() / 2)  # noqa: S311
    asked = timedelta(seconds=retry_after or 0)
    return max(min(timedelta(seconds=seconds), SLOWEST_RETRY), asked)


def _take_along(
    item: DataItem, jobs: Mapping[str, VendorJob], ended: Sequence[Ended], now: datetime
) -> Ended:
    """What only the subject-wide job erases follows that job's fate."""
    job = next(iter(jobs.values()), None)
    if job:
        _follow(item, job, now)
        return Ended(item, Outcome.SUBMITTED, "native", 0, "", job.remote_id)
    why = ended[0].note if ended else "The subject-wide request was not made."
    failed = next((each.item for each in ended if each.item.state == ItemState.FAILED), None)
    if failed:
        item.fail(failed.reason)
    else:
        item.again(clock.now() + backoff(item.attempts), why[:300])
    return Ended(item, Outcome.FAILED, "native", note=why)


def write(case: ErasureCase, ended: Sequence[Ended]) -> None:
    """One outcome entry and the end of the attempt row for each."""
    now: datetime = clock.now()
    append_all(case, [_draft(each) for each in ended])
    rows = Attempt.objects.filter(item__in=[each.item.pk for each in ended])
    attempts = {(item, number): pk for pk, item, number in rows.values_list("pk", "item", "number")}
    alike: dict[tuple[str, int, str], list[UUID]] = {}
    for each in ended:
        attempt = attempts.get((each.item.pk, each.item.attempts))
        if attempt:
            alike.setdefault((each.outcome, each.status, each.note[:300]), []).append(attempt)
    for (outcome, status, note), some in alike.items():
        Attempt.objects.filter(pk__in=some).update(
            ended_at=now, outcome=outcome, http_status=status, note=note
        )


def _draft(each: Ended) -> Draft:
    where = each.item.locator
    private = {"item": where["remote_id"], "error": each.note[:300], "job": each.job}
    if where.get("parent_id"):
        private["locator"] = where["parent_id"]
    clear: dict[str, object] = {
        "store": each.item.line,
        "action": each.action,
        "outcome": str(each.outcome),
        "try": max(1, each.item.attempts),
    }
    if 100 <= each.status <= 599:
        clear["http"] = each.status
    return Draft("outcome", private, clear, each.item)
