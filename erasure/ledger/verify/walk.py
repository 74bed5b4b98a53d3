"""One walk along the whole log, a slice at a time, for every check that reads entries."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from erasure.ledger.tree import WIDTH
from erasure.models import LogEntry
from erasure.proof.verify import Finding, State

STEP = 20 * WIDTH
Pause = Callable[[], object]


@dataclass(frozen=True, slots=True)
class Slice:
    """Neighbouring entries. ``values``: their fields; {} for what cannot be read."""

    first: int
    seqs: list[int]
    datas: list[bytes]
    leaves: list[bytes]  # as stored
    values: list[dict[str, Any]]


class Check(Protocol):
    """One line of the report; it sees every slice, then says what it found."""

    def take(self, part: Slice) -> None: ...
    def finish(self) -> Finding: ...


class Problems:
    """What a check found wrong, the first few of it in words."""

    def __init__(self, check: str) -> None:
        self.check, self.count, self.first = check, 0, ""

    def add(self, text: str) -> None:
        self.count += 1
        self.first = self.first or text

    def finding(self, good: str) -> Finding:
        """``good`` if nothing was added."""
        if not self.count:
            return Finding(self.check, State.PASSED, good)
        more = f" ({self.count - 1:,} more)" if self.count > 1 else ""
        return Finding(self.check, State.FAILED, self.first + more)


def walk(size: int, pause: Pause | None = None) -> Iterator[Slice]:
    """The first ``size`` entries. ``pause`` is called between two slices."""
    for first in range(0, size, STEP):
        if pause and first:
            pause()
        yield _slice(first, min(first + STEP, size))


def _slice(first: int, end: int) -> Slice:
    rows = LogEntry.objects.filter(seq__gte=first, seq__lt=end).order_by("seq")
    part = Slice(first, [], [], [], [])
    for seq, data, leaf in rows.values_list("seq", "bytes", "leaf_hash"):
        data = bytes(data)
        part.seqs.append(seq)
        part.datas.append(data)
        part.leaves.append(bytes(leaf))
        part.values.append(read(data))
    return part


def read(data: bytes) -> dict[str, Any]:
    """The fields of an entry, read fast: that its bytes are right is for the hashes to say."""
    try:
        value = json.loads(data.decode())  # as bytes it would guess the encoding first
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}
