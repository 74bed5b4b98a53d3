"""Who looked at personal data: every reveal, download and view of a proof."""

import uuid

from django.db import models

from erasure import clock


class AccessRecord(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey("ErasureCase", models.CASCADE, related_name="accesses")
    user = models.ForeignKey("User", models.PROTECT, related_name="+")
    what = models.CharField(max_length=40)  # "identifiers", "proof of identity", "report"
    reason = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["-at"]

    def __str__(self) -> str:
        return self.what
