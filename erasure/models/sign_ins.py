"""How many sign-ins failed: a number alone, nothing of who tried or from where."""

from datetime import timedelta
from typing import Any

from django.contrib.auth.signals import user_login_failed
from django.db import models
from django.db.models import F
from django.dispatch import receiver

from erasure import clock

EVERY = timedelta(hours=1)  # at most one entry of the log for that long
ROW = 1


class FailedSignIns(models.Model):
    """One row: the failures that no entry of the log tells yet."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=ROW, editable=False)
    count = models.PositiveIntegerField(default=0)
    told_at = models.DateTimeField(default=clock.now)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.count)

    @classmethod
    def add(cls) -> None:
        """Count one more; safe side by side."""
        row, _ = cls.objects.get_or_create(pk=ROW)
        cls.objects.filter(pk=row.pk).update(count=F("count") + 1)

    @classmethod
    def take(cls) -> int:
        """How many there are to tell now, and begin anew. Call inside a transaction."""
        now = clock.now()
        due = cls.objects.select_for_update().filter(count__gt=0, told_at__lte=now - EVERY)
        row = due.first()
        if row is None:
            return 0
        cls.objects.filter(pk=row.pk).update(count=0, told_at=now)
        return row.count


@receiver(user_login_failed)
def count_failed(**signal: Any) -> None:
    """A password was asked for and was not the right one."""
    FailedSignIns.add()
