"""Failed sign-ins of staff go into the log, as a number."""

from django.db import transaction

from erasure.ledger.append import append_system
from erasure.models import FailedSignIns


def log_failed_sign_ins() -> None:
    """One entry for all failures since the last one, at most hourly; none without a failure."""
    with transaction.atomic():
        count = FailedSignIns.take()
        if count:
            append_system("sign-in.failed", count)
