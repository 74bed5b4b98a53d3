"""Seals that are no longer used: what they sealed must still be trusted, and may have to be
sealed once more, as an authority's edition or because it waits halfway.
"""

from collections.abc import Iterable
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import serialization

from erasure.errors import KeyMissingError
from erasure.sealing.key import fingerprint


def retired_file(seal_file: Path) -> Path:
    """PEM certificates beside the seal; no key is in it."""
    return seal_file.with_name(seal_file.name + ".retired")


def kept_file(seal_file: Path, sha256: str) -> Path:
    """Where a seal's own file lies once another has its place. ``sha256``: its fingerprint."""
    return seal_file.with_name(f"{seal_file.name}.{sha256[:16]}")


def retire(seal_file: Path, chain: Iterable[x509.Certificate]) -> None:
    """Add the certificates of a seal that goes out of use, without its key."""
    with retired_file(seal_file).open("ab") as file:
        for one in chain:
            file.write(one.public_bytes(serialization.Encoding.PEM))


def retired(seal_file: Path) -> tuple[tuple[str, ...], bytes]:
    """Fingerprints of the seals that were in use, and their roots in PEM.

    Raises:
        KeyMissingError: the file is damaged.
    """
    path = retired_file(seal_file)
    try:
        found = x509.load_pem_x509_certificates(path.read_bytes()) if path.exists() else []
    except (OSError, ValueError):
        raise KeyMissingError("The certificates of earlier seals cannot be read.") from None
    seals = tuple(fingerprint(one) for one in found if not _is_authority(one))
    roots = [one for one in found if one.issuer == one.subject]
    return seals, b"".join(one.public_bytes(serialization.Encoding.PEM) for one in roots)


def _is_authority(certificate: x509.Certificate) -> bool:
    try:
        found = certificate.extensions.get_extension_for_class(x509.BasicConstraints)
    except x509.ExtensionNotFound:
        return False
    return bool(found.value.ca)
