"""The register of holds: overdue reviews first, placed by scope, released by two people."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import admin, messages
from django.db.models import Case, IntegerField, QuerySet, Value, When
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import path
from django.utils.safestring import SafeString

from erasure.admin import words
from erasure.admin.access import actor_of
from erasure.admin.base import ReadOnlyAdmin, badge, may, page, require
from erasure.admin.hold_file import Preview, preview_of
from erasure.admin.hold_forms import HOLD_FORMS, HoldForm, KeepHoldForm
from erasure.admin.timeline import Event
from erasure.documents.words import day
from erasure.errors import InputError, StepError
from erasure.holds import confirm_release, keep, place, propose_release
from erasure.identity import parse_many
from erasure.models import ErasureCase, Hold
from erasure.values import HoldScope, HoldState, HoldStep, Identifier

RANK = (HoldState.REVIEW_DUE, HoldState.RELEASE_PROPOSED, HoldState.ACTIVE)
COPIED = ("reference", "article", "reason", "public_wording", "expires_on", "review_on")
RELEASES = {
    "propose": ("Propose the release", propose_release, "The hold still protects until a second "
                "person confirms. Who placed it cannot be that person."),
    "confirm": ("Release the hold", confirm_release, "What it kept is no longer protected by it. "
                "Nothing is erased by this: each case is released and approved on its own. The "
                "protection at the vendor stays on until somebody lifts it there."),
}  # fmt: skip


MAY_BE_KEPT = (HoldState.ACTIVE, HoldState.REVIEW_DUE, HoldState.RELEASE_PROPOSED)
HISTORY = {
    HoldStep.PLACED: "placed the hold",
    HoldStep.DUE: "opened the review: its day had come",
    HoldStep.KEPT: "kept it until new dates",
    HoldStep.PROPOSED: "proposed the release",
    HoldStep.RELEASED: "released it",
}


def _history(hold: Hold) -> list[Event]:
    return [
        Event(
            row.at, row.user.as_said() if row.user else "Erasure",
            HISTORY[HoldStep(row.what)], row.reason,
        )
        for row in hold.events.select_related("user")
    ]  # fmt: skip


class HoldStateFilter(admin.SimpleListFilter):
    title = "State"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(state.value, words.HOLD[state].word) for state in HoldState]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(state=self.value()) if self.value() else queryset


class HoldAdmin(ReadOnlyAdmin):
    list_display = ("reference", "kind", "status", "article", "until", "review", "placed")
    change_list_template = "admin/erasure/holds.html"
    list_filter = (HoldStateFilter,)
    list_select_related = ("placed_by",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return may(request, "place_hold")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Hold]:
        whens = [When(state=state, then=Value(n)) for n, state in enumerate(RANK)]
        rank = Case(*whens, default=Value(len(RANK)), output_field=IntegerField())
        return Hold.objects.annotate(rank=rank).order_by(*self.get_ordering(request))

    def get_ordering(self, request: HttpRequest) -> Any:
        return ("rank", "review_on", "-placed_at")

    @admin.display(description="Scope")
    def kind(self, hold: Hold) -> str:
        return words.SCOPE[HoldScope(hold.scope)]

    @admin.display(description="State")
    def status(self, hold: Hold) -> SafeString:
        return badge(words.hold_badge(hold))

    @admin.display(description="Expires")
    def until(self, hold: Hold) -> str:
        return day(hold.expires_on) if hold.expires_on else "—"

    @admin.display(description="Review")
    def review(self, hold: Hold) -> str:
        if not hold.review_on:
            return "—"
        return f"{words.weekday(hold.review_on)}, {words.in_days(hold.review_on)}"

    @admin.display(description="Placed by")
    def placed(self, hold: Hold) -> str:
        return hold.placed_by.as_said()

    # -- pages ---------------------------------------------------------------------------

    def get_urls(self) -> list[Any]:
        guarded = self.admin_site.admin_view
        release = "<uuid:hold_id>/release/<slug:step>/"
        return [
            path(release, guarded(self.release_page), name="hold_release"),
            path("<uuid:hold_id>/keep/", guarded(self.keep_page), name="hold_keep"),
            *super().get_urls(),
        ]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> Any:
        waiting = Hold.objects.filter(state=HoldState.REVIEW_DUE)
        days = [hold.due_on for hold in waiting if hold.due_on]
        since = min(days, default=None)
        given = {"waiting": len(days), "since": since and words.weekday(since)}
        return super().changelist_view(request, {**(extra_context or {}), **given})

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> Any:
        require(request, "place_hold")
        given = request.GET.get("scope", HoldScope.SUBJECT)
        scope = HoldScope(given) if given in list(HoldScope) else HoldScope.SUBJECT
        form = HOLD_FORMS[scope](request.POST or None, request.FILES or None)
        preview: Preview | None = None
        if request.method == "POST" and form.is_valid():
            try:
                if form.cleaned_data.get("file"):
                    form, preview = preview_of(form, request)
                else:
                    hold = self._place(request, scope, form)
                    messages.success(request, f"The hold {hold.reference} protects from now on.")
                    return redirect("admin:erasure_hold_change", hold.pk)
            except (InputError, StepError) as why:
                field = getattr(why, "field", "")
                form.add_error(field if field in form.fields else None, str(why))
        scopes = [(each, words.SCOPE[each], each == scope) for each in HoldScope]
        return page(
            request, "new_hold.html", title="New hold", form=form, scopes=scopes, preview=preview
        )

    def _place(self, request: HttpRequest, scope: HoldScope, form: HoldForm) -> Hold:
        given = form.cleaned_data
        hold = Hold(scope=scope, **{name: given[name] for name in COPIED})
        hold.starts_at, hold.ends_at = given.get("starts_at"), given.get("ends_at")
        if scope == HoldScope.TIME_RANGE:
            hold.connection = given["connection"]
        ids = given.get("conversations", "").split()
        if ids and given["connection"] is None:
            raise InputError("connection", "Choose the system of the conversations.")
        pairs = [(given["connection"], each) for each in ids]
        return place(
            hold, actor=actor_of(request), identifiers=identifiers(given), conversations=pairs
        )

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:  # fmt: skip
        require(request, "view_hold")
        try:
            return self._page(request, UUID(object_id))
        except ValueError:
            raise Http404 from None

    def _page(self, request: HttpRequest, hold_id: UUID, **more: Any) -> HttpResponseBase:
        people = ("placed_by", "release_proposed_by", "released_by", "connection")
        hold = get_object_or_404(Hold.objects.select_related(*people), pk=hold_id)
        cases = ErasureCase.objects.filter(items__hold=hold).distinct().order_by("reference")
        return page(
            request, "hold.html", title=hold.reference, hold=hold,
            badge=words.hold_badge(hold), scope=words.SCOPE[HoldScope(hold.scope)],
            held=hold.items.count(), targets=hold.targets.count(), cases=cases[:50],
            step=self._open_step(request, hold), events=_history(hold),
            may_keep=hold.state in MAY_BE_KEPT and may(request, "place_hold"), **more,
        )  # fmt: skip

    @staticmethod
    def _open_step(request: HttpRequest, hold: Hold) -> str:
        """What this person may do next with a hold: propose, confirm, or nothing."""
        if not may(request, "release_hold"):
            return ""
        if hold.state in (HoldState.ACTIVE, HoldState.REVIEW_DUE):
            return "propose"
        involved = (hold.placed_by_id, hold.release_proposed_by_id)
        others = hold.state == HoldState.RELEASE_PROPOSED and request.user.pk not in involved
        return "confirm" if others else ""

    def keep_page(self, request: HttpRequest, hold_id: UUID) -> HttpResponseBase:
        """A hold was looked at and is still needed: until new dates."""
        require(request, "place_hold")
        hold = get_object_or_404(Hold, pk=hold_id)
        form = KeepHoldForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            try:
                keep(hold.pk, actor=actor_of(request), **form.cleaned_data)
            except (InputError, StepError) as why:
                field = getattr(why, "field", "")
                form.add_error(field if field in form.fields else None, str(why))
            else:
                messages.success(request, "Recorded.")
                return redirect("admin:erasure_hold_change", hold.pk)
        return page(
            request, "keep_hold.html", title="Keep the hold", hold=hold, form=form,
            badge=words.hold_badge(hold),
        )  # fmt: skip

    def release_page(self, request: HttpRequest, hold_id: UUID, step: str) -> HttpResponseBase:
        """GET says what a release means; POST takes the step."""
        require(request, "view_hold")
        if step not in RELEASES:
            raise Http404
        hold = get_object_or_404(Hold, pk=hold_id)
        label, release, means = RELEASES[step]
        error, status = "", 200
        if request.method == "POST":
            try:
                release(hold.pk, actor=actor_of(request))
            except StepError as why:
                error, status = str(why), 403 if why.refused_by != "state" else 409
            else:
                messages.success(request, "Recorded.")
                return redirect("admin:erasure_hold_change", hold.pk)
        return page(
            request, "release_hold.html", status=status, title=label, hold=hold, means=means,
            error=error, allowed=self._open_step(request, hold) == step,
            badge=words.hold_badge(hold),
        )  # fmt: skip


def identifiers(given: dict[str, Any]) -> Sequence[Identifier]:
    """Those typed in, and the confirmed ones of the case that was named.

    Raises:
        InputError: ``case_reference``: no such case. ``identifiers``: cannot be read.
    """
    found = list(parse_many(given.get("identifiers", ""), settings.COUNTRY))
    reference = given.get("case_reference", "").strip().upper()
    if reference:
        case = ErasureCase.objects.filter(reference=reference).first()
        if case is None:
            raise InputError("case_reference", "There is no case with this reference.")
        found += [row.as_value() for row in case.identifiers.confirmed()]
    return found
