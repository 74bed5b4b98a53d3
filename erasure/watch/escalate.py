"""Vendor jobs that take too long go to the DPO: by mail, in the admin, in the ledger.

Nothing is given up for it: they are asked for as before.
"""

from collections.abc import Iterator
from datetime import timedelta

from erasure import clock
from erasure.models import VendorJob
from erasure.models.jobs import OPEN_JOBS
from erasure.watch.events import Event, case_link

AFTER = (14, 7)  # days, the longest first


def escalate() -> Iterator[Event]:
    """An event for each open job that has been open for 7 or for 14 days."""
    now = clock.now()
    late = VendorJob.objects.filter(
        state__in=OPEN_JOBS, submitted_at__lte=now - timedelta(days=AFTER[-1])
    )
    for job in late.select_related("case", "connection"):
        days = next(each for each in AFTER if now - job.submitted_at >= timedelta(days=each))
        VendorJob.objects.filter(pk=job.pk, escalated_at=None).update(escalated_at=now)
        yield Event(
            f"job:{job.pk}:{days}",
            f"{job.case.reference}: a vendor job has been open for {days} days",
            f"A job at {job.connection.name} has been open for {days} days. It is still asked for "
            f"every hour. Ask the vendor about it.\n\n{case_link(job.case_id)}\n",
            job.case,
            entry="VENDOR_JOB_OVERDUE",
        )
