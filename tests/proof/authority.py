"""A time-stamping authority of our own, with a root, for tests."""

from datetime import UTC, datetime
from functools import cache
from hashlib import sha256

from asn1crypto import keys, tsp, x509
from cryptography import x509 as x
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from pyhanko.sign.timestamps.dummy_client import DummyTimeStamper

FROM, UNTIL = datetime(2025, 1, 1, tzinfo=UTC), datetime(2035, 1, 1, tzinfo=UTC)
PEM = serialization.Encoding.PEM
DER = serialization.Encoding.DER


def named(text):
    return x.Name([x.NameAttribute(NameOID.COMMON_NAME, text)])


def usage(*, signs_certificates):
    names = (
        "digital_signature", "content_commitment", "key_encipherment", "data_encipherment",
        "key_agreement", "key_cert_sign", "crl_sign", "encipher_only", "decipher_only",
    )  # fmt: skip
    given = dict.fromkeys(names, False)
    given["key_cert_sign" if signs_certificates else "digital_signature"] = True
    return x.KeyUsage(**given)


@cache
def root(name="Invented Root"):
    """Key and certificate of a root."""
    key = rsa.generate_private_key(65537, 2048)
    made = (
        x.CertificateBuilder().subject_name(named(name)).issuer_name(named(name))
        .public_key(key.public_key()).serial_number(x.random_serial_number())
        .not_valid_before(FROM).not_valid_after(UNTIL)
        .add_extension(x.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(usage(signs_certificates=True), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    return key, made


@cache
def stamper(purpose=ExtendedKeyUsageOID.TIME_STAMPING, issuer="Invented Root"):
    """Key and certificate of a TSA under the root."""
    parent_key, parent = root(issuer)
    key = rsa.generate_private_key(65537, 2048)
    made = (
        x.CertificateBuilder().subject_name(named("Invented TSA")).issuer_name(parent.subject)
        .public_key(key.public_key()).serial_number(x.random_serial_number())
        .not_valid_before(FROM).not_valid_after(UNTIL)
        .add_extension(x.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(usage(signs_certificates=False), critical=True)
        .add_extension(x.ExtendedKeyUsage([purpose]), critical=True)
        .sign(parent_key, hashes.SHA256())
    )  # fmt: skip
    return key, made


def answer(request, at, **given):
    """The TSA's answer (DER) to a request (DER)."""
    key, made = stamper(**given)
    private = key.private_bytes(
        DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )  # fmt: skip
    server = DummyTimeStamper(
        x509.Certificate.load(made.public_bytes(DER)), keys.PrivateKeyInfo.load(private),
        fixed_dt=at,
    )  # fmt: skip
    return server.request_tsa_response(tsp.TimeStampReq.load(request)).dump()


def request(data):
    """What is asked for a token over some bytes."""
    return tsp.TimeStampReq({
        "version": 1, "cert_req": True,
        "message_imprint": {
            "hash_algorithm": {"algorithm": "sha256"}, "hashed_message": sha256(data).digest(),
        },
    })  # fmt: skip


def token(data, at=datetime(2026, 11, 2, 9, tzinfo=UTC), **given):
    """A token (DER) over some bytes."""
    reply = tsp.TimeStampResp.load(answer(request(data).dump(), at, **given))
    return reply["time_stamp_token"].dump()


def root_file(folder, name="Invented Root"):
    """The root's PEM file, as a trust file names it."""
    path = folder / "root.pem"
    path.write_bytes(root(name)[1].public_bytes(PEM))
    return str(path)
