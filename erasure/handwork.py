"""Tasks by hand: who does one until when, and the files that show it was done."""

import hashlib
from datetime import date
from uuid import UUID

from erasure.cases import locked
from erasure.errors import InputError, StepError
from erasure.ledger.append import append
from erasure.models import (
    AccessRecord,
    Actor,
    DataItem,
    ErasureCase,
    TaskDetail,
    TaskEvidence,
    User,
)
from erasure.values import CaseState, ItemState

MAX_BYTES = 10 * 2**20
TOO_LARGE = "This file is larger than 10 MB."
LONGEST_NAME = 120
WORKING = (CaseState.DPO_REVIEW, CaseState.EXECUTING, CaseState.AWAITING_VENDOR)
STARTS = (
    (b"%PDF-", TaskEvidence.PDF),
    (b"\x89PNG\r\n\x1a\n", TaskEvidence.PNG),
    (b"\xff\xd8\xff", TaskEvidence.JPEG),
)


def assign(item_id: UUID, *, assignee: User | None, due_on: date, actor: Actor) -> TaskDetail:
    """Say who works off a task, and until when.

    Raises:
        InputError: the assignee could not record it as done.
        StepError: the role or the state does not allow it.
    """
    if assignee and not (assignee.is_active and assignee.has_perm("erasure.decide_item")):
        raise InputError("assignee", "This colleague's role cannot finish a task by hand.")
    case_id = DataItem.objects.values_list("case", flat=True).get(pk=item_id)
    with locked(case_id) as case:
        item = _with_a_person(case, item_id, actor)
        task, _ = TaskDetail.objects.update_or_create(
            item=item, defaults={"assignee": assignee, "due_on": due_on}
        )
        who = Actor.of(assignee).key if assignee else ""
        private = {"actor": actor.key, "item": item.place, "to": who, "due": due_on.isoformat()}
        append(case, "decision", private, decision="TASK_ASSIGNED")
    return task


def add_evidence(item_id: UUID, name: str, data: bytes, *, actor: Actor) -> TaskEvidence:
    """Keep a file that shows what was done; the log commits to its digest.

    Raises:
        InputError: empty, larger than 10 MB, or neither PDF, PNG, JPEG nor plain text.
        StepError: the role or the state does not allow it.
    """
    kind = kind_of(data)
    case_id = DataItem.objects.values_list("case", flat=True).get(pk=item_id)
    with locked(case_id) as case:
        item = _with_a_person(case, item_id, actor)
        row = TaskEvidence(case=case, item=item, kind=kind, uploaded_by=actor.user)
        row.name = _safe_name(name)
        row.seal_data(data)
        row.save(force_insert=True)
        digest = hashlib.sha256(data).hexdigest()
        private = {"actor": actor.key, "item": item.place, "sha256": digest}
        append(case, "decision", private, decision="EVIDENCE_ADDED")
    return row


def read_evidence(evidence_id: UUID, *, actor: Actor) -> tuple[TaskEvidence, bytes]:
    """A file with its content; each look is recorded.

    Raises:
        KeyMissingError: the key was destroyed at retention end.
        StepError: the role does not allow it.
    """
    if not actor.may("erasure.view_dataitem") or actor.user is None:
        raise StepError("permission", "Your role does not allow to see evidence.")
    row = TaskEvidence.objects.select_related("case").get(pk=evidence_id)
    data = row.opened_data()
    AccessRecord.objects.create(case=row.case, user=actor.user, what="evidence of a task")
    return row, data


def kind_of(data: bytes) -> str:
    """The type of a file by its content; its name and declared type say nothing.

    Raises:
        InputError: empty, too large, or of no accepted type.
    """
    if not data:
        raise InputError("file", "This file is empty.")
    if len(data) > MAX_BYTES:
        raise InputError("file", TOO_LARGE)
    for start, kind in STARTS:
        if data.startswith(start):
            return kind
    if _is_text(data):
        return TaskEvidence.TEXT
    raise InputError("file", "Attach a PDF, a PNG or JPEG picture, or plain text.")


def _is_text(data: bytes) -> bool:
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return False
    return all(sign.isprintable() or sign in "\r\n\t\f\ufeff" for sign in text)


def _safe_name(name: str) -> str:
    """The last part of a name, without what could steer a header or a terminal."""
    last = name.replace("\\", "/").rpartition("/")[2]
    clean = "".join(sign for sign in last if sign.isprintable() and sign not in '"<>|:*?;')
    return clean.strip(" .")[-LONGEST_NAME:] or "evidence"


def _with_a_person(case: ErasureCase, item_id: UUID, actor: Actor) -> DataItem:
    """The line of a case at work. Call under the lock of the case."""
    if not actor.may("erasure.decide_item") or actor.user is None:
        raise StepError("permission", "Your role does not allow this decision.")
    if case.state not in WORKING:
        raise StepError("state", f"The case is {case.state}: its tasks are not open now.")
    item: DataItem = case.items.select_related("connection").get(pk=item_id)
    item.case = case
    if not item.is_line or item.state != ItemState.MANUAL:
        raise StepError("state", f"This record is {item.state}: no task is open for it.")
    return item
