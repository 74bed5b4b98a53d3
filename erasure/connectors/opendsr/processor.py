"""What a processor says of itself, and whether an answer is truly its own."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from cryptography import x509

from erasure import clock
from erasure.connectors.base import Account, Limiter
from erasure.connectors.http import Adapter, Answer, require_https
from erasure.connectors.opendsr.seal import (
    UnsignedError,
    UntrustedError,
    authorities,
    certificates,
    header,
    require_signed,
    require_trusted,
    signature_of,
)
from erasure.connectors.opendsr.stores import settings_of
from erasure.connectors.opendsr.wire import LARGEST, Wire
from erasure.errors import RefusedError

DISCOVERY_LASTS = timedelta(hours=1)
FETCH_AGAIN = timedelta(minutes=1)  # a certificate is not fetched more often, whoever asks


@dataclass(frozen=True, slots=True)
class Discovery:
    """What GET /discovery answered."""

    identities: frozenset[tuple[str, str]]  # type, format
    certificate: str  # its address
    at: datetime


@dataclass(frozen=True, slots=True)
class _Fetched:
    chain: tuple[x509.Certificate, ...]
    at: datetime


class Processor:
    """One processor. Safe to share between threads."""

    def __init__(self, account: Account, limiter: Limiter, adapter: Adapter | None) -> None:
        self.account = account
        self.settings = settings_of(account)
        self.wire = Wire(account, limiter, adapter)
        self._discovery: Discovery | None = None
        self._fetched: _Fetched | None = None
        self._lock = threading.RLock()

    def discovery(self, *, fresh: bool = False) -> Discovery:
        """GET /discovery, kept for an hour.

        Raises:
            BusyError: later. RefusedError: no OpenDSR 2, or it erases nothing.
        """
        with self._lock:
            known = self._discovery
            if fresh or known is None or clock.now() - known.at > DISCOVERY_LASTS:
                self._discovery = known = _read(self.wire.call("GET", "/discovery"))
            return known

    def require_proven(self, headers: Mapping[str, str], body: bytes) -> None:
        """Domain, certificate, signature: in this order, before anything is parsed.

        An unknown domain causes no call at all. What fails is tried once more with
        the certificate fetched anew.

        Raises:
            UntrustedError: the domain is not allowed, or its certificate not trusted.
            UnsignedError: no signature, or not of these bytes.
            BusyError, RefusedError: the certificate cannot be had.
        """
        domain = header(headers, "Processor-Domain").lower()
        if domain not in self.settings.domains:
            raise UntrustedError("the answer names a processor's domain that is not allowed")
        signature = signature_of(headers)
        try:
            self._prove(domain, signature, body)
        except (UntrustedError, UnsignedError):
            if not self._refreshed():
                raise
            self._prove(domain, signature, body)

    def unproven(self, answer: Answer) -> str:
        """Why an answer is not proven to be the processor's own; empty if it is.

        Raises:
            BusyError: the certificate cannot be had now.
        """
        try:
            self.require_proven(answer.headers, answer.body)
        except RefusedError as why:
            return f"Unverified: {why}."
        return ""

    def require_certificate(self) -> None:
        """Fetch and test the certificate for the first allowed domain. Raises as above."""
        with self._lock:
            self._fetched = None
        self._trusted(self.settings.domains[0])

    def _prove(self, domain: str, signature: bytes, body: bytes) -> None:
        require_signed(self._trusted(domain), signature, body)

    def _trusted(self, domain: str) -> x509.Certificate:
        chain = self._chain()
        bundle = str(self.account.options.get("ca_bundle") or "")
        known = authorities(self.settings.trusted_ca, bundle)
        require_trusted(chain, domain, known, self.settings.revoked, clock.now())
        return chain[0]

    def _chain(self) -> tuple[x509.Certificate, ...]:
        with self._lock:
            if self._fetched is None:
                self._fetched = _Fetched(self._fetch(self.discovery().certificate), clock.now())
            return self._fetched.chain

    def _refreshed(self) -> bool:
        """Forget what is known, unless it is new."""
        with self._lock:
            if self._fetched and clock.now() - self._fetched.at < FETCH_AGAIN:
                return False
            self._fetched = self._discovery = None
            return True

    def _fetch(self, url: str) -> tuple[x509.Certificate, ...]:
        """The certificate, from an allowed host only; a redirect is refused."""
        parts = urlsplit(url)
        if (parts.hostname or "") not in self.settings.certificate_hosts or "@" in parts.netloc:
            raise UntrustedError("discovery names a certificate on a host that is not allowed")
        require_https(url)
        answer = self.wire.fetch("{processor_certificate}", url)
        if len(answer.body) > LARGEST:
            raise UntrustedError("the processor's certificate cannot be read")
        return certificates(answer.body)


def _read(answer: Answer) -> Discovery:
    told = answer.json_object()
    if str(told.get("api_version", "")).split(".")[0] != "2":
        raise RefusedError("GET /discovery: the processor does not speak OpenDSR 2")
    kinds = told.get("supported_subject_request_types")
    if not isinstance(kinds, list) or "erasure" not in kinds:
        raise RefusedError("GET /discovery: the processor takes no erasure requests")
    rows, url = told.get("supported_identities"), told.get("processor_certificate")
    if not isinstance(rows, list) or not isinstance(url, str):
        raise RefusedError("GET /discovery: identities or certificate are missing")
    pairs = ((each.get("identity_type"), each.get("identity_format")) for each in rows
             if isinstance(each, dict))  # fmt: skip
    return Discovery(frozenset((str(a), str(b)) for a, b in pairs), url, clock.now())
