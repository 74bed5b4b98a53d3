"""The discovery stage: one verb on one case."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.db.models import Q

from erasure import clock
from erasure.cases import freeze, locked, move, refusals
from erasure.connectors.base import Connector, Found, Unanswered
from erasure.discovery.keep import (
    drop_unseen,
    keep_controls,
    keep_identifiers,
    keep_items,
    keep_leads,
    keep_search,
    open_searches,
)
from erasure.discovery.search import Answers, Collected, Hit, collect_all, walk_identifiers
from erasure.errors import KeyMissingError, RefusedError, StoppedError
from erasure.holds import apply_holds, unhold
from erasure.identity import Walk
from erasure.models import SYSTEM, ErasureCase, SystemConnection
from erasure.systems import connector_for, stores_of
from erasure.values import (
    CaseState,
    Identifier,
    IdentifierKind,
    IdentifierState,
    Step,
    StoreStatus,
)

LEASE = timedelta(minutes=8)
TRIES = 5  # rounds in which a busy store is asked again, before it counts as unanswered
FIRST_WAIT = timedelta(seconds=5)


def discover(case_id: UUID) -> bool:
    """Search every store of every enabled system and freeze the inventory for review.

    Safe to call twice: a case has one searcher at a time. Returns whether the case
    went on to review.
    """
    owner = str(uuid4())
    if not _claim(case_id, owner):
        return False
    try:
        return _discover(case_id, owner)
    except StoppedError:  # the case was closed, or another worker searches it by now
        return False
    finally:
        ErasureCase.objects.filter(pk=case_id, lease_owner=owner).update(
            lease_owner="", lease_until=None
        )


def _claim(case_id: UUID, owner: str) -> bool:
    now = clock.now()
    free = Q(lease_until__isnull=True) | Q(lease_until__lt=now)
    due = Q(due_at__isnull=True) | Q(due_at__lte=now)
    waiting = ErasureCase.objects.filter(free, due, pk=case_id, state=CaseState.DISCOVERY)
    return bool(waiting.update(lease_owner=owner, lease_until=now + LEASE))


@contextmanager
def _mine(case_id: UUID, owner: str) -> Iterator[ErasureCase]:
    """The case under its lock, with the lease drawn out.

    Raises:
        StoppedError: it is not this searcher's any more; nothing may be written.
    """
    with locked(case_id) as case:
        if case.state != CaseState.DISCOVERY or case.lease_owner != owner:
            raise StoppedError("The search of this case has ended elsewhere.")
        case.lease_until = clock.now() + LEASE
        case.save(update_fields=["lease_until"])
        yield case


def _discover(case_id: UUID, owner: str) -> bool:
    started = clock.now()
    connections = {c.slug: c for c in SystemConnection.objects.filter(enabled=True)}
    with _mine(case_id, owner) as case:
        open_searches(case, list(connections.values()))
    connectors, broken = _connectors(connections)
    found, answers = _walk(case, connectors)
    with _mine(case_id, owner) as case:
        keep_identifiers(case, found)
        for slug in connectors:
            _keep_people(case, connections[slug], found, started)
    again = False
    for part in collect_all(connectors, found):
        with _mine(case_id, owner) as case:
            again |= _keep(case, connections[part.slug], part, answers, started)
    with _mine(case_id, owner) as case:
        for slug, reason in broken.items():
            _keep_broken(case, connections[slug], reason)
        done = _end(case, started, again=again, truncated=found.truncated)
    if done:
        move(case_id, Step.FINISH_DISCOVERY, actor=SYSTEM)
    return done


def _connectors(
    connections: dict[str, SystemConnection],
) -> tuple[dict[str, Connector], dict[str, str]]:
    """Those that can be spoken to, and why the others cannot."""
    ready: dict[str, Connector] = {}
    broken: dict[str, str] = {}
    for slug, connection in connections.items():
        try:
            ready[slug] = connector_for(connection)
        except (KeyMissingError, RefusedError) as why:
            broken[slug] = str(why)
    return ready, broken


def _walk(case: ErasureCase, connectors: dict[str, Connector]) -> tuple[Walk[Hit], Answers]:
    rows = list(case.identifiers.all())
    # Only from what a person gave or confirmed: what was merely found must be found again.
    confirmed = [r.as_value() for r in rows if r.given and r.state == IdentifierState.CONFIRMED]
    rejected = [r.as_value() for r in rows if r.state == IdentifierState.REJECTED]
    names = case.known_names()
    start = [*confirmed, *(Identifier(IdentifierKind.NAME, name) for name in names)]
    width = min((c.width for c in SystemConnection.objects.filter(enabled=True)), default=1)
    return walk_identifiers(connectors, start, names, confirmed, rejected, max(1, width))


def _keep_people(
    case: ErasureCase, connection: SystemConnection, found: Walk[Hit], seen_at: datetime
) -> None:
    mine = [each for each in found.sightings if each.record.slug == connection.slug]
    rows = []
    for sighting in mine:
        by = ", ".join(sorted({str(who.kind) for who in sighting.by}))
        rows.append((sighting.record.found, sighting.state, f"Found by {by}."))
    keep_items(case, connection, rows, seen_at)


def _keep(
    case: ErasureCase,
    connection: SystemConnection,
    part: Collected,
    answers: Answers,
    seen_at: datetime,
) -> bool:
    """Write what one connection answered. Returns whether a busy store is worth another try."""
    silent = answers.unanswered.get(connection.slug, {})
    said = [silent.get(answer.store, answer) for answer in part.stores]
    how = "Found by the confirmed identifiers."
    keep_items(case, connection, [(f, _counts_as(f), how) for f in part.found], seen_at)
    keep_leads(case, connection, part.found)
    keep_controls(case, connection, part.controls)
    for answer in said:
        keep_search(case, connection, answer)
    return any(isinstance(answer, Unanswered) and answer.again for answer in said)


def _counts_as(found: Found) -> IdentifierState:
    return IdentifierState.CONFIRMED if found.certain else IdentifierState.LEAD


def _keep_broken(case: ErasureCase, connection: SystemConnection, reason: str) -> None:
    for store in stores_of(connection):
        keep_search(case, connection, Unanswered(store.name, reason))


def _end(case: ErasureCase, started: datetime, *, again: bool, truncated: bool) -> bool:
    """Freeze what was found, unless it is worth asking again later."""
    case.rounds += 1
    if again and case.rounds < TRIES:
        wait = FIRST_WAIT * 2 ** (case.rounds - 1)
        return _wait(case, wait, "A system is busy: it is asked again.")
    case.rounds = 0
    if truncated:
        case.searches.filter(status=StoreStatus.EMPTY).update(
            status=StoreStatus.UNANSWERED,
            note="More identifiers than one search may follow: decide on some first.",
        )
    drop_unseen(case, started)
    unhold(case)
    apply_holds(case)
    freeze(case)
    case.save(update_fields=["rounds", "inventory_digest", "item_count"])
    if missing := refusals(case, Step.FINISH_DISCOVERY, SYSTEM):
        return _wait(case, timedelta(minutes=5), missing[0])
    return True


def _wait(case: ErasureCase, time: timedelta, why: str) -> bool:
    case.due_at, case.waiting_for = clock.now() + time, why
    case.save(update_fields=["rounds", "due_at", "waiting_for"])
    return False
