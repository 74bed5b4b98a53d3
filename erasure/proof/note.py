"""Signed checkpoints and the text forms of proofs.

C2SP signed-note, tlog-checkpoint, tlog-cosignature v1 and tlog-proof v1. A
checkpoint is ``origin LF size LF base64(root) LF``; no extension lines. A bad
signature by a known key rejects the note, signatures of unknown keys are ignored.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from erasure.errors import TamperedError
from erasure.proof.encoding import b64, unb64, unhash

LOG_KEY, WITNESS_KEY = 1, 4
PROOF_HEADER = "c2sp.org/tlog-proof@v1"
ENTRIES_HEADER = "erasure-log/entries-proof@v1"
_ID_BYTES, _TIME_BYTES, _PUBLIC_BYTES = 4, 8, 32
_NAME = re.compile(r"[^\s+]+")
_SIZE = re.compile(r"0|[1-9][0-9]{0,15}")


@dataclass(frozen=True, slots=True)
class Vkey:
    """A public key with its name: of a log (kind 1) or a witness (kind 4)."""

    name: str
    kind: int
    public: bytes

    @property
    def key_id(self) -> bytes:
        head = self.name.encode() + b"\n" + bytes([self.kind])
        return sha256(head + self.public).digest()[:_ID_BYTES]

    def __str__(self) -> str:
        return f"{self.name}+{self.key_id.hex()}+{b64(bytes([self.kind]) + self.public)}"


@dataclass(frozen=True, slots=True)
class Cosignature:
    """A witness saw the checkpoint at ``time`` (Unix seconds)."""

    name: str
    time: int


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What the log key signed: so many leaves have this root."""

    origin: str
    size: int
    root: bytes
    witnessed: tuple[Cosignature, ...] = ()


@dataclass(frozen=True, slots=True)
class TlogProof:
    """That one leaf is in the tree of a checkpoint."""

    index: int
    hashes: tuple[bytes, ...]
    checkpoint: str  # the signed note
    extra: bytes = b""

    def render(self) -> str:
        lines = [PROOF_HEADER, *([f"extra {b64(self.extra)}"] if self.extra else [])]
        lines += [f"index {self.index}", *map(b64, self.hashes)]
        return "\n".join(lines) + "\n\n" + self.checkpoint


class Signer:
    """A log's signing key under its origin."""

    def __init__(self, origin: str, private_key: Ed25519PrivateKey) -> None:
        self.origin = origin
        self._key = private_key
        self.vkey = Vkey(_name(origin), LOG_KEY, private_key.public_key().public_bytes_raw())

    @classmethod
    def from_seed(cls, origin: str, seed: bytes) -> "Signer":
        """From the 32 bytes of an Ed25519 private key (RFC 8032)."""
        return cls(origin, Ed25519PrivateKey.from_private_bytes(seed))

    def sign(self, size: int, root: bytes) -> str:
        """The signed note of a checkpoint."""
        text = checkpoint_text(self.origin, size, root)
        return f"{text}\n{self.signature_line(text)}"

    def signature_line(self, text: str) -> str:
        """This key's line under a checkpoint text, for a note signed by two keys."""
        return _line(self.vkey, self._key.sign(text.encode()))


def checkpoint_text(origin: str, size: int, root: bytes) -> str:
    """The text that is signed."""
    return f"{origin}\n{size}\n{b64(root)}\n"


def cosign(note: str, name: str, private_key: Ed25519PrivateKey, time: int) -> str:
    """The note with a witness's line added. ``time`` is in Unix seconds.

    The caller has checked consistency with the last checkpoint the witness saw.

    Raises:
        TamperedError: this is no note.
    """
    text, _ = _split(note)
    vkey = Vkey(_name(name), WITNESS_KEY, private_key.public_key().public_bytes_raw())
    signature = private_key.sign(_cosigned(text, time))
    return note + _line(vkey, time.to_bytes(_TIME_BYTES, "big") + signature)


def parse_vkey(text: str) -> Vkey:
    """Read ``name+hex(key id)+base64(kind || public key)``.

    Raises:
        ValueError: malformed, an unknown kind, or the id is not that of the key.
    """
    parts = text.split("+", 2)
    if len(parts) != 3:
        raise ValueError("a verifier key has the form name+id+key")
    data = unb64(parts[2])
    if len(data) != 1 + _PUBLIC_BYTES or data[0] not in (LOG_KEY, WITNESS_KEY):
        raise ValueError("a verifier key must be an Ed25519 key of a log or a witness")
    vkey = Vkey(_name(parts[0]), data[0], data[1:])
    if vkey.key_id.hex() != parts[1]:
        raise ValueError("the id of the verifier key does not belong to it")
    return vkey


def open_checkpoint(note: str, vkeys: Sequence[Vkey], witnesses: Sequence[Vkey] = ()) -> Checkpoint:
    """Read a checkpoint that at least one known log key signed under its origin.

    Raises:
        TamperedError: malformed, no known log key, or a bad signature of a known key.
    """
    text, lines = _split(note)
    origin, size, root = _parse_text(text)
    logs = [key for key in vkeys if key.kind == LOG_KEY and key.name == origin]
    signed, witnessed = False, []
    for name, data in map(_parse_line, lines):
        for key in (*logs, *(key for key in witnesses if key.kind == WITNESS_KEY)):
            if (key.name, key.key_id) != (name, data[:_ID_BYTES]):
                continue
            time = _check(key, text, data[_ID_BYTES:])
            if time is None:
                signed = True
            else:
                witnessed.append(Cosignature(name, time))
    if not signed:
        raise TamperedError("The checkpoint is not signed by a known log key.")
    return Checkpoint(origin, size, root, tuple(witnessed))


def parse_proof(text: str) -> TlogProof:
    """Read a tlog-proof; its checkpoint is not opened yet.

    Raises:
        ValueError: malformed.
    """
    head, gap, note = text.partition("\n\n")
    lines = head.split("\n")
    if not gap or lines[0] != PROOF_HEADER:
        raise ValueError("is no tlog-proof of version 1")
    del lines[0]
    extra = b""
    if lines and lines[0].startswith("extra "):
        extra = unb64(lines.pop(0).removeprefix("extra "))
        if not extra:
            raise ValueError("has an empty extra line")
    if not lines or not lines[0].startswith("index "):
        raise ValueError("has no index line")
    index = _number(lines.pop(0).removeprefix("index "))
    return TlogProof(index, tuple(map(unhash, lines)), note, extra)


def render_entries_proof(size: int, hashes: Sequence[bytes]) -> str:
    """The text of entries.proof."""
    return "\n".join((ENTRIES_HEADER, f"size {size}", *map(b64, hashes))) + "\n"


def parse_entries_proof(text: str) -> tuple[int, list[bytes]]:
    """Tree size and hashes of entries.proof.

    Raises:
        ValueError: malformed.
    """
    lines = text.split("\n")
    if len(lines) < 3 or lines[0] != ENTRIES_HEADER or lines[-1]:
        raise ValueError("is no entries proof of version 1")
    if not lines[1].startswith("size "):
        raise ValueError("has no size line")
    return _number(lines[1].removeprefix("size ")), [unhash(line) for line in lines[2:-1]]


def _line(vkey: Vkey, signature: bytes) -> str:
    return f"— {vkey.name} {b64(vkey.key_id + signature)}\n"


def _split(note: str) -> tuple[str, list[str]]:
    """The signed text and the signature lines."""
    text, gap, tail = note.rpartition("\n\n")
    lines = tail.split("\n")
    if not gap or lines.pop() or not lines:
        raise TamperedError("The checkpoint is not a signed note.")
    return text + "\n", lines


def _parse_text(text: str) -> tuple[str, int, bytes]:
    lines = text.split("\n")
    if len(lines) != 4 or lines[3]:
        raise TamperedError("The checkpoint is not origin, size and root.")
    try:
        return _name(lines[0]), _number(lines[1]), unhash(lines[2])
    except ValueError:
        raise TamperedError("The checkpoint is not origin, size and root.") from None


def _parse_line(line: str) -> tuple[str, bytes]:
    parts = line.split(" ")
    try:
        if len(parts) == 3 and parts[0] == "—":
            data = unb64(parts[2])
            if len(data) > _ID_BYTES:
                return _name(parts[1]), data
    except ValueError:
        pass
    raise TamperedError("A signature line of the checkpoint is malformed.")


def _check(key: Vkey, text: str, signature: bytes) -> int | None:
    """The time of a cosignature, None for a log signature; bad ones raise."""
    time, message = None, text.encode()
    if key.kind == WITNESS_KEY:
        time = int.from_bytes(signature[:_TIME_BYTES], "big")
        message, signature = _cosigned(text, time), signature[_TIME_BYTES:]
    try:
        Ed25519PublicKey.from_public_bytes(key.public).verify(signature, message)
    except InvalidSignature:
        raise TamperedError(f"The signature of {key.name} on the checkpoint is wrong.") from None
    return time


def _cosigned(text: str, time: int) -> bytes:
    return f"cosignature/v1\ntime {time}\n{text}".encode()


def _name(text: str) -> str:
    if not _NAME.fullmatch(text):
        raise ValueError("the name of a key has no space and no plus sign")
    return text


def _number(text: str) -> int:
    if not _SIZE.fullmatch(text):
        raise ValueError("is not a number")
    return int(text)
