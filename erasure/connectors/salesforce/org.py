"""One Salesforce org over REST: sign-in, SOQL, and what its errors mean."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from xml.sax.saxutils import escape

from erasure.connectors.base import Account, Limiter
from erasure.connectors.http import (
    Answer,
    BaseAdapter,
    Http,
    Json,
    _Request,
    vendor_code,
)
from erasure.connectors.salesforce.grant import instance_url, token_call
from erasure.connectors.salesforce.soql import id18
from erasure.errors import BusyError, ErasureError, RefusedError

VERSION = "62.0"
ROOT = "/services/data/v{version}"
ENVELOPE = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/">'
    '<soapenv:Header><SessionHeader xmlns="urn:partner.soap.sforce.com">'
    "<sessionId>{session}</sessionId></SessionHeader></soapenv:Header>"
    "<soapenv:Body>{inner}</soapenv:Body></soapenv:Envelope>"
)
DAY_SPENT = 900.0  # seconds to leave an org alone whose daily requests are used up
ANOTHER_HOUR = 3_600.0  # seconds until a call that met a spent day is tried again
CROWDED = 10.0  # seconds, when too many long requests run side by side
LOCKED = 10.0  # seconds, when somebody else is writing to the record
BUSY_CODES = frozenset(
    {"UNABLE_TO_LOCK_ROW", "SERVER_UNAVAILABLE", "QUERY_TIMEOUT", "REQUEST_RUNNING_TOO_LONG"}
    | {"INVALID_QUERY_LOCATOR"}  # the cursor is stale: the whole query anew
)
MOST_OF_A_DAY = 95  # per cent of the org's requests in 24 hours
_USAGE = re.compile(r"\bapi-usage=([0-9]{1,12})/([0-9]{1,12})\b")
_VERSION = re.compile(r"[0-9]{2,3}\.0\Z")
_NEXT = re.compile(r"/services/data/v[0-9]{2,3}\.0/query/([A-Za-z0-9-]+)\Z")


@dataclass(frozen=True, slots=True)
class Csv:
    """The rows of a bulk job, which the vendor takes as text alone."""

    text: str


@dataclass(frozen=True, slots=True)
class Xml:
    """The body of a SOAP call. ``{session}`` in it stands for the token it is sent with."""

    text: str


class _Http(Http):
    """Sends a ``Csv`` or ``Xml`` given as ``json`` for what it is; watches the day's limit."""

    def _sent(self, request: _Request) -> Answer | ErasureError:
        body, headers = request.given.get("json"), request.given.get("headers") or {}
        if isinstance(body, Csv):
            request = _raw(request, body.text, {**headers, "Content-Type": "text/csv"})
        elif isinstance(body, Xml):
            text = body.text.replace("{session}", escape(headers["Authorization"][7:]))
            kind = {"Content-Type": "text/xml; charset=UTF-8", "SOAPAction": '""'}
            request = _raw(request, text, {**headers, **kind})
        outcome = super()._sent(request)
        if isinstance(outcome, Answer) and day_nearly_spent(outcome):
            self._limiter.block(DAY_SPENT)
        return outcome


def _raw(request: _Request, text: str, headers: dict[str, str]) -> _Request:
    given = {**request.given, "json": None, "data": text.encode(), "headers": headers}
    return replace(request, given=given)


def day_nearly_spent(answer: Answer) -> bool:
    """Whether Sforce-Limit-Info says that over 95 % of the org's day is used.

    Others work in that org too: what is left is theirs.
    """
    match = _USAGE.search(answer.headers.get("Sforce-Limit-Info", ""))
    return match is not None and int(match[1]) * 100 > int(match[2]) * MOST_OF_A_DAY


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
                pause: an hour when the day's requests are spent (the org is left alone for
                900 seconds), 10 seconds when crowded.
            RefusedError: as ``Http.send``.
        """
        also = {403, *ok}
        answer = self.http.send(method, ROOT + path, ok=also, version=self._version, **given)
        if answer.status == 403:
            raise self._forbidden(answer)
        return answer

    def soap(self, inner: str, **given: Any) -> Answer:
        """POST /services/Soap/u/{version}: the partner API, with the same token.

        Raises:
            BusyError: also a session the SOAP side does not take (it answers 500).
            RefusedError: as ``Http.send``.
        """
        number = self._version
        text = ENVELOPE.replace("{inner}", inner)
        return self.http.send(
            "POST", "/services/Soap/u/{version}", json=Xml(text), version=number, **given
        )

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
        crowded = b"ConcurrentRequests" in answer.body
        self._limiter.block(CROWDED if crowded else DAY_SPENT)
        again = CROWDED if crowded else ANOTHER_HOUR
        return BusyError(f"{text} {code}", retry_after=again, status=403)


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
