"""A copy of the log: the canonical bytes of entry 0, 1, 2, ... one on each line.

Nothing in it is believed by itself: a checkpoint or anchor says what the root over
its first leaves must be. A line beyond every known checkpoint may be anything.
"""

import json
from array import array
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from erasure.proof import canonical
from erasure.proof.entries import MOST_BYTES as MOST_IN_ENTRY
from erasure.proof.errors import UnreadableError
from erasure.proof.merkle import Frontier, leaf_hash

MOST_BYTES = 4 * 2**30


@dataclass(frozen=True, slots=True)
class LogCopy:
    """The entries by index. The bytes are held as they were read, about 220 an entry."""

    data: bytes = field(repr=False)
    ends: "array[int]" = field(repr=False)  # where each line ends, its LF left out

    @property
    def size(self) -> int:
        return len(self.ends)

    def line(self, index: int) -> bytes:
        """The bytes of one entry."""
        return self.data[self.ends[index - 1] + 1 if index else 0 : self.ends[index]]

    def __iter__(self) -> Iterator[bytes]:
        return map(self.line, range(self.size))

    def entry(self, index: int) -> dict[str, Any]:
        """One entry as it stands.

        Raises:
            UnreadableError: the line is no canonical object.
        """
        try:
            value = canonical.decode(self.line(index), canonical=True)
        except ValueError as why:
            raise UnreadableError(f"Line {index + 1} of the log copy {why}.") from None
        if not isinstance(value, dict):
            raise UnreadableError(f"Line {index + 1} of the log copy is no entry.")
        return value

    def roots(self, sizes: Iterable[int]) -> dict[int, bytes]:
        """The root over the first so many leaves, for each size the copy reaches.

        A size beyond the copy is left out: the copy cannot speak of it.
        """
        wanted, found, edge = sorted(set(sizes)), {}, Frontier()
        for size in wanted:
            if not 0 <= size <= self.size:
                continue
            while edge.size < size:
                edge.append(leaf_hash(self.line(edge.size)))
            found[size] = edge.root()
        return found

    def tagged(self, tags: Collection[str]) -> dict[str, list[int]]:
        """Where entries with one of these tags stand; more than one place is a forgery."""
        wanted, found = frozenset(tags), dict[str, list[int]]()
        for index, line in enumerate(self):
            tag = _tag(line)
            if tag in wanted:
                found.setdefault(tag, []).append(index)
        return found


def read_copy(path: Path | str) -> LogCopy:
    """Read a log copy from a file of at most 4 GiB.

    Raises:
        UnreadableError: it cannot be opened, is too large, or is not lines of entries.
    """
    try:
        with Path(path).open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except (OSError, ValueError):
        raise UnreadableError("The log copy cannot be opened.") from None
    if len(data) > MOST_BYTES:
        raise UnreadableError("The log copy is larger than 4 GiB.")
    return parse_copy(data)


def parse_copy(data: bytes) -> LogCopy:
    """The log copy in these bytes.

    Raises:
        UnreadableError: empty, the last line not ended, or a line that is no entry.
    """
    ends: array[int] = array("Q")
    start = 0
    while (end := data.find(b"\n", start)) >= 0:
        if not 2 <= end - start <= MOST_IN_ENTRY or data[start] != ord("{"):
            raise UnreadableError(f"Line {len(ends) + 1} of the log copy is no entry.")
        ends.append(end)
        start = end + 1
    if start != len(data):
        raise UnreadableError("The last line of the log copy is not ended.")
    if not ends:
        raise UnreadableError("The log copy is empty.")
    return LogCopy(data, ends)


def _tag(line: bytes) -> str:
    """The tag of an entry, read fast: canonical or not is for the root to tell."""
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return ""
    tag = value.get("tag") if isinstance(value, dict) else None
    return tag if isinstance(tag, str) else ""
