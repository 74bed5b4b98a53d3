"""The sections of a case page: for each a permission that shows it, and what it adds."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any
from uuid import UUID

from django.core.paginator import Page
from django.db.models import Q
from django.http import HttpRequest

from erasure.admin import words
from erasure.admin.access import revealed_until
from erasure.admin.base import CappedPaginator, may
from erasure.admin.concern_rows import concern_rows
from erasure.admin.graph import identity
from erasure.admin.kept import kept
from erasure.admin.letter_rows import rows
from erasure.admin.progress import bars, silent_stores
from erasure.admin.recipient_rows import recipient_rows
from erasure.admin.tasks import tasks
from erasure.admin.timeline import events
from erasure.admin.vendor_section import protections, vendor_audits
from erasure.admin.words import Badge
from erasure.cases import lines_of
from erasure.coverage import Covered, coverage
from erasure.models import Certificate, DataItem, ErasureCase, Hold, in_clear
from erasure.systems import store_of
from erasure.values import (
    CaseState,
    DocumentType,
    ItemState,
    StoreStatus,
    VerificationMethod,
    VerificationState,
)

ITEMS_A_PAGE = 200
BY_HAND = (ItemState.FAILED, ItemState.MANUAL)
RECORD_FILTERS: dict[str, tuple[str, Q]] = {
    "uncertain": ("Uncertain", Q(state=ItemState.PROPOSED, certain=False, lead=False)),
    "lead": ("Lead by name", Q(state=ItemState.PROPOSED, lead=True)),
    "hand": ("For a person", Q(state__in=BY_HAND)),
    **{str(state): (words.ITEM[state].word, Q(state=state)) for state in ItemState},
}
SAID_BESIDE = (StoreStatus.FOUND, StoreStatus.EMPTY, StoreStatus.MANUAL)
IN_EXECUTION = (CaseState.EXECUTING, CaseState.AWAITING_VENDOR)


@dataclass(frozen=True, slots=True)
class StoreRow:
    covered: Covered
    badge: Badge
    to_decide: bool
    line: UUID | None  # the record page of the line of a whole store
    note: str  # how far the search went; what did not answer says it under "why not"


@dataclass(frozen=True, slots=True)
class SystemRows:
    """The stores of one connection, and their sum."""

    name: str
    rows: list[StoreRow]
    found: int
    erased: int


@dataclass(frozen=True, slots=True)
class RecordRow:
    item: DataItem
    store: str
    label: str
    badge: Badge
    how: str
    to_decide: bool


@dataclass(frozen=True, slots=True)
class Checked:
    """One verification, in words."""

    row: Any
    badge: Badge
    method: str
    matched: str
    document: str = ""
    offered: str = ""
    alternatives: str = ""


def _verifications(request: HttpRequest, case: ErasureCase) -> dict[str, Any]:
    pages = case.documents.defer("data_sealed").count() if may(request, "view_proof") else 0
    return {"verifications": checked(case), "proof_pages": pages}


def proposal(case: ErasureCase) -> Checked | None:
    """The verification under way, of which a second person approves the last resort."""
    return next((each for each in reversed(checked(case)) if each.row.copy_to_approve), None)


def checked(case: ErasureCase) -> list[Checked]:
    """The evidence records of a case."""
    rows = case.verifications.select_related(
        "decided_by", "proposed_by", "approved_by", "on_file__connection"
    )
    return [
        Checked(
            row, words.VERIFICATION[VerificationState(row.state)],
            words.METHOD[VerificationMethod(row.method)] if row.method else "",
            ", ".join(words.ATTRIBUTE.get(each, each) for each in row.matched),
            words.DOCUMENT[DocumentType(row.document_type)] if row.document_type else "",
            _methods(row.offered), _methods(row.alternatives),
        )
        for row in rows
    ]  # fmt: skip


def _methods(names: Sequence[str]) -> str:
    said = [words.METHOD[VerificationMethod(each)] for each in names]
    return "; ".join(each[0].lower() + each[1:] for each in said)


def _stores(request: HttpRequest, case: ErasureCase) -> dict[str, Any]:
    deciding = case.state == CaseState.DPO_REVIEW and may(request, "decide_store")
    covered = coverage(case)
    lines = {(line.connection_id, line.store): line.pk for line in lines_of(case)}
    rows = [
        StoreRow(
            each, words.STORE[StoreStatus(each.search.status) if each.search.status else ""],
            deciding and each.search.status == StoreStatus.UNANSWERED,
            lines.get((each.search.connection_id, each.search.store)),
            each.search.note if each.search.status in SAID_BESIDE else "",
        )
        for each in covered
    ]  # fmt: skip
    return {
        "stores": rows,
        "systems": [_system(name, list(some)) for name, some in groupby(rows, _name)],
        "silent": silent_stores([each.search for each in covered]) if covered else None,
    }


def _name(row: StoreRow) -> str:
    return row.covered.connection


def _system(name: str, rows: list[StoreRow]) -> SystemRows:
    found = sum(row.covered.found for row in rows)
    return SystemRows(name, rows, found, sum(row.covered.erased for row in rows))


def _records(request: HttpRequest, case: ErasureCase) -> dict[str, Any]:
    chosen = {"store": request.GET.get("store", ""), "state": request.GET.get("state", "")}
    items = case.items.select_related("connection")
    if chosen["state"] in RECORD_FILTERS:
        items = items.filter(RECORD_FILTERS[chosen["state"]][1])
    slug, _, store = chosen["store"].partition(".")
    if store:
        items = items.filter(connection__slug=slug, store=store)
    shown_page = CappedPaginator(items, ITEMS_A_PAGE).get_page(request.GET.get("page"))
    return {
        "records": record_rows(request, case, shown_page),
        "records_page": shown_page,
        "chosen": chosen,
        "item_states": [(key, word) for key, (word, _) in RECORD_FILTERS.items()],
        "bars": bars(case),
    }


def record_rows(
    request: HttpRequest, case: ErasureCase, items: Page[DataItem] | Sequence[DataItem]
) -> list[RecordRow]:
    clear = revealed_until(request, case) is not None
    return [
        RecordRow(
            item=item,
            store=store_of(item.connection, item.store).title,
            label=label_of(item, case) if clear else "",
            badge=words.item_badge(item),
            how=item.reason,
            to_decide=may_decide(request, case, item),
        )
        for item in items
    ]


def label_of(item: DataItem, case: ErasureCase) -> str:
    item.case = case  # its keys are loaded
    return in_clear(lambda: item.locator.get("label", ""))


def may_decide(request: HttpRequest, case: ErasureCase, item: DataItem) -> bool:
    """Whether this person has a decision on a record now; ``review`` decides for good."""
    if case.state == CaseState.DPO_REVIEW:
        deciding = may(request, "decide_store" if item.is_line else "decide_item")
        return deciding and item.state != ItemState.ERASED
    if not may(request, "decide_item"):
        return False
    return case.state in IN_EXECUTION and item.state in BY_HAND


def _holds(request: HttpRequest, case: ErasureCase) -> dict[str, Any]:
    held = Hold.objects.filter(items__case=case).distinct().order_by("-placed_at")
    return {"holds": [(hold, words.HOLD[hold.state]) for hold in held]}


def _jobs(request: HttpRequest, case: ErasureCase) -> dict[str, Any]:
    jobs = case.jobs.select_related("connection")
    return {"jobs": [(job, words.job_kind(job.kind), words.job_badge(job)) for job in jobs]}


def _letters(request: HttpRequest, case: ErasureCase) -> dict[str, Any]:
    return {"letters": rows(case)}


def _timeline(request: HttpRequest, case: ErasureCase) -> dict[str, Any]:
    return {"events": events(case)}


def _certificates(request: HttpRequest, case: ErasureCase) -> dict[str, Any]:
    issued = case.certificates.filter(stage=Certificate.ISSUED).exclude(pdf=b"")
    return {
        "certificates": list(issued.defer("pdf", "document")),
        "may_download": may(request, "download_report"),
        "may_pack": may(request, "download_pack"),
        "may_open": may(request, "download_openings"),
    }


SECTIONS: tuple[tuple[str, Callable[[HttpRequest, ErasureCase], dict[str, Any]]], ...] = (
    ("view_subjectidentifier", identity),
    ("view_verification", _verifications),
    ("view_storesearch", _stores),
    ("view_dataitem", _records),
    ("view_dataitem", tasks),
    ("view_hold", _holds),
    ("view_vendorjob", _jobs),
    ("view_hold", protections),
    ("view_dataitem", vendor_audits),
    ("view_letter", _letters),
    ("view_recipientnotice", recipient_rows),
    ("view_concern", concern_rows),
    ("view_deletionlogentry", _timeline),
    ("view_certificate", _certificates),
    ("view_certificate", kept),
)
