"""Records of the person, one row each, and every attempt to erase them."""

import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import models
from django_fsm import FSMField, transition

from erasure import clock
from erasure.connectors.base import ItemRef
from erasure.models.sealed import KeptJson, OfCase, blind
from erasure.values import FINAL_OUTCOMES, ItemState, Outcome, Verdict

UNCONFIRMED_LEAD = "A lead that nobody confirmed."
NOT_FOUND_AGAIN = "Not found again when the search was repeated."
WHOLE_STORE = "The whole store"
I = ItemState  # noqa: E741 - the table below reads like architecture.md
AT_ONCE = 500  # keys in one statement
CHANGING = (  # what planning, claims, answers and read-backs change of an item
    "state", "verdict", "reason", "article", "hold_id", "job_id", "single", "attempts", "reads",
    "first_tried", "requested_at", "next_try", "recoverable_until", "ended_at",
    "lease_owner", "lease_until",
)  # fmt: skip


def line_index(case_id: uuid.UUID, store: str) -> str:
    """The ``remote_index`` of the one line that stands for a whole store of a connection."""
    return blind("line", f"{case_id}:{store}")


class ItemQuerySet(models.QuerySet["DataItem"]):
    def due(self, now: datetime) -> "ItemQuerySet":
        """Items with a call or a read-back to make now."""
        ready = models.Q(next_try__isnull=True) | models.Q(next_try__lte=now)
        return self.filter(ready, state__in=[I.PLANNED, I.REQUESTED], job__isnull=True)

    def save_alike(self, items: Iterable["DataItem"]) -> None:
        """Save what transitions changed: rows with the same values in one statement."""
        groups: dict[tuple[Any, ...], list[uuid.UUID]] = {}
        for item in items:
            values = tuple(getattr(item, name) for name in CHANGING)
            groups.setdefault(values, []).append(item.pk)
        for values, some in groups.items():
            self.update_these(some, **dict(zip(CHANGING, values, strict=True)))

    def update_these(self, keys: Sequence[uuid.UUID], **values: Any) -> None:
        """Update rows by key, so many in a statement as SQLite takes."""
        for start in range(0, len(keys), AT_ONCE):
            self.filter(pk__in=keys[start : start + AT_ONCE]).update(**values)

    def lapsed(self, now: datetime) -> "ItemQuerySet":
        """Claimed by a worker that did not come back."""
        return self.filter(state=I.RUNNING, lease_until__lt=now)


class DataItem(OfCase, models.Model):
    """One record of the person in one store.

    ``locator`` (encrypted) holds the vendor's ids, the label and the facts a
    connector needs; ``remote_index`` and ``parent_index`` are keyed indexes.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey("ErasureCase", models.CASCADE, related_name="items")
    connection = models.ForeignKey("SystemConnection", models.PROTECT, related_name="+")
    store = models.CharField(max_length=40)
    number = models.PositiveIntegerField()  # its place in the inventory, for people
    log_number = models.PositiveIntegerField(null=True, blank=True)  # i/<n>/<j>; from approval on
    remote_index = models.CharField(max_length=64, db_index=True)
    parent_index = models.CharField(max_length=64, blank=True, db_index=True)
    locator_sealed = models.BinaryField()
    division = models.CharField(max_length=80, blank=True)
    occurred_at = models.DateTimeField(null=True, blank=True)
    certain = models.BooleanField(default=True)  # False: in question, or a lead
    lead = models.BooleanField(default=False)  # a name or fuzzy hit: never blocks, never goes alone
    confirmed_by_officer = models.BooleanField(default=False)
    seen_at = models.DateTimeField(default=clock.now)  # by the last search that found it
    protected = models.BooleanField(default=False)  # by the vendor's own deletion protection
    native = models.BooleanField(default=False)  # only the vendor's subject-wide job erases it

    state = FSMField(choices=[(s, s) for s in I], default=I.PROPOSED.value, protected=True)
    verdict = models.CharField(max_length=16, blank=True, choices=[(v, v) for v in Verdict])
    reason = models.CharField(max_length=300, blank=True)  # for people, nothing personal
    article = models.CharField(max_length=10, blank=True)
    hold = models.ForeignKey("Hold", models.PROTECT, null=True, blank=True, related_name="items")

    job = models.ForeignKey(
        "VendorJob", models.SET_NULL, null=True, blank=True, related_name="items"
    )
    single = models.BooleanField(default=False)  # a bulk job left it behind
    attempts = models.PositiveIntegerField(default=0)  # destructive calls
    reads = models.PositiveIntegerField(default=0)  # read-backs since the last of them
    first_tried = models.DateTimeField(null=True, blank=True)
    requested_at = models.DateTimeField(null=True, blank=True)
    next_try = models.DateTimeField(null=True, blank=True)
    recoverable_until = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    lease_owner = models.CharField(max_length=36, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)

    locator = KeptJson("locator", "inventory")

    objects = ItemQuerySet.as_manager()

    class Meta:
        ordering = ["number"]
        indexes = [
            models.Index(fields=["case", "state"], name="item_case_state"),
            models.Index(fields=["state", "-id"], name="item_state"),
            models.Index(
                fields=["connection", "next_try", "id"],
                name="item_due",
                condition=models.Q(state__in=["PLANNED", "REQUESTED"]),
            ),
            models.Index(
                fields=["lease_until"],
                name="item_leased",
                condition=models.Q(state="RUNNING"),
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["case", "number"], name="item_number"),
            models.UniqueConstraint(fields=["case", "log_number"], name="item_log_number"),
            models.UniqueConstraint(
                fields=["case", "connection", "store", "remote_index"], name="item_once_a_case"
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=[s.value for s in I]), name="item_state_known"
            ),
            models.CheckConstraint(
                condition=~models.Q(state="ERASED") | ~models.Q(verdict=""),
                name="erased_needs_a_verdict",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.connection.slug}.{self.store} #{self.number}"

    @property
    def line(self) -> str:
        return f"{self.connection.slug}.{self.store}"

    @property
    def place(self) -> int:
        """Its number for people, who count from one."""
        return self.number + 1

    @property
    def is_line(self) -> bool:
        """It stands for a whole store: no call can name it, a person works it off."""
        return self.remote_index == line_index(self.case_id, self.store)

    def ref(self) -> ItemRef:
        """The record as its connector knows it."""
        where = self.locator
        return ItemRef(
            store=self.store,
            remote_id=where["remote_id"],
            parent_id=where.get("parent_id", ""),
            division=self.division,
            facts=where.get("facts", {}),
            occurred_at=self.occurred_at,
            tries=max(1, self.attempts),
            first_tried=self.first_tried,
            requested_at=self.requested_at,
            single=self.single,
        )

    # -- transitions ---------------------------------------------------------------------

    @transition(state, [I.PROPOSED, I.EXCLUDED, I.EXEMPT, I.HELD, I.MANUAL, I.FAILED], I.PLANNED)
    def plan(self) -> None:
        """To be erased: it is this person's and nothing stands against it."""
        self.reason, self.article, self.hold, self.next_try = "", "", None, None

    @transition(state, [I.PROPOSED, I.PLANNED, I.HELD, I.FAILED, I.MANUAL], I.EXCLUDED)
    def exclude(self, reason: str) -> None:
        """Not this person's."""
        self.reason = reason

    @transition(state, [I.PROPOSED, I.PLANNED, I.HELD, I.FAILED, I.MANUAL], I.EXEMPT)
    def exempt(self, article: str, reason: str) -> None:
        """Kept under Art. 17(3)."""
        self.article, self.reason = article, reason
        self.ended_at = clock.now()

    @transition(state, [I.PROPOSED, I.PLANNED, I.RUNNING, I.FAILED, I.MANUAL, I.REQUESTED], I.HELD)
    def hold_back(self, hold: Any, reason: str) -> None:
        """A hold covers it, or the only way to erase it would breach one."""
        self.hold, self.article, self.reason = hold, hold.article, reason
        self._free()
        self.ended_at = clock.now()

    @transition(state, [I.PROPOSED, I.PLANNED, I.RUNNING, I.REQUESTED, I.FAILED], I.MANUAL)
    def by_hand(self, reason: str) -> None:
        """A person must do it; ``reason`` says what."""
        self.reason = reason
        self._free()

    @transition(state, [I.ERASED, I.EXCLUDED, I.PROPOSED], I.PROPOSED)
    def found_again(self) -> None:
        """A later search found what had been read back as gone, or had not been found since."""
        self.reason, self.verdict, self.ended_at = "Found again after it was gone.", "", None

    @transition(state, [I.HELD, I.PLANNED, I.PROPOSED], I.PROPOSED)
    def propose(self, reason: str = "") -> None:
        """Undecided again: what is not certain must be decided, the rest awaits approval."""
        self.reason, self.article, self.hold, self.ended_at = reason, "", None, None
        self.next_try = None

    @transition(state, I.PLANNED, I.RUNNING)
    def claim(self, owner: str, until: datetime) -> None:
        """A worker has it until the lease ends."""
        self.lease_owner, self.lease_until = owner, until

    @transition(state, [I.RUNNING, I.REQUESTED], I.PLANNED)
    def again(self, at: datetime | None, reason: str = "") -> None:
        """Try the call again, at ``at``."""
        self.next_try, self.reason = at, reason
        self._free()

    @transition(state, [I.RUNNING, I.PLANNED], I.REQUESTED)
    def requested(
        self, at: datetime | None, job: Any = None, *, now: datetime | None = None
    ) -> None:
        """The vendor took it. Read back at ``at``, or when its job is done."""
        self._free()
        self.requested_at, self.next_try, self.job, self.reads = now or clock.now(), at, job, 0

    @transition(state, [I.REQUESTED, I.MANUAL], I.ERASED)
    def erased(self, verdict: str, *, now: datetime | None = None) -> None:
        """A fresh read shows the end, or a person attests it with evidence."""
        self.verdict = Verdict(verdict)
        self.reason, self.recoverable_until, self.next_try, self.job = "", None, None, None
        self.ended_at = now or clock.now()

    @transition(state, [I.RUNNING, I.REQUESTED, I.PLANNED], I.FAILED)
    def fail(self, reason: str) -> None:
        """It cannot go on alone: a person must look."""
        self.reason = reason
        self._free()

    def _free(self) -> None:
        self.lease_owner, self.lease_until, self.job = "", None, None


class Attempt(models.Model):
    """One attempt on one item: written before its request leaves, ended after its answer."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    item = models.ForeignKey(DataItem, models.CASCADE, related_name="tries")
    number = models.PositiveIntegerField()
    owner = models.CharField(max_length=36)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=12, blank=True, choices=[(o, o) for o in Outcome])
    http_status = models.PositiveSmallIntegerField(default=0)
    note = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["item", "number"], name="attempt_number"),
            models.CheckConstraint(
                condition=models.Q(outcome__in=["", *[o.value for o in Outcome]]),
                name="attempt_outcome_known",
            ),
        ]

    def __str__(self) -> str:
        return f"attempt {self.number}"

    @property
    def is_final(self) -> bool:
        return self.outcome in FINAL_OUTCOMES
