"""How the person proved who they are. Never the document, its number or a hash of it."""

import hashlib
import secrets
import uuid
from datetime import timedelta
from typing import Any

from django.db import models
from django_fsm import FSMField, transition

from erasure import clock
from erasure.models.sealed import OfCase
from erasure.values import VerificationMethod, VerificationState

V = VerificationState


class Verification(OfCase, models.Model):
    """The evidence record: method, doubt, kinds of attribute matched, who, when, result."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey("ErasureCase", models.CASCADE, related_name="verifications")
    state = FSMField(choices=[(s, s) for s in V], default=V.OPEN.value, protected=True)
    method = models.CharField(
        max_length=14, blank=True, choices=[(m, m) for m in VerificationMethod]
    )
    doubt = models.CharField("reasonable doubt", max_length=300, blank=True)
    matched = models.JSONField("kinds of attribute matched", default=list, blank=True)
    reason = models.CharField(max_length=300, blank=True)
    opened_at = models.DateTimeField(default=clock.now)
    asked_at = models.DateTimeField(null=True, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey("User", models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["opened_at"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=[s.value for s in V]), name="verification_state_known"
            )
        ]

    def __str__(self) -> str:
        return f"Verification ({self.state})"

    @transition(state, [V.OPEN, V.ASKED], V.ASKED)
    def ask(self, *, actor: Any, doubt: str) -> None:
        self.doubt, self.asked_at = doubt, clock.now()

    @transition(state, [V.OPEN, V.ASKED], V.ANSWERED)
    def answer(self, *, actor: Any) -> None:
        self.answered_at = clock.now()

    @transition(state, [V.OPEN, V.ASKED, V.ANSWERED], V.CONFIRMED)
    def confirm(self, *, actor: Any, how: str, matched: list[str], reason: str) -> None:
        self._decide(actor, reason)
        self.method, self.matched = VerificationMethod(how), matched

    @transition(state, [V.OPEN, V.ASKED, V.ANSWERED], V.REJECTED)
    def reject(self, *, actor: Any, reason: str) -> None:
        self._decide(actor, reason)

    @transition(state, [V.OPEN, V.ASKED], V.EXPIRED)
    def expire(self, *, actor: Any) -> None:
        self.decided_at = clock.now()

    def _decide(self, actor: Any, reason: str) -> None:
        self.decided_by, self.decided_at, self.reason = actor.user, clock.now(), reason


class IdentityDocument(OfCase, models.Model):
    """One page of a proof, re-encoded and encrypted under the case's document key."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey("ErasureCase", models.CASCADE, related_name="documents")
    verification = models.ForeignKey(Verification, models.CASCADE, related_name="pages")
    page = models.PositiveSmallIntegerField()
    data_sealed = models.BinaryField()  # JPEG
    uploaded_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["uploaded_at", "page"]

    def __str__(self) -> str:
        return f"Page {self.page}"


class LinkQuerySet(models.QuerySet["OneTimeLink"]):
    def usable(self, purpose: str, token: str) -> "OneTimeLink | None":
        """The unused, unexpired link of this token."""
        return self.filter(
            purpose=purpose,
            token_hash=hashlib.sha256(token.encode()).hexdigest(),
            used_at__isnull=True,
            expires_at__gt=clock.now(),
        ).first()


class OneTimeLink(models.Model):
    """A link that works once. Only the hash of its 256-bit token is kept."""

    CONFIRM, UPLOAD = "confirm", "upload"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey("ErasureCase", models.CASCADE, related_name="links")
    purpose = models.CharField(max_length=10, choices=[(CONFIRM, CONFIRM), (UPLOAD, UPLOAD)])
    token_hash = models.CharField(max_length=64, unique=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    objects = LinkQuerySet.as_manager()

    def __str__(self) -> str:
        return self.purpose

    @classmethod
    def make(cls, case: Any, purpose: str, *, days: int) -> str:
        """A new token; earlier unused links of this purpose stop working."""
        case.links.filter(purpose=purpose, used_at__isnull=True).update(used_at=clock.now())
        token = secrets.token_urlsafe(32)
        cls.objects.create(
            case=case,
            purpose=purpose,
            token_hash=hashlib.sha256(token.encode()).hexdigest(),
            expires_at=clock.now() + timedelta(days=days),
        )
        return token
