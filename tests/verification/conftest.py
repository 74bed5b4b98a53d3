from tests.verification.given import (
    asked,
    asked_for_copy,
    at,
    case,
    officer,
    on_file,
    proven,
    second,
)

__all__ = [
    "asked",
    "asked_for_copy",
    "at",
    "case",
    "officer",
    "on_file",
    "proven",
    "second",
]
