"""Find every record of the person: walk the identifiers to their fixed point, then collect.

After the end of a case it is done again: ``afterwards``, and ``restored`` when a vendor
restored a backup.
"""

from erasure.discovery.discover import discover
from erasure.discovery.report import report_of

__all__ = ["discover", "report_of"]
