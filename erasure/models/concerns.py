"""What is raised about a case from outside, or found out about it."""

import uuid

from django.db import models
from django.db.models import Q

from erasure import clock
from erasure.models.sealed import OfCase, SealedText
from erasure.values import ConcernKind, ConcernOutcome

CONCERNS = {
    ConcernKind.COMPLAINT: "Complaint",
    ConcernKind.AUTHORITY: "Question of an authority",
    ConcernKind.WRONG_PERSON: "Somebody else’s data erased",
}
OUTCOMES = {
    ConcernOutcome.UPHELD: "Upheld",
    ConcernOutcome.NOT_UPHELD: "Not upheld",
    ConcernOutcome.REVERSED: "Refusal reversed",
    ConcernOutcome.ANSWERED: "Answered",
}


class ConcernQuerySet(models.QuerySet["Concern"]):
    def open(self) -> "ConcernQuerySet":
        return self.filter(closed_at__isnull=True)


class Concern(OfCase, models.Model):
    """A complaint, an authority's question, or the erasure of somebody else's data.

    ``article``: of the refusal that was reversed.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey("ErasureCase", models.CASCADE, related_name="concerns")
    kind = models.CharField(
        max_length=12, choices=[(k.value, said) for k, said in CONCERNS.items()]
    )
    raised_at = models.DateTimeField(db_index=True)
    note_sealed = models.BinaryField(default=b"", blank=True)
    outcome = models.CharField(
        max_length=10, blank=True, choices=[(o.value, said) for o, said in OUTCOMES.items()]
    )
    article = models.CharField(max_length=10, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True, db_index=True)
    recorded_at = models.DateTimeField(default=clock.now)
    recorded_by = models.ForeignKey("User", models.PROTECT, null=True, blank=True, related_name="+")

    note = SealedText("note", "file")

    objects = ConcernQuerySet.as_manager()

    class Meta:
        ordering = ["raised_at"]
        default_permissions = ("view",)
        permissions = [("record_concern", "Can record complaints and what authorities ask")]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=[k.value for k in ConcernKind]), name="concern_kind_known"
            ),
            models.CheckConstraint(
                condition=Q(outcome="", closed_at__isnull=True)
                | Q(outcome__in=[o.value for o in ConcernOutcome], closed_at__isnull=False),
                name="concern_closed_with_outcome",
            ),
            models.CheckConstraint(
                condition=Q(outcome=ConcernOutcome.REVERSED.value) & ~Q(article="")
                | ~Q(outcome=ConcernOutcome.REVERSED.value) & Q(article=""),
                name="concern_article_of_a_reversal",
            ),
        ]

    def __str__(self) -> str:
        return self.kind
