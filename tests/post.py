"""The tasks that write and mail letters, at once and in one process."""

from erasure import correspondence
from erasure.models import ErasureCase


def post(case=None):
    """Write what cases call for by themselves, then empty the outbox."""
    cases = [case] if case else ErasureCase.objects.all()
    for each in cases:
        correspondence.write_due(each.pk)
    for letter_id in correspondence.due():
        correspondence.deliver(letter_id)
