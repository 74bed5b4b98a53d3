"""Who asks for the person, and what shows that they may: streamed, each look on record."""

from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_http_methods, require_safe

from erasure.admin import access
from erasure.admin.base import may, page, require
from erasure.admin.case_page import header
from erasure.admin.forms import PlainForm
from erasure.errors import BusyError, InputError, StepError
from erasure.intake import add_mandate


class MandateForm(PlainForm):
    mandate = forms.FileField(
        label="A page or file that came later",
        help_text="PDF, JPEG, PNG or WebP. A fresh drawing of it is kept, encrypted.",
    )


@require_http_methods(["GET", "HEAD", "POST"])
def mandate_page(request: HttpRequest, case_id: UUID) -> HttpResponseBase:
    require(request, "view_proof")
    case = access.case_of(request, case_id)
    adding = may(request, "ask_identity") and case.is_open()
    form = MandateForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            upload = form.cleaned_data["mandate"]
            add_mandate(case.pk, upload.read(), actor=access.actor_of(request))
        except (InputError, StepError, BusyError) as why:
            form.add_error("mandate", str(why))
        else:
            messages.success(request, "The mandate is attached.")
            return redirect("admin:case_mandate", case.pk)
    return page(
        request, "mandate.html", **header(request, case), title="Mandate", form=form,
        pages=case.mandate.defer("data_sealed"), adding=adding,
    )  # fmt: skip


@require_safe
def mandate_file(request: HttpRequest, case_id: UUID, page_id: UUID) -> HttpResponse:
    """One page as JPEG, from the encrypted row straight to the browser."""
    require(request, "view_proof")
    case = access.case_of(request, case_id)
    row = get_object_or_404(case.mandate, pk=page_id)
    access.record(request, case, "mandate")
    row.case = case  # its keys are loaded
    return HttpResponse(row.opened_data(), content_type="image/jpeg")
