"""What of a case is destroyed when, and what it waits for."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from dateutil.relativedelta import relativedelta
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from erasure import clock
from erasure.deadlines.retention import Schedule, Stage, schedule
from erasure.models import CaseSecret, ErasureCase, Hold
from erasure.periods import periods
from erasure.values import CaseState

ENDED = (CaseState.COMPLETE, CaseState.REFUSED, CaseState.CLOSED)
NOT_ENDED = "The case has not ended."
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Planned:
    """One stage of a case. ``waits``: why it is not destroyed although its day has come."""

    stage: Stage
    first_day: date | None  # None: the case has not ended
    destroyed_at: datetime | None = None
    waits: str = ""

    def is_due(self, today: date) -> bool:
        """To be destroyed now; asks the stages before it nothing."""
        come = self.first_day is not None and self.first_day <= today
        return come and self.destroyed_at is None and not self.waits


def today() -> date:
    """At the establishment."""
    return timezone.localtime(clock.now()).date()


def ended_on(case: ErasureCase) -> date | None:
    """The local day from which the periods count; None while the case is open or partly held."""
    if case.state not in ENDED:
        return None
    at = case.completed_at if case.state == CaseState.COMPLETE else case.closed_at
    return timezone.localtime(at).date() if at else None


def schedule_of(case: ErasureCase) -> Schedule | None:
    ended = ended_on(case)
    checked = case.state == CaseState.COMPLETE
    return schedule(ended, periods(), checked=checked) if ended else None


def plan_of(case: ErasureCase) -> list[Planned]:
    """The four stages, in the order in which they are destroyed."""
    gone = dict(case.destructions.values_list("purpose", "at"))
    days = schedule_of(case)
    if days is None:
        return [Planned(stage, None, gone.get(stage.value), NOT_ENDED) for stage in Stage]
    return [
        Planned(stage, days.first_day(stage), gone.get(stage.value), _first(_waits(case, stage)))
        if days.first_day(stage) <= today() and stage.value not in gone
        else Planned(stage, days.first_day(stage), gone.get(stage.value))
        for stage in Stage
    ]


def _first(reasons: Iterator[str]) -> str:
    return next(reasons, "")


def _waits(case: ErasureCase, stage: Stage) -> Iterator[str]:
    """What stands against destroying a stage whose day has come."""
    if case.certificate_due:
        yield "The certificate is not issued yet."
    if stage is not Stage.DOCUMENTS and (hold := standing_hold(case)):
        yield f"The hold {hold.reference} covers this person."
    days = schedule_of(case)
    if stage is Stage.INVENTORY and days and today() < days.inventory_at_last:
        if case.checks.exclude(done_at=None).count() < _checks_wanted(case):
            yield "The last search after the end is still out."
        if case.follow_ups.open().exists():
            yield "What came back is not decided on."
    if stage in (Stage.FILE, Stage.LOG) and case.concerns.open().exists():
        yield "A complaint or a question of an authority about it is open."
    if stage is Stage.LOG and case.log.filter(log_index__isnull=True).exists():
        yield "An entry of the case is not in the log yet: it is taken up within seconds."


def _checks_wanted(case: ErasureCase) -> int:
    return len(periods().checks) if case.state == CaseState.COMPLETE else 0


def standing_hold(case: ErasureCase) -> Hold | None:
    """A hold on the person: what is kept of the case may be evidence too."""
    people = case.identifiers.once_confirmed().values("blind_index")
    return Hold.objects.standing().filter(targets__index__in=people).first()


def due_cases() -> list[UUID]:
    """Ended cases that still have a secret whose day has come; ``plan_of`` judges each."""
    kept, now = periods(), today()
    last = max(kept.inventory_days, *kept.checks, 0)
    ends = {
        Stage.DOCUMENTS: (now, now),
        Stage.INVENTORY: (now - last * DAY, now - kept.inventory_days * DAY),
        Stage.FILE: (_months_ago(now, kept.file_months),) * 2,
        Stage.LOG: (_months_ago(now, kept.log_months),) * 2,
    }
    wanted = Q()
    for stage, (completed, closed) in ends.items():
        secret = CaseSecret.objects.filter(case=OuterRef("pk"), purpose=stage.value)
        wanted = wanted | (_ended_by(completed, closed) & Q(Exists(secret)))
    cases = ErasureCase.objects.filter(wanted, purged_at__isnull=True)
    return list(cases.order_by("received_at", "pk").values_list("pk", flat=True))


def _ended_by(completed: date, closed: date) -> Q:
    """Cases that were completed, or ended otherwise, on these days at the latest."""
    done = Q(state=CaseState.COMPLETE, completed_at__lt=_midnight_after(completed))
    return done | Q(
        state__in=[CaseState.REFUSED, CaseState.CLOSED], closed_at__lt=_midnight_after(closed)
    )


def _months_ago(day: date, months: int) -> date:
    """A few days late rather than early: months are clipped at their ends."""
    return day - relativedelta(months=months) + 3 * DAY


def _midnight_after(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day + DAY, time()))
