"""A copy of the log for somebody else: ``erasure.proof.logcopy`` reads it."""

from pathlib import Path

from erasure.ledger.head import last_head
from erasure.ledger.verify.walk import STEP
from erasure.models import LogEntry


def write_copy(path: Path) -> int:
    """Write the entries below the last checkpoint, one a line. Returns how many.

    Raises:
        FileExistsError: nothing is overwritten.
        OSError: the file cannot be written.
    """
    head = last_head()
    size = head.size if head else 0
    with path.open("xb") as file:
        for first in range(0, size, STEP):
            rows = LogEntry.objects.filter(seq__gte=first, seq__lt=min(first + STEP, size))
            for data in rows.order_by("seq").values_list("bytes", flat=True):
                file.write(bytes(data) + b"\n")
    return size
