"""Work off what is due at one connection, for at most a minute."""

import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from django.db import connections

from erasure import clock
from erasure.connectors.base import Clear, Connector, Erased, ItemRef, NotErased
from erasure.errors import ErasureError, KeyMissingError, RefusedError
from erasure.execution.claim import UNDER_WAY, Batch, claim, claimable
from erasure.execution.guard import guard
from erasure.execution.jobs import poll_due
from erasure.execution.readback import read_back
from erasure.execution.settle import settle
from erasure.models import SystemConnection, VendorJob
from erasure.models.jobs import OPEN_JOBS
from erasure.systems import connector_for

SOON = timedelta(seconds=2)  # a bulk job or a read-back due so soon is waited for
NAP = 0.05  # seconds


def drain(connection_id: UUID, until: datetime) -> bool:
    """Erase, poll and read back until nothing is due or ``until`` is reached.

    Returns whether more is due. Safe to run several times at once.
    """
    connection = SystemConnection.objects.filter(pk=connection_id, enabled=True).first()
    if connection is None:
        return False
    try:
        connector = connector_for(connection)
    except (KeyMissingError, RefusedError):  # progress() says so
        return False
    with closing(_Width(connection.width)) as width:
        while clock.now() < until:
            polled = poll_due(connection, connector)
            batch = claim(connection)
            if batch:
                _work(batch, connector, width)
            elif not polled and not _nap(connection):
                return False
    return True


def _work(batch: Batch, connector: Connector, width: "_Width") -> None:
    if batch.reading:
        read_back(batch, connector)
        return
    clear = guard(batch.case_id, [*batch.items, *batch.along], batch.owner)
    refs = [item.ref() for item in batch.items]
    settle(batch, list(_call(connector, batch, refs, clear, width)))


def _call(
    connector: Connector, batch: Batch, refs: Sequence[ItemRef], clear: Clear, width: "_Width"
) -> Iterator[Erased | NotErased]:
    """All items at once where the store takes batches, else one by one, side by side."""
    if batch.store.batch > 1:
        yield from _erase(connector, clear, refs)
        return
    for answers in width.map(partial(_erase, connector, clear), [[ref] for ref in refs]):
        yield from answers


def _erase(connector: Connector, clear: Clear, refs: Sequence[ItemRef]) -> list[Erased | NotErased]:
    """One call. An error is an answer for every item that has none yet."""
    answers: list[Erased | NotErased] = []
    try:
        answers.extend(connector.erase(refs, clear))
    except ErasureError as why:
        told = {answer.ref.remote_id for answer in answers}
        answers += [NotErased(ref, why) for ref in refs if ref.remote_id not in told]
    return answers


class _Width:
    """So many calls side by side; one at a time needs no threads."""

    def __init__(self, width: int) -> None:
        self.pool = ThreadPoolExecutor(max_workers=width) if width > 1 else None

    def map(self, call, each):  # type: ignore[no-untyped-def]
        if self.pool is None:
            return [call(one) for one in each]
        return self.pool.map(partial(_in_thread, call), each)

    def close(self) -> None:
        if self.pool:
            self.pool.shutdown()


def _in_thread(call, one):  # type: ignore[no-untyped-def]
    """The guard reads the database: give its connection back."""
    try:
        return call(one)
    finally:
        connections.close_all()


def _nap(connection: SystemConnection) -> bool:
    """Wait a moment if something falls due very soon; else leave it to the next ring."""
    soon = clock.now() + SOON
    jobs = VendorJob.objects.filter(connection=connection, state__in=OPEN_JOBS, next_poll__lte=soon)
    items = claimable(connection, soon).filter(next_try__isnull=False, case__state__in=UNDER_WAY)
    if not (jobs.exists() or items.exists()):
        return False
    time.sleep(NAP)
    return True
