"""Holds, and what erasure met at the vendors."""

from datetime import timedelta

from django.db.models import Q

from erasure.documents.report_facts import Section
from erasure.models import OPEN_JOBS, STANDING, DataItem, ErasureCase, Hold, LaterCheck, VendorJob
from erasure.reporting.figures import counts, number
from erasure.reporting.period import Period
from erasure.values import CheckResult, HoldState, ItemState


def holds(period: Period) -> Section:
    stands = Q(state__in=STANDING)
    due = Q(state=HoldState.REVIEW_DUE) | Q(expires_on__lt=period.today)
    found = counts(
        Hold.objects.all(),
        stands=stands,
        due=stands & (due | Q(review_on__lt=period.today)),
        released=Q(released_at__gte=period.start, released_at__lt=period.end),
    )
    return Section("Legal holds", (
        number("holds", "Holds that stand", found["stands"],
               "Holds that protect records at the time of the report.", now=True),
        number("holds_overdue", "Reviews overdue",
               found["due"],
               "Standing holds past their expiry or review date.", now=True),
        number("held_records", "Records held", _items(ItemState.HELD),
               "Records kept by a hold at the time of the report.", now=True),
        number("holds_released", "Holds released", found["released"],
               "Holds that two people released in the month."),
    ))  # fmt: skip


def execution(period: Period) -> Section:
    retried = DataItem.objects.filter(
        case__completed_at__gte=period.start, case__completed_at__lt=period.end, attempts__gt=1
    )
    withheld = ErasureCase.objects.filter(certificate_due=True, completed_at__isnull=False)
    checks = counts(
        LaterCheck.objects.filter(done_at__gte=period.start, done_at__lt=period.end),
        all=Q(),
        hits=Q(result=CheckResult.CAME_BACK),
    )
    week, fortnight = (Q(submitted_at__lte=period.now - timedelta(days=days)) for days in (7, 14))
    jobs = counts(VendorJob.objects.filter(state__in=OPEN_JOBS), week=week, fortnight=fortnight)
    return Section("Execution", (
        number("failed", "Records failed", _items(ItemState.FAILED),
               "Records no call could erase, waiting for a person.", now=True),
        number("retried", "Records tried again", retried.count(),
               "Records of the erasures completed in the month that took more than one call."),
        number("jobs_7", "Vendor jobs over 7 days", jobs["week"],
               "Vendor jobs still running 7 days after they were ordered.", now=True),
        number("jobs_14", "Vendor jobs over 14 days", jobs["fortnight"],
               "Those of them that run for 14 days and more.", now=True),
        number("certificates_due", "Certificates withheld", withheld.count(),
               "Erasures that ended whose certificate is not issued yet.", now=True),
        number("checks", "Searches after the end", checks["all"],
               "Searches for a person repeated in the month, days after the erasure."),
        number("came_back", "Of those, with a hit",
               checks["hits"],
               "Searches after the end that found a record again."),
    ))  # fmt: skip


def _items(state: ItemState) -> int:
    return DataItem.objects.filter(state=state).count()
