"""Callbacks that were refused: whose they claimed to be, why, and how many. Nothing of a person."""

import uuid
from enum import StrEnum
from typing import Any

from django.db import models
from django.db.models import F

from erasure import clock

LONGEST = 300  # characters of a job's reason


class Refusal(StrEnum):
    """Why a callback changed nothing."""

    UNTRUSTED = "untrusted"
    UNSIGNED = "unsigned"
    FOREIGN = "foreign"
    UNREADABLE = "unreadable"


WORDS = {
    Refusal.UNTRUSTED: "no trusted certificate of the processor",
    Refusal.UNSIGNED: "no valid signature",
    Refusal.FOREIGN: "about another request",
    Refusal.UNREADABLE: "cannot be read",
}


class RefusedCallback(models.Model):
    """Alike ones are one row with a count: whoever forges fills no table.

    With ``job`` it came on the secret path of that job's request; without, nobody can say
    which request it was about.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    connection = models.ForeignKey(
        "SystemConnection", models.CASCADE, related_name="refused_callbacks"
    )
    job = models.ForeignKey(
        "VendorJob", models.CASCADE, null=True, blank=True, related_name="refused_callbacks"
    )
    why = models.CharField(max_length=12, choices=[(r.value, WORDS[r]) for r in Refusal])
    count = models.PositiveIntegerField(default=1)
    first_at = models.DateTimeField(default=clock.now)
    last_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["-last_at"]
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["job", "why"], name="refusal_once_a_job"),
            models.UniqueConstraint(
                fields=["connection", "why"], name="refusal_once", condition=models.Q(job=None)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.count} refused at {self.connection.slug}: {self.get_why_display()}"

    @classmethod
    def note(cls, connection: Any, job: Any, why: Refusal) -> bool:
        """Count one more; says whether it is the first of its kind."""
        row, new = cls.objects.get_or_create(connection=connection, job=job, why=why.value)
        if not new:
            cls.objects.filter(pk=row.pk).update(count=F("count") + 1, last_at=clock.now())
        return new


def refused_sentence(job: Any) -> str:
    """``3 callbacks about it were refused …``; "" when none was."""
    rows = list(job.refused_callbacks.all())
    if not rows:
        return ""
    total = sum(row.count for row in rows)
    said = f"{total} callbacks about it were" if total > 1 else "1 callback about it was"
    why = "; ".join(row.get_why_display() for row in rows)
    return f"{said} refused as not the processor's ({why}): nothing of them counts."


def beside_refusals(job: Any, reason: str) -> str:
    """A job's reason with its refused callbacks, which must be seen whatever the length."""
    said = refused_sentence(job)
    if not said:
        return reason[:LONGEST]
    return f"{reason[: LONGEST - len(said) - 1]} {said}".strip()
