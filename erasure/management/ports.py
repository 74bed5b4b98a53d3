"""Is this port free, does that server answer? Loopback only."""

import http.client
import os
import socket
from pathlib import Path

LOOPBACK = "127.0.0.1"


class ServiceError(Exception):
    """A process could not start, or ended early. The text says which, and what to do."""


def free_port() -> int:
    """A port nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


def refuse_taken_port(port: int, setting: str) -> None:
    """Raise ServiceError, naming the setting that chooses another port, if this one is taken."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError as why:
            raise ServiceError(
                f"Port {port} cannot be used ({os.strerror(why.errno or 0)}):"
                f" choose another with {setting}=<number>."
            ) from None
        except OverflowError:
            raise ServiceError(f"{setting}={port} is not a port: use 1024 to 65535.") from None


def http_answers(port: int, path: str) -> bool:
    """True once the server on this port answers without an error of its own."""
    link = http.client.HTTPConnection(LOOPBACK, port, timeout=5)
    try:
        link.request("GET", path)
        return link.getresponse().status < 500
    except (OSError, http.client.HTTPException):
        return False
    finally:
        link.close()


def broker_answers(path: Path) -> bool:
    """True once the broker on this socket answers a PING."""
    with socket.socket(socket.AF_UNIX) as link:
        link.settimeout(2)
        try:
            link.connect(str(path))
            link.sendall(b"PING\r\n")
            return link.recv(16).startswith(b"+PONG")
        except OSError:
            return False
