"""Pages behind the buttons of a case: GET shows, POST calls the stage and comes back."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from erasure import review
from erasure.admin import access, identity_page, tasks, words
from erasure.admin.base import page, require
from erasure.admin.case_page import case_context, header
from erasure.admin.case_sections import label_of, may_decide, proposal
from erasure.admin.forms import AnswerForm, RecordForm, RevealForm, StoreForm, just_now
from erasure.admin.letters import possible
from erasure.admin.progress import bars, inventory
from erasure.admin.steps import BY_SLUG, Act, acts_for, objections, take
from erasure.admin.timeline import of_record
from erasure.errors import BusyError, InputError, KeyMissingError, StepError
from erasure.models import DataItem, ErasureCase, in_clear
from erasure.systems import store_of
from erasure.values import CaseState

REFUSED = {"permission": 403, "four eyes": 403, "actor": 403}
REVIEWING = {"erase": "Erase it", "exclude": "Not this person’s", "exempt": "Keep it: exempt"}
BY_HAND = {
    "retry": "Try again",
    "done": "Done by hand, with evidence",
    "exempt": "Keep it: exempt",
}


@require_http_methods(["GET", "HEAD", "POST"])
def step_page(request: HttpRequest, case_id: UUID, act: str) -> HttpResponseBase:
    """What will happen and what cannot be undone; a POST does it."""
    case = access.case_of(request, case_id)
    chosen = BY_SLUG.get(act)
    if chosen is None:
        raise Http404
    if chosen.page:
        return redirect(chosen.page, case.pk)
    form = _form(chosen, case, request)

    def take_it(given: Mapping[str, Any]) -> None:
        take(chosen, case, access.actor_of(request), given)

    def show(status: int) -> TemplateResponse:
        return _step(request, case, chosen, form, status)

    return decide(request, case, form, take_it, show)


def _form(act: Act, case: ErasureCase, request: HttpRequest) -> forms.Form:
    if request.method == "POST":
        form = act.form(request.POST)
        form.fit(case)
        return form
    initial: dict[str, Any] = {"digest": case.inventory_digest}
    form = act.form(initial=initial)
    form.fit(case)
    if isinstance(form, AnswerForm):
        kinds = [(kind, words.LETTER[kind]) for kind in possible(case)]
        form.fields["kind"].choices = kinds  # type: ignore[attr-defined]
        form.initial["dispatched_at"] = just_now()
    return form


def _step(
    request: HttpRequest, case: ErasureCase, act: Act, form: forms.Form, status: int
) -> TemplateResponse:
    if act.slug == "confirm_identity":
        return identity_page.decision(request, case, form, status)
    actor = access.actor_of(request)
    return page(
        request, "step.html", status=status, **header(request, case), title=act.label, act=act,
        form=form, allowed=act in acts_for(case, actor), refusals=objections(act, case, actor),
        inventory=inventory(case) if act.slug == "approve" else [],
        proposal=proposal(case) if act.slug in ("approve_copy", "refuse_copy") else None,
    )  # fmt: skip


def decide(
    request: HttpRequest,
    case: ErasureCase,
    form: forms.Form,
    take_it: Callable[[Mapping[str, Any]], object],
    show: Callable[[int], HttpResponseBase],
    anchor: str = "",
) -> HttpResponseBase:
    """Take a decision, or show the page again with what refused and the input kept."""
    if request.method != "POST":
        return show(200)
    if not form.is_valid():
        return show(200)
    try:
        take_it(form.cleaned_data)
    except InputError as why:
        form.add_error(why.field if why.field in form.fields else None, str(why))
        return show(200)
    except (StepError, BusyError, KeyMissingError) as why:
        form.add_error(None, str(why))
        return show(REFUSED.get(getattr(why, "refused_by", ""), 409))
    messages.success(request, "Recorded.")
    return redirect(access.case_url(case.pk) + anchor)


def record_page_of(
    request: HttpRequest, case: ErasureCase, form: forms.Form,
    take_it: Callable[[Mapping[str, Any]], object], title: str, anchor: str,
) -> HttpResponseBase:  # fmt: skip
    """A form of its own by which something is put on record of a case."""

    def show(status: int) -> TemplateResponse:
        return page(request, "record_it.html", status=status, **header(request, case),
                    title=title, form=form, anchor=anchor)  # fmt: skip

    return decide(request, case, form, take_it, show, anchor)


@require_http_methods(["GET", "HEAD", "POST"])
def record_page(request: HttpRequest, case_id: UUID, item_id: UUID) -> HttpResponseBase:
    """One record: how it was found, every attempt, and the decision on it."""
    require(request, "view_dataitem")
    case = access.case_of(request, case_id)
    item = get_object_or_404(case.items.select_related("connection", "hold"), pk=item_id)
    reviewing = case.state == CaseState.DPO_REVIEW
    form = RecordForm(request.POST or None, open_=_open(item, reviewing=reviewing))

    def take_it(given: Mapping[str, Any]) -> None:
        decide = review.decide_item if reviewing else review.settle_by_hand
        decide(item.pk, actor=access.actor_of(request), **given)

    def show(status: int) -> TemplateResponse:
        return _record(request, case, item, form, status)

    return decide(request, case, form, take_it, show, "#records")


def _open(item: DataItem, *, reviewing: bool) -> dict[str, str]:
    """The decisions a record is open to; no call reaches the line of a whole store."""
    if not item.is_line:
        return REVIEWING if reviewing else BY_HAND
    first = {"erase": "Have a person do it by hand"} if reviewing else {"done": BY_HAND["done"]}
    return first | {"exempt": "Keep it: exempt"}


def _record(
    request: HttpRequest, case: ErasureCase, item: DataItem, form: forms.Form, status: int
) -> TemplateResponse:
    store = store_of(item.connection, item.store)
    clear = access.revealed_until(request, case)
    return page(
        request, "record.html", status=status, **header(request, case),
        title=f"Record {item.place}", item=item, store=store, form=form,
        item_badge=words.item_badge(item), deciding=may_decide(request, case, item),
        label=label_of(item, case) if clear else "",
        events=of_record(item) if request.user.has_perm("erasure.view_deletionlogentry") else [],
        attempts=item.tries.all(), instructions=_instructions(item),
        **tasks.of_item(request, case, item),
    )  # fmt: skip


def _instructions(item: DataItem) -> str:
    """What a person is to do for a whole store, where the note says something else by now."""
    said = in_clear(lambda: item.locator.get("manual", "")) if item.is_line else ""
    return "" if said == item.reason else said


@require_http_methods(["GET", "HEAD", "POST"])
def store_page(request: HttpRequest, case_id: UUID, search_id: UUID) -> HttpResponseBase:
    """The DPO decides on a store that could not be searched."""
    require(request, "decide_store")
    case = access.case_of(request, case_id)
    search = get_object_or_404(case.searches.select_related("connection"), pk=search_id)
    form = StoreForm(request.POST or None)

    def take_it(given: Mapping[str, Any]) -> None:
        review.decide_store(search.pk, actor=access.actor_of(request), **given)

    def show(status: int) -> TemplateResponse:
        return page(
            request, "store.html", status=status, **header(request, case), form=form,
            title="Decide on an unanswered store", search=search,
            store=store_of(search.connection, search.store),
        )  # fmt: skip

    return decide(request, case, form, take_it, show, "#stores")


@require_POST
def decide_identifier(request: HttpRequest, case_id: UUID, identifier_id: UUID) -> HttpResponse:
    """Is this identifier the person's? It can be decided again while the case is in review."""
    case = access.case_of(request, case_id)
    row = get_object_or_404(case.identifiers, pk=identifier_id)
    confirm = request.POST.get("decision") == "confirm"
    try:
        review.decide_identifier(row.pk, confirm=confirm, actor=access.actor_of(request))
    except (StepError, InputError) as why:
        messages.error(request, str(why))
    else:
        messages.success(
            request,
            "Confirmed. Search again, so that its records are found." if confirm else "Rejected.",
        )
    return redirect(access.case_url(case.pk) + "#identifiers")


@require_POST
def reveal(request: HttpRequest, case_id: UUID) -> HttpResponseBase:
    """Show the person in clear to this session for a while, with a reason on record."""
    case = access.case_of(request, case_id)
    if request.POST.get("hide"):
        access.hide(request, case)
        return redirect(access.case_url(case.pk))
    require(request, "view_person")
    form = RevealForm(request.POST)
    if not form.is_valid():
        return page(request, "case.html", **case_context(request, case) | {"reveal_form": form})
    access.reveal(request, case, form.cleaned_data["reason"])
    return redirect(access.case_url(case.pk) + "#person")


@require_safe
def fragment(request: HttpRequest, case_id: UUID) -> HttpResponseBase:
    """The progress bars alone; ``X-Case-State`` tells the page when to load anew."""
    require(request, "view_dataitem")
    case = access.case_of(request, case_id)
    response = page(request, "progress.html", bars=bars(case), case=case)
    response["X-Case-State"] = str(case.state)
    return response
