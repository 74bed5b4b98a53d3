"""Salesforce as a WSGI application: sign-in, queries, deletion, bulk jobs.

Answers under /services/. Beside what ``Wire`` plays it knows the faults
``salesforce-down`` (503 with a page), ``lying-vendor`` (says done, removes nothing),
``no-hard-delete`` (the permission is missing), ``hidden`` (name of an object the user
must not see), ``expired`` (ends all sessions), ``locked`` (how many deletions answer
UNABLE_TO_LOCK_ROW) and ``limit`` ("TotalRequests" or "ConcurrentRequests").
"""

import base64
import json
import re
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl

from .. import clock
from ..people import Person, stable_id
from ..vendor import Environ, Headers, Holding, StartResponse, read_body, send_json
from . import soap
from .jobs import JobError, Jobs, failed_csv, successful_csv
from .objects import STORES, field_type
from .org import PREFIXES, Org, Record, Refusal, made_id
from .soql import SoqlError, Table, parse

CLIENT_ID, CLIENT_SECRET = "sandbox-salesforce-client", "sandbox-salesforce-secret"  # noqa: S105
PAGE = 2000  # rows of one answer
LONGEST_QUERY = 16_384  # characters of a URL's query
AT_ONCE = 200  # ids of one composite call
_PATH = re.compile(r"/services/data/v(?P<version>\d\d\.\d)/(?P<rest>.+)\Z")
_ID = re.compile(r"[a-zA-Z0-9]{15}([a-zA-Z0-9]{3})?\Z")
_PAGE_HTML = b"<html><body><h1>Service Unavailable</h1></body></html>"


class _ApiError(Exception):
    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code


class Salesforce:
    """One org behind the prefix ``/salesforce``."""

    name = "salesforce"

    def __init__(self) -> None:
        self.requests: list[dict[str, Any]] = []
        self._lock = threading.RLock()
        self.reset((), {}, clock.now())

    def reset(self, people: Sequence[Person], options: Mapping[str, Any], now: datetime) -> None:
        """Start anew. Options under "salesforce": ``page`` (rows), ``tombstone_hours``.

        With the option ``objects`` the org holds every linked object and answers SOAP.
        """
        own = options.get("salesforce", {})
        with self._lock:
            self.org = Org(clock.now)
            self.org.tombstone = timedelta(hours=float(own.get("tombstone_hours", 0)))
            self.org.seed(people, now)
            self.complete = bool(own.get("objects"))  # every object, and the SOAP side
            if self.complete:
                self.org.hold_all(people, now)
            self.jobs = Jobs(self.org)
            self.faults: dict[str, Any] = {}
            self.page = int(own.get("page", PAGE))
            self._tokens: set[str] = set()
            self._issued = 0
            self._used = 0
            self._cursors: dict[str, list[dict[str, Any]]] = {}

    def fault(self, name: str, value: Any) -> bool:
        """Switch one of the faults named above; False: not one of them."""
        if name == "lying-vendor":
            self.org.lying = bool(value)
        elif name == "no-hard-delete":
            self.org.hard_delete = not value
        elif name == "locked":
            self.org.locked = int(value)
        elif name == "expired":
            self._tokens.clear()
        elif name in {"salesforce-down", "hidden", "limit"}:
            self.faults[name] = value
        else:
            return False
        return True

    def holdings(self, person_key: str) -> list[Holding]:
        """What the org truly holds of a person, the recycle bin included."""
        with self._lock:
            return [
                {
                    "system": self.name,
                    "store": STORES[record.kind],
                    "remote_id": record.id,
                    "what": f"{record.kind} in the recycle bin"
                    if record.deleted_at
                    else record.kind,
                }
                for record in self.org.held_of(person_key)
            ]

    def credentials(self) -> dict[str, Any]:
        return {
            "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET,
            "organisation_id": made_id(PREFIXES["Organization"], "org"),
        }

    def error(self, status: int) -> tuple[Headers, bytes]:
        """429 in the vendor's array; 5xx as the page its edge sends."""
        if status >= 500:
            return [("Content-Type", "text/html")], _PAGE_HTML
        body = [{"message": "Too many requests", "errorCode": "TOO_MANY_REQUESTS"}]
        return [("Content-Type", "application/json")], json.dumps(body).encode()

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        with self._lock:
            if self.faults.get("salesforce-down"):
                start_response("503 Service Unavailable", [("Content-Type", "text/html")])
                return [_PAGE_HTML]
            if environ["PATH_INFO"] == "/services/oauth2/token":
                return self._sign_in(environ, start_response)
            self._used += 1
            usage = [("Sforce-Limit-Info", f"api-usage={self._used}/100000")]
            if self.complete and soap.PATH.match(environ["PATH_INFO"]):
                environ["sandbox.template"] = environ["PATH_INFO"]
                code, text = soap.answer(self.org, self._tokens, read_body(environ).decode())
                start_response(f"{code} OK", [("Content-Type", "text/xml"), *usage])
                return [text.encode()]
            try:
                status, body = self._answer(environ)
            except _ApiError as why:
                status, body = why.status, _error(why.code, str(why))
            except SoqlError as why:
                status, body = 400, _error(why.code, str(why))
            except JobError as why:
                status, body = why.status, _error(why.code, str(why))
            if isinstance(body, str):
                start_response(f"{status} OK", [("Content-Type", "text/csv"), *usage])
                return [body.encode()]
            return send_json(start_response, status, body, usage)

    def _sign_in(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """POST /services/oauth2/token, form-encoded (RFC 6749 section 4.4)."""
        environ["sandbox.template"] = "/services/oauth2/token"
        form = dict(parse_qsl(read_body(environ).decode()))
        error = _sign_in_error(environ, form)
        if error:
            return send_json(start_response, 400, error)
        self._issued += 1
        token = f"00Dsandbox!{stable_id('salesforce-token', self._issued)}"
        self._tokens.add(token)
        base = f"{environ['wsgi.url_scheme']}://{environ['HTTP_HOST']}{environ['SCRIPT_NAME']}"
        answer = {
            "access_token": token,
            "instance_url": base,
            "id": f"{base}/id/{made_id('00D', 'org')}/{made_id('005', 'run-as')}",
            "token_type": "Bearer",
            "scope": "api",
            "issued_at": str(int(clock.now().timestamp() * 1000)),
            "signature": "c2FuZGJveA==",
        }
        return send_json(start_response, 200, answer)

    def _answer(self, environ: Environ) -> tuple[int, Any]:
        if environ.get("HTTP_AUTHORIZATION", "").removeprefix("Bearer ") not in self._tokens:
            raise _ApiError(401, "INVALID_SESSION_ID", "Session expired or invalid")
        environ["sandbox.client"] = CLIENT_ID
        if limit := self.faults.get("limit"):
            raise _ApiError(403, "REQUEST_LIMIT_EXCEEDED", f"{limit} Limit exceeded.")
        if len(environ.get("QUERY_STRING", "")) > LONGEST_QUERY:
            raise _ApiError(414, "URI_TOO_LONG", "URI Too Long")
        match = _PATH.match(environ["PATH_INFO"])
        if match is None:
            raise _not_found()
        return self._route(environ, match["version"], match["rest"].split("/"))

    def _route(self, environ: Environ, version: str, parts: list[str]) -> tuple[int, Any]:
        query = dict(parse_qsl(environ.get("QUERY_STRING", ""), keep_blank_values=True))
        method = environ["REQUEST_METHOD"]
        root = f"/services/data/v{version}"
        environ["sandbox.template"] = f"{root}/{_template(parts)}"
        match method, parts:
            case "GET", ["query" | "queryAll" as kind]:
                return 200, self._query(query.get("q", ""), root, deleted=kind == "queryAll")
            case "GET", ["query", cursor]:
                return 200, self._next_page(cursor, root)
            case "GET", ["sobjects"]:
                return 200, {"encoding": "UTF-8", "maxBatchSize": 200, "sobjects": self._listed()}
            case "GET", ["sobjects", kind, "describe"]:
                return 200, self._described(kind)
            case "GET", ["sobjects", kind, id18]:
                return 200, self._read(kind, id18, root)
            case "DELETE", ["sobjects", kind, id18]:
                return self._delete_one(kind, id18)
            case "DELETE", ["composite", "sobjects"]:
                return 200, self._delete_many(query)
            case _, ["jobs", "ingest", *rest]:
                return self._job(environ, version, rest)
        raise _not_found()

    def _table(self, name: str) -> Table | None:
        tables = {key.lower(): table for key, table in self.org.tables.items()}
        hidden = str(self.faults.get("hidden") or "").lower()
        return tables.get(name.lower()) if name.lower() != hidden else None

    def _own(self, kind: str, id18: str) -> tuple[str, str]:
        """The object's own spelling and the id. Raises _ApiError: neither is known."""
        table = self._table(kind)
        if table is None or table.name not in self.org.prefixes or not _ID.match(id18):
            raise _not_found()
        return table.name, id18

    def _query(self, text: str, root: str, *, deleted: bool) -> dict[str, Any]:
        query = parse(text, self._table)
        rows = self.org.select(query, deleted=deleted)
        kind = query.table.name
        records = [
            {"attributes": {"type": kind, "url": f"{root}/sobjects/{kind}/{row.get('Id')}"}, **row}
            for row in rows
        ]
        cursor = f"01g{len(self._cursors):015d}"
        return self._paged(records, len(records), cursor, 0, root)

    def _next_page(self, locator: str, root: str) -> dict[str, Any]:
        cursor, _, at = locator.partition("-")
        if cursor not in self._cursors or not at.isdigit():
            raise _ApiError(400, "INVALID_QUERY_LOCATOR", "invalid query locator")
        records = self._cursors[cursor]
        return self._paged(records, len(records), cursor, int(at), root)

    def _paged(
        self, records: list[dict[str, Any]], total: int, cursor: str, at: int, root: str
    ) -> dict[str, Any]:
        end = at + self.page
        answer = {"totalSize": total, "done": end >= total, "records": records[at:end]}
        if end < total:
            self._cursors[cursor] = records
            answer["nextRecordsUrl"] = f"{root}/query/{cursor}-{end}"
        return answer

    def _listed(self) -> list[dict[str, Any]]:
        """Every object the user may see; a hidden one is missing, as an absent one is."""
        shown = (table for name in self.org.tables if (table := self._table(name)))
        return [
            {"name": each.name, "queryable": True, "deletable": each.name in self.org.deletable}
            for each in shown
        ]

    def _described(self, kind: str) -> dict[str, Any]:
        table = self._table(kind)
        if table is None:
            raise _not_found()
        fields = [
            {
                "name": name,
                "type": field_type(name),
                "filterable": name not in table.unfilterable,
                "custom": name.endswith("__c"),
            }
            for name in table.fields
        ]
        deletable = table.name in self.org.deletable
        return {"name": table.name, "queryable": True, "deletable": deletable, "fields": fields}

    def _read(self, kind: str, id18: str, root: str) -> dict[str, Any]:
        record = self.org.get(*self._own(kind, id18))
        if not isinstance(record, Record):
            raise _ApiError(record.status, record.code, record.message)
        url = f"{root}/sobjects/{record.kind}/{record.id}"
        return {"attributes": {"type": record.kind, "url": url}, **record.values}

    def _delete_one(self, kind: str, id18: str) -> tuple[int, None]:
        refusal = self._refused(*self._own(kind, id18)) or self.org.delete(*self._own(kind, id18))
        if refusal:
            raise _ApiError(refusal.status, refusal.code, refusal.message)
        return 204, None

    def _refused(self, kind: str, id18: str) -> Refusal | None:
        if kind in self.org.deletable:
            return None
        text = f"insufficient access rights on object id: {id18}"
        return Refusal("INSUFFICIENT_ACCESS_OR_READONLY", text)

    def _delete_many(self, query: Mapping[str, str]) -> list[dict[str, Any]]:
        ids = query.get("ids", "").split(",")
        if len(ids) > AT_ONCE:
            raise _ApiError(400, "EXCEEDED_ID_LIMIT", "record limit reached. cannot submit more")
        if query.get("allOrNone", "false") != "false":
            raise _ApiError(400, "NOT_SUPPORTED", "This sandbox deletes with allOrNone=false only.")
        return [self._delete_item(each) for each in ids]

    def _delete_item(self, id18: str) -> dict[str, Any]:
        kinds = {prefix: kind for kind, prefix in self.org.prefixes.items()}
        kind = kinds.get(id18[:3], "")
        if not _ID.match(id18) or not kind or self._table(kind) is None:
            return _item("", Refusal("MALFORMED_ID", "malformed id"))
        refusal = self._refused(kind, id18) or self.org.delete(kind, id18)
        if refusal and refusal.code == "NOT_FOUND":
            refusal = Refusal("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id")
        return _item(id18, refusal)

    def _job(self, environ: Environ, version: str, parts: list[str]) -> tuple[int, Any]:
        jobs, method = self.jobs, environ["REQUEST_METHOD"]
        if (method, parts) == ("POST", []):
            return 200, jobs.create(_json(environ)).shown(version)
        if (method, parts) == ("GET", []):
            return 200, {
                "done": True,
                "records": [job.shown(version) for job in jobs.known.values()],
            }
        job = jobs.named(parts[0] if parts else "")
        match method, parts[1:]:
            case "PUT", ["batches"]:
                jobs.upload(job, read_body(environ).decode())
                return 201, None
            case "PATCH", []:
                jobs.change(job, _json(environ).get("state"))
                return 200, job.shown(version)
            case "GET", []:
                jobs.advance(job)
                return 200, job.shown(version)
            case "GET", ["successfulResults" | "failedResults" as wanted]:
                show: Callable[..., str] = successful_csv if wanted[0] == "s" else failed_csv
                return 200, show(job)
        raise _not_found()


def _sign_in_error(environ: Environ, form: Mapping[str, str]) -> dict[str, str] | None:
    if form.get("grant_type") != "client_credentials":
        text = "grant type not supported"
        return {"error": "unsupported_grant_type", "error_description": text}
    given = (form.get("client_id", ""), form.get("client_secret", ""))
    scheme, _, basic = environ.get("HTTP_AUTHORIZATION", "").partition(" ")
    if scheme == "Basic":
        name, _, secret = base64.b64decode(basic).decode().partition(":")
        given = (name, secret)
    if given[0] != CLIENT_ID:
        return {"error": "invalid_client_id", "error_description": "client identifier invalid"}
    if given[1] != CLIENT_SECRET:
        return {"error": "invalid_client", "error_description": "invalid client credentials"}
    return None


def _item(id18: str, refusal: Refusal | None) -> dict[str, Any]:
    """One result of a composite deletion."""
    errors = []
    if refusal:
        errors = [{"statusCode": refusal.code, "message": refusal.message, "fields": []}]
    return {**({"id": id18} if id18 else {}), "success": refusal is None, "errors": errors}


def _error(code: str, message: str) -> list[dict[str, str]]:
    return [{"message": message, "errorCode": code}]


def _not_found() -> _ApiError:
    return _ApiError(404, "NOT_FOUND", "The requested resource does not exist")


def _json(environ: Environ) -> dict[str, Any]:
    try:
        given = json.loads(read_body(environ) or b"{}")
    except ValueError:
        raise _ApiError(400, "JSON_PARSER_ERROR", "The body is no JSON.") from None
    if not isinstance(given, dict):
        raise _ApiError(400, "JSON_PARSER_ERROR", "The body is no JSON object.")
    return given


def _template(parts: Sequence[str]) -> str:
    """The path with ids and cursors named, not shown."""
    return "/".join("{id}" if _ID.match(part) or part[:3] == "01g" else part for part in parts)
