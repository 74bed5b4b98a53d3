"""One Salesforce org over REST: sign-in, SOQL, and what its errors mean."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from erasure.connectors.base import Account, Limiter
from erasure.connectors.http import (
    Answer,
    BaseAdapter,
    Http,
    Json,
    TokenCall,
    _Request,
    vendor_code,
)
from erasure.connectors.salesforce.soql import id18
from erasure.errors import BusyError, ErasureError, RefusedError

VERSION = "62.0"
ROOT = "/services/data/v{version}"
DAY_SPENT = 900.0  # seconds to leave an org alone whose daily requests are used up
CROWDED = 10.0  # seconds, when too many long requests run side by side
LOCKED = 10.0  # seconds, when somebody else is writing to the record
BUSY_CODES = frozenset(
    {"UNABLE_TO_LOCK_ROW", "SERVER_UNAVAILABLE", "QUERY_TIMEOUT", "REQUEST_RUNNING_TOO_LONG"}
    | {"INVALID_QUERY_LOCATOR"}  # the cursor is stale: the whole query anew
)
_VERSION = re.compile(r"[0-9]{2,3}\.0\Z")
_NEXT = re.compile(r"/services/data/v[0-9]{2,3}\.0/query/([A-Za-z0-9-]+)\Z")


def token_call(account: Account) -> TokenCall:
    """Client credentials: POST {login}/services/oauth2/token, form-encoded."""
    form = {
        "grant_type": "client_credentials",
        "client_id": account.client_id,
        "client_secret": account.client_secret,
    }
    return TokenCall("/services/oauth2/token", form)


def instance_url(account: Account, answer: Json) -> str:
    """The address the token is for.

    Raises:
        RefusedError: a host that is neither Salesforce's nor the configured one.
    """
    url = answer.get("instance_url")
    if not isinstance(url, str):
        raise RefusedError("Salesforce: the sign-in named no instance.")
    parts = urlsplit(url)
    ours = parts.netloc == urlsplit(account.base_url).netloc
    theirs = parts.scheme == "https" and (parts.hostname or "").endswith(".salesforce.com")
    if not ours and not theirs:
        raise RefusedError("Salesforce: the sign-in named an instance on a foreign host.")
    return url


@dataclass(frozen=True, slots=True)
class Csv:
    """The rows of a bulk job, which the vendor takes as text alone."""

    text: str


class _Http(Http):
    """Sends a ``Csv`` given as ``json`` for what it is."""

    def _sent(self, request: _Request) -> Answer | ErasureError:
        rows = request.given.get("json")
        if isinstance(rows, Csv):
            headers = {**request.given["headers"], "Content-Type": "text/csv"}
            given = {**request.given, "json": None, "data": rows.text, "headers": headers}
            request = replace(request, given=given)
        return super()._sent(request)


class Org:
    """Calls one org. Safe to share between threads, as ``Http`` is."""

    def __init__(
        self, account: Account, limiter: Limiter, adapter: BaseAdapter | None = None
    ) -> None:
        self.account = account
        self.http = _Http(
            account,
            limiter,
            token_call,
            adapter,
            base_from=instance_url,
            busy_codes=BUSY_CODES,
        )
        self._limiter = limiter
        self._version = str(account.options.get("api_version", VERSION))
        if not _VERSION.match(self._version):
            raise RefusedError("Salesforce: api_version must look like 62.0.")

    def send(self, method: str, path: str, *, ok: Iterable[int] = (), **given: Any) -> Answer:
        """``Http.send`` below the data root of the configured version.

        Raises:
            BusyError: as ``Http.send``; also 403 REQUEST_LIMIT_EXCEEDED, which names no
                pause: 900 seconds when the day's requests are spent, 10 when crowded.
            RefusedError: as ``Http.send``.
        """
        also = {403, *ok}
        answer = self.http.send(method, ROOT + path, ok=also, version=self._version, **given)
        if answer.status == 403:
            raise self._forbidden(answer)
        return answer

    def rows(self, soql: str, *, deleted: bool = False) -> Iterator[Json]:
        """Every row of a query, page after page; ``deleted``: those in the bin as well.

        GET query or queryAll, then nextRecordsUrl until done (API Enabled, View All Data).

        Raises:
            BusyError: also for a cursor that has gone stale: ask anew.
            RefusedError: also INVALID_TYPE and INVALID_FIELD, which never mean "no data".
        """
        kind = "queryAll" if deleted else "query"
        page = self.send("GET", f"/{kind}", params={"q": soql}).json_object()
        seen: set[str] = set()
        while True:
            yield from _records(page)
            if page.get("done") is True:
                return
            cursor = _cursor(page)
            if cursor in seen:
                raise RefusedError("Salesforce: the pages of a query go in a circle.")
            seen.add(cursor)
            page = self.send("GET", "/query/{cursor}", cursor=cursor).json_object()

    def require_right_org(self) -> str:
        """The id of the org, which must be the configured one when that is set.

        Raises:
            RefusedError: another org.
        """
        own = next((id18(row.get("Id")) for row in self.rows("SELECT Id FROM Organization")), "")
        wanted = self.account.organisation_id
        if not own or (wanted and id18(wanted) != own):
            raise RefusedError("Salesforce: this is not the configured organisation.")
        return own

    def _forbidden(self, answer: Answer) -> ErasureError:
        code, _ = vendor_code(answer.body)
        text = f"{answer.method} {answer.template} answered 403"
        if code != "REQUEST_LIMIT_EXCEEDED":
            return RefusedError(f"{text} {code}".strip(), status=403, code=code)
        pause = CROWDED if b"ConcurrentRequests" in answer.body else DAY_SPENT
        self._limiter.block(pause)
        return BusyError(f"{text} {code}", retry_after=pause, status=403)


def _records(page: Json) -> list[Json]:
    records = page.get("records")
    whole = isinstance(records, list) and isinstance(page.get("done"), bool)
    if not whole or not all(isinstance(row, dict) for row in records or ()):
        raise RefusedError("Salesforce: a query answered what cannot be read.")
    return list(records or ())


def _cursor(page: Json) -> str:
    match = _NEXT.match(str(page.get("nextRecordsUrl")))
    if match is None:
        raise RefusedError("Salesforce: a query goes on at an address of no query.")
    return match[1]


def moment(text: object) -> datetime:
    """A time as the vendor writes it: 2026-11-23T18:12:00.000+0000.

    Raises:
        RefusedError: no time, or one without an offset.
    """
    try:
        return datetime.strptime(str(text), "%Y-%m-%dT%H:%M:%S.%f%z")
    except ValueError:
        raise RefusedError("Salesforce: a time cannot be read.") from None
