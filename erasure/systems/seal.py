"""The key with which this installation, as a processor, signs what it answers (OpenDSR 2.0).

Production names key and certificate; without them nobody can send requests here. A trial
makes its own once, with an authority of its own that nobody but a trial trusts.
"""

import base64
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509.oid import NameOID
from django.conf import settings

SINCE, UNTIL = datetime(2020, 1, 1, tzinfo=UTC), datetime(2049, 1, 1, tzinfo=UTC)


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
    names = _named("DEVELOPMENT ONLY authority"), _named("DEVELOPMENT ONLY processor")
    root = _certificate(names[0], names[0], root_key.public_key(), root_key, ca=True, also=())
    leaf = _certificate(names[1], names[0], key.public_key(), root_key, ca=False, also=[domain])
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


def _certificate(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePublicKey,
    signer: ec.EllipticCurvePrivateKey,
    *,
    ca: bool,
    also: Sequence[str],
) -> x509.Certificate:
    """One certificate; ``also`` are the names it is good for."""
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(SINCE)
        .not_valid_after(UNTIL)
        .add_extension(x509.BasicConstraints(ca=ca, path_length=0 if ca else None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False
        )
        .add_extension(_usage(ca), critical=True)
    )
    if also:
        names = x509.SubjectAlternativeName([_general(name) for name in also])
        made = made.add_extension(names, critical=False)
    return made.sign(signer, SHA256())


def _usage(ca: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not ca, content_commitment=False, key_encipherment=False,
        data_encipherment=False, key_agreement=False, key_cert_sign=ca, crl_sign=ca,
        encipher_only=False, decipher_only=False,
    )  # fmt: skip


def _general(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _named(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])
