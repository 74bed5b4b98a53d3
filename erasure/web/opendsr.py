"""Where an OpenDSR processor says that a request has moved on. Its word is never taken.

A callback that is proven to be the processor's only brings the next poll forward; the
poll reads the truth. A refused one changes nothing but a count that staff can see.
The answers are those of the protocol's security guideline: 202
accepted, 401 domain not allowed or certificate invalid, 400 bad signature or body.
"""

import hmac
from collections.abc import Iterator, Sequence

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from erasure import clock
from erasure.connectors.http import parsed
from erasure.connectors.opendsr import JOB_KIND, OpenDSR, UnsignedError, callback_token
from erasure.errors import ErasureError
from erasure.models import (
    OPEN_JOBS,
    Refusal,
    SystemConnection,
    VendorJob,
    blind,
)
from erasure.systems import connector_for
from erasure.systems.callbacks import callback_key, note_refusal
from erasure.values import System

LARGEST = 64 * 1024  # bytes of a body
Judged = tuple[SystemConnection, ErasureError | None]


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
    judged = list(_judged(request, body))
    senders = [one for one, why in judged if why is None]
    if not senders:
        return _refused(judged, body, token)
    told = parsed(body)
    request_id = told.get("subject_request_id") if isinstance(told, dict) else None
    if not isinstance(told, dict) or not isinstance(request_id, str):
        return _not_about_it(senders, Refusal.UNREADABLE)
    ours = callback_token(callback_key(), request_id)
    about_it = [one for one in senders if _is_ours(one, told, ours)]
    if not hmac.compare_digest(ours.encode(), token.encode()) or not about_it:
        return _not_about_it(senders, Refusal.FOREIGN)
    for connection in about_it:
        _bring_forward(connection, request_id)
    return _answer(202)


def _judged(request: HttpRequest, body: bytes) -> Iterator[Judged]:
    """Each connection, and why these bytes are not its processor's; None: they are."""
    for connection in SystemConnection.objects.filter(system=System.OPENDSR, enabled=True):
        try:
            connector = connector_for(connection)
            if isinstance(connector, OpenDSR):
                connector.require_proven(request.headers, body)
                yield connection, None
        except ErasureError as why:
            yield connection, why


def _refused(judged: Sequence[Judged], body: bytes, token: str) -> HttpResponse:
    """Nobody we know signed it. It counts for a job only on that job's secret path."""
    unsigned = [one for one, why in judged if isinstance(why, UnsignedError)]
    why = Refusal.UNSIGNED if unsigned else Refusal.UNTRUSTED
    job = _job_on(token, body, [one for one, _ in judged])
    if job:
        note_refusal(job.connection, job, why)
    for connection in () if job else unsigned:
        note_refusal(connection, None, why)
    return _answer(400 if unsigned else 401)


def _not_about_it(senders: Sequence[SystemConnection], why: Refusal) -> HttpResponse:
    """A processor signed it, and for nothing that was asked on this path."""
    for connection in senders:
        note_refusal(connection, None, why)
    return _answer(400)


def _job_on(token: str, body: bytes, connections: Sequence[SystemConnection]) -> VendorJob | None:
    """The open job of this path. The body is not believed: it has to fit the path."""
    told = parsed(body)
    request_id = told.get("subject_request_id") if isinstance(told, dict) else None
    if not isinstance(request_id, str):
        return None
    ours = callback_token(callback_key(), request_id)
    if not hmac.compare_digest(ours.encode(), token.encode()):
        return None
    indexes = [blind("job", f"{one.slug}:{request_id}") for one in connections]
    jobs = VendorJob.objects.filter(
        connection__in=connections, kind=JOB_KIND, remote_index__in=indexes, state__in=OPEN_JOBS
    )
    return jobs.select_related("connection").first()


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
