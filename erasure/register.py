"""What outlives a case on purpose: the register of erasures, and suppression tokens.

The register repeats an erasure that a restored backup undid; the tokens notice an import.
Each has a key and a period of its own, and neither leads to a case that was destroyed.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from uuid import uuid5

from django.utils import timezone

from erasure import clock
from erasure.connectors.base import ItemRef
from erasure.deadlines.retention import register_until, suppressed_until
from erasure.models import (
    DataItem,
    ErasedRecord,
    ErasureCase,
    SuppressionToken,
    blind,
    suppression_tokens,
)
from erasure.periods import periods
from erasure.values import Identifier, IdentifierKind

OWN_IDS = (IdentifierKind.EXTERNAL_CONTACT, IdentifierKind.CRM_CONTACT)
AT_ONCE = 200  # rows in one statement


def note_erased(case: ErasureCase, items: Sequence[DataItem]) -> None:
    """Write records that have just ended ERASED into the register, each once.

    Call in the transaction that ends them. The line of a whole store is no record.
    """
    records = [item for item in items if item.locator["remote_id"]]
    if not records:
        return
    own = set(case.identifiers.filter(kind__in=OWN_IDS).values_list("blind_index", flat=True))
    ErasedRecord.objects.bulk_create(
        [_row(case, item, own) for item in records], batch_size=AT_ONCE, update_conflicts=True,
        unique_fields=["id"],
        update_fields=["case", "verdict", "erased_at", "keep_until", "where_sealed"],
    )  # fmt: skip


def _row(case: ErasureCase, item: DataItem, own: set[str]) -> ErasedRecord:
    """Its key follows from the record, so that one erased again is the same row."""
    at: datetime = item.ended_at or clock.now()
    days = item.connection.backup_days or 0
    row = ErasedRecord(
        id=uuid5(item.connection_id, f"{item.store}:{item.remote_index}"), case=case,
        connection=item.connection, store=item.store, remote_index=item.remote_index,
        verdict=item.verdict, erased_at=at,
        keep_until=register_until(timezone.localtime(at).date(), periods(), days),
    )  # fmt: skip
    ref = item.ref()
    row.where = {
        "remote_id": ref.remote_id,
        "parent_id": ref.parent_id,
        "division": ref.division,
        "facts": dict(ref.facts),
        "occurred_at": ref.occurred_at.isoformat() if ref.occurred_at else "",
        "identifier": next((k for k in OWN_IDS if blind(k, ref.remote_id) in own), ""),
    }
    return row


def ref_of(row: ErasedRecord) -> ItemRef:
    """The record as its connector knows it.

    Raises:
        KeyMissingError: the register's secret is gone.
    """
    where = row.where
    at = where["occurred_at"]
    return ItemRef(
        store=row.store, remote_id=where["remote_id"], parent_id=where["parent_id"],
        division=where["division"], facts=where["facts"],
        occurred_at=datetime.fromisoformat(at) if at else None,
    )  # fmt: skip


def own_identifier(row: ErasedRecord) -> Identifier | None:
    """The record's own id as something to search by, if it is one."""
    where = row.where
    kind = where["identifier"]
    return Identifier(IdentifierKind(kind), where["remote_id"]) if kind else None


def suppress(case: ErasureCase, since: date) -> int:
    """A token for each address and number the person was erased by. Safe to repeat.

    No names (they are shared) and no record ids (they are never imported again).
    """
    if not periods().suppression_months:
        return 0
    rows = case.identifiers.confirmed().exclude(kind__in=[IdentifierKind.NAME, *OWN_IDS])
    known = [(row.kind, row.value) for row in rows]
    until = suppressed_until(since, periods())
    SuppressionToken.objects.bulk_create(
        [SuppressionToken(token=token, kind=kind, since=since, keep_until=until)
         for (kind, _), token in zip(known, suppression_tokens(known), strict=True)],
        update_conflicts=True, unique_fields=["token"], update_fields=["since", "keep_until"],
    )  # fmt: skip
    return len(known)


def suppressed(identifiers: Iterable[Identifier]) -> set[Identifier]:
    """Those of whom somebody was erased before. Says nothing of who."""
    asked = list(dict.fromkeys(identifiers))
    tokens = suppression_tokens([(who.kind, who.value) for who in asked])
    known: set[str] = set()
    for start in range(0, len(tokens), AT_ONCE):
        found = SuppressionToken.objects.filter(token__in=tokens[start : start + AT_ONCE])
        known |= set(found.values_list("token", flat=True))
    return {who for who, token in zip(asked, tokens, strict=True) if token in known}


def forget_old(today: date) -> tuple[int, int]:
    """Drop erased records and tokens whose own period is over. Returns how many of each."""
    erased, _ = ErasedRecord.objects.filter(keep_until__lt=today).delete()
    tokens, _ = SuppressionToken.objects.filter(keep_until__lt=today).delete()
    return erased, tokens
