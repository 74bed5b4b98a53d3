"""L8: the dates of entries against each other and against dated anchors."""

from bisect import bisect_left
from collections.abc import Sequence
from datetime import datetime, timedelta

from erasure.ledger.verify.walk import Problems, Slice
from erasure.models import Checkpoint
from erasure.proof.anchors import Anchor
from erasure.proof.encoding import parse_time, time_text
from erasure.proof.verify import Finding

TOLERANCE = timedelta(seconds=300)


class Dates:
    """No entry is dated five minutes before an earlier one, or on the wrong side of an anchor.

    What an anchor lacks must not be dated before it, what it has not after it. Dates
    are compared as text: written in one form, they sort as they follow.
    """

    def __init__(self, anchors: Sequence[tuple[str, Anchor]]) -> None:
        self.anchors = sorted(
            ((anchor.size, anchor.at, name) for name, anchor in anchors if anchor.at),
        )
        self.problems, self.first = Problems("L8"), ""
        self._sizes = [size for size, _, _ in self.anchors]
        self._newest, self._floor = "", ""  # the largest date so far; five minutes before it
        self._points = Checkpoint.objects.order_by("size").values_list("size", "at").iterator()
        self._due = next(self._points, None)
        # Between two anchors: the earliest and the latest date of the entries there.
        self._spans: list[tuple[str, str] | None] = [None] * (len(self._sizes) + 1)

    def take(self, part: Slice) -> None:
        for seq, value in zip(part.seqs, part.values, strict=True):
            at = value.get("at")
            if not isinstance(at, str):
                self.problems.add(f"Entry {seq:,} has no date.")
                continue
            if at > self._newest:
                self._renew(seq, at)
            elif at < self._floor:
                self.problems.add(f"Entry {seq:,} is dated before an earlier entry.")
            if self._sizes:
                self._span(seq, at)
            if self._due and self._due[0] == seq + 1:
                self._check_head()

    def _renew(self, seq: int, at: str) -> None:
        try:
            self._floor = time_text(parse_time(at) - TOLERANCE)
        except ValueError:
            self.problems.add(f"Entry {seq:,} has a date that cannot be read.")
            return
        self._newest, self.first = at, self.first or at

    def _span(self, seq: int, at: str) -> None:
        place = bisect_left(self._sizes, seq + 1)  # how many anchors lack this entry
        span = self._spans[place]
        self._spans[place] = (min(span[0], at), max(span[1], at)) if span else (at, at)

    def _check_head(self) -> None:
        """The sequencer measures new dates by the date of the last head."""
        if self._due and time_text(self._due[1]) != self._newest:
            self.problems.add(f"The checkpoint of size {self._due[0]:,} is dated otherwise.")
        self._due = next(self._points, None)

    def finish(self) -> Finding:
        for place, (size, at, name) in enumerate(self.anchors):
            self._check_anchor(place, size, at, name)
        return self.problems.finding(
            f"The dates follow one another. Dated anchors they agree with: {len(self.anchors):,}."
        )

    def _check_anchor(self, place: int, size: int, at: datetime, name: str) -> None:
        early, late = time_text(at - TOLERANCE), time_text(at + TOLERANCE)
        if any(span and span[1] > late for span in self._spans[: place + 1]):
            self.problems.add(f"An entry that anchor {name} has is dated after it.")
        if any(span and span[0] < early for span in self._spans[place + 1 :]):
            self.problems.add(f"An entry that anchor {name} lacks is dated before it.")
