"""We as a processor others can call: OpenDSR 2.0 under ``/opendsr/`` and ``/opendsr/v2/``.

Nothing is served before a controller has a key, nor without a key to sign with.
"""

import base64
import binascii
import json
import logging
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from erasure.errors import InputError
from erasure.intake.inbound import accept, cancel, expected, moment, status
from erasure.models import ApiClient, InboundRequest
from erasure.systems.seal import Seal, seal
from erasure.values import Scope
from erasure.web.limit import allowed

LARGEST = 64 * 1024  # bytes of a body
logger = logging.getLogger(__name__)
View = Callable[..., HttpResponse]


def served(view: View) -> View:
    """Only where somebody may call and answers can be signed; else there is nothing here."""

    @csrf_exempt  # machines without a session; a key is asked for
    @wraps(view)
    def shown(request: HttpRequest, **given: Any) -> HttpResponse:
        try:
            ours = seal()
        except (OSError, ValueError):
            logger.exception("The OpenDSR key or certificate cannot be read.")
            ours = None
        if ours is None or not ApiClient.objects.serving(Scope.OPENDSR):
            return error(404, "Not found")
        return view(request, ours, **given)

    return shown


@served
def discovery(request: HttpRequest, ours: Seal) -> HttpResponse:
    """GET: what we take (section 1.1)."""
    if request.method != "GET":
        return error(405, "Method not allowed")
    kinds = ("email", "controller_customer_id")
    return _json(200, {
        "api_version": "2.0",
        "supported_identities": [
            {"identity_type": kind, "identity_format": "raw"} for kind in kinds
        ],
        "supported_subject_request_types": ["erasure"],
        "processor_certificate": f"{settings.PUBLIC_URL}/opendsr/cert.pem",
    })  # fmt: skip


@served
def certificate(request: HttpRequest, ours: Seal) -> HttpResponse:
    return HttpResponse(ours.chain, content_type="application/x-pem-file")


@served
def create(request: HttpRequest, ours: Seal) -> HttpResponse:
    """POST: a request becomes a case (section 1.2). 201, signed: the proof of receipt."""
    if request.method != "POST":
        return error(405, "Method not allowed")
    client = _client(request)
    if isinstance(client, HttpResponse):
        return client
    length = str(request.META.get("CONTENT_LENGTH") or "0")
    if not length.isdecimal() or int(length) > LARGEST:
        return error(413, f"The body must not be longer than {LARGEST} bytes")
    body = request.body
    try:
        made = accept(client, body, ours.domain)
    except InputError as why:
        return error(400, str(why))
    told = {
        "controller_id": client.controller_id,
        "expected_completion_time": moment(expected(made.case)),
        "received_time": moment(made.received_at),
        "encoded_request": base64.b64encode(body).decode(),
        "subject_request_id": str(made.subject_request_id),
    }
    return _json(201, told, ours)


@served
def one(request: HttpRequest, ours: Seal, request_id: Any) -> HttpResponse:
    """GET: where it stands (section 1.3). DELETE: take it back while it is pending."""
    client = _client(request)
    if isinstance(client, HttpResponse):
        return client
    found = InboundRequest.objects.select_related("case", "client")
    made = found.filter(client=client, subject_request_id=request_id).first()
    if made is None:
        return error(404, "Not found")
    if request.method == "GET":
        return _json(200, status(made), ours)
    if request.method != "DELETE":
        return error(405, "Method not allowed")
    try:
        cancel(made)
    except InputError as why:
        return error(400, str(why))
    told = {name: status(made)[name] for name in ("controller_id", "subject_request_id")}
    received = {"received_time": moment(made.received_at), "api_version": "2.0"}
    return _json(202, told | received, ours)


def _client(request: HttpRequest) -> ApiClient | HttpResponse:
    """Who calls, by key and secret (HTTP Basic), within the calls of an hour."""
    scheme, _, basic = request.headers.get("Authorization", "").partition(" ")
    try:
        pair = base64.b64decode(basic, validate=True).decode() if scheme == "Basic" else ""
    except (binascii.Error, UnicodeDecodeError):
        pair = ""
    key, _, secret = pair.partition(":")
    client = ApiClient.objects.by_key(key, secret)
    if client is None or not client.may(Scope.OPENDSR):
        answer = error(401, "Unauthorized")
        answer["WWW-Authenticate"] = 'Basic realm="opendsr"'
        return answer
    if not allowed("opendsr", str(client.pk), client.per_hour):
        answer = error(429, "Too many requests")
        answer["Retry-After"] = "3600"
        return answer
    return client


def error(code: int, message: str) -> HttpResponse:
    """Section 1.4. Messages are ours: no value of a request is ever repeated."""
    reason = {"domain": "Erasure", "reason": str(code), "message": message}
    return _json(code, {"error": {"code": code, "message": message, "errors": [reason]}})


def _json(code: int, told: dict[str, Any], ours: Seal | None = None) -> HttpResponse:
    body = json.dumps(told).encode()
    answer = HttpResponse(body, status=code, content_type="application/json")
    answer["Cache-Control"] = "no-store"
    for name, value in (ours.headers(body) if ours else {}).items():
        answer[name] = value
    return answer
