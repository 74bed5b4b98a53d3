"""Portals whose signed-in people are taken over: their public keys, never a private one."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from erasure.admin import words
from erasure.admin.base import ReadOnlyAdmin, badge, may
from erasure.admin.words import Badge
from erasure.intake.portal import audience
from erasure.models import PortalKey


class PortalKeyAdmin(ReadOnlyAdmin):
    fields = ("name", "issuer", "key_id", "algorithm", "public_key", "enabled")
    list_display = ("name", "issuer", "key_id", "algorithm", "since", "use")
    change_form_template = "admin/erasure/portal.html"

    def has_add_permission(self, request: HttpRequest) -> bool:
        return may(request, "add_portalkey")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return may(request, "change_portalkey")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Another key is another row: what a token was checked with stays on record."""
        return ("issuer", "key_id", "algorithm", "public_key") if obj else ()

    def render_change_form(
        self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any
    ) -> Any:
        given = {**context, "audience": audience()}
        return super().render_change_form(request, given, *args, **kwargs)

    @admin.display(description="Since")
    def since(self, portal: PortalKey) -> str:
        return words.moment(portal.created_at)

    @admin.display(description="Use")
    def use(self, portal: PortalKey) -> str:
        return badge(Badge("Taken", "good") if portal.enabled else Badge("Switched off"))
