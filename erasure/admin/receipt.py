"""The page that corrects when a request came in."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponseBase
from django.template.response import TemplateResponse
from django.views.decorators.http import require_http_methods

from erasure.admin import access
from erasure.admin.base import page, require
from erasure.admin.case_page import header
from erasure.admin.case_views import decide
from erasure.admin.forms import ReceiptForm
from erasure.cases import correct_receipt


@require_http_methods(["GET", "HEAD", "POST"])
def receipt_page(request: HttpRequest, case_id: UUID) -> HttpResponseBase:
    """GET says what follows; POST corrects, with the reason on record."""
    require(request, "correct_receipt")
    case = access.case_of(request, case_id)
    form = ReceiptForm(request.POST or None)

    def take_it(given: Mapping[str, Any]) -> None:
        correct_receipt(case.pk, actor=access.actor_of(request), **given)

    def show(status: int) -> TemplateResponse:
        return page(
            request, "receipt.html", status=status, **header(request, case),
            title="Correct the date of receipt", form=form,
        )  # fmt: skip

    return decide(request, case, form, take_it, show, "#person")
