"""manage.py check_systems: the connection test of every enabled system, in the terminal."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from erasure.models import SystemConnection
from erasure.systems import checked


class Command(BaseCommand):
    help = "Test the connection to each enabled system. Nothing is changed there."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("system", nargs="*", help="short names; all enabled ones without")

    def handle(self, *args: Any, **options: Any) -> None:
        """Exit 1 when a line failed, or there is nothing to test."""
        named: list[str] = options["system"]
        rows = SystemConnection.objects.filter(enabled=True)
        if named:
            rows = SystemConnection.objects.filter(slug__in=named)
        found = {row.slug: row for row in rows}
        if unknown := [name for name in named if name not in found]:
            raise CommandError(f"No system is called {', '.join(unknown)}.")
        if not found:
            raise CommandError("No system is enabled.")
        if failed := sum(self._test(row) for row in found.values()):
            raise CommandError(f"{failed} {'line' if failed == 1 else 'lines'} failed.")

    def _test(self, connection: SystemConnection) -> int:
        """Print one system's table. Returns how many lines failed."""
        checks, error = checked(connection)
        self.stdout.write(f"{connection.name} ({connection.slug})")
        wide = max((len(each.name) for each in checks), default=0)
        for each in checks:
            word = "works  " if each.ok else "MISSING"
            self.stdout.write(f"  {each.name:<{wide}}  {word}  {each.detail}")
        if error:
            self.stdout.write(f"  {error}")
        return sum(not each.ok for each in checks) + bool(error)
