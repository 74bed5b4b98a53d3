"""Text forms that can be written in one way only: base64, base64url, UTC seconds."""

import base64
import binascii
import re
from datetime import UTC, datetime

HASH_BYTES = 32
MOST_SHOWN = 64  # characters; the name of a store has 61
_AT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z")
_STRANGE = re.compile(r"[^A-Za-z0-9_./-]")


def b64(data: bytes) -> str:
    """Standard base64 with padding."""
    return base64.b64encode(data).decode()


def unb64(text: str) -> bytes:
    """Read standard base64, refusing every form but the one ``b64`` writes.

    Raises:
        ValueError: not base64, or padding or unused bits differ.
    """
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise ValueError("not base64") from None
    if b64(data) != text:
        raise ValueError("not base64 in its one form")
    return data


def b64url(data: bytes) -> str:
    """base64url without padding."""
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def unb64url(text: str) -> bytes:
    """Read base64url without padding, refusing every other form.

    Raises:
        ValueError: not base64url, padded, or unused bits differ.
    """
    try:
        data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError):
        raise ValueError("not base64url") from None
    if b64url(data) != text:
        raise ValueError("not base64url in its one form")
    return data


def unhash(text: str) -> bytes:
    """Read one 32-byte hash in base64.

    Raises:
        ValueError: not base64, or not 32 bytes.
    """
    data = unb64(text)
    if len(data) != HASH_BYTES:
        raise ValueError("not a hash of 32 bytes")
    return data


def shown(name: str) -> str:
    """A name that somebody else chose, as it may stand in a sentence of ours."""
    short = _STRANGE.sub("?", name[:MOST_SHOWN])
    return short if len(name) <= MOST_SHOWN else f"{short}..."


def time_text(moment: datetime) -> str:
    """``YYYY-MM-DDThh:mm:ssZ`` of an aware time, cut to the second.

    Raises:
        ValueError: the time has no zone.
    """
    if moment.utcoffset() is None:
        raise ValueError("a time needs its zone")
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def parse_time(text: str) -> datetime:
    """The aware UTC time of ``YYYY-MM-DDThh:mm:ssZ``.

    Raises:
        ValueError: another form, or no such moment.
    """
    if not _AT.fullmatch(text):
        raise ValueError("not a time as YYYY-MM-DDThh:mm:ssZ")
    return datetime.fromisoformat(text)
