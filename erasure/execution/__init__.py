"""Erase and read back. The database is the truth; a task is a doorbell."""

from erasure.execution.drain import drain
from erasure.execution.jobs import free_places, stop_jobs
from erasure.execution.progress import UNDER_WAY, connections_with_work, progress, reclaim

__all__ = [
    "UNDER_WAY",
    "connections_with_work",
    "drain",
    "free_places",
    "progress",
    "reclaim",
    "stop_jobs",
]
