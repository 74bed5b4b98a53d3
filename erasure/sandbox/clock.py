"""The sandbox's time: the system clock plus the offset the product shares.

ERASURE_CLOCK_FILE names a file with the offset in seconds. Read here on its own,
so that the sandbox needs nothing of the product.
"""

import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path


def now() -> datetime:
    """The present moment as moved forward: aware, UTC."""
    return datetime.fromtimestamp(time.time() + _offset(), UTC)


def ago(moment: datetime, *, days: float = 0, hours: float = 0) -> datetime:
    """A moment before another, cut to whole seconds."""
    return (moment - timedelta(days=days, hours=hours)).replace(microsecond=0)


def _offset() -> float:
    name = os.environ.get("ERASURE_CLOCK_FILE")
    if not name:
        return 0.0
    try:
        return float(Path(name).read_text() or 0)
    except FileNotFoundError:
        return 0.0
