"""Write log entries: the private row and its outbox row, in the caller's transaction."""

import hashlib
import hmac
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Max

from erasure import clock
from erasure.crypto.cipher import seal, unseal
from erasure.crypto.keys import row_aad
from erasure.models import DataItem, DeletionLogEntry, ErasureCase, OutboxEntry, case_key
from erasure.proof import canonical, entries
from erasure.proof.scopes import CaseKeys, case_scope, item_scope


@dataclass(frozen=True, slots=True)
class Draft:
    """One entry to be. ``private`` is committed, ``clear`` stands in the log for all to see."""

    type: str
    private: Mapping[str, Any]
    clear: Mapping[str, Any] = field(default_factory=dict)
    item: DataItem | None = None


def append(
    case: ErasureCase, type_: str, private: Mapping[str, Any], *, item: DataItem | None = None,
    moment: datetime | None = None, **clear: Any,
) -> DeletionLogEntry:  # fmt: skip
    """Log one event of a case. See ``append_all``."""
    return append_all(case, [Draft(type_, private, clear, item)], moment)[0]


def append_all(
    case: ErasureCase, drafts: Sequence[Draft], moment: datetime | None = None
) -> list[DeletionLogEntry]:
    """Log events of one case, with the changes they tell of or not at all.

    Call inside a transaction that holds the lock of the case, or of each item for
    events of items: their numbers are counted without gaps.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("A log entry is written in one transaction with what it tells of.")
    keys = CaseKeys(case_key(case, "log"))
    numbers, at = _next_numbers(case, drafts), (moment or clock.now()).replace(microsecond=0)
    rows, outbox = [], []
    for draft in drafts:
        owner = draft.item.pk if draft.item else None
        row = DeletionLogEntry(
            case=case, item=draft.item, number=numbers[owner], type=draft.type, at=at,
            facts={name.rstrip("_"): value for name, value in draft.clear.items()},
        )  # fmt: skip
        numbers[owner] += 1
        scope = _scope(row, draft.item)
        data = entries.entry(
            draft.type, at, tag=keys.tag(scope), com=keys.commitment(scope, dict(draft.private)),
            **draft.clear,
        )  # fmt: skip
        row.private_sealed = seal(
            keys.row_key, canonical.encode(dict(draft.private)), row_aad(case.pk, scope)
        )
        rows.append(row)
        outbox.append(_outbox(row.pk, data))
    DeletionLogEntry.objects.bulk_create(rows)
    OutboxEntry.objects.bulk_create(outbox)
    return rows


def append_system(event: str, count: int = 1) -> uuid.UUID:
    """Log an event of no case: failed sign-ins, alarms, key notices. Returns its name."""
    at = clock.now().replace(microsecond=0)
    row = _outbox(uuid.uuid4(), entries.entry("system", at, event=event, count=count))
    row.save()
    return row.uuid


def append_purged(opened: int) -> None:
    """Log that the last secret of a case is destroyed; ``opened``: the index of its first entry."""
    at = clock.now().replace(microsecond=0)
    _outbox(uuid.uuid4(), entries.entry("purged", at, ref=opened)).save()


def private_half(row: DeletionLogEntry) -> dict[str, Any]:
    """The committed half of an entry.

    Raises:
        KeyMissingError: the case's log key was destroyed.
    """
    keys = CaseKeys(case_key(row.case, "log"))
    return open_half(keys, row.case_id, row.scope, bytes(row.private_sealed))


def open_half(keys: CaseKeys, case_id: uuid.UUID, scope: str, sealed: bytes) -> dict[str, Any]:
    """The committed half of an entry from its columns: for many rows of one case.

    Raises:
        KeyMissingError: it does not open.
    """
    data = unseal(keys.row_key, sealed, row_aad(case_id, scope))
    return dict(canonical.decode(data, canonical=True))


def rebuilt(row: DeletionLogEntry, keys: CaseKeys) -> bytes:
    """The bytes of an entry, made anew from its private row: what must stand in the log.

    Raises:
        KeyMissingError: the private half does not open.
    """
    sealed = bytes(row.private_sealed)
    private = canonical.decode(unseal(keys.row_key, sealed, row_aad(row.case_id, row.scope)))
    com = keys.commitment(row.scope, private)
    return entries.entry(row.type, row.at, tag=keys.tag(row.scope), com=com, **row.facts)


def outbox_mac(row_uuid: uuid.UUID, data: bytes) -> bytes:
    return hmac.new(settings.OUTBOX_KEY, row_uuid.bytes + data, hashlib.sha256).digest()


def _outbox(row_uuid: uuid.UUID, data: bytes) -> OutboxEntry:
    return OutboxEntry(
        uuid=row_uuid, bytes=data, mac=outbox_mac(row_uuid, data), created_at=clock.now()
    )


def _scope(row: DeletionLogEntry, item: DataItem | None) -> str:
    if item is None:
        return case_scope(row.number)
    if item.log_number is None:
        raise ValueError("An item is in the log from its approval on, not before.")
    return item_scope(item.log_number, row.number)


def _next_numbers(case: ErasureCase, drafts: Sequence[Draft]) -> dict[uuid.UUID | None, int]:
    """For the case (None) and each item the number of its next event."""
    wanted = {draft.item.pk for draft in drafts if draft.item}
    numbers: dict[uuid.UUID | None, int] = dict.fromkeys(wanted, 0)
    logged = DeletionLogEntry.objects.filter(item__in=wanted).values("item")
    for row in logged.annotate(last=Max("number")).order_by():
        numbers[row["item"]] = row["last"] + 1
    last = case.log.filter(item__isnull=True).aggregate(last=Max("number"))["last"]
    numbers[None] = 0 if last is None else last + 1
    return numbers
