"""Which of a person's conversations have recordings of which kind, at few calls."""

import hashlib
from collections.abc import Iterator, Sequence
from itertools import groupby

from erasure.connectors.base import Facts, Found
from erasure.connectors.genesys.jobs import Count, RecordingJobs
from erasure.connectors.genesys.kinds import aged, facts_of, kept, only_kind, ordered, young
from erasure.connectors.genesys.options import Options
from erasure.connectors.genesys.reading import chunks
from erasure.connectors.genesys.rows import Conversation
from erasure.connectors.http import Http
from erasure.errors import BusyError, RefusedError

CHUNK = 100  # conversations in one job


class Inventory:
    """One item per conversation and kind of recording.

    A few conversations are read one by one. So is one too young for a job, and one that
    may hold several kinds or an agent's screen. The others a job counts: the aged apart,
    for a job may not match them any more, and each kind apart.
    """

    def __init__(self, reading: Http, options: Options, jobs: RecordingJobs) -> None:
        self.reading = reading
        self.options = options
        self.jobs = jobs

    def of(self, rows: Sequence[Conversation]) -> Iterator[Found]:
        """Raises BusyError or RefusedError: the inventory would not be whole."""
        if len(rows) <= self.options.metadata_up_to:
            yield from self._read(rows)
            return
        mixed = [row for row in rows if self._is_mixed(row)]
        yield from self._read(mixed)
        apart = set(map(id, mixed))
        countable = [row for row in rows if id(row) not in apart]
        for (old, kind), some in groupby(sorted(countable, key=self._group), key=self._group):
            for chunk in chunks(list(some), CHUNK):
                yield from self._counted(chunk, kind, aged=old)

    def _is_mixed(self, row: Conversation) -> bool:
        """Whether only its metadata can tell what it holds."""
        return young(row, self.options) or (row.recorded and not only_kind(row))

    def _group(self, row: Conversation) -> tuple[bool, str]:
        """Aged or not, and the kind it should have; "" if its flags tell of no recording."""
        return aged(row, self.options), only_kind(row) if row.recorded else ""

    def _counted(self, chunk: Sequence[Conversation], kind: str, *, aged: bool) -> Iterator[Found]:
        """Believe the flags of a chunk only if a job counts the very same, and no more
        with the agents' screens than without them."""
        count = self._count(chunk, screens=True)
        believed = count is not None and count.conversations == (len(chunk) if kind else 0)
        if believed and kind:
            believed = self._count(chunk, screens=False) == count
        if not believed:
            yield from self._read(chunk)
        elif count and kind:
            yield from _grouped(kind, chunk, count, aged=aged)

    def _count(self, chunk: Sequence[Conversation], *, screens: bool) -> Count | None:
        """What a job would match; None if no job can tell."""
        ids, dates = [row.id for row in chunk], [row.started for row in chunk]
        try:
            return self.jobs.count(ids, dates, screens=screens)
        except RefusedError:
            return None
        except BusyError as busy:
            if busy.status == 409:
                return None
            raise

    def _read(self, rows: Sequence[Conversation]) -> Iterator[Found]:
        for row in rows:
            found = kept(self.reading, row.id)
            single = young(row, self.options) or aged(row, self.options)
            for kind in ordered(found):
                yield as_found(kind, row, facts_of(found, kind, single=single))


def _grouped(
    kind: str, chunk: Sequence[Conversation], count: Count, *, aged: bool
) -> Iterator[Found]:
    """Items one job counted together; none knows how many recordings it has of them."""
    ids = "\n".join(sorted(row.id for row in chunk))
    group = hashlib.sha256(f"{kind}\n{ids}".encode()).hexdigest()[:16]
    facts: Facts = {"bulk": group, "bulk_recordings": count.recordings, "aged": aged}
    return (as_found(kind, row, facts) for row in chunk)


def as_found(kind: str, row: Conversation, facts: Facts) -> Found:
    """The recordings of one kind of one conversation as one item."""
    return Found(
        kind,
        row.id,
        parent_id=row.id,
        division=row.division,
        occurred_at=row.started,
        facts=facts,
    )
