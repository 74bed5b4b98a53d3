"""The vendor's rate, shared by every process that uses the same connection."""

from erasure.limiter.gate import Gate, limiter_for
from erasure.limiter.rate import Rate, Slot, Window
from erasure.limiter.windows import DatabaseWindow, ProcessWindow, RedisWindow

__all__ = [
    "DatabaseWindow",
    "Gate",
    "ProcessWindow",
    "Rate",
    "RedisWindow",
    "Slot",
    "Window",
    "limiter_for",
]
