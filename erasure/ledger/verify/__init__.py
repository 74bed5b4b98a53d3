"""Verify the whole log against itself, the cases, and what is known outside: L1 to L9.

The order of reading lets the log grow and cases go meanwhile: what is known outside and
which cases live is read first, then how far the log reaches, then its entries, then the
cases.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.conf import settings

from erasure.ledger.head import last_head
from erasure.ledger.keys import known_vkeys
from erasure.ledger.verify.beside import (
    check_anchors,
    check_file,
    check_outbox,
    file_lines,
    read_anchors,
)
from erasure.ledger.verify.cases import Cases
from erasure.ledger.verify.dates import Dates
from erasure.ledger.verify.purges import Purges, live_cases
from erasure.ledger.verify.tree import Heads, Leaves, Tiles
from erasure.ledger.verify.walk import Check, Pause, walk
from erasure.models import LogAnchor, LogEntry
from erasure.proof.encoding import parse_time
from erasure.proof.trust import Trust
from erasure.proof.verify import Finding, State

File = tuple[str, bytes]  # a name to call it by, and what it holds


@dataclass(frozen=True, slots=True)
class Report:
    """What was found, L1 to L9, over so many entries."""

    size: int
    findings: tuple[Finding, ...]

    @property
    def passed(self) -> bool:
        return all(one.state is State.PASSED for one in self.findings)


def verify(trust: Trust, anchors: Sequence[File] = (), pause: Pause | None = None) -> Report:
    """Verify the log. Changes nothing.

    ``trust``: keys and roots that the caller has from elsewhere than this database.
    ``anchors``: files that were kept outside, read by ``erasure.proof.anchors``.
    ``pause`` is called now and then, for a sequencer that must not stand still.
    """
    lines, live = file_lines(), live_cases()
    # An anchor binds the log, whichever of its keys signed it: earlier ones count as well.
    signed = replace(trust, logs=(*trust.logs, *known_vkeys()))
    known, problems = read_anchors(anchors, signed, settings.LOG_ORIGIN)
    last = LogEntry.objects.order_by("-seq").values_list("seq", flat=True).first()
    head = last_head()
    size = head.size if head else 0
    beyond, waiting = check_outbox(size, last)
    outside = [each[0] for each in lines or ()] + [anchor.size for _, anchor in known]
    heads, dates = Heads(size, trust.logs, outside), Dates(known)
    leaves, tiles, purges = Leaves(size), Tiles(), Purges(size, live, waiting)
    checks: tuple[Check, ...] = (leaves, heads, tiles, dates, purges)
    for part in walk(size, pause):
        for check in checks:
            check.take(part)
    cases = Cases(purges.tags)
    return Report(size, (
        leaves.finish(), heads.finish(), tiles.finish(), beyond, check_file(lines, heads.roots),
        check_anchors(known, problems, heads.roots, size, _anchored(dates.first)),
        purges.finish(), dates.finish(), cases.check_all(pause),
    ))  # fmt: skip


def _anchored(first: str) -> datetime | None:
    """When the log was last anchored, as far as is known here; else when it began."""
    newest = LogAnchor.objects.order_by("-at").values_list("at", flat=True).first()
    return newest or (parse_time(first) if first else None)
