"""L4 to L6: what stands beyond the last checkpoint, and what is known outside the database."""

import hmac
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from django.db.models import Q

from erasure import clock
from erasure.errors import ErasureError
from erasure.ledger.append import outbox_mac
from erasure.ledger.head import head_file
from erasure.ledger.verify.walk import Problems, read
from erasure.models import LogEntry, OutboxEntry
from erasure.proof import anchors
from erasure.proof.anchors import Anchor
from erasure.proof.trust import Trust
from erasure.proof.verify import Finding

STALE = timedelta(hours=50)  # two daily anchors were missed


def check_outbox(size: int, last: int | None) -> tuple[Finding, set[int]]:
    """L4, and the entries that rows of the outbox declare purged.

    ``last`` is the last index, read before ``size`` was: then no honest entry lies beyond.
    """
    problems, purged, count = Problems("L4"), set[int](), 0
    if last is not None and last >= size:
        problems.add(f"{last + 1 - size:,} entries lie beyond the last checkpoint.")
    if LogEntry.objects.filter(Q(seq__lt=0) | Q(seq__isnull=True)).exists():
        problems.add("There is an entry before the first one.")
    rows = OutboxEntry.objects.order_by("id").values_list("id", "uuid", "bytes", "mac")
    for number, name, data, mac in rows.iterator(chunk_size=2000):
        count += 1
        if not hmac.compare_digest(bytes(mac), outbox_mac(name, bytes(data))):
            problems.add(f"Outbox row {number:,} was altered.")
        value = read(bytes(data))
        if value.get("type") == "purged" and isinstance(value.get("ref"), int):
            purged.add(value["ref"])
    twice = OutboxEntry.objects.filter(uuid__in=LogEntry.objects.values("uuid")).count()
    if twice:
        problems.add(f"{twice:,} outbox rows are in the log already.")
    good = f"Nothing lies beyond the last checkpoint; rows that wait unaltered: {count:,}."
    return problems.finding(good), purged


def file_lines() -> list[tuple[int, str]] | None:
    """Size and root of each line of the sequencer's own file; None if it is not here.

    A line that cannot be read is (-1, "").
    """
    try:
        with head_file().open(errors="replace") as file:
            return [_line(line) for line in file]
    except FileNotFoundError:
        return None


def _line(line: str) -> tuple[int, str]:
    size, _, root = line.rstrip("\n").partition(" ")
    return (int(size), root) if size.isdecimal() and len(size) < 17 else (-1, "")


def check_file(lines: Sequence[tuple[int, str]] | None, roots: Mapping[int, bytes]) -> Finding:
    """L5: every head that the sequencer noted outside the database is one of this log."""
    problems = Problems("L5")
    if lines is None and max(roots) > 0:
        problems.add(
            "The sequencer's own file of heads (log-head) is not here: it is lost, or this is "
            "not the machine that the sequencer runs on."
        )
    for size, root in lines or ():
        if size < 0:
            problems.add("A line of the sequencer's own file cannot be read.")
        elif size not in roots or roots[size].hex() != root:
            problems.add(f"The sequencer noted another head of size {size:,} than the log has.")
    return problems.finding(
        f"Heads of the sequencer's own file that are in the log: {len(lines or ()):,}."
    )


def read_anchors(
    files: Sequence[tuple[str, bytes]], trust: Trust, origin: str
) -> tuple[list[tuple[str, Anchor]], Problems]:
    """The anchors of this log that can be read, each with its name; what cannot be is a problem."""
    problems, found = Problems("L6"), []
    for name, data in files:
        try:
            anchor = anchors.read(data, trust)
        except ErasureError as why:
            problems.add(f"Anchor {name}: {why}")
            continue
        if anchor.origin == origin:
            found.append((name, anchor))
    return found, problems


def check_anchors(
    found: Sequence[tuple[str, Anchor]],
    problems: Problems,
    roots: Mapping[int, bytes],
    size: int,
    last: datetime | None,
) -> Finding:
    """L6: the log begins with what each anchor says it began with, and is anchored still.

    ``last``: since when no anchor was made, or the log is without one; None when it is empty.
    """
    if last and clock.now() - last > STALE:
        problems.add(f"No head of the log left this installation since {last:%Y-%m-%d %H:%M} UTC.")
    for name, anchor in found:
        if anchor.size > size:
            problems.add(f"Anchor {name} knows {anchor.size:,} entries, the log has {size:,}.")
        elif roots.get(anchor.size) != anchor.root:
            problems.add(f"The log does not begin with the {anchor.size:,} entries of {name}.")
    reach = max((anchor.size for _, anchor in found), default=0)
    return problems.finding(
        f"Anchors that the log begins with: {len(found):,}, the largest over {reach:,} entries."
    )
