"""Work off what is due at one connection, for at most a minute."""

import time
from collections.abc import Sequence
from concurrent.futures import Future, wait
from contextlib import closing
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from erasure import clock
from erasure.connectors.base import Clear, Connector, Erased, ItemRef, NotErased
from erasure.errors import ErasureError, KeyMissingError, RefusedError
from erasure.execution.claim import UNDER_WAY, Batch, claim, claimable
from erasure.execution.guard import guard
from erasure.execution.jobs import due_jobs, poll
from erasure.execution.readback import (
    Looked,
    conclude,
    control_seen,
    controls_beside,
    looking,
    together,
)
from erasure.execution.settle import settle
from erasure.execution.width import Out, Width, ended
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
    with closing(Width(connection.width)) as width:
        return _drain(connection, connector, width, until)


def _drain(
    connection: SystemConnection, connector: Connector, width: Width, until: datetime
) -> bool:
    """A few batches are out at a time: writing does not keep the calls waiting."""
    out: list[Out] = []
    polls: list[Future[bool]] = []
    while clock.now() < until:
        if not polls:
            polls = width.start(partial(poll, connector), due_jobs(connection))
        batch = claim(connection) if width.has_room(out) else None
        if batch:
            out.append(_begin(batch, connector, width))
        elif out or polls:
            wait(out[0].calls if out else polls, NAP)
        elif not _nap(connection):
            return False
        out = ended(out)
        polls = _still_asked(polls)
    while out:
        wait([call for each in out for call in each.calls])
        out = ended(out)
    return True


def _still_asked(polls: list["Future[bool]"]) -> list["Future[bool]"]:
    """Polls without an answer. A fault of our own is raised here."""
    for each in polls:
        if each.done():
            each.result()
    return [each for each in polls if not each.done()]


def _begin(batch: Batch, connector: Connector, width: Width) -> Out:
    """Let the calls of a batch leave.

    All items go at once where the store takes batches, else one by one, side by side.
    """
    refs = [item.ref() for item in batch.items]
    if batch.reading:
        looked = width.start(looking(batch, connector), chunks(refs, batch.store.verify_batch))
        return Out(looked, lambda: _beside(batch, connector, width, looked))
    clear = guard(batch.case_id, [*batch.items, *batch.along], batch.owner)
    told = width.start(partial(_erase, connector, clear), chunks(refs, batch.store.batch))
    return Out(told, lambda: settle(batch, [one for each in told for one in each.result()]))


def _beside(
    batch: Batch, connector: Connector, width: Width, looked: Sequence["Future[Looked]"]
) -> Out:
    """After the reads, the controls beside what was absent."""
    seen = together([each.result() for each in looked])
    controls = width.start(partial(control_seen, connector, batch), controls_beside(batch, seen))
    return Out(controls, lambda: conclude(batch, seen, [each.result() for each in controls]))


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
