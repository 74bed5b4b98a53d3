"""Start every process of the Procfile on one machine, and stop every one of them again.

Used by ``manage.py services`` (one trial installation) and by ``manage.py demo`` (free
ports, a folder of its own). Reads no Django settings: what it starts has other ones.
"""

import ctypes
import hashlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType, TracebackType
from typing import Self

from honcho.environ import parse_procfile

from config.env import ROOT, broker_socket
from erasure.management.ports import (
    LOOPBACK,
    ServiceError,
    broker_answers,
    free_port,
    http_answers,
    refuse_taken_port,
)

STOP_SECONDS = 20.0  # a worker may finish its batch
POLL_SECONDS = 0.05
SANDBOX_PORT = 8090  # of the one trial installation; the demo takes free ports
PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None)
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
STOPPED_LAST = frozenset({"broker", "sandbox"})  # the others still talk to them

Processes = dict[str, subprocess.Popen[bytes]]


@dataclass(frozen=True, slots=True)
class Urls:
    """Where the running services answer. ``sandbox`` is empty without one."""

    web: str
    sandbox: str


class Services:
    """The processes of one data folder.

    With ``port`` None every port is a free one and nothing is shared with another
    installation; with a number the web server takes it, or ServiceError says it is taken.
    DATABASE_URL and REDIS_URL of the environment are honoured. Logs: ``folder/logs``.
    As a context it starts them, and stops them on leaving, on Ctrl-C and on SIGTERM::

        services = Services(Path("var/demo/1"))
        services.manage("migrate")
        with services:
            services.wait_ready()
    """

    def __init__(
        self,
        folder: Path,
        *,
        sandbox: bool = True,
        port: int | None = None,
        workers: int = 1,
        extra_env: Mapping[str, str] | None = None,
        procfile: Path = ROOT / "Procfile",
    ) -> None:
        self.folder = folder.resolve()
        self.logs = self.folder / "logs"
        self.sandbox = sandbox
        self.workers = workers
        self.procfile = procfile
        self.port = free_port() if port is None else port
        self.sandbox_port = free_port() if port is None else _sandbox_port()
        self.env = self._environment(private=port is None) | dict(extra_env or {})
        self._running: Processes = {}
        self._handlers: dict[int, object] = {}

    @property
    def urls(self) -> Urls:
        """Addresses of the web server and of the sandbox."""
        sandbox = f"http://{LOOPBACK}:{self.sandbox_port}" if self.sandbox else ""
        return Urls(f"http://{LOOPBACK}:{self.port}", sandbox)

    def _environment(self, *, private: bool) -> dict[str, str]:
        binaries = str(Path(sys.executable).parent)
        own = {
            "PATH": os.pathsep.join((binaries, os.environ.get("PATH", os.defpath))),
            "PORT": str(self.port),
            "HOST": LOOPBACK,
            "ERASURE_DATA": str(self.folder),
            "ERASURE_SANDBOX": "on" if self.sandbox else "off",
            "ERASURE_SANDBOX_PORT": str(self.sandbox_port),
            "ERASURE_PUBLIC_URL": f"http://{LOOPBACK}:{self.port}",
            "ERASURE_DEBUG": "off",  # pages look as they do in production
            "PYTHONUNBUFFERED": "1",
        }
        if private:  # on a Redis that others use too, messages stay apart
            mark = hashlib.sha256(os.fsencode(self.folder)).hexdigest()[:12]
            own["ERASURE_REDIS_PREFIX"] = f"erasure-{mark}"
        return {**os.environ, **own}

    def manage(self, *arguments: str, capture: bool = False) -> str:
        """Run a command of manage.py under these settings; returns what it printed, if captured.

        Raises:
            ServiceError: the command failed.
        """
        done = subprocess.run(  # noqa: S603
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=self.env,
            stdout=subprocess.PIPE if capture else None,
            text=True,
            check=False,
        )
        if done.returncode:
            raise ServiceError(f"manage.py {arguments[0]} failed (exit {done.returncode}).")
        return done.stdout or ""

    # --- start -----------------------------------------------------------------------------

    def start(self) -> None:
        """Start every process, the broker first.

        Raises:
            ServiceError: a port is taken, or the broker does not answer.
        """
        refuse_taken_port(self.port, "PORT")
        if self.sandbox:
            refuse_taken_port(self.sandbox_port, "ERASURE_SANDBOX_PORT")
        self.logs.mkdir(parents=True, exist_ok=True)
        socket = broker_socket(self.folder)
        for name, command in self._commands():
            self._launch(name, command)
            if name == "broker":
                self._wait(name, lambda: broker_answers(socket), seconds=20)

    def _commands(self) -> Iterator[tuple[str, str]]:
        """Name and command of each process, in the order of starting."""
        listed: dict[str, str] = dict(parse_procfile(self.procfile.read_text()).processes)
        if not self.sandbox:
            listed.pop("sandbox", None)
        if self.env.get("REDIS_URL"):
            listed.pop("broker", None)
        for name in sorted(listed, key=lambda name: name not in STOPPED_LAST):
            copies = self.workers if name == "worker" else 1
            for number in range(1, copies + 1):
                yield (name if number == 1 else f"{name}-{number}"), listed[name]

    def _launch(self, name: str, command: str) -> None:
        with (self.logs / f"{name}.log").open("ab") as log:
            self._running[name] = subprocess.Popen(  # noqa: S602  # nosec B602: the text of our own Procfile
                f"exec {command}",
                shell=True,
                cwd=ROOT,
                env=self.env,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C reaches us alone: we end them in order
                preexec_fn=_end_with_parent if sys.platform == "linux" else None,
            )

    # --- watch -----------------------------------------------------------------------------

    def wait_ready(self, seconds: float = 60) -> None:
        """Return once the sandbox and the web server answer.

        Raises:
            ServiceError: a process ended, or one was silent for so long.
        """
        if self.sandbox:
            port = self.sandbox_port
            self._wait("sandbox", lambda: http_answers(port, "/sandbox/health"), seconds)
        self._wait("web", lambda: http_answers(self.port, "/healthz"), seconds)

    def _wait(self, name: str, answers: Callable[[], bool], seconds: float) -> None:
        until = time.monotonic() + seconds
        while not answers():
            self.check()
            if time.monotonic() > until:
                raise ServiceError(f"{name} was silent for {seconds:g} s: {self._log(name)}")
            time.sleep(POLL_SECONDS)

    def check(self) -> None:
        """Raise ServiceError if a process has ended by itself."""
        for name, process in self._running.items():
            if process.poll() is not None:
                raise ServiceError(f"{name} ended (exit {process.returncode}): {self._log(name)}")

    def watch(self) -> None:
        """Block until a process ends by itself: then ServiceError."""
        while True:
            self.check()
            time.sleep(0.5)

    def _log(self, name: str) -> str:
        return f"see {self.logs / name}.log"

    # --- stop ------------------------------------------------------------------------------

    def stop(self) -> None:
        """Stop every process, broker and sandbox last. None is left behind."""
        for last in (False, True):
            _end([one for name, one in self._running.items() if (name in STOPPED_LAST) == last])
        self._running.clear()

    def __enter__(self) -> Self:
        self._handlers = {number: signal.signal(number, _interrupt) for number in SIGNALS}
        try:
            self.start()
        except BaseException:
            self._leave()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._leave()

    def _leave(self) -> None:
        for number in self._handlers:
            signal.signal(number, signal.SIG_IGN)  # impatience must not leave processes behind
        try:
            self.stop()
        finally:
            for number, handler in self._handlers.items():
                signal.signal(number, handler)  # type: ignore[arg-type]


def _sandbox_port() -> int:
    return int(os.environ.get("ERASURE_SANDBOX_PORT") or SANDBOX_PORT)


def _interrupt(number: int, frame: FrameType | None) -> None:
    sys.exit(128 + number)


def _end_with_parent() -> None:
    """In the child: ask for a SIGTERM if we are killed without a chance to stop it (Linux)."""
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def _end(processes: Collection[subprocess.Popen[bytes]]) -> None:
    """SIGTERM to each; after STOP_SECONDS, SIGKILL to what is left of each one's group."""
    for process in processes:
        with suppress(ProcessLookupError):
            process.terminate()
    until = time.monotonic() + STOP_SECONDS
    for process in processes:
        with suppress(subprocess.TimeoutExpired):
            process.wait(max(0.0, until - time.monotonic()))
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
