"""Whether answers were in time (Art. 12(3) and (4)), and what moved the time."""

from datetime import timedelta

from django.db.models import Count, Exists, F, OuterRef, Q

from erasure.cases.dates import PROVEN_WITHIN
from erasure.documents.report_facts import Section
from erasure.models import OPEN_STATES, ErasureCase, Letter, Verification
from erasure.reporting.figures import Rows, counts, middle, number, share, spread
from erasure.reporting.period import Period
from erasure.values import CaseState, LetterKind, VerificationState

DAY = timedelta(days=1)
ON_TIME = (
    "Answers first sent on or before the statutory date, of those that fell due in the month. "
    "An answer that refuses, or that keeps a part, is an answer; an open request past its date "
    "is a miss. Withdrawn, duplicate and other requests closed unanswered do not count."
)


def answers(period: Period) -> tuple[Section, Section]:
    """Answers; and extensions and suspensions, which are of the same requests."""
    due = _due(period)
    return _answers(period, due), _moved(period, due)


def _answers(period: Period, due: dict[str, int]) -> Section:
    target = counts(
        fell_due(period, "internal_target"), all=Q(), met=Q(answered_on__lte=F("internal_target"))
    )
    erased, proven = _proven(period)
    overdue = ErasureCase.objects.filter(
        state__in=OPEN_STATES, answered_on__isnull=True, statutory_due__lt=period.today
    )
    answered = spread(
        ErasureCase.objects.filter(answered_on__range=(period.first, period.last)),
        "seconds_to_answer",
    )
    return Section("Answers", (
        number("answered", "Answers sent", answered.rows,
               "Requests whose first answer was proven to have left in the month; an answer "
               "that refuses, or that keeps a part, is one."),
        number("due", "Answers that fell due", due["due"],
               "Requests whose statutory date lies in the month and is over, or answered."),
        share("on_time", "On time", due["on_time"], due["due"], ON_TIME),
        number("overdue", "Overdue now", overdue.count(),
               "Open requests past their statutory date that nobody has answered.", now=True),
        share("target_met", "Within the 30-day target", target["met"], target["all"],
              "The same against the internal target: the earlier of 30 days and the month, "
              "rolled back to a working day, which no identity question moves."),
        *middle("answer", "Days to answer", answered,
                "From receipt to the first answer, of the answers sent."),
        share("proven_in_72h", "Erased within 72 hours", proven, erased,
              "Erasures approved whose 72 hours ended in the month, and that were complete by "
              "then: each record read back, and the answer sent."),
    ))  # fmt: skip


def _due(period: Period) -> dict[str, int]:
    """How many had their statutory date in the period; what of them was kept and extended."""
    return counts(
        fell_due(period, "statutory_due"),
        due=Q(),
        on_time=Q(answered_on__lte=F("statutory_due")),
        extended=Q(extended_at__isnull=False),
    )


def fell_due(period: Period, date: str) -> Rows:
    """A day that is not over is judged only where it was answered."""
    over = Q(**{f"{date}__lt": period.today})
    today = Q(**{date: period.today, "answered_on__isnull": False})
    return ErasureCase.objects.filter(
        over | today,
        ~Q(state=CaseState.CLOSED, answered_on__isnull=True),
        **{f"{date}__range": (period.first, period.last)},
    )


def _proven(period: Period) -> tuple[int, int]:
    """Approvals whose 72 hours ended in the period, and those proven within them."""
    approved = ErasureCase.objects.filter(
        approved_at__gte=period.start - PROVEN_WITHIN, approved_at__lt=period.seen - PROVEN_WITHIN
    )
    within = Q(
        completed_at__gte=F("approved_at"), completed_at__lte=F("approved_at") + PROVEN_WITHIN
    )
    row = approved.aggregate(all=Count("pk"), proven=Count("pk", filter=within))
    return row["all"], row["proven"]


def _moved(period: Period, due: dict[str, int]) -> Section:
    stopped = _stopped(period)
    suspended = spread(stopped.filter(suspended_days__gt=0), "suspended_days", days=1)
    return Section("Extensions and suspensions", (
        number("extensions", "Extensions", _told(period).count(),
               "Requests whose person was told in the month, in time, that it takes up to two "
               "months longer. The reasons are words: they stand in each case."),
        share("extended", "Extended, of those due", due["extended"], due["due"],
              "Of the answers that fell due in the month, those whose time was extended."),
        number("extensions_late", "Extensions told too late", _late_notices(period).count(),
               "Letters of extension sent in the month that extended nothing: they left after "
               "the first month, or beside an extension already told."),
        number("suspensions", "Suspensions", stopped.count(),
               "Requests whose clock an identity question stopped, or set anew where the law "
               "has it so, and whose person answered in the month."),
        middle("suspension", "Days suspended", suspended,
               "From the question to the sufficient answer, of those.")[0],
        number("questions_late", "Identity asked too late", _late_questions(period).count(),
               "Identity questions, answered in the month with proof a day or more after they "
               "left, that stopped no clock: they were asked too late."),
    ))  # fmt: skip


def _told(period: Period) -> Rows:
    return ErasureCase.objects.filter(extended_at__gte=period.start, extended_at__lt=period.end)


def _late_notices(period: Period) -> Rows:
    sent = Letter.objects.dispatched().filter(kind=LetterKind.EXTENSION)
    return sent.filter(
        dispatched_at__gte=period.start, dispatched_at__lt=period.end
    ).exclude(case__extended_at=F("dispatched_at"), case__extended_at__isnull=False)  # fmt: skip


def _answered(period: Period) -> Rows:
    """Identity questions that were answered with sufficient proof in the period."""
    return Verification.objects.filter(
        state=VerificationState.CONFIRMED, asked_at__isnull=False,
        answered_at__gte=period.start, answered_at__lt=period.end,
    )  # fmt: skip


def _stopped(period: Period) -> Rows:
    moved = Q(suspended_days__gt=0) | Q(restarted_on__isnull=False)
    return ErasureCase.objects.filter(moved, Exists(_answered(period).filter(case=OuterRef("pk"))))


def _late_questions(period: Period) -> Rows:
    return _answered(period).filter(
        case__regime="eu", case__suspended_days=0, answered_at__gte=F("asked_at") + DAY
    )
