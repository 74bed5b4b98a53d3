"""The one store of a processor, and its options."""

from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit

from erasure.connectors.base import Account, Store
from erasure.connectors.http import require_https
from erasure.errors import RefusedError
from erasure.values import Verdict

JOB_KIND = "opendsr"
LONGEST = timedelta(days=35)  # without an answer, whatever the processor expected

SUBJECT_DATA = Store(
    name="subject_data",
    title="Everything the processor holds",
    search="The protocol has no search: every person is taken to be known there.",
    erase="One signed request that names the person's identities; the processor does the rest.",
    verify="Nothing can be read back: the processor states in a signed answer that it is done.",
    end=Verdict.ATTESTED,
    told=True,
    patience_hours=LONGEST.days * 24,
    permissions=("the key and secret the processor gave out",),
)


@dataclass(frozen=True, slots=True)
class Settings:
    """``Account.options`` of a processor, read strictly.

    domains             who may sign, comma list; the address's host if absent
    certificate_hosts   where a certificate may be fetched, comma list; the same
    trusted_ca          PEM of the only authority trusted; the public ones if absent
    revoked             serial numbers no longer trusted, hexadecimal, comma list
    unsigned            true: answers count without a signature, and reports say so
    phones              false: not sent; true: enough alone; absent: beside others only
    grace_days          how long after the expected time an answer may come: 3
    callback_base       https://host/opendsr/callbacks; absent: the processor is only polled
    regulation          gdpr or ccpa
    """

    domains: tuple[str, ...]
    certificate_hosts: frozenset[str]
    trusted_ca: str = ""
    revoked: frozenset[int] = frozenset()
    unsigned: bool = False
    phones: bool | None = None
    grace: timedelta = timedelta(days=3)
    callback_base: str = ""
    regulation: str = "gdpr"


def settings_of(account: Account) -> Settings:
    """
    Raises:
        RefusedError: an option cannot be read.
    """
    given = account.options
    host = urlsplit(account.base_url).hostname or ""
    callback = str(given.get("callback_base") or "").rstrip("/")
    if callback:
        require_https(callback)
    regulation = str(given.get("regulation") or "gdpr")
    if regulation not in {"gdpr", "ccpa"}:
        raise RefusedError("OpenDSR: the option regulation must be gdpr or ccpa.")
    try:
        revoked = frozenset(int(each, 16) for each in _listed(given.get("revoked")))
        grace = timedelta(days=float(given.get("grace_days", 3)))
    except (ValueError, OverflowError):
        raise RefusedError("OpenDSR: the option revoked or grace_days is no number.") from None
    phones = given.get("phones")
    return Settings(
        domains=_listed(given.get("domains")) or (host,),
        certificate_hosts=frozenset(_listed(given.get("certificate_hosts")) or (host,)),
        trusted_ca=str(given.get("trusted_ca") or ""),
        revoked=revoked,
        unsigned=given.get("unsigned") is True,
        phones=phones if isinstance(phones, bool) else None,
        grace=grace,
        callback_base=callback,
        regulation=regulation,
    )


def _listed(text: object) -> tuple[str, ...]:
    parts = str(text or "").lower().split(",")
    return tuple(part.strip() for part in parts if part.strip())
