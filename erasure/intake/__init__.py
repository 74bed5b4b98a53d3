"""The intake stage: requests from any channel."""

from erasure.intake.again import take_up
from erasure.intake.duplicates import likely_duplicates, merge, relate, relations_of
from erasure.intake.form import (
    CONFIRM_DAYS,
    UnsentError,
    WebRequest,
    confirm_request,
    request_by_web,
)
from erasure.intake.once import once
from erasure.intake.stage import (
    MOST_IDENTIFIERS,
    Agent,
    add_mandate,
    keep_mandate,
    open_case,
    redrawn_mandate,
    start,
)
from erasure.intake.status import case_of_code, may_withdraw, withdraw

__all__ = [
    "CONFIRM_DAYS",
    "MOST_IDENTIFIERS",
    "Agent",
    "UnsentError",
    "WebRequest",
    "add_mandate",
    "case_of_code",
    "confirm_request",
    "keep_mandate",
    "likely_duplicates",
    "may_withdraw",
    "merge",
    "once",
    "open_case",
    "redrawn_mandate",
    "relate",
    "relations_of",
    "request_by_web",
    "start",
    "take_up",
    "withdraw",
]
