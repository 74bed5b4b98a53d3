"""An OpenDSR processor as a WSGI application under /v2/.

Beside what ``Wire`` plays it knows the faults ``callback-forged`` (it never completes and
somebody else's callbacks claim completion: see ``forgeries``), ``bad-signature``, ``wrong-domain``,
``never-completes``, ``already-exists`` (takes a request and denies it), ``409``,
``unwrapped-errors``, ``no-zone``, ``null-times``, ``failed-distribution``, ``cancelled``
and ``certificate`` (expired, wrong-san or self-signed).
"""

import base64
import json
import threading
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any

from .. import clock
from ..people import Person
from ..vendor import Environ, Headers, Holding, StartResponse, read_body
from . import answers
from .authority import KINDS, Signer, authority, signer
from .callbacks import Callback, Sender, is_local
from .forgeries import forgeries
from .requests import Asked, Requests, complaint

CLIENT_ID, CLIENT_SECRET = "sandbox-opendsr-client", "sandbox-opendsr-secret"  # noqa: S105
TAKES = 2 * 3600.0  # seconds until a request is completed
FAULTS = frozenset(
    {"callback-forged", "bad-signature", "wrong-domain", "never-completes", "already-exists"}
    | {"409", "unwrapped-errors", "no-zone", "null-times", "failed-distribution", "cancelled"}
)
Reply = tuple[int, dict[str, Any]]


class OpenDSR:
    """One processor behind the prefix ``/opendsr``. ``holds``: it has data of people, unless
    the option says otherwise.
    """

    name = "opendsr"

    def __init__(self, *, holds: bool = True) -> None:
        self._holds = holds
        self.requests: list[dict[str, Any]] = []
        self._lock = threading.RLock()
        self._sender: Sender | None = None
        self.reset((), {}, clock.now())

    def reset(self, people: Sequence[Person], options: Mapping[str, Any], now: datetime) -> None:
        """Start anew.

        Options under "opendsr": ``completes_after`` (seconds), ``key`` (rsa or ec), ``holds``.
        """
        own = options.get("opendsr", {})
        with self._lock:
            if self._sender:
                self._sender.stop()
            takes = timedelta(seconds=float(own.get("completes_after", TAKES)))
            self.asked = Requests(people if own.get("holds", self._holds) else (), takes)
            self.faults: dict[str, Any] = {}
            self.key = str(own.get("key", "rsa"))
            self._told: dict[str, str] = {}  # by request: the word last called back
            self._sender = Sender(self._due)

    def fault(self, name: str, value: Any) -> bool:
        """Switch one of the faults named above; False: not one of them."""
        if name == "certificate" and (not value or value in KINDS) or name in FAULTS:
            self.faults[name] = value
        else:
            return False
        return True

    def holdings(self, person_key: str) -> list[Holding]:
        """One row while anything is held of a person."""
        with self._lock:
            self.asked.advance(clock.now(), self.faults)
            if person_key not in self.asked.held:
                return []
        row = {"system": self.name, "store": "subject_data", "remote_id": "subject"}
        return [row | {"what": "Everything the processor holds"}]

    def credentials(self) -> dict[str, Any]:
        """The client, and the authority to trust."""
        pem = authority().pem.decode()
        return {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, "trusted_ca": pem}

    def error(self, status: int) -> tuple[Headers, bytes]:
        """429 and 5xx in the protocol's words."""
        body = json.dumps(answers.error(status, HTTPStatus(status).phrase, self.faults)).encode()
        pause = [("Retry-After", "2")] if status == 429 else []
        return [("Content-Type", "application/json"), *pause], body

    @property
    def callback_answers(self) -> list[int]:
        """What the callbacks sent since the reset were answered."""
        return list(self._sender.statuses) if self._sender else []

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        parts = environ["PATH_INFO"].strip("/").split("/")
        environ["sandbox.template"] = "/" + "/".join([*parts[:2], *(["{id}"] if parts[2:] else [])])
        with self._lock:
            self.asked.advance(clock.now(), self.faults)
            if (environ["REQUEST_METHOD"], parts) == ("GET", ["v2", "cert.pem"]):
                start_response("200 OK", [("Content-Type", "application/x-pem-file")])
                return [self._signer().pem]
            status, answer = self._answered(environ, parts)
            body = json.dumps(answer).encode()
            headers = [("Content-Type", "application/json"), *self._sealed(environ, status, body)]
        start_response(f"{status} {HTTPStatus(status).phrase}", headers)
        return [body]

    def _answered(self, environ: Environ, parts: list[str]) -> Reply:
        if (environ["REQUEST_METHOD"], parts) == ("GET", ["v2", "discovery"]):
            base = f"{environ['wsgi.url_scheme']}://{environ['HTTP_HOST']}{environ['SCRIPT_NAME']}"
            return 200, answers.discovery(f"{base}/v2/cert.pem")
        if not _is_client(environ):
            return self._refusal(401, "Unauthorized")
        environ["sandbox.client"] = CLIENT_ID
        match environ["REQUEST_METHOD"], parts:
            case "POST", ["v2", "requests"]:
                return self._create(read_body(environ), _host(environ))
            case "GET", ["v2", "requests", request_id] if request_id in self.asked.known:
                return 200, answers.status(self.asked.known[request_id], self.faults)
            case "DELETE", ["v2", "requests", request_id] if request_id in self.asked.known:
                return self._recall(self.asked.known[request_id])
        return self._refusal(404, "Not found")

    def _create(self, raw: bytes, domain: str) -> Reply:
        try:
            body = json.loads(raw)
        except ValueError:
            body = None
        if wrong := complaint(body):
            return self._refusal(400, wrong)
        if body["subject_request_id"] in self.asked.known:
            return self._refusal(400, "Subject request already exists")
        if self.faults.get("409"):
            return self._refusal(409, "A request with the same identities is in progress")
        asked = self.asked.add(body, clock.now(), domain)
        self._told[asked.id] = asked.word
        if self._sender and any(is_local(url) for url in asked.callbacks):
            self._sender.start()
        if self.faults.get("already-exists"):
            return self._refusal(400, "Subject request already exists")
        return 201, answers.receipt(asked, raw, self.faults)

    def _recall(self, asked: Asked) -> Reply:
        if asked.word != "pending":
            return self._refusal(400, "Only a pending request can be cancelled")
        asked.word = "cancelled"
        return 202, answers.recall(asked, clock.now(), self.faults)

    def _refusal(self, status: int, message: str) -> Reply:
        return status, answers.error(status, message, self.faults)

    def _signer(self) -> Signer:
        return signer(str(self.faults.get("certificate") or "good"), self.key)

    def _sealed(self, environ: Environ, status: int, body: bytes) -> Headers:
        if status >= 400 or environ["PATH_INFO"].endswith("/discovery"):
            return []
        return list(self._seal(_host(environ), body, bad=bool(self.faults.get("bad-signature"))))

    def _seal(self, domain: str, body: bytes, *, bad: bool) -> Iterable[tuple[str, str]]:
        """The two headers. A bad signature is a real one of other bytes."""
        if self.faults.get("wrong-domain"):
            domain = "other.example.org"
        yield "X-OpenDSR-Processor-Domain", domain
        yield "X-OpenDSR-Signature", self._signer().sign(body + b" " if bad else body)

    def _due(self) -> list[Callback] | None:
        """Callbacks about what has changed; None when nothing can change any more."""
        with self._lock:
            self.asked.advance(clock.now(), self.faults)
            calling = [asked for asked in self.asked.known.values() if asked.callbacks]
            due = [call for asked in calling for call in self._calls(asked)]
            waiting = due or any(asked.is_open for asked in calling)
        return due if waiting else None

    def _calls(self, asked: Asked) -> Iterable[Callback]:
        forged = bool(self.faults.get("callback-forged"))
        word = "forged" if forged else asked.word
        if self._told.get(asked.id) == word:
            return
        self._told[asked.id] = word
        for url in asked.callbacks:
            if forged:
                yield from forgeries(asked, url, self._signer(), self.faults)
                continue
            body = json.dumps(answers.status(asked, self.faults, url)).encode()
            bad = bool(self.faults.get("bad-signature"))
            yield Callback(url, body, dict(self._seal(asked.domain, body, bad=bad)))


def _host(environ: Environ) -> str:
    return str(environ["HTTP_HOST"]).rsplit(":", 1)[0]


def _is_client(environ: Environ) -> bool:
    scheme, _, basic = environ.get("HTTP_AUTHORIZATION", "").partition(" ")
    expected = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
    return (scheme, basic) == ("Basic", expected)
