"""The trust file of this installation, as it is published and handed over beforehand."""

from pathlib import Path

from django.conf import settings

from erasure.evidence.seal import own_seal
from erasure.ledger.keys import known_vkeys
from erasure.ledger.trusted import tsa_roots, witnesses
from erasure.proof.trust import Trust
from erasure.sealing.retired import retired

TRUST_FILE = "trust.txt"
ROOT_FILE = "seal-root.pem"
STAMPS_FILE = "tsa-root.pem"


def own_trust() -> Trust:
    """Every key that the log named, witnesses, each seal that was in use, and all roots.

    Raises:
        KeyMissingError: the seal cannot be read.
    """
    return Trust(
        logs=tuple(known_vkeys()),
        witnesses=witnesses(),
        seals=(own_seal().sha256, *retired(Path(settings.SEAL_FILE))[0]),
        roots=tuple(root_files()),
    )


def root_files() -> dict[str, bytes]:
    """The PEM files that the trust file names.

    Raises:
        KeyMissingError: the seal cannot be read.
        OSError: the root of time-stamps cannot be read.
    """
    stamps = b"".join(Path(name).read_bytes() for name in tsa_roots())
    roots = own_seal().root_pem + retired(Path(settings.SEAL_FILE))[1]
    return {ROOT_FILE: roots} | ({STAMPS_FILE: stamps} if stamps else {})


def write_trust(folder: Path) -> Path:
    """The trust file and what it names into a folder; the path of the trust file.

    Raises:
        KeyMissingError, OSError: as ``root_files``.
    """
    for name, pem in root_files().items():
        (folder / name).write_bytes(pem)
    path = folder / TRUST_FILE
    path.write_text(own_trust().render())
    return path
