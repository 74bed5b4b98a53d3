"""``manage.py sandbox``: play the remote systems over HTTP on loopback."""

import errno
import signal
from argparse import ArgumentParser
from types import FrameType
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from erasure.sandbox.server import make_server


class Command(BaseCommand):
    """Serve until Ctrl-C or SIGTERM."""

    help = "Play Genesys Cloud and Salesforce with invented people, on loopback only."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        port = getattr(settings, "SANDBOX_PORT", 8090)
        parser.add_argument("--port", type=int, default=port, help="0 picks a free one")
        parser.add_argument("--population", choices=("demo", "bench"), default="demo")

    def handle(self, *args: Any, **options: Any) -> None:
        if not getattr(settings, "SANDBOX", False):
            raise CommandError("The sandbox runs only where the setting SANDBOX is on.")
        try:
            server, port = make_server(
                options["port"], population=options["population"], partners=True
            )
        except OSError as why:
            raise CommandError(_sentence(options["port"], why)) from None
        except OverflowError:
            raise CommandError(f"There is no port {options['port']}.") from None
        server.get_app().fault("servicenow.audit-open", True)  # type: ignore[union-attr]
        signal.signal(signal.SIGTERM, _stop)
        self.stdout.write(f"Sandbox at http://127.0.0.1:{port} (Ctrl-C stops it)")
        self.stdout.flush()
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            self.stdout.write("Sandbox stopped.")
        finally:
            server.server_close()


def _sentence(port: int, why: OSError) -> str:
    if why.errno == errno.EADDRINUSE:
        return f"Port {port} is taken: stop what listens there, or choose another with --port."
    return f"The sandbox cannot listen on port {port}: {why.strerror}."


def _stop(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt
