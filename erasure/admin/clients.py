"""Machines that may send us requests: a key is shown once and kept nowhere."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import path
from django.views.decorators.http import require_POST

from erasure.admin import words
from erasure.admin.base import ReadOnlyAdmin, badge, may, require
from erasure.admin.words import Badge
from erasure.models import ApiClient
from erasure.values import Scope

ONCE = "Key {key}, secret {secret} — copy both now: the secret is not shown again."
SCOPES = {
    Scope.OPENDSR: "OpenDSR: as a controller, all of /opendsr/v2",
    Scope.CREATE: "API: create requests",
    Scope.STATUS: "API: see where its own requests stand",
    Scope.WITHDRAW: "API: take its own requests back",
}


class ClientForm(forms.ModelForm):
    scopes = forms.MultipleChoiceField(
        label="What its key opens",
        choices=[(scope.value, text) for scope, text in SCOPES.items()],
        widget=forms.CheckboxSelectMultiple,
    )

    class Meta:
        model = ApiClient
        fields = ("name", "controller_id", "scopes", "per_hour", "enabled")


class ApiClientAdmin(ReadOnlyAdmin):
    form = ClientForm
    fields = ("name", "controller_id", "scopes", "per_hour", "enabled")
    list_display = ("name", "controller_id", "key_id", "opens", "since", "use")
    change_form_template = "admin/erasure/client.html"

    def has_add_permission(self, request: HttpRequest) -> bool:
        return may(request, "add_apiclient")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return may(request, "change_apiclient")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("controller_id",) if obj else ()

    def save_model(self, request: HttpRequest, obj: ApiClient, form: Any, change: bool) -> None:
        if change:
            super().save_model(request, obj, form, change)
        else:
            self._with_new_key(request, obj)

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(require_POST(self.key_view))
        return [path("<uuid:pk>/key/", view, name="client_key"), *super().get_urls()]

    def key_view(self, request: HttpRequest, pk: UUID) -> HttpResponseBase:
        """A new key; the one before works no more."""
        require(request, "change_apiclient")
        self._with_new_key(request, get_object_or_404(ApiClient, pk=pk))
        return redirect("admin:erasure_apiclient_change", pk)

    @staticmethod
    def _with_new_key(request: HttpRequest, client: ApiClient) -> None:
        secret = client.make_key()
        client.save()
        messages.warning(request, ONCE.format(key=client.key_id, secret=secret))

    @admin.display(description="Opens")
    def opens(self, client: ApiClient) -> str:
        return ", ".join(client.scopes) or "nothing"

    @admin.display(description="Since")
    def since(self, client: ApiClient) -> str:
        return words.moment(client.created_at)

    @admin.display(description="Use")
    def use(self, client: ApiClient) -> str:
        return badge(
            Badge("May send requests", "good") if client.enabled else Badge("Switched off")
        )
