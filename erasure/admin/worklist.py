"""What waits for the signed-in person: the most urgent first, nothing is good news."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.http import HttpRequest
from django.urls import reverse

from erasure import clock
from erasure.admin import words
from erasure.admin.access import case_url, initials, with_people
from erasure.admin.base import may
from erasure.admin.words import Badge
from erasure.documents.words import count, day
from erasure.models import (
    OPEN_STATES,
    DataItem,
    ErasureCase,
    FollowUp,
    Hold,
    Letter,
    StoreSearch,
    SubjectIdentifier,
    User,
    VendorJob,
    Verification,
)
from erasure.models.conditions import UNFINISHED
from erasure.models.holds import STANDING
from erasure.values import (
    CaseState,
    FollowUpState,
    HoldScope,
    HoldState,
    IdentifierState,
    ItemState,
    StoreStatus,
    VerificationState,
)

S = CaseState
SHOWN = 10
ANSWER_NEAR = timedelta(days=3)
Cases = QuerySet[ErasureCase]


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the worklist: a case or a hold."""

    url: str
    name: str
    detail: str
    badge: Badge
    clock: Badge
    due: date | None = None


@dataclass(frozen=True, slots=True)
class Work:
    """One kind of work: its rows, and where the rest is."""

    title: str
    verb: str
    lines: list[Line] = field(default_factory=list)
    more: bool = False


def case_line(case: ErasureCase, *, named: bool) -> Line:
    """``named``: with the initials of the person."""
    return Line(
        case_url(case.pk), case.reference, initials(case) if named else "",
        words.case_badge(case), _clock(case), case.statutory_due,
    )  # fmt: skip


def _clock(case: ErasureCase) -> Badge:
    """The statutory clock; of a case that is listed for a slow vendor, that one's."""
    since: datetime | None = getattr(case, "slow_since", None)
    if since is None:
        return words.deadline(case)
    return Badge(f"job open {count((clock.now() - since).days, 'day')}", "danger")


def _items(**where: object) -> Exists:
    return Exists(DataItem.objects.filter(case=OuterRef("pk"), **where))


UNDECIDED = (
    Exists(SubjectIdentifier.objects.filter(case=OuterRef("pk"), state=IdentifierState.IN_QUESTION))
    | _items(state=ItemState.PROPOSED, certain=False, lead=False)
)  # fmt: skip
SILENT = Exists(
    StoreSearch.objects.filter(case=OuterRef("pk"), status=StoreStatus.UNANSWERED, decision="")
)
ERASING = (S.EXECUTING, S.AWAITING_VENDOR)


def _new(cases: Cases, user: User) -> Cases:
    return cases.filter(state=S.RECEIVED).exclude(channel="web", requester_confirmed_at=None)


def _identity(cases: Cases, user: User) -> Cases:
    proof = Q(state=S.AWAITING_IDENTITY, verifications__state=VerificationState.ANSWERED)
    return cases.filter(Q(state=S.VALIDATING) | proof).distinct()


def _copies(cases: Cases, user: User) -> Cases:
    """Proposed by somebody else: a copy of an ID is asked for with a second person's word."""
    proposed = Verification.objects.filter(
        case=OuterRef("pk"), proposed_by__isnull=False, approved_by=None, decided_at=None
    )
    asked = Exists(proposed.exclude(proposed_by=user))
    return cases.filter(asked, state__in=(S.VALIDATING, S.AWAITING_IDENTITY))


def _undecided(cases: Cases, user: User) -> Cases:
    return cases.filter(UNDECIDED, state=S.DPO_REVIEW)


def _silent(cases: Cases, user: User) -> Cases:
    return cases.filter(SILENT, state=S.DPO_REVIEW)


def _to_approve(cases: Cases, user: User) -> Cases:
    ready = cases.filter(~UNDECIDED, ~SILENT, state=S.DPO_REVIEW)
    return ready.exclude(preparers=user)


def _overdue(cases: Cases, user: User) -> Cases:
    told = VendorJob.objects.filter(
        case=OuterRef("pk"), escalated_at__isnull=False, ended_at__isnull=True
    )
    oldest = told.order_by("submitted_at").values("submitted_at")[:1]
    late = cases.annotate(slow_since=Subquery(oldest))
    return late.filter(slow_since__isnull=False, state__in=ERASING)


def _late(cases: Cases, user: User) -> Cases:
    near = words.today() + ANSWER_NEAR
    return cases.filter(state__in=OPEN_STATES, answered_at=None, statutory_due__lte=near)


def _by_hand(cases: Cases, user: User) -> Cases:
    stuck = _items(state__in=[ItemState.FAILED, ItemState.MANUAL])
    return cases.filter(stuck, state__in=ERASING)


def _to_answer(cases: Cases, user: User) -> Cases:
    return cases.filter(
        ~_items(state__in=UNFINISHED), ~SILENT, state__in=ERASING, answered_at__isnull=True
    )


def _letters(cases: Cases, user: User) -> Cases:
    return cases.filter(Exists(Letter.objects.for_a_person().filter(case=OuterRef("pk"))))


def _to_release(cases: Cases, user: User) -> Cases:
    held = _items(state=ItemState.HELD)
    kept = _items(state=ItemState.HELD, hold__state__in=STANDING)
    return cases.filter(held, ~kept, state=S.PARTIAL_HOLD)


# permission, title, what to do, which cases
KINDS: tuple[tuple[str, str, str, Callable[[Cases, User], Cases]], ...] = (
    ("approve_case", "Ready for your decision", "Review and decide", _to_approve),
    ("decide_store", "Stores that did not answer", "Decide on the store", _silent),
    ("approve_case", "Answers overdue, or due within three days", "See that it is answered", _late),
    ("decide_store", "Vendor jobs open for more than 7 days", "Ask the vendor", _overdue),
    ("confirm_identity", "Identity to be decided", "Decide on the identity", _identity),
    ("view_proof", "Copies of an ID to be approved", "Decide on the copy", _copies),
    ("start_validation", "New requests", "Start the assessment", _new),
    ("decide_item", "Is it this person?", "Decide on what is uncertain", _undecided),
    ("decide_item", "Records only a person can finish", "Finish by hand", _by_hand),
    ("record_answer", "Answers to be sent", "Write the answer", _to_answer),
    ("record_answer", "Letters that wait for a person", "Look after the letter", _letters),
    ("release_case", "Holds are gone", "Release the remainder", _to_release),
)


def worklist(request: HttpRequest) -> list[Work]:
    """Only kinds of work that the person's role does, and only those with something to do."""
    found = [_of_cases(request, *kind) for kind in KINDS if may(request, kind[0])]
    if may(request, "view_hold"):
        found.append(_holds(request))
    if may(request, "decide_followup"):
        found.append(_follow_ups())
    return [work for work in found if work.lines]


def _of_cases(
    request: HttpRequest, permission: str, title: str, verb: str,
    choose: Callable[[Cases, User], Cases],
) -> Work:  # fmt: skip
    cases = choose(ErasureCase.objects.all(), request.user)  # type: ignore[arg-type]
    rows = list(with_people(cases).order_by("statutory_due", "pk")[: SHOWN + 1])
    named = may(request, "view_subject")
    lines = [case_line(case, named=named) for case in rows[:SHOWN]]
    return Work(title, verb, lines, len(rows) > SHOWN)


def _holds(request: HttpRequest) -> Work:
    user = request.user
    wanted = Q()
    if may(request, "place_hold") or may(request, "release_hold"):
        wanted |= Q(state=HoldState.REVIEW_DUE)
    if may(request, "release_hold"):
        mine = Q(placed_by=user.pk) | Q(release_proposed_by=user.pk)
        wanted |= Q(state=HoldState.RELEASE_PROPOSED) & ~mine
    holds = Hold.objects.filter(wanted) if wanted else Hold.objects.none()
    rows = list(holds.order_by("review_on", "pk")[: SHOWN + 1])
    lines = [_hold_line(hold) for hold in rows[:SHOWN]]
    return Work("Holds to be looked at", "Decide on the hold", lines, len(rows) > SHOWN)


def _hold_line(hold: Hold) -> Line:
    due = hold.due_on
    late = due is not None and due < words.today()
    told = Badge(words.in_days(due) if due else "", "danger" if late else "waiting")
    scope = words.SCOPE[HoldScope(hold.scope)]
    return Line(
        reverse("admin:erasure_hold_change", args=[hold.pk]), hold.reference, scope,
        words.HOLD[HoldState(hold.state)], told, due,
    )  # fmt: skip


def _follow_ups() -> Work:
    open_ = FollowUp.objects.open().select_related("case").annotate(found=Count("records"))
    rows = list(open_.order_by("raised_at")[: SHOWN + 1])
    lines = [_follow_up_line(row) for row in rows[:SHOWN]]
    return Work("Back after the end of a case", "Decide on it", lines, len(rows) > SHOWN)


def _follow_up_line(row: Any) -> Line:
    return Line(
        reverse("admin:erasure_followup_change", args=[row.pk]),
        row.case.reference if row.case else row.source or "An import",
        count(row.found, "record") if row.found else "Not searched",
        words.FOLLOW_UP[FollowUpState(row.state)],
        Badge(f"noticed {day(words.local_day(row.raised_at))}"),
    )  # fmt: skip


def most_urgent(work: list[Work]) -> tuple[Work, Line] | None:
    """The one next step: the earliest date among all that waits."""
    pairs = [(each, line) for each in work for line in each.lines]
    return min(pairs, key=lambda pair: pair[1].due or date.max) if pairs else None
