"""One ServiceNow instance over REST: sign-in, the Table API, what its errors mean."""

import base64
import time
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any, NamedTuple

from erasure.connectors.base import Account, Limiter
from erasure.connectors.http import (
    Answer,
    BaseAdapter,
    Before,
    Http,
    Json,
    TokenCall,
    _Request,
    _Token,
    parsed,
)
from erasure.connectors.servicenow.matching import listed, text, whole
from erasure.connectors.servicenow.query import among, column, is_id, sys_id
from erasure.errors import BusyError, ErasureError, RefusedError

LIST = "/api/now/v2/table/{table}"  # v1 answers an empty list with 404
ROW = "/api/now/v2/table/{table}/{id}"
FAILURES = (  # what the vendor's words mean: nothing of them but this crosses
    ("Business Rule", "stopped by a business rule of the instance"),
    ("Failed API level ACL", "the table is closed to REST"),
    ("ACL Exception", "the access rules do not allow it"),
)
INTERNAL = frozenset(
    {"admin", "itil", "snc_internal", "security_admin", "sn_customerservice_agent"}
)
SLOW = b"maximum execution time exceeded"


class Column(NamedTuple):
    """What sys_dictionary tells of a column."""

    reference: str  # the table it refers to, or ""
    type: str  # "email", "ph_number", ...


class AbsentError(RefusedError):
    """The instance has no such table: its plugin is not installed."""


def token_call(account: Account) -> TokenCall:
    """Client credentials: POST {login}/oauth_token.do, form-encoded."""
    form = {
        "grant_type": "client_credentials",
        "client_id": account.client_id,
        "client_secret": account.client_secret,
    }
    return TokenCall("/oauth_token.do", form)


class _Basic(Http):
    """Signs every call with user name and password (option ``auth``: "basic")."""

    def _new_token(self) -> _Token:
        pair = f"{self.account.client_id}:{self.account.client_secret}".encode()
        return _Token(base64.b64encode(pair).decode(), self.account.base_url, float("inf"))

    def _sent(self, request: _Request) -> Answer | ErasureError:
        headers = dict(request.given["headers"])
        headers["Authorization"] = headers["Authorization"].replace("Bearer", "Basic", 1)
        return super()._sent(replace(request, given={**request.given, "headers": headers}))


class Instance:
    """Calls one instance. Safe to share between threads, as ``Http`` is.

    Options: ``auth`` ("oauth", "basic"), ``page_size`` (rows, 200), ``most_hits`` (rows of
    one identifier above which the search stops, 500), ``most_candidates`` (rows read to
    find them, 20000), ``rollback_days`` (10; 0: off), ``schema_seconds`` (600),
    ``external_roles`` (roles made for customers, separated by commas: whoever has no
    other role than these and the vendor's own for customers is no employee),
    ``outside_copies`` ("none", or where logs and copies are).
    """

    def __init__(
        self, account: Account, limiter: Limiter, adapter: BaseAdapter | None = None
    ) -> None:
        options = account.options
        auth = options.get("auth", "oauth")
        if auth not in ("oauth", "basic"):
            raise RefusedError('ServiceNow: auth must be "oauth" or "basic".')
        self.account = account
        self.http: Http = (_Basic if auth == "basic" else Http)(
            account, limiter, token_call, adapter
        )
        self.page_size = max(whole(options, "page_size", 200), 1)
        self.most_hits = whole(options, "most_hits", 500)
        self.most_candidates = whole(options, "most_candidates", 20_000)
        self.rollback_days = whole(options, "rollback_days", 10)
        self.external_roles = listed(options, "external_roles")
        if inside := self.external_roles & INTERNAL:
            raise RefusedError(f"ServiceNow: {min(inside)} is no role of customers.")
        self._schema_life = whole(options, "schema_seconds", 600)
        self._right = not account.organisation_id
        self._columns: dict[str, tuple[float, dict[str, Column]]] = {}

    def require_right_instance(self) -> None:
        """The property instance_name must be the configured organisation, when that is set.

        GET sys_properties (read). Raises BusyError, RefusedError.
        """
        if self._right:
            return
        rows = self.rows("sys_properties", "name=instance_name", ("name", "value"))
        told = [text(row, "value") for row in rows if text(row, "name") == "instance_name"]
        if told != [self.account.organisation_id]:
            raise RefusedError("ServiceNow: this is not the configured organisation.")
        self._right = True

    def rows(self, table: str, query: str, fields: Iterable[str]) -> Iterator[Json]:
        """Every row of a query, by ascending sys_id, page after page.

        GET table (read on it). Rows come as plain strings. Ask only for columns that
        ``columns`` knows: a query on any other one would return the whole table.

        Raises:
            AbsentError: no such table.
            BusyError: as ``Http.send``; a transaction that took too long.
            RefusedError: as ``Http.send``; more rows exist than can be seen.
        """
        if not query or query.startswith("^"):
            raise RefusedError("ServiceNow: a query without a condition.")
        wanted = ",".join(dict.fromkeys(["sys_id", *map(column, fields)]))
        last, read, total = "", 0, 0
        while True:
            after = f"^sys_id>{last}" if last else ""
            answer = self._page(table, f"{query}{after}^ORDERBYsys_id", wanted, self.page_size)
            total = total if last else count(answer)
            if total > self.most_candidates:
                raise RefusedError(f"{table}: {total} rows answer one query: too many to be right.")
            page = _rows(answer)
            for row in page:
                own = sys_id(text(row, "sys_id"))
                if own <= last:
                    raise RefusedError(f"{table}: the pages of a query go in a circle.")
                last, read = own, read + 1
                yield row
            if read >= total or not page:
                break
        if read < total:
            raise RefusedError(f"{table}: hidden rows: {total} exist, {read} can be seen.")

    def first(self, table: str, most: int) -> list[Json]:
        """Up to so many rows of a table, whichever: their ids."""
        return _rows(self._page(table, "ORDERBYsys_id", "sys_id", most))

    def total(self, table: str, query: str) -> int:
        """How many rows a query has, those hidden from us included. Raises as ``rows``."""
        return count(self._page(table, query, "sys_id", 1))

    def counts(self, table: str, own: str) -> bool:
        """Whether a table has a row of that id, seen or hidden. Raises as ``rows``."""
        return self.total(table, among("sys_id", [own])) > 0

    def row(self, table: str, own: str, fields: Iterable[str] = ()) -> Json | None:
        """One row; None: 404, which means gone or hidden. Raises as ``Http.send``."""
        params = _plain(",".join(dict.fromkeys(["sys_id", *map(column, fields)])))
        answer = self.send("GET", table, own, params=params, ok=(404,))
        return None if answer.status == 404 else _row(answer, own)

    def patch(self, table: str, own: str, values: Json, before: Before) -> Json | None:
        """Write columns; the row as it stands then; None: 404. Raises as ``Http.send``.

        The vendor drops what it will not write without a word: compare.
        """
        params = _plain(",".join(["sys_id", *values]))
        answer = self.send(
            "PATCH", table, own, params=params, json=values, ok=(404,), before=before
        )
        return None if answer.status == 404 else _row(answer, own)

    def delete(self, table: str, own: str, before: Before) -> int:
        """DELETE one row: 204, or 404. Raises as ``Http.send``."""
        return self.send("DELETE", table, own, ok=(404,), before=before).status

    def send(self, method: str, table: str, own: str, *, ok: Iterable[int], **given: Any) -> Answer:
        """A call for one row; the error of a 403 says what refused."""
        answer = self.http.send(
            method, ROW, ok={*ok, 403}, table=column(table), id=sys_id(own), **given
        )
        if answer.status == 403:
            raise _forbidden(answer, table)
        if answer.status == 404 and not _is_vendors(answer):
            raise RefusedError(f"{method} {table} answered 404 in words that are not its own")
        return answer

    def columns(self, table: str) -> frozenset[str]:
        """The columns of a table, its parents' included. Raises as ``described``."""
        return frozenset(self.described(table))

    def described(self, table: str) -> dict[str, Column]:
        """Each column of a table, its parents' included.

        GET sys_db_object, sys_dictionary (read on both). Kept for ``schema_seconds``.

        Raises:
            AbsentError: no such table.
            BusyError, RefusedError: as ``rows``; the table's columns are not told.
        """
        ends, known = self._columns.get(table, (0.0, {}))
        if time.monotonic() >= ends:
            self._page(table, "ORDERBYsys_id", "sys_id", 1)  # absent, or closed to us?
            known = self._told(table)
            self._columns[table] = (time.monotonic() + self._schema_life, known)
        return known

    def _told(self, table: str) -> dict[str, Column]:
        found: dict[str, Column] = {}
        wanted = ("name", "element", "reference", "internal_type")
        for name in self._ancestry(table):
            query = f"name={column(name)}^elementISNOTEMPTY"
            for row in self.rows("sys_dictionary", query, wanted):
                if text(row, "name") == name:
                    told = Column(text(row, "reference"), text(row, "internal_type"))
                    found.setdefault(text(row, "element"), told)
        if not found:
            raise RefusedError(f"{table}: sys_dictionary tells none of its columns.")
        return found

    def _ancestry(self, table: str) -> Iterator[str]:
        """A table and its parents: sys_db_object.super_class up to the root."""
        fields, seen = ("name", "super_class"), {table}
        rows = list(self.rows("sys_db_object", f"name={column(table)}", fields))
        here = next((row for row in rows if text(row, "name") == table), None)
        yield table
        while here is not None and (parent := text(here, "super_class")):
            here = self.row("sys_db_object", parent, fields) if is_id(parent) else None
            name = text(here, "name") if here else parent
            if name in seen:
                return
            seen.add(name)
            yield column(name)

    def _page(self, table: str, query: str, fields: str, limit: int) -> Answer:
        params = {**_plain(fields), "sysparm_query": query, "sysparm_limit": str(limit)}
        answer = self.http.send("GET", LIST, params=params, ok=(400, 403), table=column(table))
        if answer.status == 400:
            raise _refused(answer, table)
        if answer.status == 403:
            raise _forbidden(answer, table)
        if SLOW in answer.body[:2_000]:
            raise BusyError(f"GET {table} took too long", retry_after=5.0)
        return answer


def _plain(fields: str) -> dict[str, str]:
    return {"sysparm_fields": fields, "sysparm_exclude_reference_link": "true"}


def count(answer: Answer) -> int:
    """X-Total-Count: all rows of the query, access rules not applied.

    Raises:
        RefusedError: without it nobody can tell whether rows are hidden.
    """
    told = answer.headers.get("X-Total-Count", "")
    if not told.isdecimal():
        raise RefusedError("ServiceNow: a list came without its count.")
    return int(told)


def _rows(answer: Answer) -> list[Json]:
    rows = answer.json_object().get("result")
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise RefusedError("ServiceNow: a list cannot be read.")
    return rows


def _row(answer: Answer, own: str) -> Json:
    row = answer.json_object().get("result")
    if not isinstance(row, dict) or text(row, "sys_id") != own:
        raise RefusedError("ServiceNow: the answer is about another row than asked.")
    return row


def _words(answer: Answer) -> str:
    told = parsed(answer.body)
    error = told.get("error") if isinstance(told, dict) else None
    if not isinstance(error, dict):
        return ""
    return f"{error.get('message') or ''} {error.get('detail') or ''}"


def _is_vendors(answer: Answer) -> bool:
    """A 404 of the Table API, not of something that stands before it."""
    return _words(answer).startswith("No Record found")


def _refused(answer: Answer, table: str) -> RefusedError:
    if _words(answer).startswith("Invalid table"):
        return AbsentError(f"{table}: there is no such table", status=400)
    return RefusedError(f"{answer.method} {table} answered 400", status=400)


def _forbidden(answer: Answer, table: str) -> RefusedError:
    words = _words(answer)
    why = next((meaning for mark, meaning in FAILURES if mark in words), "no access")
    return RefusedError(f"{answer.method} {table} answered 403: {why}", status=403)
