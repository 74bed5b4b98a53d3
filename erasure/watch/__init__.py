"""What time alone brings about: warnings, escalations, reviews, the daily mail.

Everything here is safe to call at any time, late, and twice: an event has a key and is
told once. After a pause only the latest of several warnings goes out.
"""

from erasure.models import Heartbeat
from erasure.watch.digest import digests
from erasure.watch.escalate import escalate
from erasure.watch.events import Event, tell_new
from erasure.watch.feed import days_of
from erasure.watch.holds import review_holds
from erasure.watch.pulse import pulse
from erasure.watch.sign_ins import log_failed_sign_ins
from erasure.watch.warn import warnings


def look() -> int:
    """Notice everything that became due. Returns how many events were news."""
    news = review_holds()
    for found in (warnings(), escalate(), digests()):
        news += tell_new(list(found))
    log_failed_sign_ins()
    Heartbeat.beat(Heartbeat.LOOK)
    return news


__all__ = ["Event", "days_of", "look", "pulse", "tell_new"]
