"""Links that work once. Only the hash of a token is kept."""

import hashlib
import secrets
import uuid
from datetime import timedelta
from typing import Any

from django.db import models

from erasure import clock


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
    # The address of the person it was sent to: who uses it, reads mail there.
    identifier = models.ForeignKey(
        "SubjectIdentifier", models.CASCADE, null=True, blank=True, related_name="+"
    )

    objects = LinkQuerySet.as_manager()

    def __str__(self) -> str:
        return self.purpose

    @classmethod
    def make(cls, case: Any, purpose: str, *, days: int, identifier: Any = None) -> str:
        """A new token; earlier unused links of this purpose stop working."""
        case.links.filter(purpose=purpose, used_at__isnull=True).update(used_at=clock.now())
        token = secrets.token_urlsafe(32)
        cls.objects.create(
            case=case,
            purpose=purpose,
            token_hash=hashlib.sha256(token.encode()).hexdigest(),
            expires_at=clock.now() + timedelta(days=days),
            identifier=identifier,
        )
        return token
