"""Tasks by hand: who has one, until when, and the evidence that goes in and comes out."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from erasure import handwork
from erasure.admin import access, words
from erasure.admin.base import may, require
from erasure.admin.forms import PlainForm, day
from erasure.admin.words import Badge
from erasure.errors import InputError, KeyMissingError, StepError
from erasure.models import DataItem, ErasureCase, TaskDetail, TaskEvidence, User, in_clear
from erasure.systems import store_of
from erasure.values import ItemState

TORN = "The file did not arrive whole. Choose it and send it once more."
ABSENT = "Choose the file that shows what was done."

ENDINGS = {
    TaskEvidence.PDF: "pdf",
    TaskEvidence.PNG: "png",
    TaskEvidence.JPEG: "jpg",
    TaskEvidence.TEXT: "txt",
}


class Assignees(forms.ModelChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        return str(obj.as_said())


class TaskForm(PlainForm):
    assignee = Assignees(
        label="Assigned to", queryset=User.objects.none(), required=False, empty_label="Nobody yet"
    )
    due_on = day("Due on")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        may_finish = {"is_active": True, "groups__permissions__codename": "decide_item"}
        people = User.objects.filter(**may_finish).distinct().order_by("username")
        self.fields["assignee"].queryset = people  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class TaskRow:
    """One line that a person works off, or did."""

    item: DataItem
    store: str
    assignee: str
    due: TaskDetail
    badge: Badge
    files: int


@dataclass(frozen=True, slots=True)
class File:
    row: TaskEvidence
    name: str


def tasks(request: HttpRequest, case: ErasureCase) -> dict[str, Any]:
    """The section of a case page; overdue ones first."""
    rows = TaskDetail.objects.filter(item__case=case).select_related("item__connection", "assignee")
    files: dict[UUID, int] = {}
    for item_id in TaskEvidence.objects.filter(case=case).values_list("item", flat=True):
        files[item_id] = files.get(item_id, 0) + 1
    return {"tasks": [_row(row, files.get(row.item_id, 0)) for row in rows]}


def _row(row: TaskDetail, files: int) -> TaskRow:
    said = row.assignee.as_said() if row.assignee else "Nobody yet"
    title = store_of(row.item.connection, row.item.store).title
    return TaskRow(row.item, title, said, row, clock_of(row), files)


def clock_of(row: TaskDetail) -> Badge:
    """How a task stands to its day; what has ended has no clock."""
    if row.item.state != ItemState.MANUAL:
        return words.item_badge(row.item)
    if row.due_on < words.today():
        return Badge(f"Overdue: was due {words.in_days(row.due_on)}", "danger")
    return Badge(f"due {words.in_days(row.due_on)}", "waiting")


def of_item(request: HttpRequest, case: ErasureCase, item: DataItem) -> dict[str, Any]:
    """What the page of a line shows besides: its task, its forms, its files."""
    row = TaskDetail.objects.filter(item=item).select_related("assignee").first()
    if row is None:
        return {}
    row.item = item
    working = item.state == ItemState.MANUAL and case.state in handwork.WORKING
    form = TaskForm(initial={"assignee": row.assignee_id, "due_on": row.due_on})
    return {
        "task": _row(row, 0), "task_open": working and may(request, "decide_item"),
        "task_form": form, "files": _files(case, item),
    }  # fmt: skip


def _files(case: ErasureCase, item: DataItem) -> Sequence[File]:
    rows = TaskEvidence.objects.filter(item=item).defer("data_sealed").select_related("uploaded_by")
    found = []
    for row in rows:
        row.case = case  # its keys are loaded
        found.append(File(row, _name(row)))
    return found


def _name(row: TaskEvidence) -> str:
    return in_clear(lambda: row.name)


@require_POST
def assign(request: HttpRequest, case_id: UUID, item_id: UUID) -> HttpResponse:
    """Who works it off, and until when."""
    require(request, "decide_item")
    case, item = _line(request, case_id, item_id)
    form = TaskForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Choose a colleague from the list, and a date.")
        return _back(case, item)
    try:
        handwork.assign(item.pk, actor=access.actor_of(request), **form.cleaned_data)
    except (InputError, StepError) as why:
        messages.error(request, str(why))
    else:
        messages.success(request, "Recorded.")
    return _back(case, item)


@require_POST
def upload(request: HttpRequest, case_id: UUID, item_id: UUID) -> HttpResponse:
    """Attach one file. Its content decides whether it is taken, not its name."""
    require(request, "decide_item")
    case, item = _line(request, case_id, item_id)
    try:
        name, data = _sent(request)
        handwork.add_evidence(item.pk, name, data, actor=access.actor_of(request))
    except (InputError, StepError, KeyMissingError) as why:
        messages.error(request, str(why))
    else:
        messages.success(request, "The evidence is attached.")
    return _back(case, item)


def _sent(request: HttpRequest) -> tuple[str, bytes]:
    try:
        file = request.FILES.get("file")
    except (MultiPartParserError, SuspiciousOperation, UnreadablePostError):
        raise InputError("file", TORN) from None
    if file is None:
        raise InputError("file", ABSENT)
    if (file.size or 0) > handwork.MAX_BYTES:
        raise InputError("file", handwork.TOO_LARGE)
    return file.name or "", file.read()


@require_POST
def download(request: HttpRequest, case_id: UUID, evidence_id: UUID) -> HttpResponse:
    """A file as it was attached, never shown in the browser; each look is on record."""
    require(request, "view_dataitem")
    case = access.case_of(request, case_id)
    row = get_object_or_404(TaskEvidence.objects.defer("data_sealed"), case=case, pk=evidence_id)
    try:
        row, data = handwork.read_evidence(row.pk, actor=access.actor_of(request))
    except (StepError, KeyMissingError) as why:
        messages.error(request, str(why))
        return redirect(access.case_url(case.pk) + "#tasks")
    response = HttpResponse(data, content_type=row.kind)
    name = f"evidence-{case.reference}-{str(row.pk)[:8]}.{ENDINGS[row.kind]}"
    named = f'attachment; filename="{name}"'
    response["Content-Disposition"] = named
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _line(request: HttpRequest, case_id: UUID, item_id: UUID) -> tuple[ErasureCase, DataItem]:
    case = access.case_of(request, case_id)
    return case, get_object_or_404(case.items, pk=item_id)


def _back(case: ErasureCase, item: DataItem) -> HttpResponse:
    return redirect("admin:case_record", case.pk, item.pk)
