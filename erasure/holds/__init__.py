"""Does a hold cover this item, now? And the register of holds."""

from erasure.holds.cover import (
    apply_holds,
    blocking,
    covering,
    drop_unheld,
    exempt_places,
    log_held,
    spare_exempt,
    unhold,
)
from erasure.holds.index import conversation_index
from erasure.holds.listed import Listed, Touched, read_ids, touched
from erasure.holds.mirror import PROTECTED_STORES, protectable
from erasure.holds.register import confirm_release, keep, mark_due, place, propose_release

__all__ = [
    "PROTECTED_STORES",
    "Listed",
    "Touched",
    "apply_holds",
    "blocking",
    "confirm_release",
    "conversation_index",
    "covering",
    "drop_unheld",
    "exempt_places",
    "keep",
    "log_held",
    "mark_due",
    "place",
    "protectable",
    "propose_release",
    "read_ids",
    "spare_exempt",
    "touched",
    "unhold",
]
