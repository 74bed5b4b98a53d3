"""After the end: searches that are repeated, and what came back."""

import uuid
from datetime import datetime
from typing import Any

from django.db import models
from django_fsm import FSMField, transition

from erasure import clock
from erasure.models.sealed import OfCase, SealedJson
from erasure.values import Cause, CheckResult, FollowUpState, Return

F = FollowUpState


class CheckQuerySet(models.QuerySet["LaterCheck"]):
    def open(self) -> "CheckQuerySet":
        return self.filter(done_at__isnull=True)

    def due(self, now: datetime) -> "CheckQuerySet":
        return self.open().filter(next_try__lte=now)


class LaterCheck(models.Model):
    """One search for a person some days after their case was completed.

    ``stores`` is what each store answered the last time: <connection>.<store> → status.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey("ErasureCase", models.CASCADE, related_name="checks")
    day = models.PositiveSmallIntegerField()  # after completion
    due_at = models.DateTimeField()
    next_try = models.DateTimeField(db_index=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    done_at = models.DateTimeField(null=True, blank=True)
    result = models.CharField(
        max_length=10, blank=True, choices=[(r.value, r.value) for r in CheckResult]
    )
    stores = models.JSONField(default=dict, blank=True)

    objects = CheckQuerySet.as_manager()

    class Meta:
        ordering = ["due_at"]
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["case", "day"], name="check_once_a_day"),
            models.CheckConstraint(
                condition=models.Q(result__in=["", *[r.value for r in CheckResult]]),
                name="check_result_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.day} days after the end"


class FollowUpQuerySet(models.QuerySet["FollowUp"]):
    def open(self) -> "FollowUpQuerySet":
        return self.filter(state=F.OPEN)


class FollowUp(models.Model):
    """Something came back, or could not be looked for. It blocks nothing: a person decides.

    ``silent``: stores that could not be searched. What an import brought has no case:
    a suppression token leads to none; ``source`` and ``lines`` say where to look.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(
        "ErasureCase", models.CASCADE, null=True, blank=True, related_name="follow_ups"
    )
    cause = models.CharField(max_length=8, choices=[(c.value, c.value) for c in Cause])
    check_of = models.ForeignKey(
        LaterCheck, models.SET_NULL, null=True, blank=True, related_name="follow_ups"
    )
    state = FSMField(choices=[(s, s) for s in F], default=F.OPEN.value, protected=True)
    raised_at = models.DateTimeField(default=clock.now)
    silent = models.JSONField(default=list, blank=True)
    source = models.CharField(max_length=80, blank=True)  # of an import, as its operator calls it
    lines = models.JSONField(default=list, blank=True)  # of the file that was checked
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey("User", models.PROTECT, null=True, blank=True, related_name="+")
    reason = models.CharField(max_length=300, blank=True)
    new_case = models.ForeignKey(
        "ErasureCase", models.SET_NULL, null=True, blank=True, related_name="follows"
    )

    objects = FollowUpQuerySet.as_manager()

    class Meta:
        ordering = ["-raised_at"]
        verbose_name = "follow-up"
        default_permissions = ("view",)
        permissions = [("decide_followup", "Can decide on what came back")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=[s.value for s in F]), name="follow_up_state_known"
            )
        ]

    def __str__(self) -> str:
        return f"Follow-up of {self.case.reference if self.case else 'an import'}"

    @transition(state, F.OPEN, F.DISMISSED, permission="erasure.decide_followup")
    def dismiss(self, *, actor: Any, reason: str) -> None:
        """Nothing is to be erased: a customer who came back, or another ground."""
        self._decide(actor)
        self.reason = reason

    @transition(state, F.OPEN, F.TAKEN_UP, permission="erasure.decide_followup")
    def take_up(self, *, actor: Any, new_case: Any) -> None:
        """It is erased again, in a case of its own under all the usual guards."""
        self._decide(actor)
        self.new_case = new_case

    def _decide(self, actor: Any) -> None:
        self.decided_by, self.decided_at = actor.user, clock.now()


class ReturnedRecord(OfCase, models.Model):
    """One record that is there again, or there anew. Readable while the case file is."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    follow_up = models.ForeignKey(FollowUp, models.CASCADE, related_name="records")
    connection = models.ForeignKey("SystemConnection", models.PROTECT, related_name="+")
    store = models.CharField(max_length=40)
    remote_index = models.CharField(max_length=64)  # keyed, as DataItem.remote_index
    kind = models.CharField(max_length=8, choices=[(r.value, r.value) for r in Return])
    made_at = models.DateTimeField(null=True, blank=True)  # as the vendor dates it
    found_by = models.JSONField(default=list, blank=True)  # kinds of identifiers, no value
    locator_sealed = models.BinaryField(default=b"", blank=True)

    locator = SealedJson("locator", "file")

    class Meta:
        ordering = ["connection__name", "store", "made_at"]
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["follow_up", "connection", "store", "remote_index"], name="returned_once"
            )
        ]

    @property
    def sealing_case(self) -> Any:
        return self.follow_up.case

    def __str__(self) -> str:
        return f"{self.connection.slug}.{self.store}"
