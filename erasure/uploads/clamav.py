"""Ask a ClamAV daemon about an upload, over its socket (clamd(8), INSTREAM).

Optional: without an address nothing is asked. With one, whatever is not a clear
"OK" keeps the upload out: no daemon, no answer in time, an answer nobody knows.
"""

import socket
import time
from contextlib import closing
from urllib.parse import urlsplit

from erasure.errors import BusyError, InputError

CHUNK = 2**16  # bytes
SECONDS = 20.0  # for the whole exchange
MOST_ANSWER = 4096  # bytes
CLEAN, INFECTED = "stream: OK", " FOUND"
UNREACHABLE = "The virus scanner does not answer: no upload is taken in until it does."
TOLD = (
    "The virus scanner found something harmful in the file. Send a photo of the document instead."
)


def scan(data: bytes, address: str, *, seconds: float = SECONDS) -> None:
    """Have an upload checked; returns if it is clean, or if no daemon is configured.

    ``address``: unix:/run/clamav/clamd.ctl or tcp://host:3310; "" asks nobody.

    Raises:
        InputError: ``document``; something harmful is in it.
        BusyError: there was no clear answer.
    """
    if not address:
        return
    try:
        answer = _asked(data, address, time.monotonic() + seconds)
    except (OSError, ValueError):
        raise BusyError(UNREACHABLE) from None
    if answer.endswith(INFECTED):
        raise InputError("document", TOLD)
    if answer != CLEAN:
        raise BusyError(UNREACHABLE)


def _asked(data: bytes, address: str, until: float) -> str:
    """The daemon's word. Raises OSError, ValueError: there is none."""
    with closing(_connected(address, until)) as wire:
        wire.sendall(b"zINSTREAM\0")
        for start in range(0, len(data), CHUNK):
            part = data[start : start + CHUNK]
            _hurry(wire, until)
            wire.sendall(len(part).to_bytes(4, "big") + part)
        wire.sendall(bytes(4))
        return _answer(wire, until)


def _connected(address: str, until: float) -> socket.socket:
    parts = urlsplit(address)
    if parts.scheme == "tcp" and parts.hostname and parts.port:
        return socket.create_connection((parts.hostname, parts.port), until - time.monotonic())
    if parts.scheme != "unix" or not parts.path:
        raise ValueError("An address is unix:/path or tcp://host:port.")
    wire = socket.socket(socket.AF_UNIX)
    _hurry(wire, until)
    try:
        wire.connect(parts.path)
    except OSError:
        wire.close()
        raise
    return wire


def _answer(wire: socket.socket, until: float) -> str:
    """What comes up to the ending zero byte."""
    answer = b""
    while not answer.endswith(b"\0"):
        _hurry(wire, until)
        part = wire.recv(MOST_ANSWER)
        if not part or len(answer) > MOST_ANSWER:
            raise ValueError("The answer has no end.")
        answer += part
    return answer[:-1].decode("ascii", "replace").strip()


def _hurry(wire: socket.socket, until: float) -> None:
    """What is left of the time, for the next word on the wire."""
    left = until - time.monotonic()
    if left <= 0:
        raise TimeoutError
    wire.settimeout(left)
