"""What came back after the end of a case: the list, and the decision about each."""

from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.db.models import Count, QuerySet
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.views.decorators.http import require_http_methods

from erasure.admin import words
from erasure.admin.access import actor_of, case_url
from erasure.admin.base import ReadOnlyAdmin, badge, may, page, require
from erasure.admin.forms import PlainForm, ReasonForm
from erasure.errors import ErasureError, InputError
from erasure.follow_ups import dismiss, sentences
from erasure.intake import take_up
from erasure.models import FollowUp
from erasure.systems import store_of
from erasure.values import Cause, FollowUpState, Return

MOST_SHOWN = 200  # records
ACTS = {
    "dismiss": (
        "Leave it as it is",
        "Nothing is erased. Somebody who became a customer again is one: a new contract is a "
        "new basis. The reason is kept.",
    ),
    "take-up": (
        "Open a new case",
        "A new case is opened with what is known of the person. Identity, review and approval "
        "are decided anew; nothing is erased before that.",
    ),
}


class StateFilter(admin.SimpleListFilter):
    title = "State"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(state.value, words.FOLLOW_UP[state].word) for state in FollowUpState]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(state=self.value()) if self.value() else queryset


class FollowUpAdmin(ReadOnlyAdmin):
    list_display = ("raised", "about", "cause_said", "found", "unknown", "status")
    list_display_links = ("raised",)
    list_filter = (StateFilter,)
    sortable_by = ()

    def get_queryset(self, request: HttpRequest) -> QuerySet[FollowUp]:
        rows = super().get_queryset(request).select_related("case")
        return rows.annotate(returned=Count("records"))

    @admin.display(description="Noticed")
    def raised(self, row: FollowUp) -> str:
        return words.moment(row.raised_at)

    @admin.display(description="After case")
    def about(self, row: FollowUp) -> SafeString | str:
        if row.case is None:
            return "—"
        return format_html('<a href="{}">{}</a>', case_url(row.case.pk), row.case.reference)

    @admin.display(description="Noticed by")
    def cause_said(self, row: FollowUp) -> str:
        return words.CAUSE[Cause(row.cause)]

    @admin.display(description="Records")
    def found(self, row: Any) -> int:
        return int(row.returned)

    @admin.display(description="Silent stores")
    def unknown(self, row: FollowUp) -> int:
        return len(row.silent)

    @admin.display(description="State")
    def status(self, row: FollowUp) -> SafeString:
        return badge(words.FOLLOW_UP[FollowUpState(row.state)])

    # -- pages ---------------------------------------------------------------------------

    def get_urls(self) -> list[Any]:
        decide = self.admin_site.admin_view(decision_page)
        route = "<uuid:follow_up_id>/decide/<slug:act>/"
        return [path(route, decide, name="follow_up_decide"), *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:  # fmt: skip
        require(request, "view_followup")
        try:
            row = get_object_or_404(_whole(), pk=UUID(object_id))
        except ValueError:
            raise Http404 from None
        return page(request, "follow_up.html", **_context(request, row))


def _whole() -> "QuerySet[FollowUp]":
    return FollowUp.objects.select_related("case", "new_case", "decided_by", "check_of")


def _context(request: HttpRequest, row: FollowUp) -> dict[str, Any]:
    records = row.records.select_related("connection")
    deciding = may(request, "decide_followup") and row.state == FollowUpState.OPEN
    return {
        "title": f"What came back: {row.case.reference if row.case else row.source or 'an import'}",
        "row": row,
        "badge": words.FOLLOW_UP[FollowUpState(row.state)],
        "cause": words.CAUSE[Cause(row.cause)],
        "sentences": sentences(row),
        "total": records.count(),
        "records": [
            (each, store_of(each.connection, each.store).title, words.RETURN[Return(each.kind)],
             ", ".join(words.KIND[by] for by in each.found_by))
            for each in records[:MOST_SHOWN]
        ],
        "may_dismiss": deciding,
        "may_take_up": deciding and row.case and may(request, "add_erasurecase"),
    }  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
def decision_page(request: HttpRequest, follow_up_id: UUID, act: str) -> HttpResponseBase:
    """GET says what the decision means; a POST takes it."""
    require(request, "view_followup")
    if act not in ACTS:
        raise Http404
    row = get_object_or_404(_whole(), pk=follow_up_id)
    kind = ReasonForm if act == "dismiss" else PlainForm
    form = kind(request.POST) if request.method == "POST" else kind()
    if request.method == "POST" and form.is_valid():
        try:
            return redirect(_take(request, row, act, form.cleaned_data.get("reason", "")))
        except ErasureError as why:
            named = isinstance(why, InputError) and why.field in form.fields
            form.add_error(why.field if named else None, str(why))  # type: ignore[attr-defined]
    label, means = ACTS[act]
    return page(
        request, "follow_up_act.html", title=label, row=row, means=means, form=form, act=act,
        allowed=_context(request, row)["may_dismiss" if act == "dismiss" else "may_take_up"],
    )  # fmt: skip


def _take(request: HttpRequest, row: FollowUp, act: str, reason: str) -> str:
    """Take a decision; where to go next."""
    if act == "dismiss":
        dismiss(row.pk, actor=actor_of(request), reason=reason)
        messages.success(request, "Recorded.")
        return reverse("admin:erasure_followup_change", args=[row.pk])
    case = take_up(row.pk, actor=actor_of(request))
    messages.success(request, f"{case.reference} is opened.")
    return case_url(case.pk)
