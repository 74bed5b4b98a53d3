"""So many calls side by side: the threads of one drain, and what is out with the vendor."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Optional, TypeVar

from django.db import connections

P = TypeVar("P")
T = TypeVar("T")
MOST_OUT = 6  # batches with the vendor at a time
AHEAD = 2  # calls that may wait for each one that can leave


@dataclass(frozen=True, slots=True)
class Out:
    """Calls that are out. ``finish`` writes their end, or says what goes out next."""

    calls: Sequence["Future[Any]"]
    finish: Callable[[], Optional["Out"]]

    def done(self) -> bool:
        return all(call.done() for call in self.calls)


def ended(out: Sequence[Out]) -> list[Out]:
    """Finish what has been answered; return what is still out, or is now."""
    still = [each.finish() if each.done() else each for each in out]
    return [each for each in still if each]


class Width:
    """The threads that call; one call at a time needs none of them."""

    def __init__(self, width: int) -> None:
        self.width = width
        self.pool = ThreadPoolExecutor(max_workers=width) if width > 1 else None

    def start(self, call: Callable[[P], T], parts: Sequence[P]) -> list["Future[T]"]:
        """Call for each part, side by side."""
        if self.pool is None:
            return [_answered(call(part)) for part in parts]
        return [self.pool.submit(_in_thread, call, part) for part in parts]

    def has_room(self, out: Sequence[Out]) -> bool:
        """Another batch may be claimed: the calls of those that are out run short."""
        if self.pool is None:
            return not out
        waiting = sum(not call.done() for each in out for call in each.calls)
        return len(out) < MOST_OUT and waiting < AHEAD * self.width

    def close(self) -> None:
        if self.pool:
            self.pool.shutdown()


def _answered(answer: T) -> "Future[T]":
    future: Future[T] = Future()
    future.set_result(answer)
    return future


def _in_thread(call: Callable[[P], T], part: P) -> T:
    """Guards and polls use the database: give the thread's connection back.

    SQLite's is kept: opening it costs more than what is read, and it ends with its thread.
    """
    try:
        return call(part)
    finally:
        for one in connections.all(initialized_only=True):
            if one.vendor != "sqlite":
                one.close()
