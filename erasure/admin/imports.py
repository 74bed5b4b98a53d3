"""Many requests from one file: choose it, look at what would be taken in, confirm, watch."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.views.decorators.http import require_http_methods

from erasure.admin import access, words
from erasure.admin.base import page, require
from erasure.admin.forms import PlainForm
from erasure.documents.words import count, kind, listed
from erasure.errors import InputError, StepError
from erasure.identity import mask
from erasure.intake import bulk
from erasure.intake.sheet import COLUMNS, MOST_BYTES, MOST_ROWS, Row
from erasure.models import BulkImport
from erasure.values import Channel, IdentifierKind

SHOWN = 20  # good rows of a preview
SHOWN_WRONG = 200
EXAMPLE = "Ada Beispiel;ada@example.org;+49 30 1234567;letter;2027-03-05;de"


class ImportForm(PlainForm):
    file = forms.FileField(
        label="CSV file",
        help_text=f"At most {MOST_ROWS:,} rows and {MOST_BYTES // 2**20} MB, in UTF-8. It is not "
        "kept: what is in it rests encrypted until it is confirmed, for an hour at most.",
        widget=forms.FileInput({"accept": ".csv,text/csv"}),
    )


@dataclass(frozen=True, slots=True)
class Preview:
    """A row as it would be taken in; its values masked."""

    line: int
    who: str
    channel: str
    received: str
    language: str
    note: str


@require_http_methods(["GET", "HEAD", "POST"])
def import_page(request: HttpRequest) -> HttpResponseBase:
    """The file to choose; its content is judged at once, and nothing recorded."""
    require(request, "add_erasurecase")
    form = ImportForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            data = form.cleaned_data["file"].read(MOST_BYTES + 1)
            made = bulk.preview(data, actor=access.actor_of(request))
        except InputError as why:
            form.add_error("file", str(why))
        else:
            return redirect("admin:case_import", made.pk)
    mine = BulkImport.objects.filter(user=access.actor_of(request).user).defer("rows_sealed")[:10]
    return page(
        request, "import.html", title="Import requests", form=form, imports=mine,
        columns=", ".join(COLUMNS), example=EXAMPLE,
    )  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
def one_import(request: HttpRequest, import_id: UUID) -> HttpResponseBase:
    """Preview, confirmation, and how far it is."""
    require(request, "add_erasurecase")
    actor = access.actor_of(request)
    row = BulkImport.objects.filter(pk=import_id, user=actor.user).first()
    if row is None:
        raise Http404
    if request.method != "POST":
        return _shown(request, row)
    try:
        if "discard" in request.POST:
            bulk.discard(row.pk, actor=actor)
            messages.success(request, "The preview is thrown away. Nothing was recorded.")
            return redirect("admin:case_imports")
        bulk.confirm(row.pk, actor=actor)
    except StepError as why:
        messages.error(request, str(why))
    return redirect("admin:case_import", row.pk)


def _shown(request: HttpRequest, row: BulkImport) -> TemplateResponse:
    told = bulk.shown(row) if row.confirmed_at is None else {"rows": [], "wrong": [], "notes": []}
    notes = dict(told["notes"])
    return page(
        request, "import_one.html", title=_title(row), row=row,
        rows=[_preview(each, notes) for each in told["rows"][:SHOWN]],
        wrong=told["wrong"][:SHOWN_WRONG], kept_out=len({line for line, *_ in told["wrong"]}),
        more=max(0, len(told["rows"]) - SHOWN), noted=len(notes), good=count(row.total, "request"),
        refused=listed([str(line) for line in row.refused_lines]),
        unread=count(row.total - row.done, "row"),
    )  # fmt: skip


def _title(row: BulkImport) -> str:
    if row.confirmed_at is None:
        return "What would be taken in"
    return "Taken in" if row.ended_at else "Being taken in"


def _preview(told: dict[str, Any], notes: dict[int, str]) -> Preview:
    row = Row.of(told)
    masked = [
        f"{kind(who.kind)} {mask(who)}"
        for who in row.identifiers
        if who.kind is not IdentifierKind.NAME
    ]
    return Preview(
        row.line, ", ".join(masked), words.CHANNEL[Channel(row.channel)],
        words.day(words.local_day(row.received_at)), row.language, notes.get(row.line, ""),
    )  # fmt: skip
