"""Answers to the person: the text that went out, and when."""

import uuid

from django.db import models

from erasure import clock
from erasure.models.sealed import OfCase, SealedText


class Letter(OfCase, models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey("ErasureCase", models.CASCADE, related_name="letters")
    kind = models.CharField(
        max_length=12,
        choices=[("outcome", "Outcome"), ("refusal", "Refusal"), ("interim", "Interim")],
    )
    text_sealed = models.BinaryField()
    channel = models.CharField(max_length=12)
    dispatched_at = models.DateTimeField()
    recorded_at = models.DateTimeField(default=clock.now)
    recorded_by = models.ForeignKey("User", models.PROTECT, related_name="+")

    text = SealedText("text", "file")

    class Meta:
        ordering = ["dispatched_at"]

    def __str__(self) -> str:
        return self.get_kind_display()
