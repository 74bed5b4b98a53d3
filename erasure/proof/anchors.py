"""Anchors: what somebody outside the operator's reach keeps of the log's head.

Three files are anchors, and ``read`` takes each:

* the note of a checkpoint, as it was mailed, printed or put into a write-once folder;
* the same note with the cosignature of a witness, which dates it;
* ``{"note":..,"schema":"erasure-anchor/v1","token":..}`` (JCS): a note and, in base64,
  the RFC 3161 token of a time-stamping authority over its bytes, which dates it.

An anchor shows that the log had ``size`` leaves with this root by ``at``. A later log
must begin with them, and an entry it lacks must not be dated before it.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from erasure.proof import canonical, note, timestamps
from erasure.proof.encoding import b64, unb64
from erasure.proof.errors import UnreadableError
from erasure.proof.trust import Trust

SCHEMA = "erasure-anchor/v1"
MOST_BYTES = 256 * 1024


class AnchorKind(StrEnum):
    CHECKPOINT = "checkpoint"
    WITNESS = "witness"
    TIMESTAMP = "timestamp"


@dataclass(frozen=True, slots=True)
class Anchor:
    """A head of the log that was seen outside.

    ``at`` is aware, UTC: the first of its trusted witnesses' times, or the token's.
    None for a bare checkpoint, which says what the log was but not when.
    """

    kind: AnchorKind
    origin: str
    size: int
    root: bytes
    at: datetime | None = None
    witnesses: tuple[str, ...] = ()  # names of the trusted witnesses that cosigned


def read(data: bytes, trust: Trust) -> Anchor:
    """Read one anchor and check it against the keys and roots that the reader trusts.

    A cosignature of a witness that is not in the trust file counts for nothing: what
    is left is a bare checkpoint. Line ends that a mail program changed are mended.

    Raises:
        UnreadableError: these bytes are no anchor.
        TamperedError: no trusted log key signed the checkpoint, a trusted key's
            signature is wrong, or the token is not what it claims.
    """
    if len(data) > MOST_BYTES:
        raise UnreadableError("An anchor is larger than 256 KiB.")
    if data.startswith(b"{"):
        return _stamped(*unwrap(data), trust)
    return _noted(_text(data.replace(b"\r\n", b"\n")), trust)


def wrap(text: str, token: bytes) -> bytes:
    """The file of a time-stamped checkpoint."""
    return canonical.encode({"note": text, "schema": SCHEMA, "token": b64(token)})


def unwrap(data: bytes) -> tuple[str, bytes]:
    """The note and the token of ``wrap``.

    Raises:
        UnreadableError: not what ``wrap`` writes.
    """
    try:
        value = canonical.decode(data, canonical=True)
        if value.keys() != {"note", "schema", "token"} or value["schema"] != SCHEMA:
            raise UnreadableError(f"The anchor is no {SCHEMA}.")
        if not isinstance(value["note"], str) or not isinstance(value["token"], str):
            raise UnreadableError("Note and token of the anchor are not texts.")
        return value["note"], unb64(value["token"])
    except ValueError as why:
        raise UnreadableError(f"The anchor cannot be read: {why}.") from None


def _text(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise UnreadableError("The anchor is neither a checkpoint nor a time-stamp.") from None


def _noted(text: str, trust: Trust) -> Anchor:
    point = note.open_checkpoint(text, trust.logs, trust.witnesses)
    if not point.witnessed:
        return Anchor(AnchorKind.CHECKPOINT, point.origin, point.size, point.root)
    first = min(each.time for each in point.witnessed)
    try:
        at = datetime.fromtimestamp(first, UTC)
    except (ValueError, OverflowError, OSError):
        raise UnreadableError("The time of a cosignature is no date.") from None
    names = tuple(each.name for each in point.witnessed)
    return Anchor(AnchorKind.WITNESS, point.origin, point.size, point.root, at, names)


def _stamped(text: str, token: bytes, trust: Trust) -> Anchor:
    point = note.open_checkpoint(text, trust.logs)
    at = timestamps.check_token(token, text.encode(), timestamps.read_roots(trust.roots))
    return Anchor(AnchorKind.TIMESTAMP, point.origin, point.size, point.root, at)
