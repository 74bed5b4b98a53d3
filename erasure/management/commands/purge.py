"""``manage.py purge``: destroy what is past its retention, one key after the other."""

import argparse
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from erasure import register, retention
from erasure.documents.words import RETAINED, count, day
from erasure.models import ErasureCase
from erasure.retention import Planned


class Command(BaseCommand):
    help = (
        "Destroy the keys and rows of ended cases whose retention is over, in the order proof of "
        "identity, inventory, file, log. Each destruction is logged; log and certificates still "
        "verify. Never touches a case that is open or partly held. Safe to repeat."
    )

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--case", default="", metavar="REF", help="this case alone")
        parser.add_argument("--dry-run", action="store_true", help="say what would be destroyed")

    def handle(self, *args: Any, **options: Any) -> None:
        cases = [self.named(options["case"])] if options["case"] else self.due()
        for case in cases:
            if not options["dry_run"]:
                retention.purge(case.pk)
            self.show(case.reference, ErasureCase.objects.get(pk=case.pk))
        if not cases:
            self.stdout.write("Nothing of any case is past its retention.")
        if not options["case"] and not options["dry_run"]:
            self.forget()
        if not options["dry_run"] and retention.compact():
            self.stdout.write("The database file was written anew.")

    def named(self, reference: str) -> ErasureCase:
        case = ErasureCase.objects.filter(reference=reference.strip().upper()).first()
        if case is None:
            raise CommandError(f"There is no case {reference}.")
        if retention.ended_on(case) is None:
            raise CommandError(f"{case.reference} is {case.state}: nothing of it may be destroyed.")
        return case

    def due(self) -> list[ErasureCase]:
        found = ErasureCase.objects.in_bulk(retention.due_cases())
        return sorted(found.values(), key=lambda case: case.reference)

    def show(self, reference: str, case: ErasureCase) -> None:
        """Every stage in one line; ``reference`` as it was before it went too."""
        ended = retention.ended_on(case)
        self.stdout.write(f"{reference}  {case.state}, ended {day(ended) if ended else ''}")
        for each in retention.plan_of(case):
            self.stdout.write(f"  {RETAINED[each.stage]:<44} {self.said(each)}")

    @staticmethod
    def said(each: Planned) -> str:
        if each.destroyed_at:
            return f"destroyed {day(each.destroyed_at.date())}"
        if each.waits:
            return f"waits: {each.waits}"
        if each.is_due(retention.today()):
            return "its day has come"
        return f"from {day(each.first_day)}" if each.first_day else ""

    def forget(self) -> None:
        erased, tokens = register.forget_old(retention.today())
        if erased or tokens:
            said = f"{count(erased, 'erased record')} and {count(tokens, 'suppression token')}"
            self.stdout.write(f"Dropped from register and suppression list: {said}.")
