"""``manage.py dpa_pack CASE``: all that an authority asks of a case, in one file."""

import argparse
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from erasure.errors import KeyMissingError
from erasure.ledger.append import append
from erasure.models import SYSTEM, ErasureCase
from erasure.pack import name_of, write_pack


class Command(BaseCommand):
    help = "Write one ZIP with the case file, letters, log, certificates and their verifier."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("case", metavar="CASE", help="the reference, like ER-2026-7K3M2P")
        parser.add_argument("--out", type=Path, metavar="FILE", help="where to write it")

    def handle(self, *args: Any, **options: Any) -> None:
        case = ErasureCase.objects.filter(reference=options["case"]).first()
        if case is None:
            raise CommandError(f"There is no case {options['case']}.")
        out: Path = options["out"] or Path(f"{name_of(case)}.zip")
        said = {"actor": SYSTEM.key, "reason": "At the terminal."}
        with transaction.atomic():
            append(case, "decision", said, decision="PACK_MADE")
        try:
            with TemporaryDirectory(dir=out.parent, prefix=".pack-") as folder:
                part = Path(folder) / out.name
                with part.open("xb") as there:
                    write_pack(case, there)
                part.replace(out)
        except (KeyMissingError, OSError) as why:
            raise CommandError(f"{out} was not written. {why}") from None
        self.stdout.write(f"Written to {out}. It holds personal data.")
