"""One way to call a remote system: token, limiter, time-outs, two errors. Rank 1.

Nothing is retried here but one token renewal after a 401; every attempt, token
calls included, waits for the limiter first. An error names method, path template,
status and the vendor's code: bodies and real URLs can hold an e-mail address.
"""

import json as jsonlib
import logging
import re
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import quote, urlsplit

import requests
from requests.adapters import BaseAdapter, HTTPAdapter

from erasure import clock
from erasure.connectors.base import Account, Limiter
from erasure.errors import BusyError, ErasureError, RefusedError

logger = logging.getLogger(__name__)
logging.getLogger("urllib3").setLevel(logging.CRITICAL)  # it logs paths with their query

Json = dict[str, Any]
Adapter = BaseAdapter  # what carries requests: tests and the sandbox mount their own
Before = Callable[[], None]

LONGEST_PAUSE = 180.0  # seconds: the longest Retry-After we believe
USUAL_PAUSE = 5.0  # seconds, when a 429 names none
TOKEN_PAUSE = 30.0  # seconds, when the token endpoint has had enough
BUSY_STATUSES = frozenset({408, 429, 500, 502, 503, 504})
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})

_CODE = re.compile(r"[A-Za-z][A-Za-z_]*(\.[A-Za-z_]+)*\Z")
_PERMISSION = re.compile(r"\b[A-Za-z]+:[A-Za-z]+:[A-Za-z]+\b")
_MISSING = frozenset({"missing.permissions", "missing.any.permissions"})
_CORRELATION = re.compile(r"[A-Za-z0-9-]{1,64}\Z")
_NAME = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class TokenCall:
    """What to post to the login URL for a token (RFC 6749 section 4.4)."""

    path: str
    form: Mapping[str, str] = field(repr=False)
    basic: tuple[str, str] | None = field(default=None, repr=False)


TokenRequest = Callable[[Account], TokenCall]
BaseFrom = Callable[[Account, Json], str]
"""Reads the API's base URL from the token answer; checks the host itself."""


def basic_credentials(account: Account) -> TokenCall:
    """Client credentials in a Basic header: POST {login}/oauth/token."""
    return TokenCall(
        "/oauth/token",
        {"grant_type": "client_credentials"},
        (account.client_id, account.client_secret),
    )


@dataclass(frozen=True, slots=True)
class Answer:
    """A status the caller accepts, with a body that is read strictly."""

    method: str
    template: str
    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)

    def json_object(self) -> Json:
        """The body as a JSON object.

        Raises:
            RefusedError: no JSON, cut off, or something else than an object.
        """
        value = self._json()
        if not isinstance(value, dict):
            raise self._unreadable()
        return value

    def json_list(self) -> list[Any]:
        """The body as a JSON array. Raises RefusedError like ``json_object``."""
        value = self._json()
        if not isinstance(value, list):
            raise self._unreadable()
        return value

    def _json(self) -> object:
        value = parsed(self.body)
        if value is None:
            raise self._unreadable()
        return value

    def _unreadable(self) -> RefusedError:
        text = f"{self.method} {self.template} answered {self.status} with a body we cannot read"
        return RefusedError(text, status=self.status)


@dataclass(frozen=True, slots=True)
class _Token:
    value: str = field(repr=False)
    base_url: str
    ends: float  # seconds of the monotonic clock


@dataclass(frozen=True, slots=True)
class _Request:
    method: str
    template: str
    url: str = field(repr=False)
    given: Mapping[str, Any] = field(repr=False)  # keyword arguments of requests


class Http:
    """Calls one system. Safe to share between threads.

    ``calls`` counts the requests that left, token calls included.
    ``busy_codes`` are vendor codes of a 4xx that mean "later", not "no".
    """

    def __init__(
        self,
        account: Account,
        limiter: Limiter,
        token_request: TokenRequest = basic_credentials,
        adapter: Adapter | None = None,
        *,
        base_from: BaseFrom | None = None,
        busy_codes: Iterable[str] = (),
    ) -> None:
        require_https(account.base_url)
        require_https(account.login_url)
        self.account = account
        self.calls = 0
        self._limiter = limiter
        self._token_request = token_request
        self._base_from = base_from
        self._busy_codes = frozenset(busy_codes)
        width = max(account.width, 1)
        self._adapter = adapter or HTTPAdapter(pool_maxsize=width, max_retries=0)
        self._local = threading.local()
        self._token: _Token | None = None
        self._token_lock = threading.Lock()
        self._count_lock = threading.Lock()

    def send(
        self,
        method: str,
        template: str,
        *,
        params: Mapping[str, Any] | None = None,
        json: object = None,
        headers: Mapping[str, str] | None = None,
        ok: Iterable[int] = (),
        before: Before | None = None,
        **path: str,
    ) -> Answer:
        """Send one request; ``path`` fills the ``{names}`` of the template, encoded.

        ``before`` is called after the limiter's wait, immediately before the request
        leaves; what it raises stops the request. Every 2xx and every status in ``ok``
        is an answer.

        Raises:
            BusyError: 429 (blocks the limiter too), 408, 5xx, no answer.
            RefusedError: any other status, redirects included.
        """
        filled = fill(template, path)
        for attempt in (1, 2):
            token = self._current_token()
            given = {
                "params": params,
                "json": json,
                "headers": {**(headers or {}), "Authorization": f"Bearer {token.value}"},
            }
            request = _Request(method, template, token.base_url + filled, given)
            answer = self._exchange(request, before)
            if answer.status == 401 and attempt == 1:
                self._forget(token)
                continue
            break
        return self._judged(answer, frozenset(ok))

    def sign_in(self) -> None:
        """Get a token now, unless one is at hand. Raises like ``send``."""
        self._current_token()

    def _judged(self, answer: Answer, ok: frozenset[int]) -> Answer:
        if 200 <= answer.status < 300 or answer.status in ok:
            return answer
        if answer.status == 429:
            self._limiter.block(pause_of(answer.headers) or USUAL_PAUSE)
        raise self._error(answer)

    def _error(self, answer: Answer) -> ErasureError:
        code, permissions = vendor_code(answer.body)
        text = f"{answer.method} {answer.template} answered {answer.status}"
        text += f" {code}" if code else ""
        text += f" ({', '.join(permissions)})" if permissions else ""
        if answer.status in BUSY_STATUSES or code in self._busy_codes:
            pause = pause_of(answer.headers)
            if answer.status == 429:
                pause = pause or USUAL_PAUSE
            return BusyError(text, retry_after=pause, status=answer.status)
        return RefusedError(text, status=answer.status, code=code)

    def _exchange(self, request: _Request, before: Before | None = None) -> Answer:
        """One attempt over the wire, whatever its status."""
        self._limiter.wait()
        if before is not None:
            before()
        with self._count_lock:
            self.calls += 1
        outcome = self._sent(request)
        if isinstance(outcome, ErasureError):
            raise outcome from None  # outside the handler: its URL is not even context
        _log(outcome)
        return outcome

    def _sent(self, request: _Request) -> Answer | ErasureError:
        where = f"{request.method} {request.template}"
        timeout = (self.account.connect_timeout, self.account.read_timeout)
        options = self.account.options
        proxy = options.get("proxy")
        try:
            response = self._session().request(
                request.method,
                request.url,
                timeout=timeout,
                allow_redirects=False,
                verify=str(options.get("ca_bundle") or "") or True,
                proxies={"https": str(proxy)} if proxy else None,
                **request.given,
            )
        except requests.exceptions.SSLError:
            return RefusedError(f"{where}: the TLS certificate was not accepted")
        except requests.exceptions.Timeout:
            return BusyError(f"{where}: no answer in time")
        except (requests.exceptions.ConnectionError, requests.exceptions.ChunkedEncodingError):
            return BusyError(f"{where}: the connection failed")
        except requests.exceptions.RequestException:
            return RefusedError(f"{where}: the answer could not be read")
        status, body = response.status_code, response.content
        return Answer(request.method, request.template, status, response.headers, body)

    def _session(self) -> requests.Session:
        """This thread's session. The connections behind it are shared."""
        session: requests.Session | None = getattr(self._local, "session", None)
        if session is None:
            session = requests.Session()
            session.trust_env = False
            session.headers.update({"Accept": "application/json", "User-Agent": "erasure"})
            session.mount("https://", self._adapter)
            session.mount("http://", self._adapter)
            self._local.session = session
        return session

    def _current_token(self) -> _Token:
        with self._token_lock:
            if self._token is None or time.monotonic() >= self._token.ends:
                self._token = self._new_token()
            return self._token

    def _forget(self, token: _Token) -> None:
        with self._token_lock:
            if self._token is token:
                self._token = None

    def _new_token(self) -> _Token:
        """Sign in. 400 "rate limit exceeded" means later; any other refusal is final."""
        call = self._token_request(self.account)
        url = self.account.login_url + call.path
        request = _Request("POST", call.path, url, {"data": dict(call.form), "auth": call.basic})
        answer = self._exchange(request)
        if answer.status == 400 and b"rate limit exceeded" in answer.body.lower():
            text = f"POST {call.path} answered 400: too many sign-ins"
            raise BusyError(text, retry_after=TOKEN_PAUSE, status=400)
        given = self._judged(answer, frozenset()).json_object()
        value = given.get("access_token")
        if not isinstance(value, str) or not value:
            raise RefusedError(f"POST {call.path} answered without a token", status=answer.status)
        base = self._base_from(self.account, given) if self._base_from else self.account.base_url
        require_https(base)
        return _Token(value, base.rstrip("/"), time.monotonic() + _life(given.get("expires_in")))


def _life(expires_in: object) -> float:
    """Seconds to use a token for: a minute less than it lives, an hour if unknown."""
    if isinstance(expires_in, bool) or not isinstance(expires_in, int | float):
        return 3600.0
    return max(float(expires_in) - 60.0, float(expires_in) / 2)


def _log(answer: Answer) -> None:
    correlation = answer.headers.get("ININ-Correlation-Id", "")
    if not _CORRELATION.match(correlation):
        correlation = "-"
    logger.debug("%s %s %s %s", answer.method, answer.template, answer.status, correlation)


def parsed(body: bytes) -> object | None:
    """The JSON value of a body; None for null and for what is no JSON."""
    try:
        value: object = jsonlib.loads(body)
    except (ValueError, RecursionError):
        return None
    return value


def vendor_code(body: bytes) -> tuple[str, tuple[str, ...]]:
    """The vendor's error code, and the permissions a missing-permission error names.

    Reads ``code`` (Genesys Cloud), ``error`` (OAuth) and ``[{errorCode}]`` (Salesforce).
    """
    error = parsed(body)
    if isinstance(error, list) and error:
        error = error[0]
    if not isinstance(error, dict):
        return "", ()
    named = error.get("code") or error.get("errorCode") or error.get("error")
    code = named if isinstance(named, str) and len(named) <= 80 and _CODE.match(named) else ""
    if code not in _MISSING:
        return code, ()
    told = f"{error.get('messageParams')} {error.get('details')} {error.get('message')}"
    return code, tuple(dict.fromkeys(_PERMISSION.findall(told)))


def pause_of(headers: Mapping[str, str]) -> float | None:
    """Seconds of Retry-After (RFC 9110 section 10.2.3), at most 180; None if absent."""
    named = headers.get("Retry-After", "").strip()
    if not named:
        return None
    try:
        seconds = float(named) if named.isdecimal() else _until(named)
    except (ValueError, TypeError):
        return None
    return min(max(seconds, 0.0), LONGEST_PAUSE)


def _until(date: str) -> float:
    return (parsedate_to_datetime(date) - clock.now()).total_seconds()


def fill(template: str, path: Mapping[str, str]) -> str:
    """Put percent-encoded values into ``{names}``.

    Raises:
        RefusedError: a value is empty or a dot segment and would name another resource.
        KeyError: a name has no value.
    """

    def encoded(match: re.Match[str]) -> str:
        value = str(path[match[1]])
        if value.strip() in {"", ".", ".."}:
            raise RefusedError(f"{template}: {match[1]} is empty or no id")
        return quote(value, safe="")

    return _NAME.sub(encoded, template)


def require_https(url: str) -> None:
    """Raise RefusedError unless the URL is https, or http on loopback."""
    parts = urlsplit(url)
    if parts.scheme == "https" and parts.hostname:
        return
    if parts.scheme == "http" and parts.hostname in LOOPBACK:
        return
    raise RefusedError("The address of the system must begin with https://")
