"""Errors, split by what the caller does next. Rank 0: imports no Django.

No error text may carry a personal value, a body, or a URL with its query.
"""


class ErasureError(Exception):
    """Base of every error of this product."""


class BusyError(ErasureError):
    """The system cannot answer now: try again later.

    429, 5xx, time-out, connection lost. ``retry_after`` is in seconds, or None.
    """

    def __init__(self, text: str, *, retry_after: float | None = None, status: int = 0) -> None:
        super().__init__(text)
        self.retry_after = retry_after
        self.status = status


class RefusedError(ErasureError):
    """The system said no, or answered what cannot be read: a person must look."""

    def __init__(self, text: str, *, status: int = 0, code: str = "") -> None:
        super().__init__(text)
        self.status = status
        self.code = code  # the vendor's own error code, e.g. missing.permissions


class StoppedError(ErasureError):
    """A guard stopped a destructive call before it left: a hold, a halt, a lost lease."""

    def __init__(self, text: str, *, held: bool = False) -> None:
        super().__init__(text)
        self.held = held


class StepError(ErasureError):
    """A case may not take this step. The text names what refused.

    ``refused_by`` is one of state, permission, four eyes, condition, actor.
    """

    def __init__(self, refused_by: str, text: str) -> None:
        super().__init__(text)
        self.refused_by = refused_by


class InputError(ErasureError):
    """Input a person can mend. ``field`` names what to mend."""

    def __init__(self, field: str, text: str) -> None:
        super().__init__(text)
        self.field = field


class KeyMissingError(ErasureError):
    """A key is absent, damaged or destroyed: nothing can be read or written with it."""


class TamperedError(ErasureError):
    """Stored evidence is not what was written."""
