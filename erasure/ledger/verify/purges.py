"""L7: every case that was opened is still here or was purged in time, and no tag stands twice."""

from datetime import datetime
from typing import Any

from dateutil.relativedelta import relativedelta

from erasure.deadlines.retention import LEAST_MONTHS
from erasure.ledger.verify.walk import Problems, Slice
from erasure.models import DeletionLogEntry
from erasure.proof.encoding import parse_time
from erasure.proof.verify import Finding


def live_cases() -> set[int]:
    """The indices of the ``opened`` entries of cases that can still be read."""
    rows = DeletionLogEntry.objects.filter(type="opened", log_index__isnull=False)
    return {index for index in rows.values_list("log_index", flat=True) if index is not None}


class Purges:
    """``before``: the live cases as they were before the walk began; cases may go meanwhile."""

    def __init__(self, size: int, before: set[int], waiting: set[int]) -> None:
        self.size, self.before, self.waiting = size, before, waiting
        self.tags: set[str] = set()
        self.problems = Problems("L7")
        self._opened: dict[int, str] = {}
        self._purged: set[int] = set()

    def take(self, part: Slice) -> None:
        tags = self.tags
        for seq, value in zip(part.seqs, part.values, strict=True):
            tag = value.get("tag")
            if tag is not None:
                if tag in tags:
                    self.problems.add(f"The tag of entry {seq:,} stands at an earlier entry too.")
                tags.add(tag)
            kind = value.get("type")
            if kind == "opened":
                self._opened[seq] = value["at"]
            elif kind == "purged":
                self._purge(seq, value)

    def _purge(self, seq: int, value: dict[str, Any]) -> None:
        ref = value.get("ref")
        if not isinstance(ref, int) or ref not in self._opened or ref in self._purged:
            self.problems.add(f"Entry {seq:,} purges a case that was not there.")
            return
        self._purged.add(ref)
        if _moment(value) < _moment({"at": self._opened[ref]}) + relativedelta(months=LEAST_MONTHS):
            self.problems.add(f"Entry {seq:,} purges a case within {LEAST_MONTHS} months.")

    def finish(self) -> Finding:
        now = live_cases()
        opened = set(self._opened)
        for index in sorted(opened - now - self.before - self._purged - self.waiting):
            self.problems.add(f"The case opened at entry {index:,} is gone and was not purged.")
        for index in sorted(now & self._purged):
            self.problems.add(f"The case opened at entry {index:,} was purged and is still here.")
        for index in sorted(each for each in self.before - opened if each < self.size):
            self.problems.add(f"A case says it was opened at entry {index:,}, which opens none.")
        live = len(opened - self._purged - self.waiting)
        return self.problems.finding(
            f"Cases opened: {len(opened):,}, still here: {live:,}, purged in time: "
            f"{len(self._purged):,}; no tag stands twice."
        )


def _moment(value: dict[str, Any]) -> datetime:
    return parse_time(str(value["at"]))
