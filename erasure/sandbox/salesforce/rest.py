"""The REST calls below /services/data: queries, search, records, deletion, bulk jobs."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from typing import Any
from urllib.parse import parse_qsl

from ..vendor import Environ, read_body
from . import sosl
from .changes import change
from .deletion import delete
from .describe import described, listed
from .jobs import Jobs, failed_csv, successful_csv
from .org import Org
from .records import ID, NOT_FOUND, UNKNOWN_ID, Refusal
from .schema import SETUP, SObject
from .soql import parse

PAGE = 2000  # rows of one answer
AT_ONCE = 200  # ids of one composite call
_ROLLED_BACK = Refusal(
    "ALL_OR_NONE_OPERATION_ROLLED_BACK",
    "Record rolled back because not all records were valid and the request was using "
    "AllOrNone header",
)


class ApiError(Exception):
    """A refusal as the vendor words it."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.message)
        self.refusal = refusal


def refused(status: int, code: str, message: str) -> ApiError:
    return ApiError(Refusal(code, message, status))


class Rest:
    """One org's calls, its open cursors and its jobs."""

    def __init__(self, org: Org, page: int = PAGE) -> None:
        self.org = org
        self.jobs = Jobs(org)
        self.page = page
        self.searching = True
        self.stale = 0  # how many next pages answer INVALID_QUERY_LOCATOR
        self._cursors: dict[str, list[dict[str, Any]]] = {}

    def answer(self, environ: Environ, version: str, parts: list[str]) -> tuple[int, Any]:
        """Status and body. Raises ApiError, SoqlError, JobError."""
        query = dict(parse_qsl(environ.get("QUERY_STRING", ""), keep_blank_values=True))
        root = f"/services/data/v{version}"
        environ["sandbox.template"] = f"{root}/{_template(parts)}"
        match environ["REQUEST_METHOD"], parts:
            case "GET", ["query" | "queryAll" as kind]:
                return 200, self._query(query.get("q", ""), root, deleted=kind == "queryAll")
            case "GET", ["query", cursor]:
                return 200, self._next_page(cursor, root)
            case "GET", ["search"]:
                return 200, self._search(sosl.parse(query.get("q", ""), self.org), root)
            case "GET" | "POST" as method, ["parameterizedSearch"]:
                return 200, self._search(self._plain(query, environ, method), root)
            case "GET", ["limits"]:
                return 200, {"DailyApiRequests": {"Max": 100_000, "Remaining": 90_000}}
            case "GET", ["sobjects"]:
                sobjects = listed(self.org)
                return 200, {"encoding": "UTF-8", "maxBatchSize": 200, "sobjects": sobjects}
            case "GET", ["sobjects", kind, "describe"]:
                return 200, described(self.org, self._sobject(kind))
            case _, ["sobjects", kind, id18]:
                return self._record(environ, kind, id18, root)
            case "DELETE", ["composite", "sobjects"]:
                return 200, self._delete_many(query)
            case _, ["jobs", "ingest", *rest]:
                return self._job(environ, version, rest)
        raise ApiError(NOT_FOUND)

    def _sobject(self, kind: str) -> SObject:
        shown = self.org.sobject(kind)
        if shown is None:
            raise ApiError(NOT_FOUND)
        return shown

    def _query(self, text: str, root: str, *, deleted: bool) -> dict[str, Any]:
        query = parse(text, self.org.table)
        kind = query.table.name
        records = [
            {"attributes": {"type": kind, "url": f"{root}/sobjects/{kind}/{row.get('Id')}"}, **row}
            for row in self.org.select(query, deleted=deleted)
        ]
        return self._paged(records, f"01g{len(self._cursors):015d}", 0, root)

    def _next_page(self, locator: str, root: str) -> dict[str, Any]:
        cursor, _, at = locator.partition("-")
        self.stale, stale = max(0, self.stale - 1), self.stale
        if stale or cursor not in self._cursors or not at.isdigit():
            raise refused(400, "INVALID_QUERY_LOCATOR", "invalid query locator")
        return self._paged(self._cursors[cursor], cursor, int(at), root)

    def _paged(
        self, records: list[dict[str, Any]], cursor: str, at: int, root: str
    ) -> dict[str, Any]:
        total, end = len(records), at + self.page
        answer = {"totalSize": total, "done": end >= total, "records": records[at:end]}
        if end < total:
            self._cursors[cursor] = records
            answer["nextRecordsUrl"] = f"{root}/query/{cursor}-{end}"
        return answer

    def _search(self, search: sosl.Search, root: str) -> dict[str, Any]:
        if not self.searching:
            raise refused(400, "MALFORMED_SEARCH", "search is not available")
        return {"searchRecords": sosl.run(search, self.org, root)}

    def _plain(self, query: Mapping[str, str], environ: Environ, method: str) -> sosl.Search:
        given: dict[str, Any] = body_of(environ) if method == "POST" else {**query}
        named = [each.get("name", "") for each in given.get("sobjects", [])]
        kinds = named or [each for each in str(given.get("sobject", "")).split(",") if each]
        scope, most = str(given.get("in", "ALL")), int(given.get("overallLimit", sosl.MOST))
        return sosl.plain(str(given.get("q", "")), scope, kinds, most, self.org)

    def _record(self, environ: Environ, kind: str, id18: str, root: str) -> tuple[int, Any]:
        shown = self._sobject(kind)
        if shown.name in SETUP or not ID.match(id18):
            raise ApiError(NOT_FOUND)
        refusal: Refusal | None = NOT_FOUND
        match environ["REQUEST_METHOD"]:
            case "GET":
                return 200, self._read(shown, id18, root)
            case "PATCH":
                refusal = change(self.org, shown, id18, body_of(environ))
            case "DELETE":
                refusal = delete(self.org, shown.name, id18)
        if refusal:
            raise ApiError(refusal)
        return 204, None

    def _read(self, shown: SObject, id18: str, root: str) -> dict[str, Any]:
        record = self.org.get(shown.name, id18)
        if isinstance(record, Refusal):
            raise ApiError(record)
        own = {each.name: record.values.get(each.name) for each in shown.fields}
        url = f"{root}/sobjects/{shown.name}/{record.id}"
        return {"attributes": {"type": shown.name, "url": url}, **own}

    def _delete_many(self, query: Mapping[str, str]) -> list[dict[str, Any]]:
        ids = query.get("ids", "").split(",")
        if len(ids) > AT_ONCE:
            raise refused(400, "EXCEEDED_ID_LIMIT", "record limit reached. cannot submit more")
        together = query.get("allOrNone", "false").lower() == "true"
        before = deepcopy(self.org.records) if together else {}
        told = [(each, self._refused(each)) for each in ids]
        if together and any(refusal for _, refusal in told):
            self.org.records = before
            told = [(each, refusal or _ROLLED_BACK) for each, refusal in told]
        return [_item(each, refusal) for each, refusal in told]

    def _refused(self, id18: str) -> Refusal | None:
        kind = self.org.kind_of(id18)
        if not ID.match(id18) or not kind or self.org.sobject(kind) is None:
            return Refusal("MALFORMED_ID", "malformed id")
        refusal = delete(self.org, kind, id18)
        return UNKNOWN_ID if refusal == NOT_FOUND else refusal

    def _job(self, environ: Environ, version: str, parts: list[str]) -> tuple[int, Any]:
        jobs, method = self.jobs, environ["REQUEST_METHOD"]
        if (method, parts) == ("POST", []):
            return 200, jobs.create(body_of(environ)).shown(version)
        if (method, parts) == ("GET", []):
            records = [job.shown(version) for job in jobs.known.values()]
            return 200, {"done": True, "records": records}
        job = jobs.named(parts[0] if parts else "")
        match method, parts[1:]:
            case "PUT", ["batches"]:
                jobs.upload(job, read_body(environ).decode())
                return 201, None
            case "PATCH", []:
                jobs.change(job, body_of(environ).get("state"))
                return 200, job.shown(version)
            case "GET", []:
                jobs.advance(job)
                return 200, job.shown(version)
            case "GET", ["successfulResults" | "failedResults" as wanted]:
                show: Callable[..., str] = successful_csv if wanted[0] == "s" else failed_csv
                return 200, show(job)
        raise ApiError(NOT_FOUND)


def _item(id18: str, refusal: Refusal | None) -> dict[str, Any]:
    """One result of a composite deletion; a malformed id is not repeated."""
    if refusal is None:
        return {"id": id18, "success": True, "errors": []}
    fields = list(refusal.fields)
    error = {"statusCode": refusal.code, "message": refusal.message, "fields": fields}
    named = {} if refusal.code == "MALFORMED_ID" else {"id": id18}
    return {**named, "success": False, "errors": [error]}


def body_of(environ: Environ) -> dict[str, Any]:
    try:
        given = json.loads(read_body(environ) or b"{}")
    except ValueError:
        raise refused(400, "JSON_PARSER_ERROR", "The body is no JSON.") from None
    if not isinstance(given, dict):
        raise refused(400, "JSON_PARSER_ERROR", "The body is no JSON object.")
    return given


def _template(parts: Sequence[str]) -> str:
    """The path with ids and cursors named, not shown."""
    hidden = re.compile(r"[a-zA-Z0-9]{15}(?:[a-zA-Z0-9]{3})?|01g.*")
    kept = {"parameterizedSearch"}
    return "/".join(
        "{id}" if hidden.fullmatch(part) and part not in kept and not part.isalpha() else part
        for part in parts
    )
