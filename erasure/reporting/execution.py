"""Holds, and what erasure met at the vendors."""

from datetime import timedelta

from django.db.models import Q

from erasure.documents.report_facts import Section
from erasure.models import OPEN_JOBS, DataItem, ErasureCase, Hold, LaterCheck, VendorJob
from erasure.reporting.figures import number
from erasure.reporting.period import Period
from erasure.values import CheckResult, HoldState, ItemState


def holds(period: Period) -> Section:
    standing = Hold.objects.standing()
    due = Q(state=HoldState.REVIEW_DUE) | Q(expires_on__lt=period.today)
    released = Hold.objects.filter(released_at__gte=period.start, released_at__lt=period.end)
    return Section("Legal holds", (
        number("holds", "Holds that stand", standing.count(),
               "Holds that protect records at the time of the report.", now=True),
        number("holds_overdue", "Reviews overdue",
               standing.filter(due | Q(review_on__lt=period.today)).count(),
               "Standing holds past their expiry or review date.", now=True),
        number("held_records", "Records held", _items(ItemState.HELD),
               "Records kept by a hold at the time of the report.", now=True),
        number("holds_released", "Holds released", released.count(),
               "Holds that two people released in the month."),
    ))  # fmt: skip


def execution(period: Period) -> Section:
    retried = DataItem.objects.filter(
        case__completed_at__gte=period.start, case__completed_at__lt=period.end, attempts__gt=1
    )
    withheld = ErasureCase.objects.filter(certificate_due=True, completed_at__isnull=False)
    checks = LaterCheck.objects.filter(done_at__gte=period.start, done_at__lt=period.end)
    return Section("Execution", (
        number("failed", "Records failed", _items(ItemState.FAILED),
               "Records no call could erase, waiting for a person.", now=True),
        number("retried", "Records tried again", retried.count(),
               "Records of the erasures completed in the month that took more than one call."),
        number("jobs_7", "Vendor jobs over 7 days", _jobs(period, 7),
               "Vendor jobs still running 7 days after they were ordered.", now=True),
        number("jobs_14", "Vendor jobs over 14 days", _jobs(period, 14),
               "Those of them that run for 14 days and more.", now=True),
        number("certificates_due", "Certificates withheld", withheld.count(),
               "Erasures that ended whose certificate is not issued yet.", now=True),
        number("checks", "Searches after the end", checks.count(),
               "Searches for a person repeated in the month, days after the erasure."),
        number("came_back", "Of those, with a hit",
               checks.filter(result=CheckResult.CAME_BACK).count(),
               "Searches after the end that found a record again."),
    ))  # fmt: skip


def _items(state: ItemState) -> int:
    return DataItem.objects.filter(state=state).count()


def _jobs(period: Period, days: int) -> int:
    since = period.now - timedelta(days=days)
    return VendorJob.objects.filter(state__in=OPEN_JOBS, submitted_at__lte=since).count()
