"""Who signed, and did they: certificates and signatures. Pure, no network.

A certificate must chain to a trusted authority and name the domain among its subject
alternative names, now. A signature is over the raw bytes of a body, with SHA-256: RSA
PKCS#1 v1.5 or ECDSA, by the certificate's key. Revocation is a list of serial numbers in
the options: no list is fetched from where a certificate points.
"""

import base64
import binascii
import ipaddress
import re
import warnings
from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import lru_cache
from pathlib import Path

import certifi
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.utils import CryptographyDeprecationWarning
from cryptography.x509.verification import (
    DNSName,
    IPAddress,
    PolicyBuilder,
    Store,
    VerificationError,
)

from erasure.errors import RefusedError

PREFIXES = ("X-OpenDSR", "X-OpenGDPR")  # the older name must still be honoured
_PEM = re.compile(r"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)


class UntrustedError(RefusedError):
    """The domain is not allowed, or its certificate is not to be trusted."""


class UnsignedError(RefusedError):
    """The signature is missing or not of these bytes."""


def header(headers: Mapping[str, str], name: str) -> str:
    """``Processor-Domain`` or ``Signature`` under its present or older name."""
    found = (headers.get(f"{prefix}-{name}", "") for prefix in PREFIXES)
    return next((value.strip() for value in found if value), "")


def signature_of(headers: Mapping[str, str]) -> bytes:
    """The decoded signature; it may arrive folded. Raises UnsignedError."""
    text = "".join(header(headers, "Signature").split())
    try:
        signature = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        signature = b""
    if not signature:
        raise UnsignedError("the processor's answer carries no signature")
    return signature


def certificates(pem: bytes) -> tuple[x509.Certificate, ...]:
    """The leaf and what leads to its authority. Raises UntrustedError."""
    try:
        chain = tuple(_loaded(pem.decode("ascii")))
    except UnicodeDecodeError:
        chain = ()
    if not chain:
        raise UntrustedError("the processor's certificate cannot be read")
    return chain


def _loaded(text: str) -> Iterator[x509.Certificate]:
    """What is well-formed; the others are left out, and so never trusted."""
    for block in _PEM.findall(text):
        with warnings.catch_warnings():
            warnings.simplefilter("error", CryptographyDeprecationWarning)
            try:
                yield x509.load_pem_x509_certificate(block.encode())
            except (ValueError, CryptographyDeprecationWarning):
                continue


@lru_cache(maxsize=8)
def authorities(trusted_ca: str, bundle: str) -> Store:
    """The pinned authority alone, or those of a bundle, or the public ones.

    Raises:
        UntrustedError: none can be read.
    """
    try:
        text = trusted_ca or Path(bundle or certifi.where()).read_text()
    except OSError:
        text = ""
    known = list(_loaded(text))
    if not known:
        raise UntrustedError("no trusted authority can be read: see the option trusted_ca")
    return Store(known)


def require_trusted(
    chain: tuple[x509.Certificate, ...],
    domain: str,
    store: Store,
    revoked: frozenset[int],
    now: datetime,
) -> None:
    """
    Raises:
        UntrustedError: expired, of another name, revoked, or no chain to an authority.
    """
    if revoked & {each.serial_number for each in chain}:
        raise UntrustedError("the processor's certificate was revoked")
    try:
        verifier = PolicyBuilder().store(store).time(now).build_server_verifier(_subject(domain))
        verifier.verify(chain[0], list(chain[1:]))
    except (VerificationError, ValueError):
        text = "the processor's certificate is expired, of another name or of no trusted authority"
        raise UntrustedError(text) from None


def _subject(domain: str) -> DNSName | IPAddress:
    try:
        return IPAddress(ipaddress.ip_address(domain))
    except ValueError:
        return DNSName(domain)


def require_signed(leaf: x509.Certificate, signature: bytes, body: bytes) -> None:
    """Raises UnsignedError: the signature is not of these bytes by this key."""
    key = leaf.public_key()
    try:
        if isinstance(key, rsa.RSAPublicKey):
            key.verify(signature, body, padding.PKCS1v15(), SHA256())
            return
        if isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(signature, body, ec.ECDSA(SHA256()))
            return
    except InvalidSignature:
        pass
    raise UnsignedError("the signature of the processor's answer is not valid")
