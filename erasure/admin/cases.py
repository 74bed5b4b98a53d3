"""Cases: the list, the way in, and the addresses of what can be done to one."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib import admin
from django.db.models import Count, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import path
from django.utils.html import format_html
from django.utils.safestring import SafeString

from erasure.admin import (
    access,
    case_views,
    concerns,
    downloads,
    duplicates,
    identity_page,
    imports,
    letters,
    mandate,
    new_case,
    receipt,
    recipients,
    tasks,
    words,
)
from erasure.admin.base import ReadOnlyAdmin, badge, may, page, require
from erasure.admin.case_page import case_context
from erasure.admin.search import MOST, cases_for
from erasure.admin.worklist import case_line
from erasure.models import KEPT, OPEN_STATES, DataItem, ErasureCase
from erasure.values import CaseState

SOON = timedelta(days=7)


class DueFilter(admin.SimpleListFilter):
    title = "Clock"
    parameter_name = "clock"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("open", "Open"), ("soon", "Due within 7 days"), ("overdue", "Overdue"),
                ("ended", "Ended")]  # fmt: skip

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        unanswered = queryset.filter(state__in=OPEN_STATES, answered_at__isnull=True)
        today = words.today()
        if self.value() == "open":
            return queryset.filter(state__in=OPEN_STATES)
        if self.value() == "soon":
            return unanswered.filter(statutory_due__range=(today, today + SOON))
        if self.value() == "overdue":
            return unanswered.filter(statutory_due__lt=today)
        if self.value() == "ended":
            return queryset.exclude(state__in=OPEN_STATES)
        return queryset


class StateFilter(admin.SimpleListFilter):
    title = "State"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(state.value, words.CASE[state].word) for state in CaseState]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(state=self.value()) if self.value() else queryset


class ErasureCaseAdmin(ReadOnlyAdmin):
    list_display = ("reference", "initials", "status", "due", "clock", "target", "base", "received",
                    "age", "held")  # fmt: skip
    list_filter = (DueFilter, StateFilter)
    change_list_template = "admin/erasure/cases.html"

    def has_add_permission(self, request: HttpRequest) -> bool:
        return may(request, "add_erasurecase")

    def get_queryset(self, request: HttpRequest) -> QuerySet[ErasureCase]:
        held = DataItem.objects.filter(case=OuterRef("pk"), state__in=KEPT).order_by()
        counted = held.values("case").annotate(n=Count("pk")).values("n")
        return access.with_people(super().get_queryset(request)).annotate(
            held_items=Coalesce(Subquery(counted, output_field=IntegerField()), 0)
        )

    def get_list_display(self, request: HttpRequest) -> Any:
        hidden = set() if may(request, "view_subject") else {"initials"}
        return [column for column in self.list_display if column not in hidden]

    def get_ordering(self, request: HttpRequest) -> Any:
        """By deadline where the list is one of open cases, else the newest first."""
        if request.GET.get("clock") in ("open", "soon", "overdue"):
            return ("statutory_due", "-id")
        return ("-received_at", "-id")

    @admin.display(description="Person")
    def initials(self, case: ErasureCase) -> SafeString:
        return format_html("<bdi>{}</bdi>", access.initials(case))

    @admin.display(description="State")
    def status(self, case: ErasureCase) -> SafeString:
        return badge(words.case_badge(case))

    @admin.display(description="Received", ordering="received_at")
    def received(self, case: ErasureCase) -> str:
        return words.day(words.local_day(case.received_at))

    @admin.display(description="One month")
    def base(self, case: ErasureCase) -> str:
        return words.day(case.statutory_base)

    @admin.display(description="Answer due", ordering="statutory_due")
    def due(self, case: ErasureCase) -> str:
        return words.weekday(case.statutory_due)

    @admin.display(description="Target")
    def target(self, case: ErasureCase) -> str:
        return words.day(case.internal_target)

    @admin.display(description="Clock")
    def clock(self, case: ErasureCase) -> SafeString:
        return badge(words.deadline(case))

    @admin.display(description="Days")
    def age(self, case: ErasureCase) -> int:
        """From receipt to the answer, or to today."""
        end = words.local_day(case.answered_at) if case.answered_at else words.today()
        return (end - words.local_day(case.received_at)).days

    @admin.display(description="Held")
    def held(self, case: Any) -> int:
        return int(case.held_items)

    # -- pages ---------------------------------------------------------------------------

    def get_urls(self) -> list[Any]:
        at = "<uuid:case_id>/"
        views: dict[str, tuple[Callable[..., HttpResponseBase], str]] = {
            "find/": (self.find_view, "case_find"),
            "import/": (imports.import_page, "case_imports"),
            "import/<uuid:import_id>/": (imports.one_import, "case_import"),
            at + "step/<slug:act>/": (case_views.step_page, "case_step"),
            at + "record/<uuid:item_id>/": (case_views.record_page, "case_record"),
            at + "store/<uuid:search_id>/": (case_views.store_page, "case_store"),
            at + "identifier/<uuid:identifier_id>/": (
                case_views.decide_identifier, "case_identifier"),
            at + "record/<uuid:item_id>/task/": (tasks.assign, "case_task"),
            at + "record/<uuid:item_id>/evidence/": (tasks.upload, "case_evidence"),
            at + "evidence/<uuid:evidence_id>/": (tasks.download, "case_evidence_file"),
            at + "recipient/": (recipients.name_page, "case_recipient_new"),
            at + "recipient/<uuid:notice_id>/<slug:doing>/": (
                recipients.notice_page, "case_recipient"),
            at + "concern/": (concerns.concern_page, "case_concern_new"),
            at + "concern/<uuid:concern_id>/": (concerns.end_page, "case_concern"),
            at + "receipt/": (receipt.receipt_page, "case_receipt"),
            at + "letter/": (letters.new_letter, "case_letter_new"),
            at + "letter/<uuid:letter_id>/": (letters.letter_page, "case_letter"),
            at + "letter/<uuid:letter_id>.pdf": (letters.letter_pdf, "case_letter_pdf"),
            at + "reveal/": (case_views.reveal, "case_reveal"),
            at + "proof/": (identity_page.proof, "case_proof"),
            at + "proof/<uuid:document_id>/": (identity_page.proof_page, "case_proof_page"),
            at + "duplicate/<uuid:other_id>/": (duplicates.duplicate_page, "case_duplicate"),
            at + "mandate/": (mandate.mandate_page, "case_mandate"),
            at + "mandate/<uuid:page_id>/": (mandate.mandate_file, "case_mandate_page"),
            at + "progress/": (case_views.fragment, "case_progress"),
            at + "certificate/<int:version>.<str:kind>": (
                downloads.certificate, "case_certificate"),
            at + "certificate/<int:version>-authority.pdf": (
                downloads.openings, "case_openings"),
            at + "pack.zip": (downloads.pack, "case_pack"),
            at + "discovery.<str:kind>": (downloads.discovery, "case_discovery"),
        }  # fmt: skip
        guarded = self.admin_site.admin_view
        own = [path(route, guarded(view), name=name) for route, (view, name) in views.items()]
        return [*own, *super().get_urls()]

    @staticmethod
    def find_view(request: HttpRequest) -> HttpResponseBase:
        """By POST, so that no address bar, history or access log keeps an identifier."""
        require(request, "view_erasurecase")
        term = request.POST.get("term", "")[:300]
        if request.method != "POST" or not term.strip():
            return redirect("admin:erasure_erasurecase_changelist")
        found = list(access.with_people(cases_for(term))[:MOST])
        if len(found) == 1:
            return redirect(access.case_url(found[0].pk))
        lines = [case_line(case, named=may(request, "view_subject")) for case in found]
        return page(
            request,
            "found.html",
            title="Search",
            lines=lines,
            may_add=may(request, "add_erasurecase"),
        )

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:  # fmt: skip
        try:
            case = access.case_of(request, UUID(object_id))
        except ValueError:
            raise Http404 from None
        return page(request, "case.html", **case_context(request, case))

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> Any:
        """The history of a case is its timeline."""
        return redirect("admin:erasure_erasurecase_change", object_id)

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> Any:
        """A request by phone, letter, e-mail or in person."""
        return new_case.add_view(request)
