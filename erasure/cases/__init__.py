"""The one door to a case's state."""

from erasure.cases.answered import count_answer
from erasure.cases.dates import (
    dates_of,
    decide_by,
    establishment,
    extend,
    extension_counts,
    interim_letter,
    overdue_sentence,
    overdue_tasks,
    place_of,
    proof_due,
    recompute,
    refuse_extension,
    start_clock,
    tell_by,
)
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
from erasure.cases.receipt import correct_receipt

__all__ = [
    "PREPARING",
    "correct_receipt",
    "count_answer",
    "dates_of",
    "decide_by",
    "establishment",
    "extend",
    "extension_counts",
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
    "place_of",
    "proof_due",
    "recompute",
    "refuse_extension",
    "refusals",
    "save_line",
    "settle_lines",
    "start_clock",
    "steps_for",
    "tell_by",
    "wake",
]
