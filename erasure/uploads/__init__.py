"""A file of a stranger: scanned, taken apart, and drawn anew. Rank 1: no Django."""

from erasure.uploads.clamav import scan
from erasure.uploads.safe_copy import MAX_BYTES, MIB, SafeCopy, safe_copy

__all__ = ["MAX_BYTES", "MIB", "SafeCopy", "safe_copy", "scan"]
