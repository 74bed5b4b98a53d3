"""Record what is raised about a case, and how it ended."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_http_methods

from erasure.admin import access
from erasure.admin.base import require
from erasure.admin.case_views import record_page_of
from erasure.admin.forms import REFUSAL, PlainForm, choices, just_now, moment, past, text
from erasure.cases import concerns
from erasure.models.concerns import CONCERNS, OUTCOMES

ANCHOR = "#concerns"
Given = Mapping[str, Any]


class ConcernForm(PlainForm):
    kind = forms.ChoiceField(
        label="What it is", choices=choices(CONCERNS, "Choose"),
        help_text="Somebody else’s data erased is a breach: the authority is told within 72 hours "
        "unless no risk follows (Art. 33).",
    )  # fmt: skip
    raised_at = moment("Came in at", validators=[past])
    note = text(
        "What it is about", most=concerns.LONGEST, rows=3, help_text="Kept sealed with the file."
    )


class EndForm(PlainForm):
    outcome = forms.ChoiceField(label="How it ended", choices=choices(OUTCOMES, "Choose"))
    article = forms.ChoiceField(
        label="Article of the reversed refusal", choices=choices(REFUSAL, "None"), required=False
    )
    closed_at = moment("Ended at", validators=[past])


@require_http_methods(["GET", "HEAD", "POST"])
def concern_page(request: HttpRequest, case_id: UUID) -> HttpResponseBase:
    """Record what was raised."""
    require(request, "record_concern")
    case = access.case_of(request, case_id)
    form = ConcernForm(request.POST or None, initial={"raised_at": just_now()})

    def take(given: Given) -> None:
        concerns.record_concern(case.pk, actor=access.actor_of(request), **given)

    return record_page_of(request, case, form, take, "Record what was raised", ANCHOR)


@require_http_methods(["GET", "HEAD", "POST"])
def end_page(request: HttpRequest, case_id: UUID, concern_id: UUID) -> HttpResponseBase:
    """Record how it ended."""
    require(request, "record_concern")
    case = access.case_of(request, case_id)
    row = get_object_or_404(case.concerns, pk=concern_id)
    form = EndForm(request.POST or None, initial={"closed_at": just_now()})

    def take(given: Given) -> None:
        concerns.close_concern(row.pk, actor=access.actor_of(request), **given)

    title = f"How it ended: {row.get_kind_display()}"
    return record_page_of(request, case, form, take, title, ANCHOR)
