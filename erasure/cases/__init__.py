"""The one door to a case's state."""

from erasure.cases.dates import interim_letter, overdue_sentence, overdue_tasks
from erasure.cases.freeze import freeze, log_inventory
from erasure.cases.line import (
    hand_over,
    keep_or_hand_over,
    line_of,
    lines_of,
    save_line,
    settle_lines,
)
from erasure.cases.move import PREPARING, four_eyes, locked, move, refusals, steps_for, wake

__all__ = [
    "PREPARING",
    "four_eyes",
    "freeze",
    "hand_over",
    "interim_letter",
    "keep_or_hand_over",
    "line_of",
    "lines_of",
    "locked",
    "log_inventory",
    "move",
    "overdue_sentence",
    "overdue_tasks",
    "refusals",
    "save_line",
    "settle_lines",
    "steps_for",
    "wake",
]
