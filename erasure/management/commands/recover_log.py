"""``manage.py recover_log``: go on with a new log after the old one was lost."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from erasure.errors import ErasureError
from erasure.ledger.recovery import recover
from erasure.proof import files


class Command(BaseCommand):
    help = (
        "After the log was lost, shortened or altered: begin one of another name, which names the "
        "last signed head of the old one. Set ERASURE_LOG_ORIGIN to a new name first, and stop "
        "every process. For the owner of the tables, where the sequencer runs. What the old tables "
        "hold stays in the database."
    )

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--anchor", metavar="FILE", action="append", default=[],
                            help="a head of the old log that was kept elsewhere")  # fmt: skip

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            done = recover([files.read_bytes(path) for path in options["anchor"]])
        except ErasureError as why:
            raise CommandError(str(why)) from None
        self.stdout.write(f"The old log is known to have had {done.known:,} entries.")
        self.stdout.write(f"{done.kept:,} stand at their place, {done.regained:,} were made anew "
                          f"from the cases, {done.lost:,} are lost.")  # fmt: skip
        self.stdout.write(f"The old tables stay as {done.aside} and so on.")
        self.stdout.write(
            "Hand out the trust file anew ('evidence_keys trust'); a witness begins a new folder."
        )
