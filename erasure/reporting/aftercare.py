"""What follows an erasure: recipients told (Art. 19), restores, complaints."""

from erasure.documents.report_facts import Section
from erasure.models import Concern, FollowUp, RecipientNotice
from erasure.reporting.figures import by, number
from erasure.reporting.period import Period
from erasure.values import CaseState, Cause, ConcernKind

ERASED = (CaseState.COMPLETE, CaseState.PARTIAL_HOLD)


def aftercare(period: Period) -> Section:
    told = RecipientNotice.objects.filter(told_at__gte=period.start, told_at__lt=period.end)
    waiting = RecipientNotice.objects.outstanding().filter(
        case__state__in=ERASED, case__purged_at__isnull=True
    )
    restored = FollowUp.objects.filter(
        cause=Cause.RESTORE, raised_at__gte=period.start, raised_at__lt=period.end
    )
    raised = dict(
        by(Concern.objects.filter(raised_at__gte=period.start, raised_at__lt=period.end), "kind")
    )
    return Section("Recipients and what followed", (
        number("recipients_told", "Recipients told", told.count(),
               "Recipients of the data who were told of an erasure in the month (Art. 19)."),
        number("recipients_waiting", "Recipients to be told", waiting.count(),
               "Recipients in completed erasures neither told nor, with a reason, left out.",
               now=True),
        number("restored", "Erasures undone by a restore", restored.count(),
               "Requests of which a vendor's restored backup brought records back, found and "
               "taken up again in the month."),
        number("complaints", "Complaints", raised.get(ConcernKind.COMPLAINT, 0),
               "Complaints about a request, to us or to an authority, raised in the month."),
        number("authority", "Questions of authorities", raised.get(ConcernKind.AUTHORITY, 0),
               "Questions of a supervisory authority about a request, raised in the month."),
        number("wrong_person", "Wrong person erased", raised.get(ConcernKind.WRONG_PERSON, 0),
               "Erasures of somebody else's data, known in the month: a breach (Art. 33)."),
    ))  # fmt: skip
