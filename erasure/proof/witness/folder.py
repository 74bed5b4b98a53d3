"""What a witness has: one folder with its key, the last head it saw, and all it cosigned.

``witness.key`` (never give it away), ``seen.json``, and ``<size>-<time>.checkpoint`` for
each head. These files are anchors: ``verify_certificate --anchor`` and ``verify_log
--anchor`` compare with them.
"""

import json
import os
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from erasure.errors import TamperedError
from erasure.proof import merkle, note
from erasure.proof.encoding import b64, unb64, unhash
from erasure.proof.errors import UnreadableError
from erasure.proof.note import Checkpoint, Vkey, open_checkpoint, parse_vkey
from erasure.proof.witness.offer import Consistency, Offer

KEY, SEEN = "witness.key", "seen.json"


@dataclass(frozen=True, slots=True)
class Seen:
    """The last head that was cosigned."""

    origin: str
    size: int
    root: bytes


class Witness:
    """One folder with its key."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        try:
            name, seed = (folder / KEY).read_text().split()
            self._key = Ed25519PrivateKey.from_private_bytes(unb64(seed))
            self.vkey = _vkey(name, self._key)
        except (OSError, ValueError):
            raise UnreadableError(
                f"There is no {KEY} in this folder: make one with 'init', once."
            ) from None

    @classmethod
    def make(cls, folder: Path, name: str) -> "Witness":
        """A new key under a name, readable by this user alone. The old one is never replaced.

        Raises:
            UnreadableError: there is a key already, the name will not do, or the folder.
        """
        key = Ed25519PrivateKey.generate()
        try:
            _vkey(name, key)
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            handle = os.open(folder / KEY, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except ValueError:
            raise UnreadableError("A witness's name has no space and no plus sign.") from None
        except FileExistsError:
            raise UnreadableError("This folder has a witness's key already.") from None
        except OSError:
            raise UnreadableError("The folder cannot be written.") from None
        with os.fdopen(handle, "w") as file:
            file.write(f"{name} {b64(key.private_bytes_raw())}\n")
        return cls(folder)

    def cosign(self, offer: Offer, logs: Sequence[Vkey], now: int | None = None) -> str:
        """The offered head with this witness's line, once it is shown to continue the last one.

        What was seen is on the disk before the signature leaves.

        Raises:
            TamperedError: the log shrank, was rewritten or forked, or is not one of ``logs``.
            UnreadableError: the proof or this folder cannot be read.
        """
        point = open_checkpoint(offer.note, logs)
        before = self.seen()
        if before:
            _check_growth(before, point, offer.consistency)
        signed_at = int(time.time()) if now is None else now
        text = note.cosign(offer.note, self.vkey.name, self._key, signed_at)
        self._remember(point)
        _write(self.folder / f"{point.size}-{signed_at}.checkpoint", text)
        return text

    def seen(self) -> Seen | None:
        """The last head; None at the first time, when whatever the log offers is believed.

        Raises:
            UnreadableError: the file was damaged. Nothing is cosigned without it.
        """
        path = self.folder / SEEN
        try:
            value = json.loads(path.read_text())
            return Seen(str(value["origin"]), int(value["size"]), unhash(value["root"]))
        except FileNotFoundError:
            if any(self.folder.glob("*.checkpoint")):
                raise UnreadableError(
                    f"{SEEN} is gone: put it back, its origin, size and root are in the newest "
                    "checkpoint of this folder."
                ) from None
            return None
        except (OSError, ValueError, KeyError, TypeError):
            raise UnreadableError(f"{SEEN} cannot be read.") from None

    def _remember(self, point: Checkpoint) -> None:
        value = {"origin": point.origin, "root": b64(point.root), "size": point.size}
        _write(self.folder / SEEN, json.dumps(value) + "\n")


def _check_growth(before: Seen, point: Checkpoint, consistency: Consistency) -> None:
    if point.origin != before.origin:
        raise TamperedError(
            f"This is another log ({point.origin}) than the one seen before ({before.origin}). "
            "If the old one was lost, use a new folder, and keep this one."
        )
    if point.size < before.size:
        raise TamperedError(
            f"The log has shrunk: {before.size:,} entries were seen, it offers {point.size:,}."
        )
    if point.size == before.size:
        if point.root != before.root:
            raise TamperedError(f"The log was rewritten: its {point.size:,} entries are others.")
        return
    if before.size == 0:
        return
    proof = consistency(before.size, point.size)
    if not merkle.verify_consistency(before.size, point.size, before.root, point.root, proof):
        raise TamperedError(
            f"The log was rewritten: it does not begin with the {before.size:,} entries once seen."
        )


def _vkey(name: str, key: Ed25519PrivateKey) -> Vkey:
    vkey = Vkey(name, note.WITNESS_KEY, key.public_key().public_bytes_raw())
    return parse_vkey(str(vkey))


def _write(path: Path, text: str) -> None:
    """The whole file or the old one, on the disk when this returns."""
    try:
        handle, draft = tempfile.mkstemp(dir=path.parent)
        with os.fdopen(handle, "w") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(draft, path)
    except OSError:
        raise UnreadableError("The folder cannot be written.") from None
