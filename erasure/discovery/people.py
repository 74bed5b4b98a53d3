"""Write who the person was found to be: identifiers, and the records that speak for them."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from erasure import clock
from erasure.connectors.base import Found
from erasure.discovery.search import Hit
from erasure.identity import Known, Walk
from erasure.models import (
    ErasureCase,
    IdentityEvidence,
    SubjectIdentifier,
    SystemConnection,
    add_identifier,
    blind,
)
from erasure.models.subjects import LOST, SECOND_REQUEST
from erasure.systems import store_of
from erasure.values import Identifier, IdentifierKind, IdentifierState

GIVEN = "Given in the request"
UNSETTLED = [IdentifierState.CONFIRMED, IdentifierState.IN_QUESTION]
Connections = Mapping[str, SystemConnection]


def record_index(slug: str, record: Found) -> str:
    """The keyed index of one record at a vendor, the same for items and evidence."""
    return blind("remote", f"{slug}.{record.store}:{record.remote_id}")


def keep_identifiers(case: ErasureCase, connections: Connections, found: Walk[Hit]) -> None:
    """What was found, why it counts, and what speaks for and against it.

    An officer's decision stands: what was confirmed or rejected is not asked again. What
    the person gave is asked about too if others share it.
    """
    records: dict[tuple[str, ...], Hit] = {
        (each.record.store, each.record.remote_id): each.record for each in found.sightings
    }
    for known in found.identifiers:
        where = _provenance(known, records, connections)
        row, new = add_identifier(
            case, known.identifier, provenance=where, state=known.state, question=known.reason
        )
        _describe(row, known, where, new=new)
        row.save()
    seen = {blind(known.identifier.kind, known.identifier.value) for known in found.identifiers}
    gone = case.identifiers.filter(given=False).exclude(kind="name").exclude(blind_index__in=seen)
    gone = gone.exclude(question=SECOND_REQUEST)  # it was not found: an officer is asked
    unsaid: dict[str, Any] = {"speaks_for": [], "speaks_against": [], "searched_at": None}
    lead = IdentifierState.LEAD
    erasing = case.items.filter(log_number__isnull=False).exists()  # by what is now lost, too
    said = LOST if erasing else ""
    gone.filter(state=IdentifierState.CONFIRMED).update(state=lead, question=said, **unsaid)
    gone.filter(state=IdentifierState.IN_QUESTION).update(state=lead, question="", **unsaid)


def _describe(row: SubjectIdentifier, known: Known, where: str, *, new: bool) -> None:
    if not (new or row.given or row.decided_at):
        row.state, row.question, row.provenance = known.state, known.reason[:200], where
    elif row.given and not row.decided_at and known.state in UNSETTLED:
        row.state, row.question = known.state, known.reason[:200]
    if not row.decided_at:  # what was weighed stays beside the decision
        row.speaks_for, row.speaks_against = list(known.speaks_for), list(known.speaks_against)
    if known.searched or row.state == IdentifierState.REJECTED:
        row.searched_at = clock.now() if known.searched else None


def _provenance(
    known: Known, records: Mapping[tuple[str, ...], Hit], connections: Connections
) -> str:
    """``Found in Genesys EU, External contacts, as other e-mail``: never a value."""
    origin = next((each for each in known.origins if each.record in records), None)
    if origin is None:
        return GIVEN
    hit = records[origin.record]
    place = _place(connections[hit.slug], hit.found.store)
    return f"Found in {place}, as {origin.field}"[:200] if origin.field else f"Found in {place}"


def _place(connection: SystemConnection, store: str) -> str:
    return f"{connection.name}, {store_of(connection, store).title}"


def keep_evidence(
    case: ErasureCase, connections: Connections, found: Walk[Hit], seen_at: datetime
) -> None:
    """One row for each identifier on each record that stands for a person."""
    people = {row.blind_index: row for row in case.identifiers.all()}
    records = {(each.record.store, each.record.remote_id): each.record for each in found.sightings}
    rows = []
    for seen in found.evidence():
        row = people.get(blind(seen.identifier.kind, seen.identifier.value))
        if row is not None:
            hit = records[seen.record[0], seen.record[1]]
            rows.append(
                _evidence(case, connections[hit.slug], row, hit.found, seen.field,
                          state=seen.state, looked_up=seen.looked_up, seen_at=seen_at)
            )  # fmt: skip
    _write(rows)


def keep_leads(
    case: ErasureCase, connection: SystemConnection, found: Iterable[Found], seen_at: datetime
) -> None:
    """Identifiers seen on a conversation are shown to the officer; they widen nothing alone.

    The first record of a store stands for all: a lead needs one to be looked at.
    """
    rows = []
    for who, record in _first_seen(found):
        row, _ = add_identifier(
            case, who,
            provenance=f"Seen in {_place(connection, record.store)}",
            state=IdentifierState.LEAD,
        )  # fmt: skip
        if row.state == IdentifierState.LEAD:
            rows.append(
                _evidence(case, connection, row, record, record.fields.get(who, ""),
                          state=IdentifierState.LEAD, looked_up=False, seen_at=seen_at)
            )  # fmt: skip
    _write(rows)


def _first_seen(found: Iterable[Found]) -> Iterator[tuple[Identifier, Found]]:
    first: dict[tuple[Identifier, str], Found] = {}
    for record in found:
        for who in record.identifiers if record.certain else ():
            known = first.setdefault((who, record.store), record)
            if record.remote_id < known.remote_id:
                first[(who, record.store)] = record
    for who, store in sorted(first, key=lambda each: (each[0].kind, each[0].value, each[1])):
        if who.kind is not IdentifierKind.NAME:
            yield who, first[(who, store)]


def _evidence(
    case: ErasureCase,
    connection: SystemConnection,
    row: SubjectIdentifier,
    record: Found,
    where: str,
    *,
    state: IdentifierState,
    looked_up: bool,
    seen_at: datetime,
) -> IdentityEvidence:
    return IdentityEvidence(
        case=case, identifier=row, connection=connection, store=record.store,
        record_index=record_index(connection.slug, record), state=state, looked_up=looked_up,
        field=where[:60], seen_at=seen_at,
    )  # fmt: skip


def _write(rows: list[IdentityEvidence]) -> None:
    IdentityEvidence.objects.bulk_create(
        rows, batch_size=200, update_conflicts=True,
        unique_fields=["case", "identifier", "connection", "store", "record_index"],
        update_fields=["state", "looked_up", "field", "seen_at"],
    )  # fmt: skip
