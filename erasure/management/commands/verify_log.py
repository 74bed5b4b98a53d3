"""``manage.py verify_log``: verify the whole log, L1 to L9."""

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from erasure.ledger import daily
from erasure.ledger.export import write_copy
from erasure.ledger.trusted import own_trust
from erasure.proof import files, trust
from erasure.proof.errors import UnreadableError
from erasure.proof.report import FAILED, PASSED, UNREADABLE, last_line, line, plain


class Command(BaseCommand):
    help = (
        "Verify the log against itself, the cases, the sequencer's file and every anchor: one line "
        "for each check. Run it where the sequencer runs. Exit status: 0 passed, 1 failed, 2 "
        "unreadable. With --export, write a copy of the log instead, one entry a line."
    )

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--trust", metavar="FILE", help="a trust file, not this machine's keys")
        parser.add_argument("--anchor", metavar="FILE", action="append", default=[],
                            help="an anchor that was kept elsewhere; may be repeated")  # fmt: skip
        parser.add_argument("--export", metavar="FILE", help="write a copy of the log and stop")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["export"]:
            self.export(Path(options["export"]))
            return
        try:
            report = daily.verify_now(
                trust.read(options["trust"]) if options["trust"] else own_trust(),
                tuple(map(_file, options["anchor"])),
            )
        except UnreadableError as why:
            self.stderr.write(plain(f"UNREADABLE: {why}"))
            sys.exit(UNREADABLE)
        for finding in report.findings:
            self.stdout.write(line(finding))
        self.stdout.write(last_line(report.findings, good=report.passed))
        sys.exit(PASSED if report.passed else FAILED)

    def export(self, path: Path) -> None:
        try:
            written = write_copy(path)
        except FileExistsError:
            raise CommandError("The file is there already: name another.") from None
        except OSError:
            raise CommandError("The copy cannot be written there.") from None
        self.stdout.write(f"{written:,} entries written to {path.name}.")


def _file(path: str) -> tuple[str, bytes]:
    return Path(path).name, files.read_bytes(path)
