"""Logs of a given length, made without a sequencer, and outboxes for one."""

import uuid

from erasure import clock
from erasure.ledger.append import outbox_mac
from erasure.models import LogEntry, OutboxEntry
from erasure.proof import entries
from erasure.proof.merkle import leaf_hash


def fill_log(count, start=0, leaf=None):
    """Entries of no meaning from index ``start`` on. Returns their leaf hashes."""
    made = []
    for seq in range(start, start + count):
        data = b'{"n":%d}' % seq
        made.append(
            LogEntry(seq=seq, uuid=uuid.uuid4(), bytes=data, leaf_hash=leaf or leaf_hash(data))
        )
    LogEntry.objects.bulk_create(made)
    return [bytes(each.leaf_hash) for each in made]


def wait_in_outbox(count):
    """So many events of no case."""
    now = clock.now()
    data = entries.entry("system", now, event="sign-in.failed", count=1)
    names = [uuid.uuid4() for _ in range(count)]
    OutboxEntry.objects.bulk_create(
        OutboxEntry(uuid=name, bytes=data, mac=outbox_mac(name, data), created_at=now)
        for name in names
    )
