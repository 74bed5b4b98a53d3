"""The register of legal holds (Art. 17(3)(b) and (e))."""

import uuid
from datetime import date
from typing import Any

from django.db import models
from django_fsm import FSMField, transition

from erasure import clock
from erasure.values import Exemption, HoldScope, HoldState, HoldStep

H = HoldState
STANDING = [H.ACTIVE, H.REVIEW_DUE, H.RELEASE_PROPOSED]


class HoldQuerySet(models.QuerySet["Hold"]):
    def standing(self) -> "HoldQuerySet":
        """Holds that protect now. Expiry alone releases nothing."""
        return self.filter(state__in=STANDING)


def somebody_proposed(hold: Any) -> bool:
    return hold.release_proposed_by_id is not None


class Hold(models.Model):
    """Keeps records from being erased until two people release it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    reference = models.CharField("matter reference", max_length=60)
    scope = models.CharField(max_length=12, choices=[(s, s) for s in HoldScope])
    article = models.CharField(
        max_length=10,
        choices=[
            (Exemption.LEGAL_OBLIGATION.value, "17(3)(b) legal obligation"),
            (Exemption.LEGAL_CLAIMS.value, "17(3)(e) legal claims"),
        ],
    )
    reason = models.TextField("reason, for colleagues")
    public_wording = models.CharField(
        max_length=300, help_text="What the person is told. No matter details, no third parties."
    )
    state = FSMField(choices=[(s, s) for s in H], default=H.PROPOSED.value, protected=True)
    connection = models.ForeignKey(
        "SystemConnection", models.PROTECT, null=True, blank=True, related_name="+",
        help_text="For a time range: one system, or all.",
    )  # fmt: skip
    starts_at = models.DateTimeField(null=True, blank=True)
    ends_at = models.DateTimeField(null=True, blank=True)
    expires_on = models.DateField(null=True, blank=True)
    review_on = models.DateField(null=True, blank=True)
    placed_by = models.ForeignKey("User", models.PROTECT, related_name="+")
    placed_at = models.DateTimeField(default=clock.now)
    release_proposed_by = models.ForeignKey(
        "User", models.PROTECT, null=True, blank=True, related_name="+"
    )
    released_by = models.ForeignKey("User", models.PROTECT, null=True, blank=True, related_name="+")
    released_at = models.DateTimeField(null=True, blank=True)

    objects = HoldQuerySet.as_manager()

    class Meta:
        ordering = ["-placed_at"]
        permissions = [
            ("place_hold", "Can place a hold"),
            ("release_hold", "Can propose or confirm the release of a hold"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=[s.value for s in H]), name="hold_state_known"
            ),
            models.CheckConstraint(
                condition=models.Q(expires_on__isnull=False) | models.Q(review_on__isnull=False),
                name="hold_has_an_end_or_a_review",
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def stands(self) -> bool:
        return self.state in STANDING

    @property
    def due_on(self) -> date | None:
        """The first day on which somebody must look at it."""
        return min((day for day in (self.expires_on, self.review_on) if day), default=None)

    @transition(state, H.PROPOSED, H.ACTIVE, permission="erasure.place_hold")
    def place(self, *, actor: Any) -> None:
        """Protect from now on."""

    @transition(state, H.ACTIVE, H.REVIEW_DUE)
    def fall_due(self, *, actor: Any) -> None:
        """Expired or due for review: somebody must decide. It still protects."""

    @transition(
        state, [H.ACTIVE, H.REVIEW_DUE, H.RELEASE_PROPOSED], H.ACTIVE,
        permission="erasure.place_hold",
    )  # fmt: skip
    def keep(self, *, actor: Any, expires_on: date | None, review_on: date | None) -> None:
        """Looked at, and still needed: until new dates. A proposed release is taken back."""
        self.expires_on, self.review_on = expires_on, review_on
        self.release_proposed_by = None

    @transition(
        state, [H.ACTIVE, H.REVIEW_DUE], H.RELEASE_PROPOSED, permission="erasure.release_hold"
    )
    def propose_release(self, *, actor: Any) -> None:
        self.release_proposed_by = actor.user

    @transition(
        state, H.RELEASE_PROPOSED, H.RELEASED,
        conditions=[somebody_proposed],
        permission="erasure.release_hold",
        custom={"four_eyes": "release_proposed_by"},
    )  # fmt: skip
    def release(self, *, actor: Any) -> None:
        self.released_by, self.released_at = actor.user, clock.now()


class HoldEvent(models.Model):
    """What became of a hold, by whom and why: the register's own history."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    hold = models.ForeignKey(Hold, models.CASCADE, related_name="events")
    at = models.DateTimeField(default=clock.now)
    what = models.CharField(max_length=16, choices=[(step, step) for step in HoldStep])
    user = models.ForeignKey("User", models.PROTECT, null=True, blank=True, related_name="+")
    reason = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["at"]
        default_permissions = ()

    def __str__(self) -> str:
        return self.what


class HoldTarget(models.Model):
    """What a hold covers, as a keyed index: an identifier of the person, or a conversation."""

    hold = models.ForeignKey(Hold, models.CASCADE, related_name="targets")
    index = models.CharField(max_length=64, db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["hold", "index"], name="target_once")]

    def __str__(self) -> str:
        return str(self.pk)
