"""What the vendors themselves do and say: their protection of held records, their audit."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpRequest

from erasure.admin.words import Badge
from erasure.audits import Line as Audit
from erasure.audits import audits_of
from erasure.models import ErasureCase
from erasure.protection import Line as Protection
from erasure.protection import protections_of


@dataclass(slots=True)
class Protected:
    """Held conversations of one system that stand alike, counted."""

    system: str
    badge: Badge
    reason: str
    count: int
    seen_at: datetime | None


def protections(request: HttpRequest, case: ErasureCase) -> dict[str, Any]:
    """The vendor's own protection of what a hold covers."""
    alike: dict[tuple[str, str, str], Protected] = {}
    for line in protections_of(case):
        badge = _badge(line)
        key = (line.system, badge.word, line.reason)
        row = alike.setdefault(key, Protected(line.system, badge, line.reason, 0, line.seen_at))
        row.count += 1
        row.seen_at = max(filter(None, (row.seen_at, line.seen_at)), default=None)
    return {"protections": list(alike.values())}


def _badge(line: Protection) -> Badge:
    if line.on:
        return Badge("On, read back", "held") if line.held else Badge("Still on", "waiting")
    if line.pending:
        return Badge("Being switched on", "waiting")
    return Badge("Not on", "danger" if line.held else "plain")


def vendor_audits(request: HttpRequest, case: ErasureCase) -> dict[str, Any]:
    """The vendor's own audit of the case, once it has ended."""
    return {"vendor_audits": [(line, _word(line)) for line in audits_of(case)]}


def _word(line: Audit) -> Badge:
    if line.contradictions:
        return Badge("Contradicts", "danger")
    if line.fetched_at is None:
        return Badge("Not asked yet", "waiting")
    return Badge("Agrees", "good") if line.matching else Badge("Tells nothing", "plain")
