"""How requests ended, and how long erasure took."""

from typing import Any

from erasure.documents.report_facts import Section
from erasure.documents.words import CLOSE, GROUNDS, article
from erasure.models import KEPT, Concern, DataItem, DeletionLogEntry, ErasureCase
from erasure.reporting.figures import Rows, broken_down, by, each, middle, number, spread, together
from erasure.reporting.period import Period
from erasure.values import CaseState, ConcernKind, ConcernOutcome, Step

GRANTED = {
    CaseState.COMPLETE: "Granted in full",
    CaseState.PARTIAL_HOLD: "Granted in part, the rest kept",
}


def ends(period: Period) -> Section:
    completed = ErasureCase.objects.filter(
        completed_at__gte=period.start, completed_at__lt=period.end
    )
    took = spread(completed, "seconds_to_complete")
    return Section("Outcomes", (
        number("completed", "Erasures completed", took.rows,
               "Requests that ended erased in the month, wholly or with records kept, each end "
               "read back."),
        *middle("completion", "Days to proven erasure", took,
                "From receipt to the proven end of erasure, of those completed."),
        broken_down("by_outcome", "By outcome", _outcomes(period, completed), _names(),
                    "Requests that ended in the month and stand so now; a refusal by its "
                    "article."),
        broken_down("kept_by_article", "Records kept, by article",
                    by(_kept(completed), "article"), _articles(),
                    "Records held or exempt in the erasures completed in the month."),
        number("reopened", "Refusals taken up again", _reopened(period).count(),
               "Refused requests that were reopened in the month."),
        number("reversed", "Refusals reversed on complaint", _on_complaint(period).count(),
               "Complaints, to us or to an authority, that ended in the month with a refusal "
               "reversed, wholly or in part."),
    ))  # fmt: skip


def _outcomes(period: Period, completed: Rows) -> list[tuple[str, int]]:
    granted = by(completed.filter(state__in=list(GRANTED)), "state")
    closed = ErasureCase.objects.filter(closed_at__gte=period.start, closed_at__lt=period.end)
    counted = together(closed, "state", "refusal_article", "close_reason")
    refused = each((key, n) for state, key, _, n in counted if state == CaseState.REFUSED)
    return [
        *granted,
        *((f"refused {key}", n) for key, n in refused),
        *each((key, n) for state, _, key, n in counted if state == CaseState.CLOSED),
    ]


def _names() -> dict[Any, str]:
    refused = {f"refused {key}": f"Refused, {article(key)}" for key in (*GROUNDS, "12(5)", "11(2)")}
    ended: dict[Any, str] = {**GRANTED, **CLOSE}
    return {**ended, **refused}


def _articles() -> dict[str, str]:
    return {ground: article(ground) for ground in GROUNDS}


def _kept(completed: Rows) -> Rows:
    return DataItem.objects.filter(case__in=completed, state__in=KEPT)


def _on_complaint(period: Period) -> Rows:
    return Concern.objects.filter(
        closed_at__gte=period.start, closed_at__lt=period.end, outcome=ConcernOutcome.REVERSED
    ).exclude(kind=ConcernKind.WRONG_PERSON)


def _reopened(period: Period) -> Rows:
    return DeletionLogEntry.objects.filter(
        at__gte=period.start, at__lt=period.end, type="step",
        facts__step=Step.REOPEN.value, facts__from=CaseState.REFUSED.value,
    )  # fmt: skip
