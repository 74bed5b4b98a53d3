"""What an officer made of two cases that carry the same identifier."""

import uuid

from django.db import models
from django.db.models import Q

from erasure import clock
from erasure.values import Relation


class CaseRelation(models.Model):
    """Decided once per pair. ``other`` is the one that was closed, where one was merged."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey("ErasureCase", models.CASCADE, related_name="relations")
    other = models.ForeignKey("ErasureCase", models.CASCADE, related_name="related_to")
    relation = models.CharField(max_length=10, choices=[(r.value, r.value) for r in Relation])
    decided_by = models.ForeignKey("User", models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["decided_at"]
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["case", "other"], name="relation_once_a_pair"),
            models.CheckConstraint(
                condition=Q(relation__in=[r.value for r in Relation]), name="relation_known"
            ),
            models.CheckConstraint(condition=~Q(case=models.F("other")), name="relation_of_two"),
        ]

    def __str__(self) -> str:
        return str(self.relation)
