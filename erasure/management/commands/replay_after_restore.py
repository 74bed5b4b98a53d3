"""``manage.py replay_after_restore``: find the erasures that a restored backup undid."""

import argparse
from collections import Counter
from collections.abc import Sequence
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from erasure.discovery.restored import NO_CASE, Reread, Told, raise_undone, reread
from erasure.documents.words import count, day
from erasure.errors import InputError
from erasure.intake import take_up
from erasure.models import SYSTEM, FollowUp, SystemConnection

WORDS = {Told.BACK: "back", Told.GONE: "gone", Told.UNKNOWN: "cannot be told"}


class Command(BaseCommand):
    help = (
        "After a vendor restored a backup: read every record erased since afresh, and open a case "
        "for each person of whom something is back. It is erased there under the usual guards: "
        "identity, review, approval, holds, read-back. Safe to repeat. Exits 1 while a record "
        "cannot be told."
    )

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--since", required=True, type=parse_day, metavar="YYYY-MM-DD",
                            help="the day the restored backup is of")  # fmt: skip
        parser.add_argument("--connection", default="", metavar="SLUG", help="one system alone")
        parser.add_argument("--list", action="store_true", help="read and list, open nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        where = self.connection(options["connection"])
        found = reread(options["since"], where)
        if not found:
            self.stdout.write(f"The register knows of no erasure since {day(options['since'])}.")
            return
        self.show(found)
        if not options["list"]:
            self.open_cases(raise_undone(found))
        unknown = sum(each.told is Told.UNKNOWN for each in found)
        if unknown:
            raise CommandError(f"{count(unknown, 'record')} cannot be told: see above.")

    @staticmethod
    def connection(slug: str) -> SystemConnection | None:
        found = SystemConnection.objects.filter(slug=slug).first() if slug else None
        if slug and found is None:
            raise CommandError(f"There is no system {slug}.")
        return found

    def show(self, found: Sequence[Reread]) -> None:
        """Store by store, then why something cannot be told."""
        lines = Counter((str(each.row), each.told) for each in found)
        for line in sorted({line for line, _ in lines}):
            said = [
                f"{lines[line, told]} {word}" for told, word in WORDS.items() if lines[line, told]
            ]
            self.stdout.write(f"{line:<40} {', '.join(said)}")
        reasons = {(str(e.row), e.why) for e in found if e.told is Told.UNKNOWN}
        reasons |= {(str(e.row), NO_CASE) for e in found if e.told is Told.BACK and not e.row.case}
        for line, why in sorted(reasons):
            self.stdout.write(f"  {line}: {why}")

    def open_cases(self, raised: Sequence[FollowUp]) -> None:
        for row in raised:
            if not row.records.exists():
                self.stdout.write(f"{row}: something cannot be told, the DPO is asked.")
                continue
            try:
                case = take_up(row.pk, actor=SYSTEM)
            except InputError as why:
                self.stdout.write(f"{row}: {why}")
            else:
                self.stdout.write(f"{row}: case {case.reference} is opened.")


def parse_day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError("write the day as YYYY-MM-DD, like 2027-03-02") from None
