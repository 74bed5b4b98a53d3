"""System connections: their credentials go in and never come out."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import path
from django.views.decorators.http import require_POST

from erasure.admin.base import ReadOnlyAdmin, badge, may, page, require
from erasure.admin.words import Badge
from erasure.models import SystemConnection
from erasure.systems import checked

FIELDSETS: Any = (
    (None, {"fields": ("slug", "name", "system", "enabled")}),
    ("How it is reached", {"fields": ("base_url", "login_url", "client_id", "secret_env", "secret",
                                      "reader_id", "reader_secret_env", "reader_secret",
                                      "organisation_id")}),
    ("How it is used", {"fields": ("region", "residency", "per_minute", "width", "syncs_contacts",
                                   "options")}),
)  # fmt: skip


SECRETS = ("secret", "reader_secret")  # go in and never come out


class ConnectionForm(forms.ModelForm):
    secret = forms.CharField(
        label="client secret",
        required=False,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text="Kept encrypted and never shown again. Leave empty to keep the present one.",
    )

    reader_secret = forms.CharField(
        label="reading client's secret",
        required=False,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text="Kept encrypted and never shown again. Leave empty to keep the present one.",
    )

    class Meta:
        model = SystemConnection
        exclude: Sequence[str] = ()

    def save(self, commit: bool = True) -> Any:
        if self.cleaned_data.get("secret"):
            self.instance.set_secret(self.cleaned_data["secret"])
        if self.cleaned_data.get("reader_secret"):
            self.instance.set_reader_secret(self.cleaned_data["reader_secret"])
        return super().save(commit)


class SystemConnectionAdmin(ReadOnlyAdmin):
    form = ConnectionForm
    fieldsets = FIELDSETS
    list_display = ("name", "slug", "kind", "residency", "per_minute", "use")
    change_form_template = "admin/erasure/connection.html"

    def has_add_permission(self, request: HttpRequest) -> bool:
        return may(request, "add_systemconnection")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return may(request, "change_systemconnection")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("slug", "system") if obj else ()

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Who only looks sees no field for the secret."""
        if self.has_change_permission(request):
            return FIELDSETS
        return [
            (title, {"fields": [name for name in box["fields"] if name not in SECRETS]})
            for title, box in FIELDSETS
        ]

    @admin.display(description="System")
    def kind(self, connection: SystemConnection) -> str:
        return connection.get_system_display()

    @admin.display(description="Use")
    def use(self, connection: SystemConnection) -> str:
        return badge(Badge("Searched", "good") if connection.enabled else Badge("Switched off"))

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(require_POST(self.check_view))
        return [path("<uuid:pk>/check/", view, name="connection_check"), *super().get_urls()]

    def check_view(self, request: HttpRequest, pk: UUID) -> HttpResponseBase:
        """Ask the system for everything an erasure needs; nothing is changed there."""
        require(request, "check_connection")
        connection = get_object_or_404(SystemConnection, pk=pk)
        checks, error = checked(connection)
        passed = bool(checks) and not error and all(check.ok for check in checks)
        return page(
            request, "checks.html", title=f"Test of {connection.name}", connection=connection,
            checks=checks, error=error, passed=passed,
        )  # fmt: skip

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any,
                           **kwargs: Any) -> Any:  # fmt: skip
        context["may_check"] = may(request, "check_connection")
        return super().render_change_form(request, context, *args, **kwargs)
