"""``manage.py services``: everything on one machine, for a trial."""

import argparse
import os
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from erasure.management.ports import ServiceError, refuse_taken_port
from erasure.management.services import Services

PORT = 8000


class Command(BaseCommand):
    help = "Set up the database, start every process, say where they answer, stop on Ctrl-C."
    requires_system_checks = ()

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=os.environ.get("PORT") or PORT)
        parser.add_argument("--workers", type=int, default=1)

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.PRODUCTION:
            raise CommandError("In production start the processes of the Procfile one by one.")
        services = Services(
            settings.DATA,
            sandbox=settings.SANDBOX,
            port=options["port"],
            workers=options["workers"],
        )
        try:
            refuse_taken_port(services.port, "PORT")
            services.manage("migrate", "--verbosity", "0")
            services.manage("seed")
            with services:
                services.wait_ready()
                self.announce(services)
                services.watch()
        except ServiceError as why:
            raise CommandError(str(why)) from None
        except KeyboardInterrupt:
            raise SystemExit(130) from None

    def announce(self, services: Services) -> None:
        """Print where to look. The logins were printed by ``seed``."""
        web = services.urls.web
        self.stdout.write("")
        self.stdout.write(f"  Staff           {web}/admin/")
        self.stdout.write(f"  Mail it sent    {web}/dev/mail/")
        if services.sandbox:
            self.stdout.write(f"  Remote systems  {services.urls.sandbox} (sandbox)")
        self.stdout.write(f"  Logs            {services.logs}")
        self.stdout.write("  Ctrl-C stops everything.")
        self.stdout.flush()
