"""The sections of a case page: for each a permission that shows it, and what it adds."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.paginator import Page
from django.db.models import Q
from django.http import HttpRequest

from erasure.admin import words
from erasure.admin.access import revealed_until, shown
from erasure.admin.base import CappedPaginator, may
from erasure.admin.forms import MATCHED
from erasure.admin.found import by_what, store_titles, where_found
from erasure.admin.progress import bars, silent_stores
from erasure.admin.timeline import events
from erasure.admin.words import Badge
from erasure.errors import KeyMissingError
from erasure.intake import likely_duplicates
from erasure.models import Certificate, DataItem, ErasureCase, Hold, StoreSearch, VendorJob
from erasure.systems import store_of
from erasure.values import (
    CaseState,
    IdentifierKind,
    IdentifierState,
    ItemState,
    JobState,
    StoreDecision,
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
IN_EXECUTION = (CaseState.EXECUTING, CaseState.AWAITING_VENDOR)


@dataclass(frozen=True, slots=True)
class IdentifierRow:
    pk: UUID
    kind: str
    value: str
    how: str
    badge: Badge
    question: str
    searched_at: datetime | None
    to_decide: bool


@dataclass(frozen=True, slots=True)
class StoreRow:
    search: StoreSearch
    title: str
    badge: Badge
    decision: str
    to_decide: bool


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


def in_clear(read: Callable[[], str]) -> str:
    try:
        return read()
    except KeyMissingError:
        return "destroyed at the end of retention"


def _identifiers(request: HttpRequest, case: ErasureCase) -> dict[str, Any]:
    clear = revealed_until(request, case) is not None
    deciding = case.state == CaseState.DPO_REVIEW and may(request, "decide_item")
    titles = store_titles()
    rows = [
        IdentifierRow(
            row.pk, words.KIND[IdentifierKind(row.kind)], shown(row, clear=clear),
            where_found(row.provenance, titles),
            words.IDENTIFIER[IdentifierState(row.state)], row.question, row.searched_at,
            deciding and row.state in (IdentifierState.IN_QUESTION, IdentifierState.LEAD),
        )
        for row in case.identifiers.all()
    ]  # fmt: skip
    open_ = case.state in (CaseState.VALIDATING, CaseState.AWAITING_IDENTITY)
    return {
        "identifiers": rows,
        "duplicates": likely_duplicates(case) if open_ or case.state == CaseState.RECEIVED else [],
    }


def _verifications(request: HttpRequest, case: ErasureCase) -> dict[str, Any]:
    checked = [
        Checked(
            row, words.VERIFICATION[VerificationState(row.state)],
            words.METHOD[VerificationMethod(row.method)] if row.method else "",
            ", ".join(MATCHED.get(each, each) for each in row.matched),
        )
        for row in case.verifications.select_related("decided_by")
    ]  # fmt: skip
    pages = case.documents.defer("data_sealed").count() if may(request, "view_proof") else 0
    return {"verifications": checked, "proof_pages": pages}


def _stores(request: HttpRequest, case: ErasureCase) -> dict[str, Any]:
    deciding = case.state == CaseState.DPO_REVIEW and may(request, "decide_store")
    searches = list(case.searches.select_related("connection", "decided_by"))
    rows = [
        StoreRow(
            search, store_of(search.connection, search.store).title,
            words.STORE[StoreStatus(search.status) if search.status else ""],
            words.STORE_DECISION[StoreDecision(search.decision)] if search.decision else "",
            deciding and search.status == StoreStatus.UNANSWERED,
        )
        for search in searches
    ]  # fmt: skip
    return {"stores": rows, "silent": silent_stores(searches) if searches else None}


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
            how=by_what(item.reason),
            to_decide=may_decide(request, case, item),
        )
        for item in items
    ]


def label_of(item: DataItem, case: ErasureCase) -> str:
    item.case = case  # its keys are loaded
    return in_clear(lambda: item.locator.get("label", ""))


def may_decide(request: HttpRequest, case: ErasureCase, item: DataItem) -> bool:
    """Whether this person has a decision on a record now; ``review`` decides for good."""
    if not may(request, "decide_item"):
        return False
    if case.state == CaseState.DPO_REVIEW:
        return item.state != ItemState.ERASED
    return case.state in IN_EXECUTION and item.state in BY_HAND


def _holds(request: HttpRequest, case: ErasureCase) -> dict[str, Any]:
    held = Hold.objects.filter(items__case=case).distinct().order_by("-placed_at")
    return {"holds": [(hold, words.HOLD[hold.state]) for hold in held]}


def _jobs(request: HttpRequest, case: ErasureCase) -> dict[str, Any]:
    jobs = case.jobs.select_related("connection")
    return {"jobs": [(job, _job_badge(job)) for job in jobs]}


def _job_badge(job: VendorJob) -> words.Badge:
    if job.escalated_at and not job.ended_at:
        return words.Badge("Overdue: the DPO was told", "danger")
    return words.JOB[JobState(job.state)]


def _letters(request: HttpRequest, case: ErasureCase) -> dict[str, Any]:
    clear = revealed_until(request, case) is not None
    letters = []
    for row in case.letters.select_related("recorded_by"):
        row.case = case
        letters.append((row, in_clear(lambda row=row: row.text) if clear else ""))  # type: ignore[misc]
    return {"letters": letters}


def _timeline(request: HttpRequest, case: ErasureCase) -> dict[str, Any]:
    return {"events": events(case)}


def _certificates(request: HttpRequest, case: ErasureCase) -> dict[str, Any]:
    issued = case.certificates.filter(stage=Certificate.ISSUED)
    return {
        "certificates": list(issued.defer("pdf", "bundle", "document")),
        "may_download": may(request, "download_report"),
    }


SECTIONS: tuple[tuple[str, Callable[[HttpRequest, ErasureCase], dict[str, Any]]], ...] = (
    ("view_subjectidentifier", _identifiers),
    ("view_verification", _verifications),
    ("view_storesearch", _stores),
    ("view_dataitem", _records),
    ("view_hold", _holds),
    ("view_vendorjob", _jobs),
    ("view_letter", _letters),
    ("view_deletionlogentry", _timeline),
    ("view_certificate", _certificates),
)
