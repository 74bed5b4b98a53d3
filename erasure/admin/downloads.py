"""Certificates and discovery reports, to those who may; each download is on record."""

from collections.abc import Callable
from tempfile import TemporaryFile
from uuid import UUID

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from erasure.admin.access import case_of, case_url, record
from erasure.admin.base import require
from erasure.discovery import report_of
from erasure.documents.discovery_report import discovery_json, render_discovery
from erasure.documents.facts import DiscoveryReport
from erasure.errors import BusyError, KeyMissingError
from erasure.evidence import authority_edition
from erasure.models import Certificate, ErasureCase
from erasure.pack import name_of, write_pack

TYPES = {"pdf": "application/pdf", "json": "application/json"}
RENDER: dict[str, Callable[[DiscoveryReport], bytes]] = {
    "pdf": render_discovery,
    "json": discovery_json,
}


@require_POST
def certificate(request: HttpRequest, case_id: UUID, version: int, kind: str) -> HttpResponse:
    require(request, "download_report")
    if kind not in TYPES:
        raise Http404
    case = case_of(request, case_id)
    row = _issued(case, version)
    data = bytes(row.pdf) if kind == "pdf" else row.bundle
    record(request, case, f"certificate v{version}, {kind}")
    return _file(f"certificate-{case.reference}-v{version}.{kind}", data, kind)


@require_POST
def openings(request: HttpRequest, case_id: UUID, version: int) -> HttpResponse:
    """The authority edition, made now and stored nowhere. It holds personal data."""
    require(request, "download_openings")
    case = case_of(request, case_id)
    try:
        data = authority_edition(_issued(case, version))
    except (KeyMissingError, BusyError) as why:
        messages.error(request, str(why))
        return redirect(case_url(case.pk))
    record(request, case, f"authority edition v{version}")
    return _file(f"certificate-{case.reference}-v{version}-authority.pdf", data, "pdf")


def _issued(case: ErasureCase, version: int) -> Certificate:
    kept = case.certificates.exclude(pdf=b"")  # empty: destroyed at the end of retention
    return get_object_or_404(kept, version=version, stage=Certificate.ISSUED)


@require_POST
def discovery(request: HttpRequest, case_id: UUID, kind: str) -> HttpResponse:
    """The discovery report, rendered now and stored nowhere. It holds personal data."""
    require(request, "download_report")
    case = case_of(request, case_id)
    render = RENDER.get(kind)
    if render is None:
        raise Http404
    try:
        data = render(report_of(case))
    except KeyMissingError as why:
        messages.error(request, str(why))
        return redirect(case_url(case.pk))
    record(request, case, f"discovery report, {kind}")
    return _file(f"discovery-{case.reference}.{kind}", data, kind)


@require_POST
def pack(request: HttpRequest, case_id: UUID) -> HttpResponseBase:
    """All that an authority asks of the case, made now and stored nowhere: from a file."""
    require(request, "download_pack")
    case = case_of(request, case_id)
    made = TemporaryFile()  # noqa: SIM115 - the response closes it
    try:
        write_pack(case, made)
    except KeyMissingError as why:
        made.close()
        messages.error(request, str(why))
        return redirect(case_url(case.pk))
    record(request, case, "pack for an authority")
    made.seek(0)
    return FileResponse(made, as_attachment=True, filename=f"{name_of(case)}.zip")


def _file(name: str, data: bytes, kind: str) -> HttpResponse:
    named = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(data, content_type=TYPES[kind], headers=named)
