"""Signs of life of what runs on a schedule."""

from datetime import datetime, timedelta

from django.db import models

from erasure import clock


class Heartbeat(models.Model):
    """When a scheduled task last began. Beat, broker and a worker must live for that."""

    SWEEP, LOOK = "sweep", "look"

    name = models.CharField(primary_key=True, max_length=20)
    at = models.DateTimeField()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return self.name

    @classmethod
    def beat(cls, name: str) -> timedelta:
        """Note a sign of life; how long the last one is past."""
        now = clock.now()
        row, new = cls.objects.get_or_create(name=name, defaults={"at": now})
        passed = now - row.at
        if not new:
            cls.objects.filter(name=name).update(at=now)
        return passed

    @classmethod
    def last(cls) -> datetime | None:
        """The older one of the last signs of life; None while one of them is to come."""
        seen = dict(cls.objects.values_list("name", "at"))
        ours = [seen.get(name) for name in (cls.SWEEP, cls.LOOK)]
        return None if None in ours else min(filter(None, ours))
