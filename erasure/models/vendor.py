"""The vendor's own protection and the vendor's own audit, as kept beside a case."""

import uuid
from datetime import datetime

from django.db import models

from erasure.models.sealed import OfCase, SealedJson, SealedText


class ProtectionQuerySet(models.QuerySet["VendorProtection"]):
    def pending(self) -> "ProtectionQuerySet":
        """Not yet protected, as far as the vendor lets itself be read."""
        return self.filter(on=False, next_try__isnull=False)

    def due(self, now: datetime) -> "ProtectionQuerySet":
        return self.pending().filter(next_try__lte=now)


class VendorProtection(OfCase, models.Model):
    """A held conversation and whether the vendor's own deletion protection covers it.

    Without ``next_try`` nothing more is asked of the vendor: it is on, or there is
    nothing there to protect. Never taken away by this product: whoever releases a hold
    is told to do it there.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey("ErasureCase", models.CASCADE, related_name="protections")
    connection = models.ForeignKey("SystemConnection", models.PROTECT, related_name="+")
    conversation_index = models.CharField(max_length=64)  # as DataItem.parent_index
    conversation_sealed = models.BinaryField()
    on = models.BooleanField(default=False)  # read back, not believed
    reason = models.CharField(max_length=300, blank=True)
    attempts = models.PositiveIntegerField(default=0)
    next_try = models.DateTimeField(null=True, blank=True)
    seen_at = models.DateTimeField(null=True, blank=True)

    conversation = SealedText("conversation", "inventory")

    objects = ProtectionQuerySet.as_manager()

    class Meta:
        ordering = ["case", "conversation_index"]
        constraints = [
            models.UniqueConstraint(
                fields=["case", "connection", "conversation_index"], name="protection_once_a_case"
            )
        ]

    def __str__(self) -> str:
        return f"protection at {self.connection.slug}"


class VendorAudit(OfCase, models.Model):
    """The fetch of one system's audit entries for one case: independent of our own log."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey("ErasureCase", models.CASCADE, related_name="audits")
    connection = models.ForeignKey("SystemConnection", models.PROTECT, related_name="+")
    due_at = models.DateTimeField()
    attempts = models.PositiveIntegerField(default=0)
    fetched_at = models.DateTimeField(null=True, blank=True)
    note = models.CharField(max_length=300, blank=True)  # why nothing came
    count = models.PositiveIntegerField(default=0)
    matching = models.PositiveIntegerField(default=0)  # entries about items of the case
    entries_sealed = models.BinaryField(default=b"", blank=True)

    entries = SealedJson("entries", "log")

    class Meta:
        ordering = ["case", "connection__slug"]
        constraints = [
            models.UniqueConstraint(fields=["case", "connection"], name="audit_once_a_case")
        ]

    def __str__(self) -> str:
        return f"audit of {self.connection.slug}"
