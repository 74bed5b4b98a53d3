"""What is only ever read: the log, the certificates, and who looked at what."""

from typing import Any

from django.contrib import admin
from django.http import Http404, HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from erasure.admin import words
from erasure.admin.access import case_url
from erasure.admin.base import ReadOnlyAdmin, badge
from erasure.admin.timeline import sentence
from erasure.admin.words import Badge
from erasure.models import AccessRecord, Certificate, DeletionLogEntry

TYPES = {
    "opened": "Request", "identity": "Identity", "step": "Step", "inventory": "Inventory",
    "decision": "Decision", "hold": "Hold", "release": "Release", "dispatch": "Dispatch",
    "outcome": "Outcome", "certificate": "Certificate", "purged": "Purged",
}  # fmt: skip
STATUS = {
    "COMPLETE": Badge("Everything erased", "good"),
    "PARTIAL_HOLD": Badge("Some records kept", "held"),
}


class TypeFilter(admin.SimpleListFilter):
    title = "Event"
    parameter_name = "type"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return list(TYPES.items())

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.filter(type=self.value()) if self.value() else queryset


class OfACase(ReadOnlyAdmin):
    """Rows of cases: each line leads to its case, there is no page of its own."""

    list_display_links = None

    @admin.display(description="At")
    def when(self, row: Any) -> str:
        return words.moment(row.at)

    @admin.display(description="Case")
    def of_case(self, row: Any) -> SafeString:
        return format_html('<a href="{}">{}</a>', case_url(row.case_id), row.case.reference)

    def change_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> Any:
        raise Http404


class LogAdmin(OfACase):
    change_list_template = "admin/erasure/log_list.html"
    list_display = ("when", "of_case", "event", "said", "place")
    list_filter = (TypeFilter,)
    list_select_related = ("case",)
    ordering = ("-at", "-id")
    sortable_by = ()

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> Any:
        return super().changelist_view(request, {"title": "Deletion log"})

    @admin.display(description="Event")
    def event(self, row: DeletionLogEntry) -> str:
        return TYPES.get(row.type, row.type)

    @admin.display(description="What the log says for all to see")
    def said(self, row: DeletionLogEntry) -> str:
        return sentence(row)

    @admin.display(description="Log index")
    def place(self, row: DeletionLogEntry) -> str:
        return "waiting" if row.log_index is None else str(row.log_index)


class CertificateAdmin(OfACase):
    list_display = ("name", "of_case", "ended", "issued", "log_size", "digest")
    list_select_related = ("case",)
    ordering = ("-issued_at", "-id")
    sortable_by = ()

    def get_queryset(self, request: HttpRequest) -> Any:
        issued = super().get_queryset(request).filter(stage=Certificate.ISSUED)
        return issued.defer("pdf", "document")

    @admin.display(description="Certificate")
    def name(self, row: Certificate) -> str:
        return str(row)

    @admin.display(description="Issued")
    def issued(self, row: Certificate) -> str:
        return words.moment(row.issued_at)

    @admin.display(description="Result")
    def ended(self, row: Certificate) -> SafeString:
        return badge(STATUS.get(row.status, Badge(row.status)))

    @admin.display(description="SHA-256")
    def digest(self, row: Certificate) -> SafeString:
        return format_html("<code>{}</code>", row.sha256[:16])


class AccessAdmin(OfACase):
    list_display = ("when", "who", "of_case", "what", "reason")
    list_select_related = ("case", "user")
    sortable_by = ()

    @admin.display(description="Who")
    def who(self, row: AccessRecord) -> str:
        return row.user.as_said()

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> Any:
        return super().changelist_view(request, {"title": "Who looked at personal data"})
