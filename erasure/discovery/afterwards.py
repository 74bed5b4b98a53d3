"""Search for a person again after their case was completed: did anything come back?"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.utils import timezone

from erasure import clock
from erasure.cases import locked
from erasure.connectors.base import Found
from erasure.discovery.again import Look, Person, look_for, truly_there
from erasure.discovery.people import record_index
from erasure.discovery.returned import Returned, raise_follow_up
from erasure.errors import ErasureError, KeyMissingError
from erasure.ledger.append import append
from erasure.models import (
    SYSTEM,
    DataItem,
    ErasureCase,
    FollowUp,
    LaterCheck,
    SystemConnection,
)
from erasure.models.items import NOT_FOUND_AGAIN, UNCONFIRMED_LEAD
from erasure.periods import periods
from erasure.register import suppress
from erasure.systems import connector_for
from erasure.values import CaseState, Cause, CheckResult, ItemState, Return, StoreStatus

LEASE = timedelta(minutes=15)  # above one search of every store
RETRY = timedelta(days=1)  # of stores that did not answer
MOST_TRIES = 3
UNDECIDED = (NOT_FOUND_AGAIN, UNCONFIRMED_LEAD)  # left out, and nobody said that it is another's
Place = tuple[UUID, str, str]  # connection, store, keyed index


def schedule(case_id: UUID) -> None:
    """The dates on which a completed case is searched again, and its suppression tokens.

    Safe to call again: what is there stays.
    """
    with locked(case_id) as case:
        if case.state != CaseState.COMPLETE or case.completed_at is None:
            return
        for number in periods().checks:
            due = case.completed_at + timedelta(days=number)
            given = {"due_at": due, "next_try": due}
            LaterCheck.objects.get_or_create(case=case, day=number, defaults=given)
        suppress(case, timezone.localtime(case.completed_at).date())


def cases_with_work() -> list[UUID]:
    """Completed cases that are to be searched again now."""
    due = LaterCheck.objects.due(clock.now()).filter(case__state=CaseState.COMPLETE)
    return list(due.order_by().values_list("case", flat=True).distinct())


def look_again(case_id: UUID) -> FollowUp | None:
    """Search every store of every system once more; what came back is raised for a person.

    Safe to call at any time and twice. No transaction is open while systems are asked.
    """
    check_id = _claim(case_id)
    if check_id is None:
        return None
    case = ErasureCase.objects.get(pk=case_id)
    try:
        person = Person.of(case)
    except KeyMissingError:
        _too_late(case_id, check_id)
        return None
    look = look_for(person, list(SystemConnection.objects.filter(enabled=True)))
    for search in case.searches.filter(connection__enabled=False).select_related("connection"):
        look.stores[search.line] = StoreStatus.UNANSWERED  # nobody can ask a disabled system
    return _keep(case_id, check_id, look, _returned(case, look, person))


def _claim(case_id: UUID) -> UUID | None:
    """The last check that is due; those it overtook were missed, and it stands for them."""
    now = clock.now()
    with locked(case_id) as case:
        due = list(case.checks.due(now).order_by("day"))
        if not due or case.state != CaseState.COMPLETE:
            return None
        check = due[-1]
        check.attempts, check.next_try = check.attempts + 1, now + LEASE
        check.save(update_fields=["attempts", "next_try"])
    return check.pk


def _returned(case: ErasureCase, look: Look, person: Person) -> list[Returned]:
    """Records that are there, less those that an officer said are another person's."""
    items: dict[Place, DataItem] = {
        (item.connection_id, item.store, item.remote_index): item for item in case.items.all()
    }
    found: dict[Place, tuple[SystemConnection, Found]] = {}
    for connection, each in look.found:
        key = (connection.pk, each.store, record_index(connection.slug, each))
        item = items.get(key)
        anothers = item and item.state == ItemState.EXCLUDED and item.reason not in UNDECIDED
        if not anothers:
            found.setdefault(key, (connection, each))
    gone = _still_gone(found.keys(), items, person)
    ended = case.completed_at or clock.now()
    return [
        Returned(at, each, _how(each, items.get(key), ended))
        for key, (at, each) in found.items()
        if key not in gone
    ]


def _how(found: Found, item: DataItem | None, ended: datetime) -> Return:
    if item and item.state == ItemState.ERASED:
        return Return.SAME
    if found.occurred_at is None:
        return Return.UNDATED
    return Return.NEW if found.occurred_at >= ended else Return.OLDER


def _still_gone(keys: Iterable[Place], items: dict[Place, DataItem], person: Person) -> set[Place]:
    """Erased records whose rows a search still meets, read afresh: redacted, nobody's."""
    gone: set[Place] = set()
    for key in keys:
        item = items.get(key)
        if item and item.state == ItemState.ERASED:
            try:
                connector = connector_for(SystemConnection.objects.get(pk=key[0]))
            except ErasureError:
                continue
            if not truly_there(connector, [item.ref()], person):
                gone.add(key)
    return gone


def _keep(case_id: UUID, check_id: UUID, look: Look, returned: list[Returned]) -> FollowUp | None:
    """Write what the search saw. Silent stores are asked again, in the end raised as unknown."""
    with locked(case_id) as case:
        check = case.checks.get(pk=check_id)
        if check.done_at:
            return None
        check.stores = {line: str(status) for line, status in sorted(look.stores.items())}
        ended = not look.silent or check.attempts >= MOST_TRIES
        made = raise_follow_up(
            case, Cause.CHECK, returned, silent=look.silent, check=check,
            unknown=ended and bool(look.silent),
        )  # fmt: skip
        if ended:
            _end(case, check, _result(look, returned))
        else:
            check.next_try = clock.now() + RETRY
            check.save()
    return made


def _result(look: Look, returned: list[Returned]) -> CheckResult:
    if returned:
        return CheckResult.CAME_BACK
    return CheckResult.UNANSWERED if look.silent else CheckResult.CLEAN


def _end(case: ErasureCase, check: LaterCheck, result: CheckResult) -> None:
    """The check is over, and those before it that nobody came to make."""
    now = clock.now()
    check.done_at, check.result = now, result
    check.save()
    missed = case.checks.open().filter(day__lt=check.day)
    missed.update(done_at=now, result=result, stores=check.stores)
    private = {"actor": SYSTEM.key, "day": check.day, "result": str(result)}
    append(case, "decision", private, decision="SEARCHED_AGAIN")


def _too_late(case_id: UUID, check_id: UUID) -> None:
    """The search identifiers were destroyed before every store had answered."""
    with locked(case_id) as case:
        check = case.checks.open().filter(pk=check_id).first()
        if check:
            _end(case, check, CheckResult.UNANSWERED)
