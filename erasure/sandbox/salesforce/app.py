"""Salesforce as a WSGI application: sign-in, faults, and what the org truly holds.

Answers under /services/. Beside what ``Wire`` plays it knows the faults
``salesforce-down`` (503 with a page), ``lying-vendor`` (says done, removes nothing),
``no-hard-delete`` and ``no-history-delete`` (the permission is missing), ``no-search``,
``hidden``, ``hidden-field``, ``hidden-row``, ``untouchable`` (an object, "Contact.Email",
a row's id or a person's key, an object nobody may delete from; or lists of these),
``expired`` (ends all sessions), ``locked`` (how many deletions answer
UNABLE_TO_LOCK_ROW), ``cursor`` (how many next pages are stale), ``timeout-after`` (how
many DELETE calls are carried out and never answered) and ``limit`` ("TotalRequests" or
"ConcurrentRequests").
"""

import json
import re
import threading
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl

from .. import clock
from ..people import Person
from ..vendor import (
    DroppedError,
    Environ,
    Headers,
    Holding,
    StartResponse,
    read_body,
    send_json,
)
from . import back, signin, soap
from .jobs import JobError
from .org import Org
from .records import Record, made_id
from .rest import PAGE, ApiError, Rest, refused
from .schema import PREFIXES, STORES
from .soql import SoqlError

LONGEST_QUERY = 16_384  # characters of a URL's query
_PATH = re.compile(r"/services/data/v(?P<version>\d\d\.\d)/(?P<rest>.+)\Z")
_PAGE_HTML = b"<html><body><h1>Service Unavailable</h1></body></html>"


class Salesforce:
    """One org behind the prefix ``/salesforce``. ``objects``: it has every object, unless
    a reset says otherwise."""

    name = "salesforce"

    def __init__(self, *, objects: bool = False) -> None:
        self._objects = objects
        self.requests: list[dict[str, Any]] = []
        self._lock = threading.RLock()
        self.reset((), {}, clock.now())

    def reset(self, people: Sequence[Person], options: Mapping[str, Any], now: datetime) -> None:
        """Start anew. Options under "salesforce": ``page`` (rows), ``tombstone_hours``,
        ``search_lag_minutes``, ``jwt_tokens`` (tokens look like a JWT, SOAP refuses them).

        With the option ``objects`` the org holds every linked object and answers SOAP;
        then ``person_accounts`` false takes that feature away, and ``employee`` lets a
        member of staff use the first person's address.
        """
        own = options.get("salesforce", {})
        with self._lock:
            self.seeded = now
            self.complete = bool(
                own.get("objects", self._objects)
            )  # every object, and the SOAP side
            self.org = Org(clock.now)
            self.org.tombstone = timedelta(hours=float(own.get("tombstone_hours", 0)))
            self.org.index_lag = timedelta(minutes=float(own.get("search_lag_minutes", 0)))
            self.org.person_accounts = self.complete and bool(own.get("person_accounts", True))
            employee = bool(own.get("employee"))
            self.org.seed(people, now, complete=self.complete, employee=employee)
            self.rest = Rest(self.org, int(own.get("page", PAGE)))
            self.faults: dict[str, Any] = {}
            self._jwt_tokens = bool(own.get("jwt_tokens"))
            self._tokens: set[str] = set()
            self._issued = 0
            self._used = 0

    def fault(self, name: str, value: Any) -> bool:
        """Switch one of the faults named above; False: not one of them."""
        org, sight = self.org, self.org.sight
        match name:
            case "lying-vendor":
                org.lying = bool(value)
            case "no-hard-delete":
                org.hard_delete = not value
            case "no-history-delete":
                org.history_delete = not value
            case "no-search":
                self.rest.searching = not value
            case "locked":
                org.locked = int(value)
            case "cursor":
                self.rest.stale = int(value)
            case "expired":
                self._tokens.clear()
            case "hidden":
                sight.objects = _names(value)
            case "hidden-field":
                sight.fields = _names(value)
            case "hidden-row":
                sight.rows = _names(value)
            case "untouchable":
                org.untouchable = _names(value)
            case "salesforce-down" | "limit" | "timeout-after":
                self.faults[name] = value
            case _:
                return False
        return True

    def comes_back(self, people: Sequence[Person], key: str, *, restore: bool) -> int:
        """See ``Returns``."""
        with self._lock:
            if restore:
                return back.restored(self.org, people, self.seeded, complete=self.complete, key=key)
            return back.imported(self.org, next(one for one in people if one.key == key))

    def holdings(self, person_key: str) -> list[Holding]:
        """What the org truly holds of a person, the recycle bin included."""
        with self._lock:
            return [_holding(record) for record in self.org.held_of(person_key)]

    def credentials(self) -> dict[str, Any]:
        return {
            "client_id": signin.CLIENT_ID,
            "client_secret": signin.CLIENT_SECRET,
            "organisation_id": made_id(PREFIXES["Organization"], "org"),
            "jwt_user": signin.JWT_USER,
            "private_key": signin.private_key(),
        }

    def error(self, status: int) -> tuple[Headers, bytes]:
        """429 in the vendor's array; 5xx as the page its edge sends."""
        if status >= 500:
            return [("Content-Type", "text/html")], _PAGE_HTML
        body = [{"message": "Too many requests", "errorCode": "TOO_MANY_REQUESTS"}]
        return [("Content-Type", "application/json")], json.dumps(body).encode()

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a call. Raises DroppedError: the fault ``timeout-after`` was due."""
        with self._lock:
            if self.faults.get("salesforce-down"):
                start_response("503 Service Unavailable", [("Content-Type", "text/html")])
                return [_PAGE_HTML]
            if environ["PATH_INFO"] == signin.PATH:
                return self._sign_in(environ, start_response)
            self._used += 1
            usage = [("Sforce-Limit-Info", f"api-usage={self._used}/100000")]
            if self.complete and soap.PATH.match(environ["PATH_INFO"]):
                environ["sandbox.template"] = environ["PATH_INFO"]
                code, text = soap.answer(self.org, self._tokens, read_body(environ).decode())
                start_response(f"{code} OK", [("Content-Type", "text/xml"), *usage])
                return [text.encode()]
            status, body = self._told(environ)
            if environ["REQUEST_METHOD"] == "DELETE" and self.faults.get("timeout-after"):
                self.faults["timeout-after"] -= 1
                raise DroppedError("The sandbox carried the call out and did not answer.")
            if isinstance(body, str):
                start_response(f"{status} OK", [("Content-Type", "text/csv"), *usage])
                return [body.encode()]
            return send_json(start_response, status, body, usage)

    def _sign_in(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """POST /services/oauth2/token, form-encoded (RFC 6749 section 4.4, RFC 7523)."""
        environ["sandbox.template"] = signin.PATH
        form = dict(parse_qsl(read_body(environ).decode()))
        host = environ["HTTP_HOST"]
        base = f"{environ['wsgi.url_scheme']}://{host}{environ['SCRIPT_NAME']}"
        authorization = environ.get("HTTP_AUTHORIZATION", "")
        error = signin.refusal(form, authorization, base, host)
        if error:
            return send_json(start_response, 400, error)
        self._issued += 1
        token = signin.token(self._issued, jwt=self._jwt_tokens)
        self._tokens.add(token)
        signed = form.get("grant_type") == signin.JWT_BEARER
        return send_json(start_response, 200, signin.granted(token, base, signed=signed))

    def _told(self, environ: Environ) -> tuple[int, Any]:
        try:
            return self._answer(environ)
        except ApiError as why:
            refusal = why.refusal
            return refusal.status, _error(refusal.code, refusal.message, refusal.fields)
        except SoqlError as why:
            return 400, _error(why.code, str(why))
        except JobError as why:
            return why.status, _error(why.code, str(why))

    def _answer(self, environ: Environ) -> tuple[int, Any]:
        if environ.get("HTTP_AUTHORIZATION", "").removeprefix("Bearer ") not in self._tokens:
            raise refused(401, "INVALID_SESSION_ID", "Session expired or invalid")
        environ["sandbox.client"] = signin.CLIENT_ID
        if limit := self.faults.get("limit"):
            raise refused(403, "REQUEST_LIMIT_EXCEEDED", f"{limit} Limit exceeded.")
        if len(environ.get("QUERY_STRING", "")) > LONGEST_QUERY:
            raise refused(414, "URI_TOO_LONG", "URI Too Long")
        match = _PATH.match(environ["PATH_INFO"])
        if match is None:
            raise refused(404, "NOT_FOUND", "The requested resource does not exist")
        return self.rest.answer(environ, match["version"], match["rest"].split("/"))


def _holding(record: Record) -> Holding:
    """A person account's own contact is counted with the account."""
    paired = record.kind == "Contact" and record.values.get("IsPersonAccount")
    return {
        "system": Salesforce.name,
        "store": STORES["Account" if paired else record.kind],
        "remote_id": record.id,
        "what": record.kind if record.live else f"{record.kind} in the recycle bin",
    }


def _names(value: Any) -> frozenset[str]:
    """One name, several, or none."""
    return frozenset([value] if isinstance(value, str) else value or ())


def _error(code: str, message: str, fields: Sequence[str] = ()) -> list[dict[str, Any]]:
    return [{"message": message, "errorCode": code} | ({"fields": list(fields)} if fields else {})]
