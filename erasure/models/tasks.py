"""What a person does by hand: who, until when, and the evidence of it."""

import uuid
from datetime import date, timedelta

from django.db import models
from django.utils import timezone

from erasure import clock
from erasure.crypto.cipher import seal, unseal
from erasure.models.connections import MOST_DAYS
from erasure.models.items import DataItem
from erasure.models.sealed import OfCase, SealedText, case_key

DAYS = 14  # a task's time, unless its connection says otherwise


def days_of(options: object) -> int:
    """The option ``days`` of a connection; what makes no sense counts as not given."""
    days = options.get("days") if isinstance(options, dict) else None
    sound = isinstance(days, int) and not isinstance(days, bool) and 1 <= days <= MOST_DAYS
    return days if sound and isinstance(days, int) else DAYS


class TaskDetail(models.Model):
    """Who works off the line of a whole store, and until when."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    item = models.OneToOneField(DataItem, models.CASCADE, related_name="task")
    assignee = models.ForeignKey("User", models.PROTECT, null=True, blank=True, related_name="+")
    due_on = models.DateField()
    opened_at = models.DateTimeField(default=clock.now)  # evidence from before is of another time

    class Meta:
        ordering = ["due_on"]
        default_permissions = ()

    def __str__(self) -> str:
        return f"due {self.due_on}"


class TaskEvidence(OfCase, models.Model):
    """One file that shows what was done. Encrypted under the case's file key."""

    PDF, PNG, JPEG, TEXT = "application/pdf", "image/png", "image/jpeg", "text/plain"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey("ErasureCase", models.CASCADE, related_name="task_evidence")
    item = models.ForeignKey(DataItem, models.CASCADE, related_name="task_evidence")
    name_sealed = models.BinaryField()
    data_sealed = models.BinaryField()
    kind = models.CharField(max_length=20, choices=[(k, k) for k in (PDF, PNG, JPEG, TEXT)])
    size = models.PositiveIntegerField()  # bytes
    uploaded_by = models.ForeignKey("User", models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField(default=clock.now)

    name = SealedText("name", "file")

    class Meta:
        ordering = ["uploaded_at"]
        default_permissions = ()

    def __str__(self) -> str:
        return self.kind

    def seal_data(self, data: bytes) -> None:
        self.data_sealed = seal(case_key(self.case, "file"), data, self._aad())
        self.size = len(data)

    def opened_data(self) -> bytes:
        """
        Raises:
            KeyMissingError: the key was destroyed at retention end.
        """
        return unseal(case_key(self.case, "file"), bytes(self.data_sealed), self._aad())

    def _aad(self) -> bytes:
        return f"taskevidence.data.{self.pk}".encode()


def due_on(item: DataItem) -> date:
    """The day by which a task that begins now is to be done."""
    return timezone.localtime(clock.now()).date() + timedelta(days=days_of(item.connection.options))


def open_task(item: DataItem) -> None:
    """Give a saved line that is with a person its task, once."""
    if not TaskDetail.objects.filter(item=item).exists():
        TaskDetail.objects.create(item=item, due_on=due_on(item))


def renew_task(item: DataItem) -> None:
    """A line that was done is to be done again: a new time, and new evidence."""
    TaskDetail.objects.filter(item=item).update(opened_at=clock.now(), due_on=due_on(item))
