"""The facts of a letter, from the case's rows alone: nobody edits them."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from dateutil.relativedelta import relativedelta
from django.conf import settings
from django.db.models import Count, QuerySet

from erasure import clock
from erasure.cases import dates_of, place_of, recipients, tell_by
from erasure.correspondence.categories import category
from erasure.deadlines import local_date
from erasure.documents import letters
from erasure.documents.letters import (
    Backup,
    Category,
    Ending,
    Gone,
    Head,
    Kept,
    Letter,
    Part,
    Portion,
)
from erasure.documents.text import clean
from erasure.errors import InputError
from erasure.models import KEPT, DataItem, ErasureCase, SystemConnection, Verification
from erasure.models.conditions import UNFINISHED
from erasure.models.verification import REMIND_AFTER
from erasure.periods import periods
from erasure.values import Exemption, ItemState, LetterKind, Verdict, VerificationMethod

K = LetterKind
TO_REPLY = relativedelta(months=1)
EXEMPTION_REVIEW = timedelta(days=184)  # after the decision on a record
VENDOR_TIME = timedelta(days=14)  # in which a vendor's job is expected to end
WHERE = ("connection__name", "connection__system", "store")


def gather(
    case: ErasureCase, kind: LetterKind, *, reason: str = "", article: str = "",
    named: bool = True, link: str = "",
) -> Letter:  # fmt: skip
    """The facts of one letter as the case stands now.

    ``named``: it goes to the person, whose name may stand in it. ``link``: to the page
    that takes a proof.

    Raises:
        InputError: names the mandatory element that is missing.
    """
    head = _head(case, named=named)
    if kind == K.ACKNOWLEDGEMENT:
        return letters.Acknowledgement(head, answer_by=case.statutory_due)
    if kind == K.IDENTITY_REQUEST:
        return _identity(case, head, link)
    if kind == K.EXTENSION:
        due = dates_of(case, extended=True).statutory_due
        return letters.Extension(head, reason, tell_by(case), case.statutory_due, due)
    if kind == K.INTERIM:
        return _interim(case, head, reason)
    if kind == K.REFUSAL:
        return letters.Refusal(head, (Part(article, reason),))
    if kind == K.PARTIAL_HOLD:
        return letters.PartialHold(head, _ending(case), tuple(_kept(case)), reason)
    if kind == K.HOLD_RELEASED:
        told = _told_of_hold(case)
        ending = _ending(case, since=told)
        return letters.HoldReleased(head, ending, _local(case, told), reason)
    return letters.Complete(head, _ending(case), reason)


def _head(case: ErasureCase, *, named: bool) -> Head:
    return Head(
        reference=case.reference,
        received_on=_local(case, case.received_at),
        written_on=_local(case, clock.now()),
        controller=settings.CONTROLLER_NAME,
        dpo_contact=settings.DPO_CONTACT,
        authority=letters.Authority(settings.AUTHORITY_NAME, settings.AUTHORITY_ADDRESS),
        addressee=clean(case.subject.name).strip() if named else "",
    )


def _local(case: ErasureCase, moment: datetime) -> date:
    return local_date(moment, place_of(case))


def _identity(case: ErasureCase, head: Head, link: str) -> Letter:
    asked = asked_now(case)
    if asked is None:
        raise InputError("reason", "No question to the person is on record.")
    first, now = asked.asked_at, clock.now()
    reply_by = _local(case, first or now) + TO_REPLY
    return letters.IdentityRequest(
        head, asked.doubt, tuple(map(VerificationMethod, asked.offered)),
        reply_by=max(reply_by, _local(case, now + REMIND_AFTER)),
        asked_before=_local(case, first) if first else None, link=link,
    )  # fmt: skip


def asked_now(case: ErasureCase) -> Verification | None:
    """The question that is with the person."""
    return case.verifications.filter(state="ASKED").order_by("-opened_at").first()


def _interim(case: ErasureCase, head: Head, reason: str) -> Letter:
    running = case.items.filter(state__in=UNFINISHED)
    return letters.Interim(
        head,
        done=_gone(case.items.filter(state=ItemState.ERASED)),
        running=_portions(running),
        expected_end=_expected_end(case, running),
        reason=reason,
    )


def _expected_end(case: ErasureCase, running: QuerySet[DataItem]) -> date:
    """The last date that anything open is known to end by; else the day the answer is due."""
    bins = running.filter(recoverable_until__isnull=False)
    moments = list(bins.values_list("recoverable_until", flat=True))
    jobs = case.jobs.filter(ended_at__isnull=True).values_list("submitted_at", flat=True)
    moments += [submitted + VENDOR_TIME for submitted in jobs]
    days = [_local(case, moment) for moment in moments if moment]
    days += running.filter(task__isnull=False).values_list("task__due_on", flat=True)
    return max(days, default=case.statutory_due)


def _told_of_hold(case: ErasureCase) -> datetime:
    letter = case.letters.dispatched().filter(kind=K.PARTIAL_HOLD).order_by("dispatched_at").last()
    if letter is None or letter.dispatched_at is None:
        raise InputError("told_on", "No letter told the person that something was kept.")
    return letter.dispatched_at


def _ending(case: ErasureCase, since: datetime | None = None) -> Ending:
    erased = case.items.filter(state=ItemState.ERASED)
    if since:
        erased = erased.filter(ended_at__gt=since)
    searched = SystemConnection.objects.filter(pk__in=case.searches.values("connection"))
    return Ending(
        searched=tuple(searched.values_list("name", flat=True)),
        gone=_gone(erased),
        ended_on=_local(case, _last(case, erased)),
        backups=tuple(_backups(case, erased)),
        suppressed_months=periods().suppression_months if erased.exists() else 0,
        recipients_told=recipients.counted(case)[0],
        file_months=periods().file_months,
    )


def _last(case: ErasureCase, erased: QuerySet[DataItem]) -> datetime:
    """When the last record ended; without one, when the last store was searched."""
    ends = [moment for moment in erased.values_list("ended_at", flat=True) if moment]
    looks = [moment for moment in case.searches.values_list("searched_at", flat=True) if moment]
    return max(ends or looks, default=clock.now())


def _gone(items: QuerySet[DataItem]) -> tuple[Gone, ...]:
    found: Counter[tuple[str, Category, str]] = Counter()
    counted = items.order_by().values_list(*WHERE, "verdict").annotate(n=Count("pk"))
    for name, system, store, verdict, n in counted:
        found[(name, category(system, store), verdict)] += n
    return tuple(
        Gone(name, kind, n, Verdict(how)) for (name, kind, how), n in sorted(found.items())
    )


def _portions(items: QuerySet[DataItem]) -> tuple[Portion, ...]:
    found: Counter[tuple[str, Category]] = Counter()
    for name, system, store, n in items.order_by().values_list(*WHERE).annotate(n=Count("pk")):
        found[(name, category(system, store))] += n
    return _as_portions(found)


def _as_portions(found: Counter[tuple[str, Category]]) -> tuple[Portion, ...]:
    return tuple(Portion(name, kind, n) for (name, kind), n in sorted(found.items()))


def _backups(case: ErasureCase, erased: QuerySet[DataItem]) -> Iterable[Backup]:
    """For each system in which something went: until when its backups may hold it."""
    rows = SystemConnection.objects.filter(pk__in=erased.values("connection"))
    for connection in rows.order_by("name"):
        days = connection.backup_days
        if days is None:
            yield Backup(connection.name, None)
            continue
        last = _last(case, erased.filter(connection=connection))
        yield Backup(connection.name, _local(case, last) + timedelta(days=days))


def _kept(case: ErasureCase) -> Iterable[Kept]:
    """What stays, in groups that share article, date and wording."""
    groups: dict[tuple[Any, ...], Counter[tuple[str, Category]]] = defaultdict(Counter)
    for item in case.items.filter(state__in=KEPT).select_related("connection", "hold"):
        kind = category(item.connection.system, item.store)
        groups[_why(case, item)][(item.connection.name, kind)] += 1
    for (article, held, wording, until, review_by), found in sorted(groups.items(), key=repr):
        yield Kept(Exemption(article), _as_portions(found), held, wording, until, review_by)


def _why(case: ErasureCase, item: DataItem) -> tuple[Any, ...]:
    until, review_by = kept_until(case, item)
    wording = item.hold.public_wording if item.hold else ""
    return item.article, item.hold is not None, clean(wording).strip(), until, review_by


def kept_until(case: ErasureCase, item: DataItem) -> tuple[date | None, date | None]:
    """The expiry date of what keeps a record, or the day by which it is looked at again."""
    if item.hold:
        return item.hold.expires_on, None if item.hold.expires_on else item.hold.review_on
    return None, _local(case, (item.ended_at or clock.now()) + EXEMPTION_REVIEW)
