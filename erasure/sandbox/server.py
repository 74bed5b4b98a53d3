"""The sandbox on loopback: every vendor behind its own first path segment.

``application()`` is the whole as WSGI, without a socket; ``make_server()`` puts it on
one. ``/sandbox/`` controls it: reset, faults, holdings, requests, people, credentials,
back (somebody who was erased is there again), health.
"""

import json
import socket
import struct
import threading
from collections.abc import Callable, Iterable, Sequence
from http.server import BaseHTTPRequestHandler
from io import BytesIO
from socketserver import ThreadingMixIn
from typing import Any
from urllib.parse import parse_qs, unquote_plus
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer
from wsgiref.util import shift_path_info

from . import clock, people
from .genesys import Genesys
from .opendsr import OpenDSR
from .salesforce import Salesforce
from .servicenow import ServiceNow
from .vendor import (
    DroppedError,
    Environ,
    Returns,
    StartResponse,
    Vendor,
    Wire,
    read_body,
    send_json,
)

LOOPBACK = ("127.0.0.1", "localhost", "::1")


class Sandbox:
    """The WSGI application: vendors, and the control desk at ``/sandbox/``."""

    def __init__(self, vendors: Sequence[Vendor], population: str = "demo") -> None:
        self.wires = {vendor.name: Wire(vendor) for vendor in vendors}
        self.people: tuple[people.Person, ...] = ()
        self._lock = threading.Lock()
        self.reset(population, {})

    def reset(self, population: str, options: dict[str, Any]) -> None:
        """Start anew. Options: ``latency_ms`` (of all, or by vendor), ``record_bodies`` and what
        the vendors know.

        Raises:
            ValueError: no such population.
        """
        with self._lock:
            self.people = people.populate(population, options)
            for wire in self.wires.values():
                wire.reset()
                wire.latency = _latency(options.get("latency_ms", 0), wire.vendor.name)
                wire.bodies = bool(options.get("record_bodies", False))
                wire.vendor.reset(self.people, options, clock.now())

    def fault(self, name: str, value: Any) -> bool:
        """Set a fault everywhere, or at one vendor as ``vendor.fault``; False: unknown."""
        vendor, _, own = name.partition(".")
        if own and vendor in self.wires:
            return self.wires[vendor].fault(own, value)
        known = [wire.fault(name, value) for wire in self.wires.values()]
        return any(known)

    def holdings(self, person: str) -> list[dict[str, str]]:
        """What all vendors truly hold of a person now."""
        return [row for wire in self.wires.values() for row in wire.vendor.holdings(person)]

    def comes_back(self, vendor: str, person: str, *, restore: bool = False) -> int:
        """Somebody is there again at a vendor; see ``Returns``.

        Raises:
            ValueError: no such person, or nobody comes back there.
        """
        wire = self.wires.get(vendor)
        if wire is None or not isinstance(wire.vendor, Returns):
            raise ValueError("Nobody comes back at this vendor.")
        if person not in {one.key for one in self.people}:
            raise ValueError("No such person.")
        return wire.vendor.comes_back(self.people, person, restore=restore)

    def requests(self) -> list[dict[str, Any]]:
        """Every request any vendor received, oldest first."""
        found = [entry for wire in self.wires.values() for entry in list(wire.vendor.requests)]
        return sorted(found, key=lambda entry: entry["at"])

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        first = shift_path_info(environ)
        if first == "sandbox":
            return self._control(environ, start_response)
        if first in self.wires:
            return self.wires[first](environ, start_response)
        return send_json(start_response, 404, {"message": "No such vendor."})

    def _control(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        wanted = environ["REQUEST_METHOD"], environ.get("PATH_INFO", "").strip("/")
        verb = self._desk().get(wanted)
        if verb is None:
            return send_json(start_response, 404, {"message": "No such control."})
        query = {key: values[0] for key, values in parse_qs(environ["QUERY_STRING"]).items()}
        try:
            given = json.loads(read_body(environ) or b"{}")
            return send_json(start_response, 200, verb(query | given))
        except (ValueError, TypeError, AttributeError) as why:
            return send_json(start_response, 400, {"message": str(why)})

    def _desk(self) -> dict[tuple[str, str], Callable[[dict[str, Any]], Any]]:
        return {
            ("GET", "health"): lambda given: {"status": "ok", "now": clock.now().isoformat()},
            ("GET", "people"): lambda given: {"people": [_shown(one) for one in self.people]},
            ("GET", "credentials"): lambda given: {
                name: wire.vendor.credentials() for name, wire in self.wires.items()
            },
            ("GET", "holdings"): lambda given: {"holdings": self.holdings(given.get("person", ""))},
            ("GET", "requests"): lambda given: {
                "requests": self.requests()[int(given.get("since", 0)) :]
            },
            ("POST", "requests/clear"): self._clear,
            ("POST", "faults"): self._set_faults,
            ("POST", "reset"): self._reset,
            ("POST", "back"): self._back,
        }

    def _clear(self, given: dict[str, Any]) -> dict[str, str]:
        for wire in self.wires.values():
            wire.vendor.requests.clear()
        return {"status": "ok"}

    def _set_faults(self, given: dict[str, Any]) -> dict[str, str]:
        for name, value in given.items():
            if not self.fault(name, value):
                raise ValueError(f"No fault called {name!r}.")
        return {"status": "ok"}

    def _back(self, given: dict[str, Any]) -> dict[str, int]:
        vendor, person = str(given.get("vendor")), str(given.get("person"))
        restore = bool(given.get("restore", False))
        return {"records": self.comes_back(vendor, person, restore=restore)}

    def _reset(self, given: dict[str, Any]) -> dict[str, str]:
        self.reset(given.get("population", "demo"), given.get("options", {}))
        return {"status": "ok"}


def leaks(requests: Iterable[dict[str, Any]], values: Iterable[str]) -> list[dict[str, Any]]:
    """Requests whose URL or headers show a value where none is allowed.

    Allowed are only calls that offer no other way: ``GET /gdpr/subjects`` and ``q=``.
    Headers are never allowed.
    """
    shapes = [shape for value in values for shape in _shapes(value)]
    return [entry for entry in requests if any(shape in _seen(entry) for shape in shapes)]


def _seen(entry: dict[str, Any]) -> str:
    path, _, query = entry["url"].partition("?")
    shown = "" if path.endswith("/gdpr/subjects") or f"&{query}".find("&q=") >= 0 else query
    return "\n".join([unquote_plus(path), unquote_plus(shown), *entry["headers"].values()]).lower()


def _shapes(value: str) -> tuple[str, ...]:
    """How a value may look once decoded: a raw plus arrives as a space."""
    return (value.lower(), value.lower().replace("+", " "))


def _shown(person: people.Person) -> dict[str, Any]:
    return {
        "key": person.key,
        "name": person.name,
        "names": person.names,
        "emails": person.emails,
        "phones": person.phones,
        "external_ids": person.external_ids,
        "address": person.address,
        "divisions": person.divisions,
        "bystander": person.bystander,
    }


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True
    request_queue_size = 128
    allow_reuse_address = True

    def server_bind(self) -> None:
        """Bind without asking a name server for the host's name."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()
        self.server_name, self.server_port = "localhost", self.server_address[1]
        self.setup_environ()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no news."""


class _Handler(WSGIRequestHandler):
    """HTTP/1.1 with keep-alive: answers always carry a Content-Length."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    handle = BaseHTTPRequestHandler.handle

    def log_message(self, format: str, *args: Any) -> None:
        """URLs hold personal values: nothing is printed."""

    def serve(self) -> None:
        """Answer one request; a dropped one resets the connection."""
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        environ = self.get_environ() | {"wsgi.input": BytesIO(body), "wsgi.url_scheme": "http"}
        held: list[tuple[str, list[tuple[str, str]]]] = []
        try:
            app = self.server.get_app()  # type: ignore[attr-defined]
            chunks = app(environ, lambda status, headers, *_: held.append((status, headers)))
            data = b"".join(chunks)
        except DroppedError:
            self._abort()
            return
        self._answer(*held[-1], data)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_OPTIONS = serve

    def _answer(self, status: str, headers: list[tuple[str, str]], data: bytes) -> None:
        names = {name.lower(): value for name, value in headers}
        code, _, phrase = status.partition(" ")
        self.send_response_only(int(code), phrase)
        for name, value in headers:
            self.send_header(name, value)
        if "content-length" not in names:
            self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)
            self.wfile.flush()
            self.close_connection |= int(names.get("content-length", len(data))) != len(data)

    def _abort(self) -> None:
        """Close with a reset, as a network that fails does."""
        linger = struct.pack("ii", 1, 0)
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.close_connection = True
        self.connection.close()


def _latency(given: Any, vendor: str) -> float:
    """Seconds that each call of a vendor takes."""
    own = given.get(vendor, 0) if isinstance(given, dict) else given
    return float(own) / 1000


def application(population: str = "demo", *, partners: bool = False) -> Sandbox:
    """All vendors, freshly seeded, as one WSGI application.

    ``partners``: the systems beside the contact centre hold everything of its people,
    else a contact and its cases at most; a reset may say otherwise.
    """
    vendors: list[Vendor] = [
        Genesys(), Salesforce(objects=partners), ServiceNow(holds=partners), OpenDSR(holds=partners)
    ]  # fmt: skip
    return Sandbox(vendors, population)


def make_server(
    port: int = 0,
    *,
    host: str = "127.0.0.1",
    population: str = "demo",
    partners: bool = False,
) -> tuple[WSGIServer, int]:
    """A server that is bound but not yet serving, and its port (0 picks a free one).

    Raises:
        ValueError: the host is not loopback.
        OSError: the port is taken.
    """
    if host not in LOOPBACK:
        raise ValueError("The sandbox listens on loopback only.")
    server = _Server((host, port), _Handler)
    server.set_app(application(population, partners=partners))
    return server, server.server_port
