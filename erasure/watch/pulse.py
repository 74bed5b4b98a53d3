"""The schedule's own sign of life."""

from datetime import timedelta

from erasure import clock
from erasure.models import Heartbeat
from erasure.watch.events import Event, tell_new

SILENT = timedelta(hours=1)


def pulse() -> int:
    """Note that the sweep runs; after a long silence tell the DPO that there was one."""
    passed = Heartbeat.beat(Heartbeat.SWEEP)
    if passed < SILENT:
        return 0
    hours = round(passed / timedelta(hours=1))
    since = clock.now() - passed
    return tell_new([
        Event(
            f"silence:{since:%Y%m%dT%H%M%S}",
            f"The schedule stood still for {hours} hours",
            f"From {since:%Y-%m-%d %H:%M} UTC until now nothing was swept: no case was woken, no "
            "vendor asked, no date watched. It runs again; what became due is told now.\n",
        )
    ])  # fmt: skip
