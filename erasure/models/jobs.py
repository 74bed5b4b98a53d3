"""Jobs that run at a vendor."""

import uuid

from django.db import models
from django_fsm import FSMField, transition

from erasure import clock
from erasure.models.sealed import OfCase, SealedText
from erasure.values import JobState

J = JobState
OPEN_JOBS = [J.SUBMITTED, J.RUNNING]


class VendorJob(OfCase, models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey("ErasureCase", models.CASCADE, related_name="jobs")
    connection = models.ForeignKey("SystemConnection", models.PROTECT, related_name="+")
    kind = models.CharField(max_length=40)
    remote_id_sealed = models.BinaryField()
    remote_index = models.CharField(max_length=64)
    state = FSMField(choices=[(s, s) for s in J], default=J.SUBMITTED.value, protected=True)
    vendor_state = models.CharField(max_length=40, blank=True)
    reason = models.CharField(max_length=300, blank=True)
    submitted_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    next_poll = models.DateTimeField()
    polls = models.PositiveIntegerField(default=0)
    escalated_at = models.DateTimeField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)

    remote_id = SealedText("remote_id", "log")

    class Meta:
        ordering = ["submitted_at"]
        indexes = [
            models.Index(
                fields=["next_poll"],
                name="job_due",
                condition=models.Q(state__in=["SUBMITTED", "RUNNING"]),
            )
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["case", "connection", "remote_index"], name="job_once_a_case"
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=[s.value for s in J]), name="job_state_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} at {self.connection.slug}"

    @transition(state, OPEN_JOBS, J.RUNNING)
    def run(self) -> None:
        """The vendor works on it."""

    @transition(state, OPEN_JOBS, J.DONE)
    def finish(self) -> None:
        """Processed, by the vendor's word: everything is still to be read back."""
        self.ended_at = clock.now()

    @transition(state, OPEN_JOBS, J.ERROR)
    def fail(self, reason: str) -> None:
        self.reason, self.ended_at = reason, clock.now()

    @transition(state, OPEN_JOBS, J.LOST)
    def lose(self, reason: str) -> None:
        """Looked for at the vendor and not found."""
        self.reason, self.ended_at = reason, clock.now()
