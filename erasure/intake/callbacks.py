"""What controllers are told of their requests: an outbox, signed, tried again, never redirected."""

import json
import socket
from datetime import timedelta
from ipaddress import ip_address
from urllib.parse import urlsplit
from uuid import UUID

import urllib3
from django.conf import settings
from django.db import transaction

from erasure import clock
from erasure.errors import BusyError, RefusedError
from erasure.intake.inbound import is_callable, status, word
from erasure.models import InboundRequest, StatusCallback
from erasure.systems.seal import Seal, seal

TRIES = 8
FIRST = timedelta(minutes=1)
SLOWEST = timedelta(hours=6)
TIMEOUT = urllib3.Timeout(connect=5, read=10)
LEASE = timedelta(minutes=2)  # in which no other worker sends the same one


def note_changes() -> int:
    """Put a callback into the outbox for each request whose word has changed; how many."""
    made = 0
    open_ones = InboundRequest.objects.exclude(last_told__in=("completed", "cancelled"))
    for pk in open_ones.values_list("pk", flat=True):
        with transaction.atomic():
            inbound = InboundRequest.objects.select_for_update(of=("self",)).get(pk=pk)
            now = word(inbound)
            if now == inbound.last_told:
                continue
            inbound.outbox.open().update(ended_at=clock.now(), reason="overtaken by a later word")
            for url in inbound.callbacks:
                row = StatusCallback(inbound=inbound, word=now)
                row.url = url
                row.save(force_insert=True)
                made += 1
            inbound.last_told = now
            inbound.save(update_fields=["last_told"])
    return made


def due() -> list[UUID]:
    return list(StatusCallback.objects.due(clock.now()).values_list("pk", flat=True))


def send(callback_id: UUID) -> bool:
    """Tell one address; whether it took it. Another worker's turn, or none due: False."""
    taken = StatusCallback.objects.due(clock.now()).filter(pk=callback_id)
    if not taken.update(next_try=clock.now() + LEASE):
        return False
    row = StatusCallback.objects.select_related("inbound__case", "inbound__client").get(
        pk=callback_id
    )
    ours = seal()
    row.attempts += 1
    try:
        if ours is None:
            raise RefusedError("This installation has no key to sign with.")
        _post(row.url, _body(row), ours)
    except (BusyError, RefusedError) as why:
        row.reason = str(why)[:120]
        row.next_try = clock.now() + min(FIRST * 2 ** (row.attempts - 1), SLOWEST)
        if isinstance(why, RefusedError) or row.attempts >= TRIES:
            row.ended_at = clock.now()
    else:
        row.reason, row.delivered_at = "", clock.now()
    row.save()
    return row.delivered_at is not None


def _body(row: StatusCallback) -> bytes:
    told = status(row.inbound) | {"request_status": row.word, "status_callback_url": row.url}
    return json.dumps(told).encode()


def _post(url: str, body: bytes, ours: Seal) -> None:
    """POST to the address the name had when it was looked at; redirects are not followed.

    Raises:
        BusyError: no answer, 429 or 5xx. RefusedError: never to be sent there.
    """
    if not is_callable(url):
        raise RefusedError("The callback address is not allowed.")
    parts = urlsplit(url)
    host = parts.hostname or ""
    port = parts.port or (443 if parts.scheme == "https" else 80)
    path = parts.path + (f"?{parts.query}" if parts.query else "")
    headers = {"Host": parts.netloc, "Content-Type": "application/json", **ours.headers(body)}
    address = _public(host, port)
    pool: urllib3.HTTPConnectionPool
    if parts.scheme == "https":
        pool = urllib3.HTTPSConnectionPool(
            address, port, cert_reqs="CERT_REQUIRED", server_hostname=host, assert_hostname=host
        )
    else:
        pool = urllib3.HTTPConnectionPool(address, port)
    try:
        with pool:
            answer = pool.request(
                "POST", path or "/", body=body, headers=headers, timeout=TIMEOUT,
                retries=False, redirect=False,
            )  # fmt: skip
    except urllib3.exceptions.HTTPError:
        raise BusyError("The controller's callback address did not answer.") from None
    if answer.status == 429 or answer.status >= 500:
        raise BusyError(f"The callback was answered {answer.status}.", status=answer.status)
    if not 200 <= answer.status < 300:
        raise RefusedError(f"The callback was answered {answer.status}.", status=answer.status)


def _public(host: str, port: int) -> str:
    """The first address of a host, if all of them are public; this machine's in a trial.

    Raises:
        BusyError: it has none now. RefusedError: one is inside.
    """
    try:
        rows = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError:
        raise BusyError("The host of the callback address is not known.") from None
    found = [str(row[4][0]) for row in rows]
    if settings.SANDBOX and all(ip_address(each).is_loopback for each in found):
        return found[0]
    if not all(ip_address(each).is_global for each in found):
        raise RefusedError("The callback address is not a public one.")
    return found[0]
