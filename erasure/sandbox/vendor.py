"""What the server asks of a vendor, and what every vendor gets for free.

A vendor answers; it neither records requests nor plays a broken network: ``Wire``
stands in front of it and does both. A vendor notes in ``environ`` what only it
knows: ``sandbox.template`` (the path template) and ``sandbox.client`` (the id of the
client it recognised).
"""

import json
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from email.utils import format_datetime
from http import HTTPStatus
from io import BytesIO
from random import Random
from typing import Any, Protocol, runtime_checkable
from urllib.parse import quote

from . import clock
from .people import Person

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
Headers = list[tuple[str, str]]
Holding = dict[str, str]


class Vendor(Protocol):
    """One remote system.

    ``requests`` is what ``Wire`` recorded; a vendor only provides the empty list.
    """

    name: str  # the first path segment, such as "genesys"
    requests: list[dict[str, Any]]

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a call; SCRIPT_NAME already holds the prefix."""

    def reset(self, people: Sequence[Person], options: Mapping[str, Any], now: datetime) -> None:
        """Forget everything, then seed anew: the same ids every time."""

    def fault(self, name: str, value: Any) -> bool:
        """Switch a fault of its own on or off (falsy); False: knows no such fault."""

    def holdings(self, person_key: str) -> list[Holding]:
        """What it truly holds of a person now: {"system", "store", "remote_id", "what"}."""

    def credentials(self) -> dict[str, Any]:
        """Client ids, secrets and whatever else a connection needs."""

    def error(self, status: int) -> tuple[Headers, bytes]:
        """Its own words for a status the wire makes up (429 and 5xx)."""


@runtime_checkable
class Returns(Protocol):
    """A vendor at which somebody who was erased can be there again."""

    def comes_back(self, people: Sequence[Person], key: str, *, restore: bool) -> int:
        """``restore``: a backup brings everything of the person back; else an import makes
        one new contact. Returns how many records."""


class DroppedError(ConnectionResetError):
    """The connection ends without an answer. Servers close the socket; tests see this."""


class Wire:
    """Stands before a vendor: records each request and plays the network's faults.

    Faults, with their values: ``down`` (true), ``slow`` (seconds), ``5xx`` and ``429``
    (fraction of calls, 0 to 1), ``html``, ``truncated``, ``reset-before`` and
    ``reset-after`` (true for every call, or how many calls). With ``bodies`` each request
    is kept with ``request_body`` and ``response_body``, the latter as it left the vendor.
    """

    NAMES = frozenset(
        ("down", "slow", "5xx", "429", "html", "truncated", "reset-before", "reset-after")
    )

    def __init__(self, vendor: Vendor) -> None:
        self.vendor = vendor
        self.latency = 0.0  # seconds
        self.bodies = False  # keep the text of requests and answers too
        self.faults: dict[str, Any] = {}
        self._lock = threading.Lock()
        self._chance = Random(17)  # noqa: S311 - repeatable, not secret

    def reset(self) -> None:
        """No faults, no memory of requests."""
        with self._lock:
            self.faults.clear()
            self._chance.seed(17)
            self.vendor.requests.clear()

    def fault(self, name: str, value: Any) -> bool:
        """Switch a fault of the network or of the vendor; False: nobody knows it."""
        if name not in self.NAMES:
            return self.vendor.fault(name, value)
        with self._lock:
            self.faults.pop(name, None)
            if value:
                self.faults[name] = value
        return True

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Let a call through, or not.

        Raises:
            DroppedError: the caller gets no answer.
        """
        entry = self._record(environ)
        time.sleep(self.latency + float(self.faults.get("slow", 0)))
        if self.faults.get("down") or self._due("reset-before"):
            raise DroppedError("The sandbox dropped the connection before the call was handled.")
        status, headers, body = self._faked() or self._asked(environ)
        if self.bodies:
            entry["response_body"] = body.decode("utf-8", "replace")
        entry |= {
            "template": environ.get("sandbox.template", entry["path"]),
            "client": environ.get("sandbox.client", ""),
            "status": int(status.split(" ", 1)[0]),
        }
        if self._due("reset-after"):
            raise DroppedError("The sandbox dropped the connection after the call was handled.")
        date = format_datetime(clock.now(), usegmt=True)
        length = str(len(body))
        start_response(status, [*headers, ("Date", date), ("Content-Length", length)])
        if body and self._due("truncated"):
            body = body[: len(body) // 2]
        return [body]

    def _asked(self, environ: Environ) -> tuple[str, Headers, bytes]:
        held: list[tuple[str, Headers]] = []
        chunks = self.vendor(environ, lambda status, headers, *_: held.append((status, headers)))
        body = b"".join(chunks)
        status, headers = held[-1]
        return status, [pair for pair in headers if pair[0].lower() != "content-length"], body

    def _faked(self) -> tuple[str, Headers, bytes] | None:
        if self._due("html"):
            page = b"<!doctype html><title>Sign in</title><p>Please sign in.</p>"
            return "200 OK", [("Content-Type", "text/html")], page
        for name, status in (("429", 429), ("5xx", 503)):
            if self._strikes(name):
                headers, body = self.vendor.error(status)
                return f"{status} {HTTPStatus(status).phrase}", headers, body
        return None

    def _strikes(self, name: str) -> bool:
        with self._lock:
            return self._chance.random() < float(self.faults.get(name, 0))

    def _due(self, name: str) -> bool:
        """True if the fault is on; one given as a number is used up call by call."""
        with self._lock:
            value = self.faults.get(name)
            if value and value is not True:
                self.faults[name] = value - 1
            return bool(value)

    def _record(self, environ: Environ) -> dict[str, Any]:
        path = quote(environ.get("PATH_INFO", "").encode("latin-1"))
        query = environ.get("QUERY_STRING", "")
        entry = {
            "at": clock.now().isoformat(),
            "vendor": self.vendor.name,
            "method": environ["REQUEST_METHOD"],
            "path": path,
            "url": f"{path}?{query}" if query else path,
            "template": path,
            "client": "",
            "status": 0,
            "headers": {
                key: value
                for key, value in environ.items()
                if key.startswith("HTTP_") and key not in ("HTTP_AUTHORIZATION", "HTTP_COOKIE")
            },
        }
        if self.bodies:
            raw = read_body(environ)
            environ["wsgi.input"] = BytesIO(raw)
            entry["request_body"] = raw.decode("utf-8", "replace")
        with self._lock:
            self.vendor.requests.append(entry)
        return entry


def send_json(
    start_response: StartResponse, status: int, body: Any, headers: Headers | None = None
) -> list[bytes]:
    """Answer with JSON; None is an empty body."""
    data = b"" if body is None else json.dumps(body, ensure_ascii=False).encode()
    kind = [("Content-Type", "application/json; charset=utf-8")] if data else []
    start_response(f"{status} {HTTPStatus(status).phrase}", [*kind, *(headers or [])])
    return [data]


def read_body(environ: Environ) -> bytes:
    """The request's body; empty if there is none."""
    return environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
