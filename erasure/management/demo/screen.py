"""What the demonstration prints: states as they are entered, progress per store, counts."""

import sys
from collections import Counter
from collections.abc import Iterable

from django.db.models import QuerySet
from django.utils import timezone

from erasure.models import DataItem, ErasureCase
from erasure.values import ItemState, StoreStatus

DONE = (ItemState.ERASED, ItemState.HELD, ItemState.EXEMPT, ItemState.EXCLUDED)


def say(text: str = "") -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def title(text: str) -> None:
    say(f"\n{text}\n{'-' * len(text)}")


class Watch:
    """Prints what changed since it last looked."""

    def __init__(self) -> None:
        self.state = ""
        self.lines: dict[str, str] = {}
        self.waits = ""

    def look(self, case: ErasureCase) -> None:
        if case.state != self.state:
            self.state = case.state
            say(f"  {self.state}")
        for store, line in self._progress(case):
            if self.lines.get(store) != line:
                self.lines[store] = line
                say(f"      {line}")
        if case.waiting_for and case.waiting_for != self.waits:
            say(f"      {case.waiting_for}")
        self.waits = case.waiting_for

    def _progress(self, case: ErasureCase) -> Iterable[tuple[str, str]]:
        searches = case.searches.select_related("connection").exclude(status="")
        items = Counter(case.items.values_list("connection__slug", "store", "state"))
        bins = {
            (each.connection.slug, each.store): each.recoverable_until for each in in_the_bin(case)
        }
        for search in searches:
            slug, store = search.connection.slug, search.store
            count = {s: items[(slug, store, s)] for s in ItemState}
            if not any(count.values()) and search.status == StoreStatus.EMPTY:
                continue
            line = _words(search.line, search.status, count, case.state)
            if until := bins.get((slug, store)):
                line += f", recoverable until {timezone.localdate(until)}"
            yield search.line, line


def in_the_bin(case: ErasureCase) -> QuerySet[DataItem]:
    """What the vendor can still bring back, the longest last."""
    kept = case.items.filter(state=ItemState.REQUESTED, recoverable_until__isnull=False)
    return kept.select_related("connection").order_by("recoverable_until")


def _words(line: str, status: str, count: dict[ItemState, int], state: str) -> str:
    total = sum(count.values()) - count[ItemState.EXCLUDED]
    if state in ("DISCOVERY", "DPO_REVIEW"):
        return f"{line:<36} {status.lower()}, {total}"
    ended = count[ItemState.ERASED]
    more = [
        f"{count[key]} {word}"
        for key, word in (
            (ItemState.REQUESTED, "with the vendor"),
            (ItemState.RUNNING, "being asked for"),
            (ItemState.HELD, "held"),
            (ItemState.EXEMPT, "exempt"),
            (ItemState.FAILED, "failed"),
            (ItemState.MANUAL, "by hand"),
        )
        if count[key]
    ]
    return f"{line:<36} {ended} of {total} read back" + "".join(f", {text}" for text in more)


def verdicts(case: ErasureCase) -> str:
    """Items by how they ended."""
    ended = Counter(
        item.verdict or item.state
        for item in case.items.filter(state__in=DONE).exclude(state=ItemState.EXCLUDED)
    )
    return ", ".join(f"{count} {word}" for word, count in sorted(ended.items())) or "none"
