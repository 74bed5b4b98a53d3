"""Does a hold cover this item, now? And the register of holds."""

from erasure.holds.cover import apply_holds, blocking, covering, log_held, unhold
from erasure.holds.index import conversation_index
from erasure.holds.register import confirm_release, mark_due, place, propose_release

__all__ = [
    "apply_holds",
    "blocking",
    "confirm_release",
    "conversation_index",
    "covering",
    "log_held",
    "mark_due",
    "place",
    "propose_release",
    "unhold",
]
