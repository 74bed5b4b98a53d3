"""The seal of this installation, and whose time-stamps it asks for."""

from functools import lru_cache
from pathlib import Path

from asn1crypto import x509
from cryptography.hazmat.primitives.serialization import Encoding
from django.conf import settings
from pyhanko.sign.timestamps import TimeStamper

from erasure import clock
from erasure.errors import BusyError, KeyMissingError, TamperedError
from erasure.ledger.trusted import tsa_roots
from erasure.proof.errors import UnreadableError
from erasure.proof.seals import check_pdf
from erasure.proof.timestamps import read_roots
from erasure.sealing import key, sign
from erasure.sealing.key import SealKey
from erasure.sealing.retired import kept_file


def own_seal() -> SealKey:
    """The seal of ERASURE_SEAL_FILE; development makes one when it is first asked for.

    Raises:
        KeyMissingError: it cannot be read, or is not valid today.
    """
    path = Path(settings.SEAL_FILE)
    if settings.DEVELOPMENT and not path.exists():
        key.make_file(path)
    return _valid(seal_in(path))


def earlier_seal(sha256: str) -> SealKey:
    """A seal that was in use before, from the file that was kept when another took its place.

    Its key may be in that file although the present one is in a hardware module.

    Raises:
        KeyMissingError: it was not kept, cannot be read, or is not valid today.
    """
    path = kept_file(Path(settings.SEAL_FILE), sha256)
    if not path.exists():
        raise KeyMissingError(
            "The certificate names an earlier seal that was not kept: set ERASURE_SEAL_FILE to "
            "that one to go on."
        )
    try:
        return _valid(key.load(path, settings.SEAL_PASSPHRASE))
    except KeyMissingError:
        return _valid(seal_in(path))


def seal_in(path: Path) -> SealKey:
    """The seal of a file; with ERASURE_SEAL_PKCS11 its key is in that hardware module.

    Raises:
        KeyMissingError: it cannot be read, or the module does not sign.
    """
    try:
        changed = path.stat().st_mtime_ns
    except OSError:
        raise KeyMissingError("The seal key cannot be read (ERASURE_SEAL_FILE).") from None
    opened_by = (settings.SEAL_PASSPHRASE, settings.SEAL_PKCS11, settings.SEAL_PKCS11_PIN)
    return _read(path, changed, *opened_by)


def time_stamper() -> TimeStamper | None:
    """The authority of ERASURE_TSA_URL, where its root is known too: else nobody could check."""
    return sign.time_stamper(settings.TSA_URL if settings.TSA_ROOT_FILE else "")


def long_term_roots() -> list[x509.Certificate]:
    """The roots of that authority, where seals prove that nothing was revoked; else none.

    Raises:
        BusyError: they cannot be read.
    """
    try:
        return read_roots(tsa_roots()) if settings.SEAL_LONG_TERM else []
    except UnreadableError as why:
        raise BusyError(f"It cannot be sealed: {why}") from None


def require_good(pdf: bytes, seal: SealKey, *, unrevoked: bool) -> None:
    """No certificate leaves that its own reader would refuse, or read less in.

    Raises:
        BusyError: the time-stamp is not of the authority that is set, or of another time, or by
            another certificate than the one that was found not to be revoked.
    """
    root = x509.Certificate.load(seal.root.public_bytes(Encoding.DER))
    try:
        found = check_pdf(pdf, [root, *read_roots(tsa_roots())])
    except (TamperedError, UnreadableError) as why:
        raise BusyError(f"It cannot be sealed: {why}") from None
    if unrevoked and not found.unrevoked:
        raise BusyError("It cannot be sealed: the PDF does not prove that nothing was revoked.")


def _valid(seal: SealKey) -> SealKey:
    if not seal.valid_at(clock.now()):
        raise KeyMissingError("The seal's certificate is not valid today (ERASURE_SEAL_FILE).")
    return seal


@lru_cache(maxsize=2)
def _read(path: Path, changed: int, passphrase: str, uri: str, pin: str) -> SealKey:
    """Read once, and again when the file has changed."""
    return key.load(path, passphrase, uri, pin)
