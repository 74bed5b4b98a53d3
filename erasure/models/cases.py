"""The case and its states. ``cases.move`` is the only caller of the transitions."""

import secrets
import uuid
from datetime import timedelta
from typing import Any

from django.db import models
from django_fsm import FSMField, transition

from erasure import clock
from erasure.errors import StepError
from erasure.models.conditions import (
    KEPT,
    UNFINISHED,
    answered,
    confirmed_by_requester,
    every_identifier_decided,
    every_identifier_searched,
    every_record_decided,
    every_store_answered,
    every_store_asked,
    every_system_searched,
    ground_recorded,
    has_identifier,
    held_is_protected,
    identity_confirmed,
    identity_was_asked,
    inventory_unchanged,
    no_hold_active,
    no_question_open,
    not_shredded,
    nothing_kept,
    nothing_open,
    nothing_protected,
    something_kept,
)
from erasure.models.digest import inventory_digest
from erasure.models.sealed import SealedText, make_secrets
from erasure.values import (
    CaseState,
    Channel,
    CloseReason,
    ItemState,
    LetterKind,
    Step,
)

S = CaseState
BEFORE_EXECUTION = [S.RECEIVED, S.VALIDATING, S.AWAITING_IDENTITY, S.DISCOVERY, S.DPO_REVIEW]
OPEN_STATES = [*BEFORE_EXECUTION, S.EXECUTING, S.AWAITING_VENDOR]
ENDED_STATES = [S.PARTIAL_HOLD, S.COMPLETE, S.REFUSED, S.CLOSED]
_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"


def new_reference() -> str:
    """ER-<year>-<six characters>: tells nothing about how many cases there are."""
    return f"ER-{clock.now().year}-" + "".join(secrets.choice(_ALPHABET) for _ in range(6))


def purged_reference() -> str:
    """What stands there when the reference, which letters carry, has been destroyed."""
    return "purged-" + "".join(secrets.choice(_ALPHABET) for _ in range(12))


def nobody(_case: Any, _user: Any) -> bool:
    """Permission of a step that only the system takes."""
    return False


class CaseQuerySet(models.QuerySet["ErasureCase"]):
    def open(self) -> "CaseQuerySet":
        return self.filter(state__in=OPEN_STATES)

    def to_wake(self) -> "CaseQuerySet":
        """Cases in which the system may have something to do."""
        ended = models.Q(state__in=[S.COMPLETE, S.PARTIAL_HOLD], certificate_due=True)
        return self.filter(models.Q(state__in=OPEN_STATES) | ended)

    def with_counts(self) -> "CaseQuerySet":
        held = models.Q(items__state__in=KEPT)
        return self.annotate(
            held_items=models.Count("items", filter=held),
            item_total=models.Count("items"),
        )


class ErasureCase(models.Model):
    """A request under Art. 17 and everything that becomes of it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    reference = models.CharField(max_length=20, unique=True, default=new_reference)
    state = FSMField(choices=[(s, s) for s in S], default=S.RECEIVED.value, protected=True)
    channel = models.CharField(max_length=12, choices=[(c.value, c.value) for c in Channel])
    language = models.CharField(max_length=8, default="en")
    on_behalf = models.BooleanField("asked by somebody else", default=False)
    request_sealed = models.BinaryField(default=b"", blank=True)

    received_at = models.DateTimeField()
    logged_at = models.DateTimeField()
    requester_confirmed_at = models.DateTimeField(null=True, blank=True)
    statutory_base = models.DateField()
    statutory_due = models.DateField()
    internal_target = models.DateField()
    # The place and the law the case began under: changed settings move no stored date.
    country = models.CharField(max_length=2, default="DE")
    subdivision = models.CharField(max_length=12, blank=True)
    zone = models.CharField(max_length=40, default="Europe/Berlin")
    regime = models.CharField(max_length=12, default="eu")
    suspended_days = models.PositiveSmallIntegerField(default=0)  # by an identity question
    restarted_on = models.DateField(null=True, blank=True)  # UK: the month runs from here
    extended_at = models.DateTimeField(null=True, blank=True)  # the person was told
    extended_by = models.ForeignKey("User", models.PROTECT, null=True, blank=True, related_name="+")
    extension_reason_sealed = models.BinaryField(default=b"", blank=True)

    grounds = models.JSONField(default=list, blank=True)
    ground_reason_sealed = models.BinaryField(default=b"", blank=True)
    identity_verified_at = models.DateTimeField(null=True, blank=True)
    preparers: Any = models.ManyToManyField("User", blank=True, related_name="prepared_cases")
    approved_by = models.ForeignKey(
        "User", models.PROTECT, null=True, blank=True, related_name="approved_cases"
    )
    approved_at = models.DateTimeField(null=True, blank=True)
    decided_role = models.CharField(max_length=20, blank=True)
    opinion_role = models.CharField(max_length=20, blank=True)
    opinion_sealed = models.BinaryField(default=b"", blank=True)
    inventory_digest = models.CharField(max_length=64, blank=True)

    answered_at = models.DateTimeField(null=True, blank=True)
    # The first proven answer, whatever was asked for later: by it the report judges.
    answered_on = models.DateField(null=True, blank=True)  # at the establishment
    seconds_to_answer = models.PositiveIntegerField(null=True, blank=True)
    completed_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    close_reason = models.CharField(
        max_length=16, blank=True, choices=[(r.value, r.value) for r in CloseReason]
    )
    refusal_article = models.CharField(max_length=10, blank=True)
    seconds_to_complete = models.PositiveIntegerField(null=True, blank=True)
    certificate_due = models.BooleanField(default=False)
    purged_at = models.DateTimeField(null=True, blank=True)  # what is left is statistics

    waiting_for = models.CharField(max_length=300, blank=True)  # why it waits, for people
    rounds = models.PositiveIntegerField(default=0)  # of discovery
    item_count = models.PositiveIntegerField(default=0)
    lease_owner = models.CharField(max_length=36, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    last_served_at = models.DateTimeField(null=True, blank=True)
    due_at = models.DateTimeField(null=True, blank=True)  # the next try of its stage

    request = SealedText("request", "file")
    ground_reason = SealedText("ground_reason", "file")
    opinion = SealedText("opinion", "file")
    extension_reason = SealedText("extension_reason", "file")

    objects = CaseQuerySet.as_manager()

    class Meta:
        ordering = ["-received_at", "-id"]
        indexes = [
            models.Index(fields=["-received_at", "-id"], name="case_received"),
            models.Index(fields=["state", "-received_at", "-id"], name="case_state_received"),
            models.Index(
                fields=["statutory_due"],
                name="case_due_open",
                condition=models.Q(state__in=[s.value for s in OPEN_STATES]),
            ),
            models.Index(fields=["completed_at"], name="case_completed"),
            models.Index(fields=["closed_at"], name="case_closed"),
            models.Index(fields=["answered_on"], name="case_answered_on"),
            models.Index(fields=["statutory_due"], name="case_due"),
            models.Index(fields=["internal_target"], name="case_target"),
            models.Index(fields=["approved_at"], name="case_approved"),
            models.Index(
                fields=["extended_at"],
                name="case_extended",
                condition=models.Q(extended_at__isnull=False),
            ),
            models.Index(
                fields=["completed_at"],
                name="case_certificate_due",
                condition=models.Q(certificate_due=True),
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=[s.value for s in S]), name="case_state_known"
            ),
        ]
        permissions = [
            ("start_validation", "Can start the assessment of a request"),
            ("ask_identity", "Can ask the person for proof of identity"),
            ("confirm_identity", "Can decide on identity and start the search"),
            ("rediscover", "Can search again"),
            ("decide_item", "Can decide on records and identifiers"),
            ("decide_store", "Can decide on a store that could not be searched"),
            ("approve_case", "Can approve erasure"),
            ("halt_case", "Can stop execution"),
            ("release_case", "Can release a partly held case"),
            ("refuse_case", "Can refuse a request"),
            ("close_case", "Can close a case"),
            ("reopen_case", "Can reopen a case"),
            ("record_answer", "Can record the answer to the person"),
            ("extend_case", "Can extend the time to answer"),
            ("correct_receipt", "Can correct the date of receipt"),
            ("view_person", "Can see identifiers in clear"),
            ("view_proof", "Can see proof of identity"),
            ("download_report", "Can download reports and certificates"),
            ("view_reporting", "Can see the monthly report"),
            ("view_small_counts", "Can see counts under five in the monthly report"),
            ("download_pack", "Can download the pack for an authority"),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def sealing_case(self) -> "ErasureCase":
        return self

    def refresh_from_db(
        self, using: Any = None, fields: Any = None, from_queryset: Any = None
    ) -> None:
        """Load deferred fields only: a protected state is never refreshed in place."""
        if fields is None or "state" in fields:
            raise TypeError("Fetch the case again: its state is protected.")
        super().refresh_from_db(using=using, fields=fields, from_queryset=from_queryset)

    def prepare(self) -> None:
        """Save a new case with its secrets."""
        self.save(force_insert=True)
        make_secrets(self)

    def current_digest(self) -> str:
        """SHA-256 over what would be approved now."""
        return inventory_digest(self)

    def known_names(self) -> list[str]:
        """The person's names: as given, and those an officer or the person added."""
        given = [self.subject.name] if self.subject.name else []
        rows = self.identifiers.filter(kind="name", state="CONFIRMED")
        return list(dict.fromkeys([*given, *(row.value for row in rows)]))

    def finished_execution(self) -> bool:
        """Every item has a final end and every store is answered or decided on."""
        return every_store_answered(self) and not self.items.filter(state__in=UNFINISHED).exists()

    def is_open(self) -> bool:
        return self.state in OPEN_STATES

    # -- transitions: source, target, conditions, permission; no I/O, no save -----------

    @transition(
        state, S.RECEIVED, S.VALIDATING,
        conditions=[confirmed_by_requester],
        permission="erasure.start_validation",
        custom={"system": True},
    )  # fmt: skip
    def start_validation(self, *, actor: Any) -> None:
        """Begin to assess identity, authority, ground and duplicates."""

    @transition(
        state, S.VALIDATING, S.AWAITING_IDENTITY,
        conditions=[identity_was_asked],
        permission="erasure.ask_identity",
        custom={"system": True},
    )  # fmt: skip
    def ask_identity(self, *, actor: Any) -> None:
        """A question is with the person (Art. 12(6): reasonable doubt).

        The system takes it where a second person has approved what an officer proposed.
        """

    @transition(
        state, S.AWAITING_IDENTITY, S.VALIDATING,
        conditions=[no_question_open],
        permission="erasure.ask_identity",
        custom={"system": True},
    )  # fmt: skip
    def identity_answered(self, *, actor: Any) -> None:
        """The person sent proof, or answered another way; an officer decides on it."""

    @transition(
        state, S.VALIDATING, S.DISCOVERY,
        conditions=[identity_confirmed, ground_recorded, has_identifier],
        permission="erasure.confirm_identity",
    )  # fmt: skip
    def confirm_identity(self, *, actor: Any) -> None:
        """Start the search: who asks is known."""
        self.identity_verified_at = clock.now()

    @transition(
        state, S.DISCOVERY, S.DPO_REVIEW,
        conditions=[identity_confirmed, every_store_asked],
        permission=nobody,
        custom={"system": True},
    )  # fmt: skip
    def finish_discovery(self, *, actor: Any) -> None:
        """Freeze the inventory for review."""

    @transition(
        state, S.DPO_REVIEW, S.EXECUTING,
        conditions=[
            identity_confirmed, every_store_answered, every_identifier_decided,
            every_system_searched, every_identifier_searched, every_record_decided,
            nothing_protected, held_is_protected, inventory_unchanged,
        ],
        permission="erasure.approve_case",
        custom={"four_eyes": "preparers"},
    )  # fmt: skip
    def approve(self, *, actor: Any, decided_role: str, opinion: str) -> None:
        """Release every item no hold covers (Art. 17(1), 17(3))."""
        self.approved_by, self.approved_at = actor.user, clock.now()
        self.decided_role, self.opinion_role = decided_role, "dpo"
        self.opinion = opinion
        self.answered_at = None  # a letter sent before cannot have told this outcome

    @transition(state, S.DPO_REVIEW, S.DISCOVERY, permission="erasure.rediscover")
    def rediscover(self, *, actor: Any) -> None:
        """Search again: something was missing."""
        self.due_at = None

    @transition(state, S.EXECUTING, S.AWAITING_VENDOR, permission=nobody, custom={"system": True})
    def await_vendor(self, *, actor: Any) -> None:
        """Only vendor jobs or read-backs due later are open."""

    @transition(state, S.AWAITING_VENDOR, S.EXECUTING, permission=nobody, custom={"system": True})
    def resume(self, *, actor: Any) -> None:
        """There is something to do again."""

    @transition(
        state, [S.EXECUTING, S.AWAITING_VENDOR], S.COMPLETE,
        conditions=[nothing_open, nothing_kept, held_is_protected, answered],
        permission=nobody,
        custom={"system": True},
    )  # fmt: skip
    def complete(self, *, actor: Any) -> None:
        """Nothing of the person remains, and each end was read back."""
        self._finish()

    @transition(
        state, [S.EXECUTING, S.AWAITING_VENDOR], S.PARTIAL_HOLD,
        conditions=[nothing_open, something_kept, held_is_protected, answered],
        permission=nobody,
        custom={"system": True},
    )  # fmt: skip
    def hold_back(self, *, actor: Any) -> None:
        """All that may go is gone; held or exempt items remain (Art. 17(3))."""
        self._finish()

    def _finish(self) -> None:
        self.completed_at = clock.now()
        self.certificate_due = True
        self.waiting_for = ""
        passed: timedelta = self.completed_at - self.received_at
        self.seconds_to_complete = max(0, int(passed.total_seconds()))

    @transition(
        state, [S.EXECUTING, S.AWAITING_VENDOR], S.DPO_REVIEW,
        permission=nobody,
        custom={"system": True},
    )  # fmt: skip
    def reopen_review(self, *, actor: Any) -> None:
        """The inventory drifted: what was approved is not what is there."""
        self._withdraw_approval()

    @transition(
        state, [S.EXECUTING, S.AWAITING_VENDOR], S.DPO_REVIEW, permission="erasure.halt_case"
    )
    def halt(self, *, actor: Any) -> None:
        """Stop at once: no new call starts."""
        self._withdraw_approval()

    def _withdraw_approval(self) -> None:
        self.approved_by, self.approved_at, self.inventory_digest = None, None, ""
        self.answered_at = None  # what was told is not how it ended

    @transition(
        state, S.PARTIAL_HOLD, S.DISCOVERY,
        conditions=[no_hold_active],
        permission="erasure.release_case",
        custom={"four_eyes": "hold_placers"},
    )  # fmt: skip
    def release(self, *, actor: Any) -> None:
        """The holds are gone: search the remainder, then review and erase it."""
        self._withdraw_approval()
        self.certificate_due, self.due_at = False, None

    def refusal_told(self) -> str:
        """The article of the last refusal that left; "" if there is none, or it names none."""
        told = self.letters.dispatched().filter(kind=LetterKind.REFUSAL)
        last = told.order_by("dispatched_at").last()
        return str(last.article) if last else ""

    @transition(
        state, [S.VALIDATING, S.DPO_REVIEW], S.REFUSED,
        conditions=[answered],
        permission="erasure.refuse_case",
    )  # fmt: skip
    def refuse(self, *, actor: Any, article: str) -> None:
        """Refuse with the article and reason the letter gave (Art. 12(4))."""
        said = self.refusal_told()
        if said not in ("", article):
            text = f"The letter that was sent refuses under Art. {said}: refuse under the same."
            raise StepError("condition", text)
        self.refusal_article, self.closed_at = article, clock.now()

    @transition(
        state, BEFORE_EXECUTION, S.CLOSED,
        permission="erasure.close_case",
        custom={"system": True, "person": True},
    )  # fmt: skip
    def close(self, *, actor: Any, close_reason: str) -> None:
        """End without erasure: withdrawn, duplicate, unidentified, nothing held, not ours."""
        found = self.items.exclude(state__in=[ItemState.EXCLUDED, ItemState.ERASED])
        if close_reason == CloseReason.NO_DATA_HELD and found.exists():
            raise StepError("condition", "Records were found: exclude them, or choose another end.")
        self.close_reason, self.closed_at = CloseReason(close_reason), clock.now()

    @transition(
        state, [S.REFUSED, S.CLOSED], S.VALIDATING,
        conditions=[not_shredded],
        permission="erasure.reopen_case",
    )  # fmt: skip
    def reopen(self, *, actor: Any, reason: str = "") -> None:
        """Take the case up again; the reason stands in the log."""
        self.refusal_article, self.close_reason, self.closed_at = "", "", None
        self.answered_at = None

    def taking(self, step: Step) -> Any:
        """The bound transition of a step; a closed enum, never getattr on input."""
        return getattr(self, Step(step).value)
