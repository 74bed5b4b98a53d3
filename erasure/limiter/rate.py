"""The arithmetic of the generic cell rate algorithm (ITU-T I.371), with reservation.

``tat`` is the theoretical arrival time of the next call. A call may leave
``tolerance`` before it, and moves it on by ``interval``. So no span of
``window`` seconds ever holds more than ``limit`` calls, and one interval is
spare for calls that leave late.
"""

from dataclasses import dataclass
from typing import Protocol

MINUTE = 60.0
SPARE = 30  # at most a 30th of the limit leaves at once: the rest stays in use
SLOWEST = 0.9  # calls per window when the limit is a single one


@dataclass(frozen=True, slots=True)
class Rate:
    """``limit`` calls in any ``window`` seconds, at most ``burst`` of them at once.

    A limit of 0 is none.
    """

    limit: int
    burst: int = 8
    window: float = MINUTE

    @property
    def at_once(self) -> int:
        return max(1, min(self.burst, self.limit // SPARE))

    @property
    def interval(self) -> float:
        """Seconds between calls in the long run; 0 without a limit."""
        if not self.limit:
            return 0.0
        return self.window / max(self.limit - self.at_once, SLOWEST)

    @property
    def tolerance(self) -> float:
        """Seconds by which a call may leave before its theoretical time."""
        return (self.at_once - 1) * self.interval


@dataclass(frozen=True, slots=True)
class Slot:
    """What a reservation gave. ``delay`` in seconds; ``blocked``: nothing was reserved."""

    delay: float
    blocked: bool = False


class Window(Protocol):
    """Where the state of one connection is kept."""

    def reserve(self) -> Slot:
        """Take the next place, or none while blocked."""

    def blocked(self) -> float:
        """Seconds for which nobody may call; 0: not blocked."""

    def block(self, seconds: float) -> None:
        """Block from now on, never shorter than a block that stands."""


def slot(now: float, tat: float, blocked_until: float, rate: Rate) -> Slot:
    """The place of a call before ``tat`` was moved on. All in seconds."""
    if blocked_until > now:
        return Slot(blocked_until - now, blocked=True)
    return Slot(max(0.0, tat - rate.tolerance - now))
