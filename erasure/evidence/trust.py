"""The trust file of this installation, as it is published and handed over beforehand."""

from pathlib import Path

from erasure.evidence.seal import own_seal
from erasure.ledger.keys import known_vkeys
from erasure.proof.trust import Trust

TRUST_FILE = "trust.txt"
ROOT_FILE = "seal-root.pem"


def own_trust() -> Trust:
    """Every key that the log named, and the seal with its root.

    Raises:
        KeyMissingError: the seal cannot be read.
    """
    return Trust(
        logs=tuple(known_vkeys()), seals=(own_seal().sha256,), roots=(ROOT_FILE,)
    )  # fmt: skip


def write_trust(folder: Path) -> Path:
    """Both files into a folder; the path of the trust file.

    Raises:
        KeyMissingError: the seal cannot be read.
    """
    (folder / ROOT_FILE).write_bytes(own_seal().root_pem)
    path = folder / TRUST_FILE
    path.write_text(own_trust().render())
    return path
