"""ServiceNow as a WSGI application: sign-in, Table API, attachments, batch, counts.

Beside what ``Wire`` plays it knows the faults ``servicenow-403`` (a table whose reads and
deletions the ACL refuses; true: sn_customerservice_case; "all": every table),
``lying-vendor`` (204, nothing removed), ``hidden`` (a table whose rows are counted but not
shown), ``invalid-columns-refused`` (such a query finds nothing), ``rate`` (calls that answer
429; true: all), ``closed`` (a table closed to REST), ``no-like`` (query rules allow no LIKE,
STARTSWITH, ENDSWITH), ``business-rule`` (a table whose deletions a rule aborts),
``audit-open`` (audit rows may be deleted), ``expired`` (ends the session), ``cancelled`` (how
many lists take too long), ``hidden-column`` ("table.column" that comes empty) and
``batch-quota`` (how many items of a batch are served).
"""

import base64
import json
import threading
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from io import BytesIO
from typing import Any
from urllib.parse import parse_qsl

from .. import clock
from ..people import Person, stable_id
from ..vendor import Environ, Headers, Holding, StartResponse, read_body, send_json
from .holdings import holdings
from .instance import Instance
from .tables import Answer, ApiError, Tables

CLIENT_ID, CLIENT_SECRET = "sandbox-servicenow-client", "sandbox-servicenow-secret"  # noqa: S105
USER, PASSWORD = "sandbox-servicenow-user", "sandbox-servicenow-password"  # noqa: S105
LIFE = timedelta(seconds=1799)
LONGEST_QUERY = 6_000  # characters of a URL's query
NAMED = frozenset((
    "hidden", "hidden-column", "cancelled", "no-like", "closed", "business-rule", "batch-quota",
    "rate",
))  # fmt: skip
_FAILED = {"error_description": "access_denied", "error": "server_error"}


class ServiceNow:
    """One instance behind the prefix ``/servicenow``. ``holds``: it has data of people, unless
    a reset says otherwise."""

    name = "servicenow"

    def __init__(self, *, holds: bool = True) -> None:
        self._holds = holds
        self.requests: list[dict[str, Any]] = []
        self._lock = threading.RLock()
        self.reset((), {}, clock.now())

    def reset(self, people: Sequence[Person], options: Mapping[str, Any], now: datetime) -> None:
        """Start anew. Options under "servicenow": ``audit_open``, ``holds``."""
        own = options.get("servicenow", {})
        with self._lock:
            self.instance = Instance(clock.now)
            self.instance.audit_open = bool(own.get("audit_open", False))
            self.instance.seed(people if own.get("holds", self._holds) else (), now)
            self.faults: dict[str, Any] = {}
            self.tables = Tables(self.instance, self.faults)
            self._token, self._issued = "", 0
            self._until = now

    def fault(self, name: str, value: Any) -> bool:
        """Switch one of the faults named above; False: not one of them."""
        if name == "servicenow-403":
            self.faults[name] = "sn_customerservice_case" if value is True else value
        elif name == "lying-vendor":
            self.instance.lying = bool(value)
        elif name == "invalid-columns-refused":
            self.instance.strict = bool(value)
        elif name == "audit-open":
            self.instance.audit_open = bool(value)
        elif name == "expired":
            self._token = ""
        elif name in NAMED:
            self.faults[name] = value
        else:
            return False
        return True

    def holdings(self, person_key: str) -> list[Holding]:
        """What the instance truly holds of a person, its copies included."""
        with self._lock:
            return holdings(self.instance, person_key)

    def credentials(self) -> dict[str, Any]:
        return {
            "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET,
            "user": USER,
            "password": PASSWORD,
        }

    def error(self, status: int) -> tuple[Headers, bytes]:
        """429 with its headers, 5xx, in the vendor's words."""
        answer = _limited() if status == 429 else ApiError(status, "Transaction cancelled", None)
        headers = [("Content-Type", "application/json"), *answer.headers]
        return headers, json.dumps(answer.body()).encode()

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        with self._lock:
            if environ["PATH_INFO"] == "/oauth_token.do":
                return self._sign_in(environ, start_response)
            try:
                answer = self._answer(environ)
            except ApiError as why:
                answer = Answer(why.status, why.body(), why.headers)
            return send_json(start_response, answer.status, answer.body, answer.headers)

    def _sign_in(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """POST /oauth_token.do, form-encoded; the same token until it ends."""
        environ["sandbox.template"] = "/oauth_token.do"
        form = dict(parse_qsl(read_body(environ).decode("utf-8", "replace")))
        given = (form.get("client_id"), form.get("client_secret"))
        good = form.get("grant_type") == "client_credentials"
        if form.get("grant_type") == "password":
            good = (form.get("username"), form.get("password")) == (USER, PASSWORD)
        if environ["REQUEST_METHOD"] != "POST" or not good or given != (CLIENT_ID, CLIENT_SECRET):
            return send_json(start_response, 401, _FAILED)
        now = clock.now()
        if not self._token or now >= self._until:
            self._issued += 1
            self._token = stable_id("servicenow-token", self._issued)
            self._until = now + LIFE
        answer = {
            "access_token": self._token,
            "token_type": "Bearer",
            "expires_in": int((self._until - now).total_seconds()),
            "scope": "useraccount",
        }
        return send_json(start_response, 200, answer)

    def _answer(self, environ: Environ) -> Answer:
        self._recognise(environ)
        if len(environ.get("QUERY_STRING", "")) > LONGEST_QUERY:
            raise ApiError(414, "URI Too Long", None)
        if left := self.faults.get("rate"):
            self.faults["rate"] = left if left is True else left - 1
            raise _limited()
        parts = environ["PATH_INFO"].strip("/").split("/")
        if environ["REQUEST_METHOD"] == "POST" and parts == ["api", "now", "v1", "batch"]:
            environ["sandbox.template"] = "/api/now/v1/batch"
            return self._batch(environ)
        return self.tables.route(environ, parts)

    def _recognise(self, environ: Environ) -> None:
        """Bearer or Basic. Raises ApiError: neither is known."""
        scheme, _, given = environ.get("HTTP_AUTHORIZATION", "").partition(" ")
        pair = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        alive = self._token and clock.now() < self._until
        if scheme == "Bearer" and alive and given == self._token:
            environ["sandbox.client"] = CLIENT_ID
        elif scheme == "Basic" and given == pair:
            environ["sandbox.client"] = USER
        else:
            detail = "Required to provide Auth information"
            raise ApiError(401, "User is not authenticated", detail)

    def _batch(self, environ: Environ) -> Answer:
        """One after another; 200 says nothing about the items."""
        given = json.loads(read_body(environ) or b"{}")
        asked = given.get("rest_requests", [])
        most = int(self.faults.get("batch-quota") or len(asked))
        served = [self._item(environ, each) for each in asked[:most]]
        return Answer(
            200,
            {
                "batch_request_id": given.get("batch_request_id", ""),
                "serviced_requests": served,
                "unserviced_requests": [each["id"] for each in asked[most:]],
            },
        )

    def _item(self, environ: Environ, asked: Mapping[str, Any]) -> dict[str, Any]:
        path, _, query = str(asked["url"]).partition("?")
        body = base64.b64decode(asked.get("body", ""))
        own = {**environ, "REQUEST_METHOD": asked["method"], "PATH_INFO": path,
               "QUERY_STRING": query, "CONTENT_LENGTH": str(len(body)),
               "wsgi.input": BytesIO(body)}  # fmt: skip
        try:
            answer = self.tables.route(own, path.strip("/").split("/"))
        except ApiError as why:
            answer = Answer(why.status, why.body())
        text = "" if answer.body is None else json.dumps(answer.body)
        return {
            "id": asked["id"],
            "status_code": answer.status,
            "status_text": "OK" if answer.status < 400 else "Failed",
            "body": base64.b64encode(text.encode()).decode(),
            "execution_time": 1,
        }


def _limited() -> ApiError:
    detail = "Rate limit of 100 requests per hour for Table API exceeded"
    reset = str(int(clock.now().timestamp()) + 2)
    return ApiError(429, "Rate limit exceeded", detail, [
        ("Retry-After", "2"), ("X-RateLimit-Limit", "100"), ("X-RateLimit-Reset", reset),
        ("X-RateLimit-Rule", stable_id("servicenow-rule").replace("-", "")),
    ])  # fmt: skip
