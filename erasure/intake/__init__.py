"""The intake stage: requests from any channel."""

from erasure.intake.stage import (
    CONFIRM_DAYS,
    MOST_IDENTIFIERS,
    confirm_request,
    likely_duplicates,
    open_case,
    request_by_web,
    start,
)

__all__ = [
    "CONFIRM_DAYS",
    "MOST_IDENTIFIERS",
    "confirm_request",
    "likely_duplicates",
    "open_case",
    "request_by_web",
    "start",
]
