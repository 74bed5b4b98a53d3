"""What staff are told by mail: kept until it is sent, each event once."""

import uuid

from django.db import models

from erasure import clock
from erasure.values import Role


class NoticeQuerySet(models.QuerySet["StaffNotice"]):
    def due(self) -> "NoticeQuerySet":
        """Not sent yet, and not being tried by another process now."""
        return self.filter(mailed_at__isnull=True, next_try__lte=clock.now())


class StaffNotice(models.Model):
    """One mail to staff. Subject and text hold no personal data: a reference leads to the case.

    ``key`` is what happened: the same event is told once, however often it is noticed.
    Goes to ``user``; without one to everybody in ``role``, and to those who prepared ``case``.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    key = models.CharField(max_length=160, unique=True)
    case = models.ForeignKey(
        "ErasureCase", models.CASCADE, null=True, blank=True, related_name="notices"
    )
    user = models.ForeignKey("User", models.CASCADE, null=True, blank=True, related_name="+")
    role = models.CharField(
        max_length=20, choices=[(role.value, role.value) for role in Role], default=Role.DPO.value
    )
    subject = models.CharField(max_length=120)
    text = models.TextField()
    created_at = models.DateTimeField(default=clock.now)
    mailed_at = models.DateTimeField(null=True, blank=True)
    next_try = models.DateTimeField(default=clock.now)
    tries = models.PositiveSmallIntegerField(default=0)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        ordering = ["created_at"]
        default_permissions = ()
        indexes = [
            models.Index(fields=["next_try"], name="notice_due", condition=models.Q(mailed_at=None))
        ]

    def __str__(self) -> str:
        return self.subject
