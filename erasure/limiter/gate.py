"""Where a call waits for its turn."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from erasure.errors import BusyError
from erasure.limiter.rate import Rate, Window
from erasure.limiter.windows import DatabaseWindow, RedisWindow

PATIENCE = 30.0  # seconds a block is slept through before the work is put off instead


def limiter_for(
    slug: str, per_minute: int, *, burst: int = 8, redis_url: str | None, prefix: str = "erasure"
) -> "Gate":
    """The limiter of one connection, alike in every process.

    State lies in Redis, or without ``redis_url`` in one database row.
    ``per_minute`` 0: no limit, but a block is still kept to.
    """
    rate = Rate(per_minute, burst)
    key = f"{prefix}:rate:{slug}"
    if redis_url:
        return Gate(RedisWindow(key, rate, redis_url))
    return Gate(DatabaseWindow(key, rate))


@dataclass(frozen=True, slots=True)
class Gate:
    """Implements ``connectors.base.Limiter``; safe to share between threads."""

    window: Window
    patience: float = PATIENCE  # seconds
    sleep: Callable[[float], None] = time.sleep

    def wait(self) -> None:
        """Return when the next call may leave.

        A block that came while waiting is kept to: the place is given up.

        Raises:
            BusyError: blocked for longer than ``patience``, with ``retry_after``,
                or the state cannot be reached.
        """
        while True:
            place = self.window.reserve()
            if place.blocked and place.delay > self.patience:
                raise BusyError("The system asked for a pause.", retry_after=place.delay)
            if place.delay:
                self.sleep(place.delay)
            if not place.blocked and not (place.delay and self.window.blocked()):
                return

    def block(self, seconds: float) -> None:
        """Nobody calls this system for so long: it answered 429."""
        if seconds > 0:
            self.window.block(seconds)
