"""Recipients of the data (Art. 19): the known ones of each system, and those of a case."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django import forms
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_http_methods

from erasure.admin import access
from erasure.admin.base import ReadOnlyAdmin, may, require
from erasure.admin.case_views import record_page_of
from erasure.admin.forms import PlainForm, choices, just_now, moment, past, text
from erasure.admin.recipient_rows import TITLES
from erasure.cases import recipients
from erasure.models import Actor
from erasure.models.recipients import CHANNELS, KINDS

ANCHOR = "#recipients"
Given = Mapping[str, Any]


class RecipientAdmin(ReadOnlyAdmin):
    fields = ("connection", "name", "kind", "channel", "address", "enabled")
    list_display = ("name", "connection", "kind", "channel", "enabled")
    list_select_related = ("connection",)

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **given: Any
    ) -> Any:
        """A system is chosen here, and added or changed on its own page."""
        form = super().get_form(request, obj, change, **given)
        if "connection" in form.base_fields:  # not where it is only looked at
            for doing in ("add", "change", "view"):
                setattr(form.base_fields["connection"].widget, f"can_{doing}_related", False)
        return form

    def has_add_permission(self, request: HttpRequest) -> bool:
        return may(request, "add_recipient")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return may(request, "change_recipient")


class NameForm(PlainForm):
    name = forms.CharField(label="Organisation", max_length=80)
    kind = forms.ChoiceField(label="Kind", choices=KINDS)


class TellForm(PlainForm):
    channel = forms.ChoiceField(label="Told by", choices=choices(CHANNELS))
    told_at = moment("Told at", validators=[past])
    proof = text("What proves it, and where it is kept", rows=2)


class ReplyForm(PlainForm):
    answered_at = moment("Answered at", validators=[past])
    answer = text("What it answered", rows=2)


class ExcuseForm(PlainForm):
    reason = text(
        "Why it is not told", rows=2,
        help_text="Art. 19 spares only what is impossible or a disproportionate effort.",
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Doing:
    form: type[PlainForm]
    take: Callable[[Any, Actor, Given], object]


DOINGS = {
    "told": Doing(
        TellForm,
        lambda row, actor, given: recipients.tell_recipient(row.pk, actor=actor, **given),
    ),
    "answered": Doing(
        ReplyForm,
        lambda row, actor, given: recipients.record_reply(row.pk, actor=actor, **given),
    ),
    "left-out": Doing(
        ExcuseForm,
        lambda row, actor, given: recipients.excuse(row.pk, actor=actor, **given),
    ),
}  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
def name_page(request: HttpRequest, case_id: UUID) -> HttpResponseBase:
    """Name a recipient by hand."""
    require(request, "record_recipient")
    case = access.case_of(request, case_id)

    def take(given: Given) -> None:
        recipients.name_recipient(case.pk, actor=access.actor_of(request), **given)

    form = NameForm(request.POST or None)
    return record_page_of(request, case, form, take, "Name a recipient", ANCHOR)


@require_http_methods(["GET", "HEAD", "POST"])
def notice_page(
    request: HttpRequest, case_id: UUID, notice_id: UUID, doing: str
) -> HttpResponseBase:
    """What became of one recipient."""
    require(request, "record_recipient")
    case = access.case_of(request, case_id)
    row = get_object_or_404(case.recipients, pk=notice_id)
    chosen = DOINGS.get(doing)
    if chosen is None:
        raise Http404
    initial = {"channel": row.channel, "told_at": just_now(), "answered_at": just_now()}
    form = chosen.form(request.POST or None, initial=initial)

    def take(given: Given) -> None:
        chosen.take(row, access.actor_of(request), given)

    title = f"{TITLES[doing]}: {row.name}"
    return record_page_of(request, case, form, take, title, ANCHOR)
