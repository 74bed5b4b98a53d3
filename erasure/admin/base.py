"""What every page of the admin is built on: read-only by default, counts with a cap."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Model
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.utils.functional import cached_property
from django.utils.safestring import SafeString
from django.utils.text import capfirst

from erasure.admin.words import Badge

MOST_COUNTED = 10_000


class CappedPaginator(Paginator):
    """Counts no further than it pages: a list of millions opens like one of hundreds."""

    @cached_property
    def count(self) -> int:
        rows: Any = self.object_list
        return int(rows[:MOST_COUNTED].count())


class ReadOnlyAdmin(admin.ModelAdmin):
    """Shows what the role may see. A class adds what it lets people do; nobody deletes."""

    actions = None
    list_per_page = 50
    list_max_show_all = 0
    paginator = CappedPaginator
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> Any:
        title = capfirst(str(self.opts.verbose_name_plural))
        return super().changelist_view(request, {"title": title, **(extra_context or {})})


def may(request: HttpRequest, permission: str) -> bool:
    return bool(request.user.has_perm(f"erasure.{permission}"))


def require(request: HttpRequest, permission: str) -> None:
    """
    Raises:
        PermissionDenied: the role does not give it.
    """
    if not may(request, permission):
        raise PermissionDenied


def page(
    request: HttpRequest, template: str, *, status: int = 200, **context: Any
) -> TemplateResponse:
    """A page of the admin; like all of it, no cache keeps it (``admin_view``)."""
    given = {**admin.site.each_context(request), **context}
    return TemplateResponse(request, f"admin/erasure/{template}", given, status=status)


def badge(each: Badge) -> SafeString:
    return render_to_string("admin/erasure/badge.html", {"badge": each})
