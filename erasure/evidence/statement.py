"""What a certificate states of a case beyond its entries. No personal data."""

from collections import Counter
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Max

from erasure import clock
from erasure.cases import place_of, recipients
from erasure.deadlines import local_date
from erasure.models import (
    KEPT,
    Certificate,
    Checkpoint,
    DataItem,
    ErasureCase,
    SystemConnection,
    case_key,
)
from erasure.proof import canonical
from erasure.proof.certificate import CaseDates, LogPoint, Retained, Ruling, Statement, Superseded
from erasure.proof.scopes import CaseKeys, subject_scope
from erasure.values import ItemState

REVIEW_EXEMPTIONS_AFTER = timedelta(days=184)


def statement(
    case: ErasureCase,
    head: Checkpoint,
    before: Certificate | None,
    *,
    public_id: str,
    seal_sha256: str,
    now: datetime,
) -> Statement:
    """``before`` is the version that this one supersedes, ``head`` holds all entries."""
    told, not_told = recipients.counted(case)  # Art. 19
    return Statement(
        certificate_id=public_id,
        version=before.version + 1 if before else 1,
        issued_at=now,
        case=CaseDates(
            ref=case.reference,
            received_at=case.received_at,
            due_at=end_of_day(case.statutory_due, case.zone),
            identity_verified_at=case.identity_verified_at,
            decided_at=case.approved_at,
        ),
        ruling=Ruling(
            decided_role=case.decided_role,
            opinion_role=case.opinion_role,
            four_eyes=not case.preparers.filter(pk=case.approved_by_id).exists(),
            grounds=tuple(case.grounds),
        ),  # fmt: skip
        controller_name=settings.CONTROLLER_NAME,
        controller_contact=settings.CONTROLLER_CONTACT,
        log=LogPoint(settings.LOG_ORIGIN, head.size, bytes(head.root)),
        identifiers=_identifiers(case),
        backups=_backups(case),
        jobs=dict(Counter(case.jobs.values_list("connection__slug", flat=True))),
        recipients_told=told,
        recipients_not_told=not_told,
        seal_sha256=seal_sha256,
        retained=_retained(case),
        supersedes=_superseded(before),
    )


def end_of_day(day: date, zone: str) -> datetime:
    """24:00 of a local date at the establishment."""
    return datetime.combine(day + timedelta(days=1), time(), ZoneInfo(zone))


def _identifiers(case: ErasureCase) -> tuple[tuple[str, str], ...]:
    """Kind and commitment of each confirmed identifier; never a value."""
    keys = CaseKeys(case_key(case, "log"))
    rows = case.identifiers.confirmed()
    return tuple(
        (str(r.kind), keys.commitment(subject_scope(n), {"kind": str(r.kind), "value": r.value}))
        for n, r in enumerate(rows)
    )


def _backups(case: ErasureCase) -> dict[str, date | None]:
    """For each system in which something was erased: when its backups hold nothing of it."""
    erased = case.items.filter(state=ItemState.ERASED).order_by()
    ends = dict(erased.values_list("connection").annotate(Max("ended_at")))
    return {
        one.slug: local_date(ends[one.pk], place_of(case)) + timedelta(days=one.backup_days)
        if one.backup_days and ends[one.pk]
        else None
        for one in SystemConnection.objects.filter(pk__in=ends)
    }


def _retained(case: ErasureCase) -> tuple[Retained, ...]:
    groups: Counter[tuple[object, ...]] = Counter()
    for item in case.items.filter(state__in=KEPT).select_related("connection", "hold"):
        until, review_by = _kept_until(item)
        groups[(item.line, item.article, until, review_by)] += 1
    return tuple(
        Retained(store=key[0], ground=key[1], items=count, until=key[2], review_by=key[3])  # type: ignore[arg-type]
        for key, count in sorted(groups.items(), key=lambda row: str(row[0]))
    )


def _kept_until(item: DataItem) -> tuple[object, object]:
    if item.state == ItemState.HELD and item.hold:
        if item.hold.expires_on:
            return item.hold.expires_on, None
        return None, item.hold.review_on
    since = item.ended_at or clock.now()
    return None, (since + REVIEW_EXEMPTIONS_AFTER).date()


def _superseded(before: Certificate | None) -> Superseded | None:
    if before is None:
        return None
    stated = canonical.decode(bytes(before.document))["entries"]
    return Superseded(
        version=before.version, sha256=before.sha256,
        entries_bytes=stated["bytes"], entries_sha256=stated["sha256"],
    )  # fmt: skip
