"""Where an OpenDSR processor says that a request has moved on. Its word is never taken.

A callback that is proven to be the processor's only brings the next poll forward; the
poll reads the truth. The answers are those of the protocol's security guideline: 202
accepted, 401 domain not allowed or certificate invalid, 400 bad signature or body.
"""

import hmac
from collections.abc import Iterator

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from erasure import clock
from erasure.connectors.http import parsed
from erasure.connectors.opendsr import JOB_KIND, OpenDSR, UnsignedError, callback_token
from erasure.errors import ErasureError
from erasure.models import OPEN_JOBS, SystemConnection, VendorJob, blind
from erasure.systems import connector_for
from erasure.systems.callbacks import callback_key
from erasure.values import System

LARGEST = 64 * 1024  # bytes of a body


@csrf_exempt  # a machine without a session; the signature is looked at first
@require_POST
def callback(request: HttpRequest, token: str) -> HttpResponse:
    """Domain, certificate and signature over the raw bytes; only then is the body read.

    A duplicate, a late one and one that is faster than our own commit are answered 202.
    """
    length = str(request.META.get("CONTENT_LENGTH") or "0")
    if not length.isdecimal() or int(length) > LARGEST:
        return _answer(400)
    body = request.body
    outcomes = list(_judged(request, body))
    senders = [found for found in outcomes if isinstance(found, SystemConnection)]
    if not senders:
        unsigned = any(isinstance(why, UnsignedError) for why in outcomes)
        return _answer(400 if unsigned else 401)
    told = parsed(body)
    request_id = told.get("subject_request_id") if isinstance(told, dict) else None
    if not isinstance(told, dict) or not isinstance(request_id, str):
        return _answer(400)
    ours = callback_token(callback_key(), request_id)
    senders = [one for one in senders if _is_ours(one, told, ours)]
    if not hmac.compare_digest(ours.encode(), token.encode()) or not senders:
        return _answer(400)
    for connection in senders:
        _bring_forward(connection, request_id)
    return _answer(202)


def _judged(request: HttpRequest, body: bytes) -> Iterator[SystemConnection | ErasureError]:
    """The connections whose processor signed these bytes, and why the others did not."""
    for connection in SystemConnection.objects.filter(system=System.OPENDSR, enabled=True):
        try:
            connector = connector_for(connection)
            if isinstance(connector, OpenDSR):
                connector.require_proven(request.headers, body)
                yield connection
        except ErasureError as why:
            yield why


def _is_ours(connection: SystemConnection, told: dict[str, object], token: str) -> bool:
    """The address in the body, which some leave out, must be the one we gave."""
    given = told.get("status_callback_url")
    base = str(connection.options.get("callback_base") or "").rstrip("/")
    return given is None or given == f"{base}/{token}"


def _bring_forward(connection: SystemConnection, request_id: str) -> None:
    now = clock.now()
    index = blind("job", f"{connection.slug}:{request_id}")
    VendorJob.objects.filter(
        connection=connection, kind=JOB_KIND, remote_index=index,
        state__in=OPEN_JOBS, next_poll__gt=now,
    ).update(next_poll=now)  # fmt: skip


def _answer(status: int) -> HttpResponse:
    return HttpResponse(status=status)
