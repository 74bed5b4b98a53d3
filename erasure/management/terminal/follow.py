"""Follow a case: by the running workers, or doing their work in this process."""

import time
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

from django.core.management.base import CommandError

from erasure import clock, execution, protection
from erasure.discovery import discover
from erasure.management.demo.screen import Watch
from erasure.models import DataItem, ErasureCase, VendorJob
from erasure.models.jobs import OPEN_JOBS
from erasure.values import CaseState, ItemState

LOOK = 0.5  # seconds
SLICE = timedelta(seconds=5)  # of one drain, so that progress is shown in between
NOT_SERVED = (
    "No worker has taken the case up: start the services (make run) or add --inline, "
    "then go on with --case {reference}."
)


def searched(case_id: UUID, watch: Watch, *, inline: bool, patience: float) -> ErasureCase:
    """Wait until the search has ended.

    Raises:
        CommandError: it did not end in ``patience`` seconds.
    """
    return _until(
        case_id, watch, lambda case: case.state != CaseState.DISCOVERY,
        discover if inline else None, patience,
    )  # fmt: skip


def executed(case_id: UUID, watch: Watch, *, inline: bool, patience: float) -> ErasureCase:
    """Wait until the case has ended, or waits for a person or a vendor.

    Raises:
        CommandError: nothing was done in ``patience`` seconds.
    """
    return _until(case_id, watch, rests, _execute if inline else None, patience)


def _until(
    case_id: UUID,
    watch: Watch,
    reached: Callable[[ErasureCase], bool],
    work: Callable[[UUID], object] | None,
    patience: float,
) -> ErasureCase:
    end = time.monotonic() + patience
    while True:
        if work:
            work(case_id)
        case = ErasureCase.objects.get(pk=case_id)
        watch.look(case)
        if reached(case):
            return case
        if time.monotonic() > end:
            waits = case.waiting_for or NOT_SERVED.format(reference=case.reference)
            raise CommandError(f"{case.reference} is still {case.state}. {waits}")
        time.sleep(LOOK)


def _execute(case_id: UUID) -> None:
    protection.protect(case_id)
    execution.progress(case_id)
    for connection_id in execution.connections_with_work():
        execution.drain(connection_id, until=clock.now() + SLICE)
    execution.progress(case_id)


def rests(case: ErasureCase) -> bool:
    """Nothing is due now: it is over, or waits for a person or for a vendor."""
    if case.state not in execution.UNDER_WAY or case.finished_execution():
        return True
    soon = clock.now() + timedelta(seconds=10)
    jobs = VendorJob.objects.filter(case=case, state__in=OPEN_JOBS, next_poll__lte=soon)
    due = DataItem.objects.due(soon).filter(case=case, connection__enabled=True)
    running = case.items.filter(state=ItemState.RUNNING)
    if jobs.exists() or running.exists():
        return False
    if case.state == CaseState.AWAITING_VENDOR:
        return not due.filter(state=ItemState.REQUESTED).exists() or bool(case.waiting_for)
    return bool(case.waiting_for) and not due.exists()


def next_step(case: ErasureCase) -> str:
    """What is to be done now, and by whom."""
    if case.state in execution.UNDER_WAY and case.finished_execution():
        return "Everything is settled: send the person the answer and record it in the admin."
    told = {
        CaseState.VALIDATING: "An officer decides on identity: add --officer.",
        CaseState.AWAITING_IDENTITY: "The person was asked for proof of identity.",
        CaseState.DPO_REVIEW: "Somebody who did not prepare the case approves it: add --dpo.",
        CaseState.EXECUTING: "An officer works off what needs a person, in the admin.",
        CaseState.AWAITING_VENDOR: f"It waits for the vendor; look again with --case "
        f"{case.reference}.",
        CaseState.PARTIAL_HOLD: "What a hold keeps goes once the hold is released.",
        CaseState.COMPLETE: "Nothing is left to do: the certificate is in the admin.",
    }
    step = told.get(CaseState(case.state), "Nothing is left to do here.")
    return f"{case.waiting_for} {step}".strip()
