"""What the page of one case shows, gathered in a fixed number of queries."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from erasure.admin import words
from erasure.admin.access import actor_of, initials, revealed_until
from erasure.admin.base import may
from erasure.admin.case_dates import case_dates
from erasure.admin.case_sections import (
    BY_HAND,
    IN_EXECUTION,
    RECORD_FILTERS,
    SECTIONS,
)
from erasure.admin.forms import RevealForm
from erasure.admin.progress import RUNNING, stages
from erasure.admin.steps import ON_IDENTITY_PAGE, Act, acts_for, next_act, objections
from erasure.cases import interim_letter
from erasure.documents.words import count
from erasure.models import ErasureCase, Representative, in_clear
from erasure.models.conditions import every_identifier_searched
from erasure.values import (
    CaseState,
    Ground,
    IdentifierState,
    StoreStatus,
)


@dataclass(frozen=True, slots=True)
class Next:
    """The one next step, as a button."""

    label: str
    url: str


def header(request: HttpRequest, case: ErasureCase) -> dict[str, Any]:
    """What stands at the top of every page of a case."""
    return {
        "case": case,
        "initials": initials(case) if may(request, "view_subject") else "",
        "badge": words.case_badge(case),
    }


def case_context(request: HttpRequest, case: ErasureCase) -> dict[str, Any]:
    """Everything on the page; each section only for those whose role sees it."""
    acts = acts_for(case, actor_of(request))
    given: dict[str, Any] = {
        **header(request, case),
        "title": case.reference,
        **case_dates(request, case),
        "deadline": words.deadline(case),
        "running": case.state in RUNNING,
        **_next(request, case, acts),
        **_person(request, case),
    }
    for permission, add in SECTIONS:
        if may(request, permission):
            given |= add(request, case)
    given["stages"] = stages(case, certified=bool(given.get("certificates")))
    return given


def _next(request: HttpRequest, case: ErasureCase, acts: Sequence[Act]) -> dict[str, Any]:
    finished = case.state in IN_EXECUTION and case.finished_execution()
    act = next_act(case, acts, finished=finished)
    why_not = objections(act, case, actor_of(request)) if act else []
    if act and not why_not:
        first: Next | None = Next(act.label, reverse("admin:case_step", args=[case.pk, act.slug]))
    else:
        first, act = _decision(request, case), None
    shown = [each for each in acts if each.slug not in ON_IDENTITY_PAGE]
    return {
        "next": first,
        "why_not": why_not,
        "others": [each for each in shown if each is not act and not each.danger],
        "dangers": [each for each in shown if each is not act and each.danger],
        "waits": case.waiting_for or _waits(case, finished),
        "interim": interim_letter(case) if case.state in IN_EXECUTION else "",
    }


def _decision(request: HttpRequest, case: ErasureCase) -> Next | None:
    """What this person can decide in the case before any step can be taken."""
    deciding = may(request, "decide_item")
    if deciding and case.state in IN_EXECUTION:
        stuck = case.items.filter(state__in=BY_HAND).count()
        label = f"Finish {count(stuck, 'record')} by hand"
        return Next(label, "?state=hand#records") if stuck else None
    if case.state != CaseState.DPO_REVIEW:
        return None
    silent = case.searches.filter(status=StoreStatus.UNANSWERED, decision="").first()
    if silent and may(request, "decide_store"):
        url = reverse("admin:case_store", args=[case.pk, silent.pk])
        return Next("Decide on the unanswered store", url)
    if deciding and case.identifiers.filter(state=IdentifierState.IN_QUESTION).exists():
        return Next("Decide on the identifier in question", "#identifiers")
    if deciding and case.items.filter(RECORD_FILTERS["uncertain"][1]).exists():
        return Next("Decide on the uncertain records", "?state=uncertain#records")
    if may(request, "rediscover") and (silent or not every_identifier_searched(case)):
        return Next("Search again", reverse("admin:case_step", args=[case.pk, "rediscover"]))
    return None


def _waits(case: ErasureCase, finished: bool) -> str:
    if finished and case.answered_at is None:
        return "Every record has ended: the answer to the person is to be written."
    return WAITS.get(CaseState(case.state), "")


WAITS = {
    CaseState.RECEIVED: "The assessment has not begun.",
    CaseState.VALIDATING: "An officer decides on identity, authority and ground.",
    CaseState.AWAITING_IDENTITY: "The person was asked for proof of identity.",
    CaseState.DISCOVERY: "Every store of every system is being searched.",
    CaseState.DPO_REVIEW: "The DPO decides on the frozen inventory.",
    CaseState.EXECUTING: "Records are being erased and read back.",
    CaseState.AWAITING_VENDOR: "Only vendor jobs or dates are open.",
    CaseState.PARTIAL_HOLD: "All that may go is gone. Held or exempt records remain.",
}


def _person(request: HttpRequest, case: ErasureCase) -> dict[str, Any]:
    until = revealed_until(request, case)
    given: dict[str, Any] = {
        "channel": words.CHANNEL.get(case.channel, case.channel),  # type: ignore[call-overload]
        "grounds": [words.GROUND[Ground(each)] for each in case.grounds],
        "may_reveal": may(request, "view_person"),
        "revealed_until": until,
        "reveal_form": RevealForm(),
    }
    if until:
        given |= {
            "name": in_clear(lambda: case.subject.name),
            "request_text": in_clear(lambda: case.request),
            "ground_reason": in_clear(lambda: case.ground_reason),
            **_agent(case),
        }
    if case.on_behalf and may(request, "view_proof"):
        given["mandate_pages"] = case.mandate.count()
    return given


def _agent(case: ErasureCase) -> dict[str, str]:
    """Who asks for the person."""
    row = Representative.objects.filter(case=case).first()
    if row is None:
        return {}
    row.case = case  # its keys are loaded
    return {
        "agent_name": in_clear(lambda: row.name),
        "agent_email": in_clear(lambda: row.email),
    }
