"""What is raised about a case from outside, or found out about it."""

import uuid

from django.db import models
from django.db.models import Q

from erasure import clock
from erasure.models.sealed import OfCase, SealedText
from erasure.values import ConcernKind


class Concern(OfCase, models.Model):
    """A complaint, an authority's question, or the erasure of somebody else's data."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey("ErasureCase", models.CASCADE, related_name="concerns")
    kind = models.CharField(max_length=12, choices=[(k.value, k.value) for k in ConcernKind])
    raised_at = models.DateTimeField(db_index=True)
    note_sealed = models.BinaryField(default=b"", blank=True)
    recorded_at = models.DateTimeField(default=clock.now)
    recorded_by = models.ForeignKey("User", models.PROTECT, null=True, blank=True, related_name="+")

    note = SealedText("note", "file")

    class Meta:
        ordering = ["raised_at"]
        default_permissions = ("view",)
        permissions = [("record_concern", "Can record complaints and what authorities ask")]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=[k.value for k in ConcernKind]), name="concern_kind_known"
            )
        ]

    def __str__(self) -> str:
        return self.kind
