"""The one door to a case's state."""

from erasure.cases.freeze import freeze, log_inventory
from erasure.cases.move import PREPARING, four_eyes, locked, move, refusals, steps_for, wake

__all__ = [
    "PREPARING",
    "four_eyes",
    "freeze",
    "locked",
    "log_inventory",
    "move",
    "refusals",
    "steps_for",
    "wake",
]
