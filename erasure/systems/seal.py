"""The key with which this installation, as a processor, signs what it answers (OpenDSR 2.0).

Production names key and certificate; without them nobody can send requests here. A trial
makes its own once, with an authority of its own that nobody but a trial trusts.
"""

import base64
import os
from dataclasses import dataclass, field
from functools import lru_cache
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from django.conf import settings

from erasure.sealing.x509 import certify


@dataclass(frozen=True, slots=True)
class Seal:
    """``domain``: the name in the certificate and in the headers."""

    domain: str
    chain: bytes  # PEM, the leaf first
    key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey = field(repr=False)

    def sign(self, body: bytes) -> str:
        """Base64 of the signature over these bytes: RSA PKCS#1 v1.5 or ECDSA, SHA-256."""
        if isinstance(self.key, rsa.RSAPrivateKey):
            signature = self.key.sign(body, padding.PKCS1v15(), SHA256())
        else:
            signature = self.key.sign(body, ec.ECDSA(SHA256()))
        return base64.b64encode(signature).decode()

    def headers(self, body: bytes) -> dict[str, str]:
        return {
            "X-OpenDSR-Processor-Domain": self.domain,
            "X-OpenDSR-Signature": self.sign(body),
        }


def seal() -> Seal | None:
    """The seal of this installation; None where production names none.

    Raises:
        ValueError, OSError: the files are there and cannot be read.
    """
    domain = urlsplit(settings.PUBLIC_URL).hostname or ""
    if settings.OPENDSR_KEY_FILE and settings.OPENDSR_CERTIFICATE_FILE:
        return _read(domain, settings.OPENDSR_KEY_FILE, settings.OPENDSR_CERTIFICATE_FILE)
    if settings.PRODUCTION:
        return None
    folder = Path(settings.DATA) / "keys"
    key, certificate = folder / "opendsr-key.pem", folder / "opendsr-certificate.pem"
    if not (key.exists() and certificate.exists()):
        _make(domain, key, certificate)
    return _read(domain, str(key), str(certificate))


@lru_cache(maxsize=4)
def _read(domain: str, key_file: str, certificate_file: str) -> Seal:
    key = serialization.load_pem_private_key(Path(key_file).read_bytes(), password=None)
    if not isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
        raise ValueError("The OpenDSR key must be an RSA or an elliptic curve key.")
    chain = Path(certificate_file).read_bytes()
    x509.load_pem_x509_certificates(chain)
    return Seal(domain, chain, key)


def _make(domain: str, key_file: Path, certificate_file: Path) -> None:
    """An authority for this trial alone, and a certificate of it for our own name."""
    root_key, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    root_name, name = "DEVELOPMENT ONLY authority", "DEVELOPMENT ONLY processor"
    names = x509.SubjectAlternativeName([_general(domain)])
    root = certify(root_name, root_name, root_key, root_key, ca=True)
    leaf = certify(name, root_name, key, root_key, also=[(names, False)])
    key_file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    with os.fdopen(os.open(key_file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(pem)
    certificate_file.write_bytes(
        b"".join(one.public_bytes(serialization.Encoding.PEM) for one in (leaf, root))
    )


def _general(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        return x509.DNSName(name)
