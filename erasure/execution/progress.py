"""Where execution stands, and what moves the case on."""

from uuid import UUID

from django.db.models import Q

from erasure import clock
from erasure.cases import interim_letter, locked, move, overdue_sentence, recipients
from erasure.documents.words import count
from erasure.errors import KeyMissingError, RefusedError, StepError
from erasure.execution.claim import UNDER_WAY, claimable
from erasure.execution.order import waits_for_source
from erasure.execution.settle import MOST_ATTEMPTS, Ended, write
from erasure.holds import apply_holds, spare_exempt
from erasure.models import SYSTEM, DataItem, ErasureCase, SystemConnection, VendorJob
from erasure.models.conditions import KEPT, UNFINISHED, every_system_searched, unprotected
from erasure.models.jobs import OPEN_JOBS
from erasure.systems import connector_for, stores_of
from erasure.values import CaseState, ItemState, Outcome, Step

LONGEST = 300  # characters of waiting_for
TELL_AFTER = 3  # refusals of the vendor's protection, before a person must look
NO_NATIVE = (
    "The vendor's subject-wide job has ended or is not to be made: have the vendor redact this "
    "record and attach its answer."
)


def progress(case_id: UUID) -> ErasureCase:
    """Take the step that the items' states allow, and say what the case waits for."""
    with locked(case_id) as case:
        if case.state in UNDER_WAY:
            apply_holds(case)
            spare_exempt(case)
            _by_hand(case)
            recipients.name_known(case)
        step, waits = _next(case)
        if waits != case.waiting_for:
            case.waiting_for = waits[:LONGEST]
            case.save(update_fields=["waiting_for"])
    if step is None:
        return case
    try:
        return move(case_id, step, actor=SYSTEM)
    except StepError:  # something changed in between: the next ring looks again
        return ErasureCase.objects.get(pk=case_id)


def _next(case: ErasureCase) -> tuple[Step | None, str]:
    """The step to take now, if any, and the reason to wait."""
    if case.state not in UNDER_WAY:
        return None, case.waiting_for
    items = case.items.all()
    if items.filter(state=ItemState.PROPOSED).exists():
        return Step.REOPEN_REVIEW, ""
    if case.finished_execution():
        if not every_system_searched(case):
            return Step.REOPEN_REVIEW, ""
        if bare := unprotected(case):
            return None, bare
        if case.answered_at is None:
            return None, "Everything is settled. Write the person the answer."
        kept = items.filter(state__in=KEPT).exists()
        return (Step.HOLD_BACK if kept else Step.COMPLETE), ""
    return _waiting(case)


def _waiting(case: ErasureCase) -> tuple[Step | None, str]:
    """Work goes on in both states; the state says whether anything but waiting is left."""
    here = case.state == CaseState.AWAITING_VENDOR
    rows = case.items.filter(state__in=[ItemState.FAILED, ItemState.MANUAL])
    failed = rows.select_related("connection").order_by("state", "number")  # FAILED comes first
    if first := failed.first():
        number = count(failed.count(), "item needs", "items need")
        text = f"{number} a person. {first.line}: {first.reason}"
        return (Step.RESUME if here else None), _beside(text, overdue_sentence(case), case)
    bare = unprotected(case)
    if bare and case.protections.pending().filter(attempts__gte=TELL_AFTER).exists():
        return (Step.RESUME if here else None), bare
    unread = Q(state=ItemState.REQUESTED, job__isnull=True, reads=0)
    calls = case.items.filter(state=ItemState.RUNNING).exists() or _callable(case)
    if here and calls:
        return Step.RESUME, ""
    if not here and not calls and not case.items.filter(unread).exists():
        return Step.AWAIT_VENDOR, ""
    return None, bare or _reason(case)


def _callable(case: ErasureCase) -> bool:
    """Planned items whose turn has come."""
    planned = case.items.filter(state=ItemState.PLANNED)
    return any(
        claimable(connection, clock.now()).filter(case=case, state=ItemState.PLANNED).exists()
        for connection in SystemConnection.objects.filter(pk__in=planned.values("connection"))
    )


def _by_hand(case: ErasureCase) -> None:
    """What only the subject-wide job erases, when that one will not be asked for any more."""
    left = case.items.filter(state=ItemState.PLANNED, native=True).select_related("connection")
    for item in left:
        wide = [store.name for store in stores_of(item.connection) if store.subject_wide]
        asked = case.items.filter(connection=item.connection, store__in=wide, state__in=UNFINISHED)
        if item.store not in wide and not asked.exists():
            item.by_hand(NO_NATIVE)
            item.save()


def _beside(text: str, late: str, case: ErasureCase) -> str:
    """A text with what must be seen whatever its length: it is cut, they are not."""
    also = " ".join(part for part in (late, interim_letter(case), waits_for_source(case)) if part)
    if not also:
        return text
    also = also[: LONGEST - 1]
    return f"{text[: max(0, LONGEST - len(also) - 1)]} {also}".strip()


def _reason(case: ErasureCase) -> str:
    """What is waited for; an interim letter that is due stands beside it."""
    text = _waited_for(case)
    due = interim_letter(case)
    return f"{text[: LONGEST - len(due) - 1]} {due}".strip() if due else text


def _waited_for(case: ErasureCase) -> str:
    for connection in SystemConnection.objects.filter(
        pk__in=case.items.filter(state__in=UNFINISHED).values("connection")
    ):
        if silent := _silent(connection):
            return silent
    if source := waits_for_source(case):
        return source
    if open_jobs := case.jobs.filter(state__in=OPEN_JOBS).count():
        told = case.jobs.filter(state__in=OPEN_JOBS).exclude(reason="").first()
        why = f" {told.connection.name}: {told.reason}" if told else ""
        return f"{count(open_jobs, 'vendor job')} under way.{why}"
    open_items = case.items.filter(state__in=[ItemState.REQUESTED, ItemState.PLANNED])
    item = open_items.exclude(reason="").select_related("connection").first()
    return f"{item.line}: {item.reason}" if item else ""


def _silent(connection: SystemConnection) -> str:
    """Why a system with open items is not being asked at all."""
    if not connection.enabled:
        return f"{connection.name} is disabled: its items wait until it is enabled again."
    try:
        connector_for(connection)
    except (KeyMissingError, RefusedError) as why:
        return str(why)
    return ""


def connections_with_work() -> list[UUID]:
    """Systems with a call, a read-back or a poll that is due."""
    now = clock.now()
    jobs = VendorJob.objects.filter(state__in=OPEN_JOBS, next_poll__lte=now)
    polls = set(jobs.values_list("connection", flat=True).distinct())
    return [
        connection.pk
        for connection in SystemConnection.objects.filter(enabled=True)
        if connection.pk in polls
        or claimable(connection, now).filter(case__state__in=UNDER_WAY).exists()
    ]


def reclaim() -> int:
    """Items of workers that did not come back are planned again; their attempt is closed."""
    lapsed = DataItem.objects.lapsed(clock.now()).values_list("case", flat=True).distinct()
    count = 0
    for case_id in list(lapsed):
        with locked(case_id) as case:
            ended = []
            rows = case.items.select_for_update(of=("self",)).select_related("connection")
            for item in rows.filter(state=ItemState.RUNNING, lease_until__lt=clock.now()):
                why = "The worker did not come back: whether the call left is unknown."
                if item.attempts >= MOST_ATTEMPTS:
                    item.fail(f"Given up after {item.attempts} attempts. {why}")
                else:
                    item.again(None, why)
                item.save()
                ended.append(Ended(item, Outcome.FAILED, "erase", note=why))
            write(case, ended)
            count += len(ended)
    return count
