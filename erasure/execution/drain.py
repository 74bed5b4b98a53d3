"""Work off what is due at one connection, for at most a minute."""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any, TypeVar
from uuid import UUID

from django.db import connections

from erasure import clock
from erasure.connectors.base import Clear, Connector, Erased, ItemRef, NotErased
from erasure.errors import ErasureError, KeyMissingError, RefusedError
from erasure.execution.claim import UNDER_WAY, Batch, claim, claimable
from erasure.execution.guard import guard
from erasure.execution.jobs import poll_due
from erasure.execution.readback import conclude, looking
from erasure.execution.settle import settle
from erasure.models import SystemConnection, VendorJob
from erasure.models.jobs import OPEN_JOBS
from erasure.systems import connector_for

T = TypeVar("T")
SOON = timedelta(seconds=2)  # a bulk job or a read-back due so soon is waited for
NAP = 0.05  # seconds
MOST_OUT = 3  # batches with the vendor at a time


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
        return _drain(connection, connector, width, until)


def _drain(
    connection: SystemConnection, connector: Connector, width: "_Width", until: datetime
) -> bool:
    """A few batches are with the vendor at a time: writing does not keep the calls waiting."""
    out: list[_Out] = []
    try:
        while clock.now() < until:
            polled = poll_due(connection, connector)
            batch = claim(connection) if len(out) < width.batches else None
            if batch:
                out.append(_begin(batch, connector, width))
            elif out:
                wait(out[0].calls, NAP)
            elif not polled and not _nap(connection):
                return False
            out = _ended(out)
    finally:
        for each in out:
            each.finish()
    return True


@dataclass(frozen=True, slots=True)
class _Out:
    """A batch that is with the vendor. ``finish`` waits for its calls and writes their end."""

    calls: Sequence["Future[Any]"]
    finish: Callable[[], None]


def _ended(out: list[_Out]) -> list[_Out]:
    """Finish what has been answered; return what has not."""
    waiting = []
    for each in out:
        if all(call.done() for call in each.calls):
            each.finish()
        else:
            waiting.append(each)
    return waiting


def _begin(batch: Batch, connector: Connector, width: "_Width") -> _Out:
    """Let the calls of a batch leave.

    All items go at once where the store takes batches, else one by one, side by side.
    """
    refs = [item.ref() for item in batch.items]
    if batch.reading:
        looked = width.start(looking(batch, connector), chunks(refs, batch.store.verify_batch))
        return _Out(looked, lambda: conclude(batch, connector, [each.result() for each in looked]))
    clear = guard(batch.case_id, [*batch.items, *batch.along], batch.owner)
    call = partial(_erase, connector, clear)
    told = width.start(call, chunks(refs, batch.store.batch))
    return _Out(told, lambda: settle(batch, [one for each in told for one in each.result()]))


def chunks(refs: Sequence[ItemRef], size: int) -> list[Sequence[ItemRef]]:
    return [refs[start : start + size] for start in range(0, len(refs), size)]


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
        self.batches = min(width, MOST_OUT)
        self.pool = ThreadPoolExecutor(max_workers=width) if width > 1 else None

    def start(
        self, call: Callable[[Sequence[ItemRef]], T], parts: Sequence[Sequence[ItemRef]]
    ) -> list["Future[T]"]:
        if self.pool is None:
            return [_done(call(part)) for part in parts]
        return [self.pool.submit(_in_thread, call, part) for part in parts]

    def close(self) -> None:
        if self.pool:
            self.pool.shutdown()


def _done(answer: T) -> "Future[T]":
    future: Future[T] = Future()
    future.set_result(answer)
    return future


def _in_thread(call: Callable[[Sequence[ItemRef]], T], part: Sequence[ItemRef]) -> T:
    """The guard reads the database: give its connection back."""
    try:
        return call(part)
    finally:
        connections.close_all()


def _nap(connection: SystemConnection) -> bool:
    """Wait a moment if something falls due very soon; else leave it to the next ring."""
    soon = clock.now() + SOON
    jobs = VendorJob.objects.filter(connection=connection, state__in=OPEN_JOBS, next_poll__lte=soon)
    items = claimable(connection, soon).filter(next_try__isnull=False, case__state__in=UNDER_WAY)
    items = items.filter(reads=0)  # what was still there is looked at with the next ring
    if not (jobs.exists() or items.exists()):
        return False
    time.sleep(NAP)
    return True
