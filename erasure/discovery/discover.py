"""The discovery stage: one verb on one case."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial
from typing import TypeVar
from uuid import UUID, uuid4

from django.db.models import Q

from erasure import clock
from erasure.cases import freeze, locked, move, refusals, settle_lines
from erasure.connectors.base import Connector, Found, Searched, Unanswered
from erasure.discovery.keep import (
    drop_unseen,
    keep_controls,
    keep_items,
    keep_search,
    open_searches,
)
from erasure.discovery.people import UNSETTLED, keep_evidence, keep_identifiers, keep_leads
from erasure.discovery.search import Answers, Collected, Hit, collect_all, walk_identifiers
from erasure.documents.words import kind, listed
from erasure.errors import KeyMissingError, RefusedError, StoppedError
from erasure.holds import apply_holds, unhold
from erasure.identity import Walk
from erasure.models import SYSTEM, ErasureCase, SystemConnection
from erasure.systems import connector_for, store_of, stores_of
from erasure.values import (
    CaseState,
    Identifier,
    IdentifierKind,
    IdentifierState,
    Step,
    StoreStatus,
)

LEASE = timedelta(minutes=8)
BEAT = 60.0  # seconds of asking after which the lease is drawn out
TRIES = 5  # rounds in which a busy store is asked again, before it counts as unanswered
FIRST_WAIT = timedelta(seconds=5)
BY_CONFIRMED = "Found by the confirmed identifiers."
BY_SHARED = "Only a shared number or address leads to it: whose was it?"
BY_JOINT = (
    "It holds an identifier of the person, and belongs to somebody else's record: whose is it?"
)
T = TypeVar("T")


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


def _holding_on(case_id: UUID, owner: str, ask: Callable[[], T]) -> T:
    """Ask in another thread, and draw the lease out for as long as that takes.

    Raises:
        StoppedError: the case is not this searcher's any more.
    """
    with ThreadPoolExecutor(1) as beside:
        asked = beside.submit(ask)
        while not wait([asked], timeout=BEAT).done:
            with _mine(case_id, owner):
                pass
        return asked.result()


def _discover(case_id: UUID, owner: str) -> bool:
    started = clock.now()
    connections = {c.slug: c for c in SystemConnection.objects.filter(enabled=True)}
    with _mine(case_id, owner) as case:
        open_searches(case, list(connections.values()))
    connectors, broken = speakable(connections)
    walk = _walk(case, connectors)
    found, answers = _holding_on(case_id, owner, walk)
    with _mine(case_id, owner) as case:
        keep_identifiers(case, connections, found)
        keep_evidence(case, connections, found, started)
        for slug in connectors:
            _keep_people(case, connections[slug], found, started)
    again = False
    parts = collect_all(connectors, found)
    while part := _holding_on(case_id, owner, lambda: next(parts, None)):
        with _mine(case_id, owner) as case:
            again |= _keep(case, connections[part.slug], part, answers, started)
    with _mine(case_id, owner) as case:
        for slug, reason in broken.items():
            _keep_broken(case, connections[slug], reason)
        done = _end(case, started, again=again, truncated=found.truncated)
    if done:
        move(case_id, Step.FINISH_DISCOVERY, actor=SYSTEM)
    return done


def speakable(
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


def _walk(
    case: ErasureCase, connectors: dict[str, Connector]
) -> Callable[[], tuple[Walk[Hit], Answers]]:
    """The walk over the identifiers, ready to be called where no row can be read."""
    rows = list(case.identifiers.all())
    # Only from what a person gave or confirmed: what was merely found must be found again.
    given = [r.as_value() for r in rows if r.given and r.state in UNSETTLED]
    accepted = [r.as_value() for r in rows if r.decided_at and r.state == IdentifierState.CONFIRMED]
    rejected = [r.as_value() for r in rows if r.state == IdentifierState.REJECTED]
    names = case.known_names()
    start = [*given, *(Identifier(IdentifierKind.NAME, name) for name in names)]
    width = min((c.width for c in SystemConnection.objects.filter(enabled=True)), default=1)
    return partial(walk_identifiers, connectors, start, names, accepted, rejected, max(1, width))


def _keep_people(
    case: ErasureCase, connection: SystemConnection, found: Walk[Hit], seen_at: datetime
) -> None:
    """Every record that may be the person's; one that an officer rejected is none."""
    rows = []
    for sighting in found.sightings:
        if sighting.record.slug != connection.slug or sighting.state is IdentifierState.REJECTED:
            continue
        by = listed(sorted({kind(who.kind) for who in sighting.by}))
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
    said = heard(connection, part, answers)
    anyones = _anyones(case, part.found)
    rows = [(f, *_counts_as(f, anyones)) for f in part.found]
    keep_items(case, connection, rows, seen_at)
    keep_leads(case, connection, part.found, seen_at)
    keep_controls(case, connection, part.controls)
    for answer in said:
        keep_search(case, connection, answer)
    return any(isinstance(answer, Unanswered) and answer.again for answer in said)


def heard(
    connection: SystemConnection, part: Collected, answers: Answers
) -> list[Searched | Unanswered]:
    """What each store of one connection answered, the walk before counted in."""
    silent = answers.unanswered.get(connection.slug, {})
    said = [silent.get(answer.store, answer) for answer in part.stores]
    return [_led_to(connection, answer, said) for answer in said]


def _led_to(
    connection: SystemConnection,
    answer: Searched | Unanswered,
    said: Sequence[Searched | Unanswered],
) -> Searched | Unanswered:
    """A store searched through the records of a silent one has not been searched whole."""
    through = store_of(connection, answer.store).through
    silent = [a for a in said if isinstance(a, Unanswered) and a.store in through]
    if not silent or isinstance(answer, Unanswered):
        return answer
    title = store_of(connection, silent[0].store).title
    reason = f"It is searched through {title}, which did not answer: {silent[0].reason}"
    return Unanswered(answer.store, reason, silent[0].again)


def _anyones(case: ErasureCase, found: Sequence[Found]) -> set[tuple[str, str]]:
    """Records, by store and id, that only a shared number or address leads to: a neighbour's,
    perhaps. So are all of their conversation, which has no store here.

    An officer called it the person's too; whose call it was is for the officer to say.
    """
    confirmed = list(case.identifiers.confirmed())
    shared = {r.as_value() for r in confirmed if r.decided_at and r.speaks_against}
    own = {r.as_value() for r in confirmed} - shared
    doubted = [
        each
        for each in found
        if not shared.isdisjoint(each.identifiers) and own.isdisjoint(each.identifiers)
    ]
    talks = {("", each.parent_id) for each in doubted if each.parent_id}
    return talks | {(each.store, each.remote_id) for each in doubted}


def _counts_as(found: Found, anyones: set[tuple[str, str]]) -> tuple[IdentifierState, str]:
    if not found.certain:
        return IdentifierState.LEAD, BY_CONFIRMED
    if found.joint:
        return IdentifierState.IN_QUESTION, BY_JOINT
    if not anyones.isdisjoint({(found.store, found.remote_id), ("", found.parent_id)}):
        return IdentifierState.IN_QUESTION, BY_SHARED
    return IdentifierState.CONFIRMED, BY_CONFIRMED


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
    settle_lines(case)
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
