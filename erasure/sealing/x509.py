"""Certificates this installation makes for itself: trial and tests, nobody else trusts them."""

from collections.abc import Sequence
from datetime import UTC, datetime

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509.oid import NameOID

SINCE, UNTIL = datetime(2020, 1, 1, tzinfo=UTC), datetime(2049, 1, 1, tzinfo=UTC)

Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
Extension = tuple[x509.ExtensionType, bool]  # with: is it critical


def certify(
    subject: str,
    issuer: str,
    key: Key,
    signer: Key,
    *,
    ca: bool = False,
    seals: bool = False,
    also: Sequence[Extension] = (),
) -> x509.Certificate:
    """A certificate for ``key`` under ``signer``; ``seals``: it may sign documents."""
    builder = (
        x509.CertificateBuilder()
        .subject_name(_named(subject))
        .issuer_name(_named(issuer))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(SINCE)
        .not_valid_after(UNTIL)
    )
    own = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    above = x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key())
    for extension, critical in (
        (x509.BasicConstraints(ca=ca, path_length=0 if ca else None), True),
        (own, False),
        (above, False),
        (_usage(ca=ca, seals=seals), True),
        *also,
    ):
        builder = builder.add_extension(extension, critical=critical)
    return builder.sign(signer, SHA256())


def _usage(*, ca: bool, seals: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not ca, content_commitment=seals, key_encipherment=False,
        data_encipherment=False, key_agreement=False, key_cert_sign=ca, crl_sign=ca,
        encipher_only=False, decipher_only=False,
    )  # fmt: skip


def _named(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])
