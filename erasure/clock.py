"""Time. Rank 0: imports no Django.

``now()`` is the system clock in UTC. In sandbox mode ERASURE_CLOCK_FILE names a
file that holds the seconds by which the product and the sandbox are moved
forward together; production refuses to start with it set.
"""

import os
import time as _time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Lock

_moving = Lock()


def now() -> datetime:
    """The present moment: aware, UTC."""
    return datetime.fromtimestamp(_time.time(), UTC) + offset()


def offset() -> timedelta:
    """How far the clock has been moved forward."""
    name = os.environ.get("ERASURE_CLOCK_FILE")
    if not name:
        return timedelta(0)
    try:
        return timedelta(seconds=float(Path(name).read_text() or 0))
    except FileNotFoundError:
        return timedelta(0)


def advance(by: timedelta) -> None:
    """Move the clock of every process that shares the file forward.

    Raises:
        ValueError: the clock would go back, or no ERASURE_CLOCK_FILE is set.
    """
    name = os.environ.get("ERASURE_CLOCK_FILE")
    if not name:
        raise ValueError("The clock can be moved in sandbox mode only (ERASURE_CLOCK_FILE).")
    if by < timedelta(0):
        raise ValueError("The clock never goes back.")
    with _moving:
        draft = Path(f"{name}.{os.getpid()}")
        draft.write_text(str((offset() + by).total_seconds()))
        draft.replace(name)
