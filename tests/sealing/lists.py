"""Seals and a time-stamp authority whose certificates say where to ask whether they were revoked.

Each has a root, one authority below it and itself; both authorities hand out lists over HTTP.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache

from asn1crypto import keys, tsp
from asn1crypto import x509 as asn1
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509 import ocsp
from cryptography.x509.oid import AuthorityInformationAccessOID as Access
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from pyhanko.sign.timestamps.dummy_client import DummyTimeStamper

from erasure.sealing.key import SealKey

DER, PEM = serialization.Encoding.DER, serialization.Encoding.PEM
FROM, UNTIL = datetime(2020, 1, 1, tzinfo=UTC), datetime(2049, 1, 1, tzinfo=UTC)
HOST = "http://lists.example.org"
ANSWERS = f"{HOST}/ocsp"
STAMPS = ExtendedKeyUsageOID.TIME_STAMPING


@dataclass(frozen=True)
class Holder:
    """A key, its certificate, and who issued it: itself, if it is a root."""

    name: str
    key: rsa.RSAPrivateKey
    certificate: x509.Certificate
    issuer: "Holder | None" = None

    @property
    def url(self):
        """Where its own list is."""
        return f"{HOST}/{self.name.replace(' ', '-')}.crl"


def usage(*given):
    names = (
        "digital_signature", "content_commitment", "key_encipherment", "data_encipherment",
        "key_agreement", "key_cert_sign", "crl_sign", "encipher_only", "decipher_only",
    )  # fmt: skip
    return x509.KeyUsage(**{name: name in given for name in names})


ISSUES = ("key_cert_sign", "crl_sign")
SEALS = ("digital_signature", "content_commitment")


def holder(name, issuer=None, *, uses=ISSUES, purpose=None, source="crl", bits=2048):
    """``source``: crl, ocsp, or none at all."""
    key = rsa.generate_private_key(65537, bits)
    named = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    above = issuer.certificate.subject if issuer else named
    rank = x509.BasicConstraints(ca="key_cert_sign" in uses, path_length=None)
    builder = (
        x509.CertificateBuilder().subject_name(named).issuer_name(above)
        .public_key(key.public_key()).serial_number(x509.random_serial_number())
        .not_valid_before(FROM).not_valid_after(UNTIL)
        .add_extension(rank, critical=True)
        .add_extension(usage(*uses), critical=True)
    )  # fmt: skip
    if purpose:
        builder = builder.add_extension(x509.ExtendedKeyUsage([purpose]), critical=True)
    if issuer and source == "crl":
        point = x509.DistributionPoint([x509.UniformResourceIdentifier(issuer.url)], *[None] * 3)
        builder = builder.add_extension(x509.CRLDistributionPoints([point]), critical=False)
    elif issuer and source == "ocsp":
        way = x509.AccessDescription(Access.OCSP, x509.UniformResourceIdentifier(ANSWERS))
        builder = builder.add_extension(x509.AuthorityInformationAccess([way]), critical=False)
    signer = issuer.key if issuer else key
    return Holder(name, key, builder.sign(signer, hashes.SHA256()), issuer)


@cache
def seals_root():
    return holder("seals root")


@cache
def seals_authority():
    return holder("seals authority", seals_root())


def sealing(source="crl", bits=2048):
    """The holder of a seal, always the same."""
    return _sealing(source, bits)


@cache
def _sealing(source, bits):
    return holder("seal", seals_authority(), uses=SEALS, source=source, bits=bits)


def seal(source="crl", bits=2048):
    one = sealing(source, bits)
    return SealKey(
        one.key, one.certificate, (seals_authority().certificate, seals_root().certificate)
    )


@cache
def stamps_root():
    return holder("stamps root")


@cache
def stamping():
    """The holder of the time-stamp authority's key."""
    return holder("stamps", stamps_root(), uses=("digital_signature",), purpose=STAMPS)


@cache
def silent_stamping():
    """Another key of the same authority, whose certificate says nowhere to ask."""
    uses = ("digital_signature",)
    return holder("stamps", stamps_root(), uses=uses, purpose=STAMPS, source="none")


@cache
def other_stamping():
    """Another key of the same authority, under one between it and the root."""
    between = holder("stamps authority", stamps_root())
    return holder("stamps", between, uses=("digital_signature",), purpose=STAMPS)


def own(one):
    """Certificate and key as the library takes them."""
    private = one.key.private_bytes(
        DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )  # fmt: skip
    return known(one), keys.PrivateKeyInfo.load(private)


def stamper(at, one=None):
    """An authority that answers without a network."""
    return DummyTimeStamper(*own(one or stamping()), fixed_dt=at)


def stamped(request, at, one=None):
    """The authority's answer (DER) to a request (DER)."""
    return stamper(at, one).request_tsa_response(tsp.TimeStampReq.load(request)).dump()


def known(one):
    return asn1.Certificate.load(one.certificate.public_bytes(DER))


def listed(issuer, at, *revoked, by=None, age=timedelta(hours=1), lasts=timedelta(days=7), on=None):
    """The list (DER) of an issuer; ``by``: who signs it in its name; ``on``: revoked when."""
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(issuer.certificate.subject)
        .last_update(at - age)
        .next_update(at - age + lasts)
    )
    for one in revoked:
        builder = builder.add_revoked_certificate(
            x509.RevokedCertificateBuilder()
            .serial_number(one.certificate.serial_number)
            .revocation_date(on or at - timedelta(days=1))
            .build()
        )
    return builder.sign((by or issuer).key, hashes.SHA256()).public_bytes(DER)


def answered(one, at, status=ocsp.OCSPCertStatus.GOOD):
    """What the issuer answers of a certificate (DER)."""
    revoked = status is ocsp.OCSPCertStatus.REVOKED
    return (
        ocsp.OCSPResponseBuilder()
        .add_response(
            cert=one.certificate, issuer=one.issuer.certificate, algorithm=hashes.SHA256(),
            cert_status=status, this_update=at, next_update=at + timedelta(hours=1),
            revocation_time=at - timedelta(days=1) if revoked else None,
            revocation_reason=None,
        )
        .responder_id(ocsp.OCSPResponderEncoding.NAME, one.issuer.certificate)
        .sign(one.issuer.key, hashes.SHA256())
        .public_bytes(DER)
    )  # fmt: skip


def roots():
    """What a verifier is given."""
    return [known(seals_root()), known(stamps_root())]


def serve(replies, at, **instead):
    """Every list; ``instead``: for one of them its bytes, a status, or None for no list."""
    for issuer in (seals_root(), seals_authority(), stamps_root()):
        given = instead.get(issuer.name.replace(" ", "_"), listed(issuer, at))
        if isinstance(given, bytes):
            replies.get(issuer.url, body=given, content_type="application/pkix-crl")
        elif given:
            replies.get(issuer.url, status=given)
