"""Who looks at personal data, and why: every reveal and download leaves a record."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest
from django.urls import reverse

from erasure import clock
from erasure.admin.base import may, require
from erasure.errors import KeyMissingError
from erasure.identity import mask
from erasure.models import AccessRecord, Actor, ErasureCase, SubjectIdentifier

OPEN_FOR = timedelta(minutes=15)
SHREDDED = "destroyed"


def actor_of(request: HttpRequest) -> Actor:
    try:
        return Actor.of(request.user)
    except PermissionError:
        raise PermissionDenied from None


def case_of(request: HttpRequest, case_id: UUID) -> ErasureCase:
    """The case with its keys, for somebody who may see cases.

    Raises:
        Http404: no such case. PermissionDenied: the role sees none.
    """
    require(request, "view_erasurecase")
    chosen = ErasureCase.objects.filter(pk=case_id).select_related("approved_by")
    found = with_people(chosen).first()
    if found is None:
        raise Http404
    return found


def with_people(cases: QuerySet[ErasureCase]) -> QuerySet[ErasureCase]:
    """Cases with all that initials need: two queries for any number of them."""
    return cases.select_related("subject").prefetch_related("secrets")


def case_url(case_id: UUID) -> str:
    return reverse("admin:erasure_erasurecase_change", args=[case_id])


def initials(case: ErasureCase) -> str:
    """Of the person; a dash where there is no name or its key is gone."""
    try:
        return case.subject.initials() if hasattr(case, "subject") else "—"
    except KeyMissingError:
        return "—"


def reveal(request: HttpRequest, case: ErasureCase, reason: str) -> None:
    """Show identifiers of one case in clear for a quarter of an hour, to this session only."""
    require(request, "view_person")
    record(request, case, "identifiers", reason)
    until = (clock.now() + OPEN_FOR).timestamp()
    request.session["revealed"] = {**request.session.get("revealed", {}), str(case.pk): until}


def hide(request: HttpRequest, case: ErasureCase) -> None:
    opened = request.session.get("revealed", {})
    request.session["revealed"] = {key: at for key, at in opened.items() if key != str(case.pk)}


def revealed_until(request: HttpRequest, case: ErasureCase) -> datetime | None:
    """Until when this session sees the case's identifiers in clear; None if it does not."""
    until = request.session.get("revealed", {}).get(str(case.pk), 0)
    now = clock.now()
    if until <= now.timestamp() or not may(request, "view_person"):
        return None
    return datetime.fromtimestamp(until, now.tzinfo)


def record(request: HttpRequest, case: ErasureCase, what: str, reason: str = "") -> None:
    user: Any = request.user
    AccessRecord.objects.create(case=case, user=user, what=what, reason=reason.strip()[:200])


def shown(row: SubjectIdentifier, *, clear: bool) -> str:
    """An identifier, masked unless it was revealed."""
    try:
        return row.value if clear else mask(row.as_value())
    except KeyMissingError:
        return SHREDDED
