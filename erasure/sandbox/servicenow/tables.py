"""The Table API, its attachments and its counts: access rules, pages, how values look."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlencode

from ..vendor import Environ, Headers, read_body
from .instance import Instance, Record
from .schema import PROTECTED, TABLES, columns, references

Params = Mapping[str, str]
_RANGED = re.compile(r"[a-z0-9_](?:NOT LIKE|LIKE|STARTSWITH|ENDSWITH)")


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: Any = None
    headers: Headers = field(default_factory=list)


class ApiError(Exception):
    """An answer in the vendor's words for an error."""

    def __init__(
        self, status: int, message: str, detail: str | None, headers: Headers | None = None
    ) -> None:
        super().__init__(message)
        self.status, self.message, self.detail = status, message, detail
        self.headers = headers or []

    def body(self) -> dict[str, Any]:
        told = {"message": self.message, "detail": self.detail}
        return {"error": told, "status": "failure"}


def absent() -> ApiError:
    detail = "Record doesn't exist or ACL restricts the record retrieval"
    return ApiError(404, "No Record found", detail)


class Tables:
    """Answers for one instance; ``faults`` are the vendor's."""

    def __init__(self, instance: Instance, faults: dict[str, Any]) -> None:
        self.instance = instance
        self.faults = faults

    def route(self, environ: Environ, parts: list[str]) -> Answer:
        """Send a call to what answers it. Raises ApiError."""
        if parts[:2] != ["api", "now"]:
            raise ApiError(400, "Requested URI does not represent any resource", None)
        first = parts[2] if len(parts) > 2 else ""
        version = first if first in {"v1", "v2"} else ""
        rest = parts[3:] if version else parts[2:]
        method = environ["REQUEST_METHOD"]
        params = dict(parse_qsl(environ.get("QUERY_STRING", ""), keep_blank_values=True))
        root = "/".join(["/api/now", version]) if version else "/api/now"
        match method, rest:
            case "GET", ["stats", table]:
                environ["sandbox.template"] = f"{root}/stats/{table}"
                return self._count(table, params)
            case "GET", ["attachment", own, "file"]:
                environ["sandbox.template"] = f"{root}/attachment/{{sys_id}}/file"
                self._row("sys_attachment", own)
                return Answer(200, "sandbox letter")
            case _, ["attachment", *key]:
                rest = ["table", "sys_attachment", *key]
        match method, rest:
            case "GET", ["table", table]:
                environ["sandbox.template"] = f"{root}/table/{table}"
                return self._list(environ, table, params, version)
            case "POST", ["table", table]:
                environ["sandbox.template"] = f"{root}/table/{table}"
                self._open(table)
                record = self.instance.create(table, json.loads(read_body(environ)))
                return Answer(201, {"result": self._shown(environ, record, params, table)})
            case _, ["table", table, own]:
                environ["sandbox.template"] = f"{root}/table/{table}/{{sys_id}}"
                return self._one(environ, method, table, own, params)
        raise ApiError(400, "Requested URI does not represent any resource", None)

    def _open(self, table: str) -> None:
        """Raises ApiError: no such table, closed to REST, or its access rules refuse."""
        if table not in TABLES:
            raise ApiError(400, f"Invalid table {table}", None)
        if self.faults.get("closed") == table:
            raise ApiError(403, "User Not Authorized", "Failed API level ACL Validation")
        if self.faults.get("servicenow-403") in (table, "all"):
            raise _refused()

    def _row(self, table: str, own: str) -> Record:
        self._open(table)
        record = self.instance.get(table, own)
        if record is None or self._hides(record, table):
            raise absent()
        return record

    def _hides(self, record: Record, table: str) -> bool:
        return bool(self.faults.get("hidden")) and self.faults["hidden"] in (record.table, table)

    def _one(self, environ: Environ, method: str, table: str, own: str, params: Params) -> Answer:
        record = self._row(table, own)
        if method == "DELETE":
            self._delete(record, table)
            return Answer(204)
        if method in ("PATCH", "PUT"):
            if record.table in PROTECTED:
                raise _refused()
            self.instance.patch(record, json.loads(read_body(environ)))
            if environ.get("HTTP_X_NO_RESPONSE_BODY") == "true":
                return Answer(204)
        elif method != "GET":
            raise ApiError(405, "Method not supported", None)
        return Answer(200, {"result": self._shown(environ, record, params, table)})

    def _delete(self, record: Record, table: str) -> None:
        traces = TABLES[record.table].trace and self.instance.audit_open
        if record.table in PROTECTED and not traces:
            raise _refused()
        if self.faults.get("business-rule") in (record.table, table):
            rule = "Legal hold^0123456789abcdef0123456789abcdef"
            detail = f"Operation against file '{table}' was aborted by Business Rule '{rule}'."
            raise ApiError(403, "Operation Failed", detail)
        self.instance.delete(record)

    def _list(self, environ: Environ, table: str, params: Params, version: str) -> Answer:
        """The limit applies before the access rules, the count knows none of them."""
        self._open(table)
        if left := self.faults.get("cancelled"):
            self.faults["cancelled"] = left if left is True else left - 1
            detail = "Transaction cancelled: maximum execution time exceeded"
            raise ApiError(500, "Transaction cancelled", detail)
        asked = params.get("sysparm_query", "")
        if self.faults.get("no-like") and _RANGED.search(asked):
            raise _refused()
        found = self.instance.select(table, asked)
        at, limit = _number(params, "sysparm_offset", 0), _number(params, "sysparm_limit", 10_000)
        page = [each for each in found[at : at + limit] if not self._hides(each, table)]
        headers: Headers = []
        if params.get("sysparm_no_count") != "true":
            headers.append(("X-Total-Count", str(len(found))))
        if params.get("sysparm_suppress_pagination_header") != "true":
            headers.append(("Link", _links(environ, params, at, limit, len(found))))
        if not page and version == "v1":
            raise ApiError(404, "No Record found", absent().detail, headers)
        rows = [self._shown(environ, each, params, table) for each in page]
        return Answer(200, {"result": rows}, headers)

    def _count(self, table: str, params: Params) -> Answer:
        self._open(table)
        found = self.instance.select(table, params.get("sysparm_query", ""))
        return Answer(200, {"result": {"stats": {"count": str(len(found))}}})

    def _shown(self, environ: Environ, record: Record, params: Params, table: str) -> Any:
        """The columns asked for that exist, those of the table asked."""
        known = columns(table)
        asked = [name for name in params.get("sysparm_fields", "").split(",") if name]
        names = [name for name in asked if name.split(".")[0] in known] if asked else sorted(known)
        return {name: self._value(environ, record, name, params) for name in names}

    def _value(self, environ: Environ, record: Record, name: str, params: Params) -> Any:
        value = self.instance.read(record.values, name)
        if self.faults.get("hidden-column") == f"{record.table}.{name}":
            value = ""
        mode = params.get("sysparm_display_value", "false")
        to = references(record.table).get(name) if value else None
        shown = self._display(value) if to else value
        told: dict[str, str] = {}
        if to and params.get("sysparm_exclude_reference_link") != "true":
            told["link"] = f"{_base(environ)}/api/now/table/{to}/{value}"
        if mode == "all":
            return {"display_value": shown, "value": value, **told}
        if not told:
            return shown if mode == "true" else value
        return {"display_value": shown, **told} if mode == "true" else {**told, "value": value}

    def _display(self, own: str) -> str:
        record = self.instance.records.get(own)
        return record.values.get("name") or record.values.get("number", "") if record else ""


def _refused() -> ApiError:
    detail = "ACL Exception Delete Failed due to security constraints"
    return ApiError(403, "Operation Failed", detail)


def _number(params: Params, name: str, usual: int) -> int:
    given = params.get(name, "")
    return int(given) if given.isdecimal() else usual


def _base(environ: Environ) -> str:
    host = environ.get("HTTP_HOST", "127.0.0.1")
    return f"{environ.get('wsgi.url_scheme', 'http')}://{host}{environ.get('SCRIPT_NAME', '')}"


def _links(environ: Environ, params: Params, at: int, limit: int, total: int) -> str:
    step = max(limit, 1)
    pages = {"first": 0, "last": max(total - 1, 0) // step * step}
    if at > 0:
        pages["prev"] = max(at - step, 0)
    if at + step < total:
        pages["next"] = at + step
    base = f"{_base(environ)}{environ['PATH_INFO']}"
    return ",".join(
        f'<{base}?{urlencode({**params, "sysparm_offset": place})}>;rel="{name}"'
        for name, place in pages.items()
    )
