"""Find every record of the person: walk the identifiers to their fixed point, then collect."""

from erasure.discovery.discover import discover
from erasure.discovery.report import report_of

__all__ = ["discover", "report_of"]
