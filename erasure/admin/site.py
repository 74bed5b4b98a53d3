"""Our own admin site: a worklist for the person, one line of navigation, no superuser."""

from dataclasses import dataclass
from typing import Any

from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import path, reverse

from erasure.admin.calendar import calendar_page
from erasure.admin.cases import ErasureCaseAdmin
from erasure.admin.clients import ApiClientAdmin
from erasure.admin.connections import SystemConnectionAdmin
from erasure.admin.follow_ups import FollowUpAdmin
from erasure.admin.holds import HoldAdmin
from erasure.admin.loghealth import alarm, log_view
from erasure.admin.portals import PortalKeyAdmin
from erasure.admin.recipients import RecipientAdmin
from erasure.admin.records import AccessAdmin, CertificateAdmin, LogAdmin
from erasure.admin.report import report_file, report_view
from erasure.admin.sign_in import SignInForm, answered
from erasure.admin.users import StaffAdmin
from erasure.admin.worklist import most_urgent, worklist
from erasure.models import (
    AccessRecord,
    ApiClient,
    Certificate,
    DeletionLogEntry,
    ErasureCase,
    FollowUp,
    Hold,
    PortalKey,
    Recipient,
    SystemConnection,
    User,
)
from erasure.models.cases import OPEN_STATES

PAGES = (
    (ErasureCase, ErasureCaseAdmin),
    (Hold, HoldAdmin),
    (Certificate, CertificateAdmin),
    (FollowUp, FollowUpAdmin),
    (DeletionLogEntry, LogAdmin),
    (AccessRecord, AccessAdmin),
    (SystemConnection, SystemConnectionAdmin),
    (Recipient, RecipientAdmin),
    (ApiClient, ApiClientAdmin),
    (PortalKey, PortalKeyAdmin),
    (User, StaffAdmin),
)
# permission, label, address
MENU = (
    ("erasure.view_erasurecase", "Cases", "admin:erasure_erasurecase_changelist"),
    ("erasure.view_hold", "Holds", "admin:erasure_hold_changelist"),
    ("erasure.view_certificate", "Certificates", "admin:erasure_certificate_changelist"),
    ("erasure.view_followup", "Follow-ups", "admin:erasure_followup_changelist"),
    ("erasure.view_deletionlogentry", "Log", "admin:erasure_deletionlogentry_changelist"),
    ("erasure.view_accessrecord", "Access", "admin:erasure_accessrecord_changelist"),
    ("erasure.view_reporting", "Report", "admin:monthly_report"),
    ("erasure.view_systemconnection", "Systems", "admin:erasure_systemconnection_changelist"),
    ("erasure.view_recipient", "Recipients", "admin:erasure_recipient_changelist"),
    ("erasure.view_apiclient", "Clients", "admin:erasure_apiclient_changelist"),
    ("erasure.view_portalkey", "Portals", "admin:erasure_portalkey_changelist"),
    ("erasure.view_user", "Users", "admin:erasure_user_changelist"),
)


@dataclass(frozen=True, slots=True)
class Entry:
    label: str
    url: str
    here: bool


class ErasureSite(AdminSite):
    site_header = "Erasure"
    site_title = "Erasure"
    index_title = "Worklist"
    site_url = None
    enable_nav_sidebar = False
    empty_value_display = "—"
    login_form = SignInForm
    password_change_template = "admin/erasure/own_password.html"  # noqa: S105
    password_change_done_template = "admin/erasure/own_password_done.html"  # noqa: S105
    logout_template = "admin/erasure/signed_out.html"

    def __init__(self, name: str = "admin") -> None:
        super().__init__(name)
        for model, shown in PAGES:
            self.register(model, shown)

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        mine = {"menu": menu(request), "log_alarm": alarm(request)}
        return {**super().each_context(request), **mine}

    def get_urls(self) -> list[Any]:
        return [
            path("calendar/", self.admin_view(calendar_page), name="own_calendar"),
            path("report/", self.admin_view(report_view), name="monthly_report"),
            path(
                "report/<str:month>.<str:kind>",
                self.admin_view(report_file),
                name="monthly_report_file",
            ),
            path("log/", self.admin_view(log_view), name="log_health"),
            *super().get_urls(),
        ]

    def login(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return answered(super().login(request, extra_context))

    def index(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        work = worklist(request)
        open_cases = None
        if request.user.has_perm("erasure.view_erasurecase"):
            open_cases = ErasureCase.objects.filter(state__in=OPEN_STATES).count()
        context = {
            **self.each_context(request),
            "title": self.index_title,
            "work": work,
            "urgent": most_urgent(work),
            "open_cases": open_cases,
        }
        return TemplateResponse(request, "admin/index.html", context)

    def app_index(
        self, request: HttpRequest, app_label: str, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        """There is one worklist, not one page for each application."""
        return self.index(request)


def menu(request: HttpRequest) -> list[Entry]:
    """The pages a role sees, in the order of the flow."""
    if not request.user.is_authenticated:
        return []
    mine = [entry for entry in MENU if request.user.has_perm(entry[0])]
    found = [(label, reverse(name)) for _, label, name in mine]
    return [Entry(label, url, request.path.startswith(url)) for label, url in found]
