"""One row per connection: when its next call may leave (used where there is no Redis)."""

from django.db import models


class RateWindow(models.Model):
    """GCRA state. Times are Unix seconds of the database host's clock."""

    key = models.CharField(max_length=80, primary_key=True)
    tat = models.FloatField(default=0)  # theoretical arrival time
    blocked_until = models.FloatField(default=0)

    def __str__(self) -> str:
        return self.key
