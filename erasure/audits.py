"""Fetch the vendor's own audit of a finished case: a witness that is not us.

Nothing waits for it and nothing is decided by it. Entries come late, so they are
asked for again on later days; old values are never kept.
"""

import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Min, QuerySet

from erasure import clock
from erasure.cases import locked
from erasure.connectors.base import AuditEntry
from erasure.errors import ErasureError, KeyMissingError
from erasure.models import DataItem, ErasureCase, SystemConnection, VendorAudit
from erasure.systems import connector_for, store_of
from erasure.values import CaseState, ItemState, System

AUDITED = frozenset({System.GENESYS})  # systems that let their audit be read
ENDED = [CaseState.COMPLETE, CaseState.PARTIAL_HOLD]
FIRST = timedelta(minutes=5)  # after the case ended
AGAIN = timedelta(days=1)
RETRY = timedelta(hours=1)
LEASE = timedelta(minutes=10)
MARGIN = timedelta(hours=1)  # before our first call: the vendor's clock is not ours
MOST_ATTEMPTS = 4
NOTHING_YET = "The vendor shows no entry about these records yet."
ERASING = frozenset({"Delete", "HardDelete", "Purge", "UpdateRetention"})


@dataclass(frozen=True, slots=True)
class Line:
    """One system's audit, for the case page."""

    system: str
    fetched_at: datetime | None
    next_at: datetime | None
    count: int
    matching: int
    note: str
    contradictions: tuple[str, ...]


def schedule(case_id: UUID) -> None:
    """A row for each audited system with records of an ended case. Safe to call again."""
    with locked(case_id) as case:
        if case.state not in ENDED or case.completed_at is None:
            return
        first = case.completed_at + FIRST
        for connection in _audited(case):
            row, new = VendorAudit.objects.get_or_create(
                case=case, connection=connection, defaults={"due_at": first}
            )
            if not new and row.due_at < first:  # of an end before a release
                row.due_at, row.attempts = first, 0
                row.save(update_fields=["due_at", "attempts"])


def _audited(case: ErasureCase) -> Iterable[SystemConnection]:
    there = case.items.exclude(state=ItemState.EXCLUDED).order_by()
    return SystemConnection.objects.filter(system__in=AUDITED, pk__in=there.values("connection"))


def cases_with_work() -> list[UUID]:
    """Ended cases of which an audit is to be asked for now."""
    due = _due(VendorAudit.objects.filter(case__state__in=ENDED), clock.now())
    return list(due.order_by().values_list("case", flat=True).distinct())


def _due(audits: "QuerySet[VendorAudit]", now: datetime) -> "QuerySet[VendorAudit]":
    return audits.filter(due_at__lte=now, attempts__lt=MOST_ATTEMPTS, connection__enabled=True)


def fetch(case_id: UUID) -> int:
    """Ask for the audits of a case that are due. No transaction is open during the calls.

    Returns how many were fetched.
    """
    fetched = 0
    for audit_id in _claim(case_id):
        audit = VendorAudit.objects.select_related("case", "connection").get(pk=audit_id)
        try:
            about = subjects_of(audit)
            since, until = _since(audit), clock.now()
            found = list(connector_for(audit.connection).audits(since, until, about))
        except ErasureError as why:
            VendorAudit.objects.filter(pk=audit_id).update(
                note=str(why)[:300], due_at=clock.now() + RETRY
            )
        else:
            _keep(audit_id, found, about)
            fetched += 1
    return fetched


def _claim(case_id: UUID) -> list[UUID]:
    now = clock.now()
    with locked(case_id) as case:
        if case.state not in ENDED:
            return []
        rows = list(_due(case.audits.all(), now).select_for_update(of=("self",)))
        for row in rows:
            row.attempts, row.due_at = row.attempts + 1, now + LEASE
            row.save(update_fields=["attempts", "due_at"])
    return [row.pk for row in rows]


def _since(audit: VendorAudit) -> datetime:
    items = audit.case.items.filter(connection=audit.connection)
    first: datetime | None = items.aggregate(first=Min("first_tried"))["first"]
    return (first or audit.case.approved_at or audit.case.received_at) - MARGIN


def subjects_of(audit: VendorAudit) -> set[str]:
    """The vendor's ids of the case's records there, and of the jobs it ran for us.

    Raises:
        KeyMissingError: the case's keys were destroyed.
    """
    case, connection = audit.case, audit.connection
    named: set[str] = set()
    for item in case.items.filter(connection=connection).exclude(state=ItemState.EXCLUDED):
        named |= ids_of(item)
    named |= {job.remote_id for job in case.jobs.filter(connection=connection)}
    return named - {""}


def ids_of(item: DataItem) -> set[str]:
    """How the vendor's audit may name a record: whole, or by a part of a joined id."""
    where = item.locator
    parts = re.split(r"[:/]", where["remote_id"])
    return {where["remote_id"], where.get("parent_id", ""), *parts} - {""}


def _keep(audit_id: UUID, found: Iterable[AuditEntry], about: set[str]) -> None:
    """Add what is new to what came before, encrypted."""
    case_id = VendorAudit.objects.values_list("case", flat=True).get(pk=audit_id)
    with locked(case_id) as case:
        audit = case.audits.select_for_update(of=("self",)).get(pk=audit_id)
        known = {one["remote_id"]: one for one in entries_of(audit)}
        for entry in found:
            known[entry.remote_id] = asdict(entry) | {"at": entry.at.isoformat()}
        audit.count = len(known)
        audit.matching = sum(one["entity_id"] in about for one in known.values())
        audit.entries = {"entries": sorted(known.values(), key=lambda one: str(one["at"]))}
        audit.fetched_at, audit.due_at = clock.now(), clock.now() + AGAIN
        audit.note = "" if audit.matching else NOTHING_YET
        audit.save()


def entries_of(audit: VendorAudit) -> list[dict[str, str | bool]]:
    """The entries kept, oldest first."""
    return list(audit.entries.get("entries", []))


def audits_of(case: ErasureCase) -> list[Line]:
    """What the case page shows: per system when, how much, and what speaks against us."""
    return [
        Line(
            audit.connection.name,
            audit.fetched_at,
            audit.due_at if audit.attempts < MOST_ATTEMPTS else None,
            audit.count,
            audit.matching,
            audit.note,
            tuple(contradictions(audit)),
        )
        for audit in case.audits.select_related("connection")
    ]


def contradictions(audit: VendorAudit) -> list[str]:
    """Records we call erased of which the vendor's last word is a failure."""
    last: dict[str, dict[str, str | bool]] = {}
    try:
        for entry in entries_of(audit):
            if entry["action"] in ERASING:
                last[str(entry["entity_id"])] = entry
        failed = {name for name, entry in last.items() if entry["status"] == "FAILURE"}
        if not failed:
            return []
        erased = audit.case.items.filter(connection=audit.connection_id, state=ItemState.ERASED)
        return [
            f"{store_of(item.connection, item.store).title}, record {item.place}: the vendor's "
            "audit calls its erasure a failure."
            for item in erased.select_related("connection")
            if failed & _own_ids(item)
        ]
    except KeyMissingError:
        return []


def _own_ids(item: DataItem) -> set[str]:
    """Without the conversation it hangs on: another record's failure is not this one's."""
    where = item.locator
    return ids_of(item) - ({where.get("parent_id", "")} - {where["remote_id"]})
