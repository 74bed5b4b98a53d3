"""Logs of a given length, made without a sequencer."""

import uuid

from erasure.models import LogEntry
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
