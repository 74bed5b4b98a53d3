"""Which stage runs in which state. A task carries an id; the database is the truth."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

from celery import shared_task
from django.core.cache import cache

from erasure import (
    audits,
    clock,
    correspondence,
    evidence,
    execution,
    intake,
    notices,
    protection,
    register,
    retention,
    verification,
    watch,
)
from erasure.discovery import afterwards
from erasure.discovery import discover as search
from erasure.errors import TamperedError
from erasure.intake import bulk, callbacks
from erasure.ledger import anchors, daily, sequencer
from erasure.models import ErasureCase
from erasure.models.cases import BEFORE_EXECUTION
from erasure.review import refreeze
from erasure.values import CaseState

MINUTE = timedelta(minutes=1)
TIDIED = 3600  # seconds between two looks for forgotten jobs of one connection
DRAINING = 90  # seconds after which a killed worker no longer stands for its connection


def _execute(case_id: UUID) -> None:
    protection.look_again(case_id)
    protection.protect(case_id)
    execution.progress(case_id)
    for connection_id in execution.connections_with_work():
        drain.delay(str(connection_id))


def _review(case_id: UUID) -> None:
    execution.stop_jobs(case_id)
    protection.look_again(case_id)
    protection.protect(case_id)
    refreeze(case_id)


def _issue(case_id: UUID) -> None:
    afterwards.schedule(case_id)
    evidence.issue(case_id)
    audits.schedule(case_id)
    audits.fetch(case_id)


STAGES: dict[str, Callable[[UUID], object]] = {
    CaseState.RECEIVED: intake.start,
    CaseState.VALIDATING: verification.look_up,
    CaseState.AWAITING_IDENTITY: verification.look_up,
    CaseState.DISCOVERY: search,
    CaseState.DPO_REVIEW: _review,
    CaseState.EXECUTING: _execute,
    CaseState.AWAITING_VENDOR: _execute,
    CaseState.COMPLETE: _issue,
    CaseState.PARTIAL_HOLD: _issue,
}


@shared_task(acks_late=True, ignore_result=True)
def wake(case_id: str) -> None:
    """Run the stage of the case's present state. Safe to deliver twice, or late."""
    state = ErasureCase.objects.filter(pk=case_id).values_list("state", flat=True).first()
    stage = STAGES.get(state or "")
    if stage:
        stage(UUID(case_id))
    if state in BEFORE_EXECUTION:
        correspondence.write_due(UUID(case_id))
    if state == CaseState.CLOSED:
        correspondence.tell_closed(UUID(case_id))


@shared_task(acks_late=True, ignore_result=True)
def drain(connection_id: str) -> None:
    """Work off due items of one connection for at most a minute.

    One task a connection is enough: its limiter is shared, and a second one would only
    stand in the queue before other cases. It may still be delivered twice.
    """
    mark = f"draining:{connection_id}"
    if not cache.add(mark, True, timeout=DRAINING):
        return
    try:
        execution.drain(UUID(connection_id), until=clock.now() + MINUTE)
    finally:
        cache.delete(mark)
    if cache.add(f"tidied:{connection_id}", True, timeout=TIDIED):
        execution.free_places(UUID(connection_id))
    mine = ErasureCase.objects.filter(items__connection=UUID(connection_id))
    under_way = mine.filter(state__in=execution.UNDER_WAY).distinct()
    for case_id in under_way.values_list("pk"):
        execution.progress(case_id[0])
    for held_id in protection.cases_with_work():  # a hold came while it was drained
        wake.delay(str(held_id))
    if UUID(connection_id) in execution.connections_with_work():
        drain.delay(connection_id)


@shared_task(acks_late=True, ignore_result=True)
def sweep() -> None:
    """Wake every open case, bring back lost work, poll. Idempotent."""
    watch.pulse()
    execution.reclaim()
    verification.expire_documents()
    for case_id in ErasureCase.objects.to_wake().values_list("pk", flat=True):
        wake.delay(str(case_id))
    for case_id in audits.cases_with_work():
        wake.delay(str(case_id))
    for case_id in afterwards.cases_with_work():
        look_again.delay(str(case_id))
    for letter_id in correspondence.due():
        deliver.delay(str(letter_id))
    bulk.forget()
    for import_id in bulk.running():
        take_in.delay(str(import_id))
    callbacks.note_changes()
    for callback_id in callbacks.due():
        tell.delay(str(callback_id))
    for connection_id in execution.connections_with_work():
        drain.delay(str(connection_id))
    _tell(daily.waiting_alarm())


@shared_task(acks_late=True, ignore_result=True)
def look() -> None:
    """Notice what time alone brought about, each event once, and mail it to staff. Idempotent."""
    watch.look()
    now = clock.now()
    for case_id in {*verification.due_reminders(now), *verification.due_closings(now)}:
        silence.delay(str(case_id))
    notices.send_due()


@shared_task(acks_late=True, ignore_result=True)
def silence(case_id: str) -> None:
    """Ask a person who did not answer once more, or close the case. Safe to deliver twice."""
    verification.remind(UUID(case_id))
    verification.close_unidentified(UUID(case_id))


@shared_task(acks_late=True, ignore_result=True)
def deliver(letter_id: str) -> None:
    """Try to mail one letter of the outbox. Safe to deliver twice."""
    correspondence.deliver(UUID(letter_id))


@shared_task(acks_late=True, ignore_result=True)
def tell(callback_id: str) -> None:
    """Tell a controller where its request stands. Safe to deliver twice."""
    callbacks.send(UUID(callback_id))


@shared_task(acks_late=True, ignore_result=True)
def look_again(case_id: str) -> None:
    """Search for a person after the end of their case. Safe to deliver twice."""
    afterwards.look_again(UUID(case_id))


@shared_task(acks_late=True, ignore_result=True)
def purge() -> None:
    """Destroy what is past its retention. Safe to deliver twice, or to be cut off."""
    for case_id in retention.due_cases():
        retention.purge(case_id)
    register.forget_old(retention.today())
    retention.compact()


@shared_task(acks_late=True, ignore_result=True)
def take_in(import_id: str) -> None:
    """Open the cases of a confirmed file for at most a minute. Safe to deliver twice."""
    mark = f"importing:{import_id}"
    if not cache.add(mark, True, timeout=DRAINING):
        return
    try:
        more = bulk.take_in(UUID(import_id), until=clock.now() + MINUTE)
    finally:
        cache.delete(mark)
    if more:
        take_in.delay(import_id)


@shared_task(acks_late=True, ignore_result=True)
def sequence() -> None:
    """Move the outbox into the log. Runs in the sequencer process alone."""
    try:
        while sequencer.sequence() >= sequencer.BATCH:
            pass
    except TamperedError as why:
        _tell(daily.refusal_alarm(why))
        raise


@shared_task(acks_late=True, ignore_result=True)
def verify_log() -> None:
    """Verify the whole log once a day; rung more often. Runs in the sequencer process alone."""
    report = daily.verify_daily()
    _tell(daily.verification_alarm(report) if report else None)


@shared_task(acks_late=True, ignore_result=True)
def anchor_log() -> None:
    """Send the log's head out once a day; rung more often. Safe to deliver twice."""
    anchors.anchor_daily()


def _tell(alarm: daily.Alarm | None) -> None:
    if alarm:
        notices.tell(alarm.key, alarm.subject, alarm.text)
