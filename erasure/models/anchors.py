"""What is known of the log's heads outside, and what verifying the log found.

These rows are for look-up. The proof is what the outsider holds, so a forged or a
deleted row deceives nobody who has it.
"""

from typing import Any

from django.db import models

from erasure.values import AnchorWay


class LogAnchor(models.Model):
    """One head of the log as it left: by a witness, a time-stamp, a mail or a file."""

    way = models.CharField(max_length=10, choices=[(way.value, way.value) for way in AnchorWay])
    by = models.CharField(max_length=200, blank=True)  # the witness's name
    size = models.BigIntegerField()
    note = models.TextField()  # with the witness's cosignature
    token = models.BinaryField(default=b"", blank=True)  # RFC 3161, DER
    at = models.DateTimeField()  # the outsider's time, or that of the sending

    class Meta:
        ordering = ["size", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["way", "by", "size", "at"], name="anchored_once")
        ]

    def __str__(self) -> str:
        return f"{self.way} {self.size}"


class LogCheck(models.Model):
    """One verification of the whole log: its findings as (check, state, text)."""

    at = models.DateTimeField()
    size = models.BigIntegerField()
    passed = models.BooleanField()
    findings: "models.JSONField[Any]" = models.JSONField(default=list)

    class Meta:
        ordering = ["-at", "-pk"]
        get_latest_by = ["at", "pk"]

    def __str__(self) -> str:
        return "passed" if self.passed else "failed"
