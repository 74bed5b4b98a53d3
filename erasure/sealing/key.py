"""The seal key: RSA with an X.509 certificate, from PKCS#12, PEM or a hardware module.

The file holds the key, its certificate and every certificate up to the root; where a module
holds the key, the certificates alone. An elliptic curve would not do: signing with one turns
a PDF/A-3 file into none.
"""

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from tempfile import mkstemp

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import ExtendedKeyUsageOID

from erasure.errors import KeyMissingError
from erasure.sealing.hardware import HardwareKey
from erasure.sealing.x509 import certify

DEVELOPMENT = "DEVELOPMENT ONLY"
BITS = 3072
WEAK = f"The seal key must be an RSA key of {BITS} bits or more."
_DOCUMENTS = x509.ObjectIdentifier("1.3.6.1.5.5.7.3.36")  # RFC 9336; no name for it yet
_PEM = serialization.Encoding.PEM
_DER = serialization.Encoding.DER


@dataclass(frozen=True, slots=True)
class SealKey:
    """The key, its certificate, and the certificates above it, the root last."""

    private: rsa.RSAPrivateKey | HardwareKey = field(repr=False)
    certificate: x509.Certificate
    above: tuple[x509.Certificate, ...]

    @property
    def sha256(self) -> str:
        """The fingerprint that stands in the trust file and on every certificate."""
        return fingerprint(self.certificate)

    @property
    def root(self) -> x509.Certificate:
        return (self.certificate, *self.above)[-1]

    @property
    def root_pem(self) -> bytes:
        return self.root.public_bytes(_PEM)

    @property
    def development(self) -> bool:
        return any(DEVELOPMENT in one.subject.rfc4514_string() for one in self.chain)

    @property
    def chain(self) -> tuple[x509.Certificate, ...]:
        return (self.certificate, *self.above)

    def valid_at(self, moment: datetime) -> bool:
        """Whether every certificate of the chain is valid then."""
        return all(
            one.not_valid_before_utc <= moment <= one.not_valid_after_utc for one in self.chain
        )

    def pem(self) -> bytes:
        """Key, certificate and chain, unencrypted: for a file this user alone may read.

        Raises:
            KeyMissingError: the key is in a hardware module.
        """
        if isinstance(self.private, HardwareKey):
            raise KeyMissingError("The seal's key does not leave its module.")
        key = self.private.private_bytes(
            _PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        return key + b"".join(one.public_bytes(_PEM) for one in self.chain)


def fingerprint(certificate: x509.Certificate) -> str:
    """SHA-256 over the certificate's DER, in 64 hexadecimal digits."""
    return sha256(certificate.public_bytes(_DER)).hexdigest()


def make(mark: str = DEVELOPMENT) -> SealKey:
    """A new seal under a root of its own, whose key is thrown away."""
    root_key, key = (rsa.generate_private_key(65537, BITS) for _ in range(2))
    root_name, name = f"{mark} root", f"{mark} seal"
    usage = x509.ExtendedKeyUsage([_DOCUMENTS, ExtendedKeyUsageOID.EMAIL_PROTECTION])
    root = certify(root_name, root_name, root_key, root_key, ca=True)
    mine = certify(name, root_name, key, root_key, seals=True, also=[(usage, False)])
    return SealKey(key, mine, (root,))


def make_file(path: Path, mark: str = DEVELOPMENT) -> SealKey:
    """Make a seal and keep it in a PEM file for this user alone.

    Whoever comes first wins, and everybody gets that one.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, draft = mkstemp(dir=path.parent)  # readable by this user alone
    with os.fdopen(handle, "wb") as file:
        file.write(make(mark).pem())
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        os.unlink(draft)
    return load(path)


def load(path: Path, passphrase: str = "", uri: str = "", pin: str = "") -> SealKey:
    """Read a seal: PKCS#12, or PEM with the key and all certificates.

    With a ``uri`` the key is in a hardware module (``HardwareKey.at``) and the file's own is
    not looked at; it is asked for one signature.

    Raises:
        KeyMissingError: one sentence says what is wrong with it.
    """
    key, certificates = _read(path, passphrase)
    if uri:
        return _in_module(certificates, uri, pin)
    if key is None:
        raise KeyMissingError(
            "The seal's file holds no key. Where a hardware module holds it, ERASURE_SEAL_PKCS11 "
            "names it."
        )
    return _checked(key, certificates)


def certificates_in(path: Path, passphrase: str = "") -> Sequence[x509.Certificate]:
    """The certificates of a seal's file, whether its key is at hand or not.

    Raises:
        KeyMissingError: it cannot be read.
    """
    return _read(path, passphrase)[1]


def _read(path: Path, passphrase: str) -> tuple[object, list[x509.Certificate]]:
    try:
        data = path.read_bytes()
    except OSError:
        raise KeyMissingError("The seal key cannot be read (ERASURE_SEAL_FILE).") from None
    secret = passphrase.encode() or None
    try:
        return _pem(data, secret) if b"-----BEGIN" in data else _p12(data, secret)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise KeyMissingError(
            "The seal key is neither PKCS#12 nor PEM, or ERASURE_SEAL_PASSPHRASE does not open it."
        ) from None


def _pem(data: bytes, secret: bytes | None) -> tuple[object, list[x509.Certificate]]:
    held = b"PRIVATE KEY-----" in data
    key = serialization.load_pem_private_key(data, secret) if held else None
    return key, x509.load_pem_x509_certificates(data)


def _p12(data: bytes, secret: bytes | None) -> tuple[object, list[x509.Certificate]]:
    held = pkcs12.load_pkcs12(data, secret)
    own = [held.cert, *held.additional_certs] if held.cert else held.additional_certs
    return held.key, [one.certificate for one in own]


def _checked(key: object, certificates: Sequence[x509.Certificate]) -> SealKey:
    if not isinstance(key, rsa.RSAPrivateKey):
        raise KeyMissingError(WEAK)
    own = _strong(key.public_key()).public_numbers()
    mine = [one for one in certificates if _is_of(one, own)]
    if not mine:
        raise KeyMissingError("The seal key's file holds no certificate of that key.")
    _require_use(mine[0])
    return SealKey(key, mine[0], _up_to_root(mine[0], certificates))


def _in_module(certificates: Sequence[x509.Certificate], uri: str, pin: str) -> SealKey:
    own = leaf(certificates)
    key = HardwareKey.at(uri, pin, _strong(own.public_key()))
    _require_use(own)
    seal = SealKey(key, own, _up_to_root(own, certificates))
    key.sign(b"Is it there, and of this certificate?")
    return seal


def leaf(certificates: Sequence[x509.Certificate]) -> x509.Certificate:
    """The seal's own certificate: the one that issued none of the others.

    Raises:
        KeyMissingError: there is none.
    """
    for one in certificates:
        if not any(each != one and _issued(each, one) for each in certificates):
            return one
    raise KeyMissingError("The seal's file holds no certificate of a seal.")


def _strong(key: object) -> rsa.RSAPublicKey:
    if not isinstance(key, rsa.RSAPublicKey) or key.key_size < BITS:
        raise KeyMissingError(WEAK)
    return key


def _is_of(certificate: x509.Certificate, numbers: rsa.RSAPublicNumbers) -> bool:
    public = certificate.public_key()
    return isinstance(public, rsa.RSAPublicKey) and public.public_numbers() == numbers


def _require_use(certificate: x509.Certificate) -> None:
    """What pdfsig and openssl ask of it too: they would call another seal untrusted."""
    try:
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
        allowed = usage.digital_signature and usage.content_commitment
    except x509.ExtensionNotFound:
        allowed = False
    try:
        extended = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
        allowed = allowed and ExtendedKeyUsageOID.EMAIL_PROTECTION in extended
    except x509.ExtensionNotFound:
        pass  # none asked for, none forbidden
    if not allowed:
        raise KeyMissingError(
            "The seal's certificate must allow digitalSignature and nonRepudiation, and name "
            "emailProtection if it names extended uses."
        )


def _up_to_root(
    certificate: x509.Certificate, among: Iterable[x509.Certificate]
) -> tuple[x509.Certificate, ...]:
    """The certificates above one, the root last."""
    known, chain, last = list(among), [], certificate
    while last.issuer != last.subject:
        above = next((one for one in known if one not in chain and _issued(last, one)), None)
        if above is None:
            raise KeyMissingError(
                "The seal key's file does not hold every certificate up to the root."
            )
        chain.append(above)
        last = above
    return tuple(chain)


def _issued(certificate: x509.Certificate, above: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(above)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True
