"""One endpoint of the sandbox whose answers are no answers: a wrapper of the WSGI app."""

import json
import re
import threading
from collections import Counter

import pytest

from erasure.sandbox.server import make_server
from tests.world import OPTIONS, World, no_naps

DEEP = b"[" * 100_000
ERROR = {"message": "Something failed.", "code": "internal.server.error", "status": 500}
WORDS = ("state", "status", "type", "fileState", "mediaType", "media", "direction", "purpose")


def _each(value, change):
    """A JSON value with every object of it changed."""
    if isinstance(value, list):
        return [_each(one, change) for one in value]
    if isinstance(value, dict):
        return change({name: _each(one, change) for name, one in value.items()})
    return value


def altered(change):
    """A kind of its own: what ``change`` makes of the JSON."""
    return lambda body: ("application/json", json.dumps(change(json.loads(body))).encode())


def _raw(data, kind="application/json"):
    return lambda body: (kind, data)


def _listed(value):
    """The top of an answer with something else where its lists are."""

    def change(top):
        if isinstance(top, list):
            return value
        return {name: value if isinstance(one, list) else one for name, one in top.items()}

    return altered(change)


def _without(record):
    return {name: one for name, one in record.items() if not re.search(r"(^i|I)d$", name)}


def _huge(record):
    return {name: 10**40 if isinstance(one, str | int) else one for name, one in record.items()}


def _odd(record):
    return {name: "NEVER_HEARD_OF" if name in WORDS else one for name, one in record.items()}


KINDS = {
    "html": _raw(b"<!doctype html><title>Sign in</title>", "text/html"),
    "truncated": lambda body: ("application/json", body[: len(body) // 2]),
    "nothing": _raw(b""),
    "null": _raw(b"null"),
    "error told as success": _raw(json.dumps(ERROR).encode()),
    "object for list": _raw(b"{}"),
    "list for object": _raw(b"[]"),
    "list of numbers": _raw(b"[7]"),
    "deep nesting": _raw(DEEP),
    "null for a list": _listed(None),
    "text for a list": _listed("x"),
    "numbers in a list": _listed([7]),
    "fields missing": altered(lambda top: _each(top, _without)),
    "huge numbers": altered(lambda top: _each(top, _huge)),
    "unknown words": altered(lambda top: _each(top, _odd)),
}


class Mangler:
    """Lets every call through; the successes of one endpoint come back as one of ``KINDS``,
    or as a kind made by ``altered``."""

    def __init__(self, app):
        self.app = app
        self.endpoint = self.kind = None
        self.seen = Counter()  # calls by endpoint, mangled or not

    def set(self, endpoint=None, kind=None):
        self.endpoint, self.kind = endpoint, kind
        self.seen.clear()

    def __call__(self, environ, start_response):
        held = []
        chunks = self.app(environ, lambda status, headers, *_: held.append((status, headers)))
        body, (status, headers) = b"".join(chunks), held[-1]
        endpoint = f"{environ['REQUEST_METHOD']} {environ.get('sandbox.template', '')}"
        self.seen[endpoint] += 1
        if endpoint == self.endpoint and status[0] == "2":
            kind, body = KINDS.get(self.kind, self.kind)(body or b"{}")
            kept = [one for one in headers if one[0] not in ("Content-Type", "Content-Length")]
            headers = [*kept, ("Content-Type", kind), ("Content-Length", str(len(body)))]
        start_response(status, headers)
        return [body]


@pytest.fixture(scope="session")
def mangling():
    """A sandbox of its own behind a mangler, and its address."""
    server, port = make_server()
    mangler = Mangler(server.get_app())
    server.set_app(mangler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield mangler, f"http://127.0.0.1:{port}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def mangled_world(mangling, moving, monkeypatch, db):
    """Freshly seeded vendors, connected, and the mangler before them."""
    no_naps(monkeypatch)
    mangler, url = mangling
    mangler.set()
    mangler.app.reset("demo", OPTIONS)
    return World(mangler.app, url), mangler
