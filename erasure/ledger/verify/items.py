"""L9 of the items of one case: each is as its last entry says, and none is missing.

An item and its entry are written in one transaction, under the lock of the case. So a
state follows from the last outcome, unless a search or a restored backup showed the item
again, or somebody decided anew: what those leave behind is named here as well.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from erasure.models import ErasureCase
from erasure.values import FINAL_OUTCOMES, CaseState, ItemState, Outcome, Step, Verdict

ENDS: dict[str, tuple[str, ...]] = {  # the case states in which nothing is open, and what is left
    CaseState.COMPLETE: (ItemState.ERASED,),
    CaseState.PARTIAL_HOLD: (ItemState.ERASED, ItemState.HELD, ItemState.EXEMPT),
}
RELEASED = (*ENDS, CaseState.EXECUTING, CaseState.AWAITING_VENDOR)
SAYS: dict[str, str] = {
    Verdict.VERIFIED_ABSENT: Outcome.VERIFIED,
    Verdict.ANONYMISED: Outcome.ANONYMISED,
    Verdict.ATTESTED: Outcome.ATTESTED,
}
AT_ONCE: dict[str, str] = {ItemState.HELD: Outcome.HELD, ItemState.FAILED: Outcome.FAILED}
TAKEN = (Outcome.SUBMITTED, Outcome.DELETED, Outcome.ABSENT)  # by the vendor, not yet read back
ANSWERED = (*TAKEN, Outcome.RECOVERABLE)
SEEN_GONE = (Outcome.VERIFIED, Outcome.ANONYMISED)
CALLED = (ItemState.RUNNING, ItemState.REQUESTED, ItemState.FAILED)  # never before an approval


@dataclass(frozen=True, slots=True)
class Item:
    """One row. ``number``: its place in the log; None before it was approved."""

    number: int | None
    state: str
    verdict: str


@dataclass(frozen=True, slots=True)
class Entry:
    """An outcome or an approval, and where it stands; None while it waits."""

    says: str
    index: int | None
    at: datetime

    def follows(self, other: "Entry") -> bool:
        """It was certainly written later: the log gives an order, and no date is against it."""
        if other.index is None or self.at < other.at:
            return False
        return self.index is None or self.index > other.index


@dataclass(slots=True)
class Told:
    """What the entries of the case itself say of its items."""

    state: str = CaseState.RECEIVED
    items: int = 0  # in the log, by the last inventory
    approval: Entry | None = None  # the last one
    again: bool = False  # searched, or a backup was restored, since that approval
    by_hand: int = 0  # records that somebody erased by other means

    @classmethod
    def of(cls, case: ErasureCase) -> "Told":
        told = cls()
        rows = case.log.filter(item__isnull=True, type__in=["step", "inventory", "decision"])
        columns = rows.order_by("number").values_list("type", "facts", "log_index", "at")
        for kind, facts, index, at in columns.iterator(2000):
            told._take(kind, facts if isinstance(facts, dict) else {}, index, at)
        return told

    def _take(self, kind: str, facts: dict[str, Any], index: int | None, at: datetime) -> None:
        if kind == "inventory":
            self.items = facts.get("items", 0)
        elif kind == "step":
            self.state = facts.get("to", "")
            if facts.get("step") == Step.APPROVE:
                self.approval, self.again = Entry(Step.APPROVE, index, at), False
            self.again = self.again or self.state == CaseState.DISCOVERY
        else:
            self.again = self.again or facts.get("decision") == "FOUND_AGAIN"
            self.by_hand += facts.get("decision") == "ITEM_DONE"


def numbers(items: dict[UUID, Item]) -> set[int]:
    """The places in the log, and the next free one: a missing item leaves one of them open."""
    there = {item.number for item in items.values() if item.number is not None}
    return there | set(range(len(there) + 1))


def items_of(case: ErasureCase) -> dict[UUID, Item]:
    rows = case.items.order_by().values_list("pk", "log_number", "state", "verdict")
    return {pk: Item(number, state, verdict) for pk, number, state, verdict in rows.iterator(2000)}


def last_outcomes(case: ErasureCase) -> dict[UUID, Entry]:
    rows = case.log.filter(type="outcome", item__isnull=False).order_by("number")
    columns = rows.values_list("item", "facts", "log_index", "at")
    return {
        item: Entry(str(facts.get("outcome")) if isinstance(facts, dict) else "", index, at)
        for item, facts, index, at in columns.iterator(2000)
    }


def wrong_items(
    case: ErasureCase, told: Told, items: dict[UUID, Item], last: dict[UUID, Entry]
) -> Iterator[str]:
    """What no run of the product leaves behind, in words."""
    logged, unanswered = 0, []
    for pk, item in items.items():
        if item.number is None:
            if not _may_be_outside(item, case.state):
                yield f"A record of {case.reference} is {item.state} and never came into the log."
            continue
        logged += 1
        entry = last.get(pk)
        if not _may_follow(item, entry, told, case.state):
            yield _sentence(case, item, entry)
        elif item.state == ItemState.REQUESTED and _said(entry) not in ANSWERED:
            unanswered.append(_sentence(case, item, entry))
    if len(unanswered) > told.by_hand:
        yield from unanswered
    if logged != told.items:
        yield f"{case.reference} has {logged} items in the log, its last inventory {told.items}."


def _sentence(case: ErasureCase, item: Item, entry: Entry | None) -> str:
    end = f"{item.state} {item.verdict}".strip()
    said = _said(entry) or "nothing"
    return f"Item {item.number} of {case.reference} is {end}, its last outcome says {said}."


def _said(entry: Entry | None) -> str:
    return entry.says if entry else ""


def _may_be_outside(item: Item, case_state: str) -> bool:
    """Approval takes every item into the log that is not somebody else's."""
    if case_state in RELEASED or item.state in CALLED:
        return item.state == ItemState.EXCLUDED
    return item.state != ItemState.ERASED or item.verdict == Verdict.ATTESTED


def _may_follow(item: Item, entry: Entry | None, told: Told, case_state: str) -> bool:
    """Whether an item of the log can be in this state after its last outcome."""
    said, state = _said(entry), item.state
    if state == ItemState.EXCLUDED or state not in ENDS.get(case_state, (state,)):
        return False
    if due := _due(item, released=case_state in RELEASED):
        return said == due
    if said in TAKEN:
        return state == ItemState.REQUESTED
    if entry and said in FINAL_OUTCOMES:
        return _may_be_open(state, entry, told, case_state)
    return state != ItemState.PROPOSED or case_state not in RELEASED


def _due(item: Item, *, released: bool) -> str:
    """The outcome that is written with a state. What review decides is, once it is approved."""
    if item.state == ItemState.ERASED:
        said = SAYS.get(item.verdict, "")
        return said if released or said in SEEN_GONE else ""
    if item.state == ItemState.EXEMPT:
        return Outcome.EXEMPT if released else ""
    return AT_ONCE.get(item.state, "")


def _may_be_open(state: str, entry: Entry, told: Told, case_state: str) -> bool:
    """An item that had ended: found again or decided on anew, and then approved."""
    approved = told.approval is not None and not entry.follows(told.approval)
    if case_state not in RELEASED:
        return approved or told.again or entry.says not in SEEN_GONE
    if state == ItemState.PROPOSED:  # a restored backup was noticed: back to review
        return told.again and entry.says in SAYS.values()
    return approved
