"""The processor's authority and certificates; what it signs is real.

The authority's key is the same in every process, so that a connection seeded by one trusts
what another signs. It vouches for the played processor and for nothing else.
"""

import base64
import hashlib
import ipaddress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

SINCE, UNTIL = datetime(2020, 1, 1, tzinfo=UTC), datetime(2049, 1, 1, tzinfo=UTC)
LONG_OVER = datetime(2021, 1, 1, tzinfo=UTC)
KINDS = ("good", "expired", "wrong-san", "self-signed")
Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


@dataclass(frozen=True, slots=True)
class Signer:
    """A certificate with its key."""

    certificate: x509.Certificate
    key: Key = field(repr=False)

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    def sign(self, body: bytes) -> str:
        """Base64 of the signature over these bytes: RSA PKCS#1 v1.5 or ECDSA, SHA-256."""
        if isinstance(self.key, rsa.RSAPrivateKey):
            signature = self.key.sign(body, padding.PKCS1v15(), SHA256())
        else:
            signature = self.key.sign(body, ec.ECDSA(SHA256()))
        return base64.b64encode(signature).decode()


@lru_cache(maxsize=1)
def authority() -> Signer:
    """The only one that may vouch for the processor."""
    secret = int.from_bytes(hashlib.sha256(b"sandbox-opendsr-authority").digest()) >> 1
    key = ec.derive_private_key(secret, ec.SECP256R1())
    usage = x509.KeyUsage(
        digital_signature=False, content_commitment=False, key_encipherment=False,
        data_encipherment=False, key_agreement=False, key_cert_sign=True, crl_sign=True,
        encipher_only=False, decipher_only=False,
    )  # fmt: skip
    made = (
        _begun("Sandbox authority", "Sandbox authority", key, UNTIL)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
    )
    return Signer(made.sign(key, SHA256()), key)


@lru_cache(maxsize=8)
def signer(kind: str = "good", algorithm: str = "rsa") -> Signer:
    """The processor's certificate, or one that must not be trusted: see ``KINDS``."""
    key = _key(algorithm)
    root = authority()
    alone = kind == "self-signed"
    name = "Sandbox processor"
    until = LONG_OVER if kind == "expired" else UNTIL
    issuer, issuer_key = (name, key) if alone else ("Sandbox authority", root.key)
    made = (
        _begun(name, issuer, key, until)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName(_names(kind)), critical=False)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()),
            critical=False,
        )
    )
    return Signer(made.sign(issuer_key, SHA256()), key)


@lru_cache(maxsize=2)
def _key(algorithm: str) -> Key:
    if algorithm == "ec":
        return ec.generate_private_key(ec.SECP256R1())
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def _names(kind: str) -> list[x509.GeneralName]:
    if kind == "wrong-san":
        return [x509.DNSName("other.example.org")]
    return [x509.IPAddress(ipaddress.ip_address("127.0.0.1")), x509.DNSName("localhost")]


def _begun(subject: str, issuer: str, key: Key, until: datetime) -> x509.CertificateBuilder:
    public = key.public_key()
    return (
        x509.CertificateBuilder()
        .subject_name(_named(subject))
        .issuer_name(_named(issuer))
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(SINCE)
        .not_valid_after(until)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
    )


def _named(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])
