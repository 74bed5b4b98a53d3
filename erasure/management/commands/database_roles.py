"""``manage.py database_roles``: the SQL that keeps the application's role off the log."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from erasure.ledger.roles import script


class Command(BaseCommand):
    help = (
        "Print SQL for PostgreSQL: what the role of web and worker, and that of the sequencer, may "
        "do. The owner of the tables runs it, after each migrate; it may be repeated."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--application", default="erasure_app", metavar="ROLE")
        parser.add_argument("--sequencer", default="erasure_sequencer", metavar="ROLE")
        parser.add_argument("--schema", default="public", metavar="NAME")

    def handle(self, *args: Any, **options: Any) -> None:
        names = (options["application"], options["sequencer"], options["schema"])
        try:
            self.stdout.write(script(*names), ending="")
        except ValueError as why:
            raise CommandError(str(why)) from None
