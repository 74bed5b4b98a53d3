"""The error of a file that is no evidence at all."""

from erasure.errors import ErasureError


class UnreadableError(ErasureError):
    """A file cannot be read as evidence or trust. The text is one sentence."""
