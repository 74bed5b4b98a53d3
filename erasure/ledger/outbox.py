"""How long entries wait for the sequencer."""

from datetime import timedelta

from django.db.models import Min

from erasure import clock
from erasure.models import OutboxEntry

LONGEST_WAIT = timedelta(seconds=60)


def longest_wait() -> timedelta:
    """How long the oldest row of the outbox has waited for the sequencer."""
    oldest = OutboxEntry.objects.aggregate(oldest=Min("created_at"))["oldest"]
    return clock.now() - oldest if oldest else timedelta(0)
