"""What each store answered when it was searched, and the control records beside it."""

import uuid

from django.db import models

from erasure.models.sealed import OfCase, SealedText
from erasure.values import StoreDecision, StoreStatus


class StoreSearch(models.Model):
    """One store of one connection in one case. UNANSWERED is never EMPTY."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey("ErasureCase", models.CASCADE, related_name="searches")
    connection = models.ForeignKey("SystemConnection", models.PROTECT, related_name="+")
    store = models.CharField(max_length=40)
    status = models.CharField(max_length=12, blank=True, choices=[(s, s) for s in StoreStatus])
    total = models.PositiveIntegerField(default=0)
    note = models.CharField(max_length=300, blank=True)  # nothing personal
    searched_at = models.DateTimeField(null=True, blank=True)
    decision = models.CharField(max_length=10, blank=True, choices=[(d, d) for d in StoreDecision])
    decision_reason = models.CharField(max_length=300, blank=True)
    decided_by = models.ForeignKey("User", models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["connection__slug", "store"]
        constraints = [
            models.UniqueConstraint(
                fields=["case", "connection", "store"], name="one_search_a_store"
            ),
            models.CheckConstraint(
                condition=models.Q(status__in=["", *[s.value for s in StoreStatus]]),
                name="store_status_known",
            ),
        ]

    def __str__(self) -> str:
        return self.line

    @property
    def line(self) -> str:
        """<connection>.<store>, as the log and the certificate name it."""
        return f"{self.connection.slug}.{self.store}"


class ControlRecord(OfCase, models.Model):
    """Somebody else's record that an absence is read beside (same store, same division)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey("ErasureCase", models.CASCADE, related_name="controls")
    connection = models.ForeignKey("SystemConnection", models.PROTECT, related_name="+")
    store = models.CharField(max_length=40)
    division = models.CharField(max_length=80, blank=True)
    remote_id_sealed = models.BinaryField()

    remote_id = SealedText("remote_id", "inventory")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case", "connection", "store", "division"], name="one_control_a_division"
            )
        ]

    def __str__(self) -> str:
        return f"{self.connection.slug}.{self.store}"
