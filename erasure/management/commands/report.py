"""``manage.py report --month YYYY-MM``: the DPO's figures of one month."""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from erasure.documents.monthly_report import render_report
from erasure.documents.report_facts import MonthlyReport
from erasure.errors import InputError
from erasure.reporting import as_csv, as_json, monthly, parse_month

RENDER: dict[str, Callable[[MonthlyReport], bytes | str]] = {
    "json": as_json,
    "csv": as_csv,
    "pdf": render_report,
}


class Command(BaseCommand):
    help = "The figures of one month, with what each of them means, as JSON, CSV or PDF."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--month", required=True, metavar="YYYY-MM", help="a month that began")
        parser.add_argument("--format", choices=["json", "csv", "pdf"], default="json")
        parser.add_argument("--out", type=Path, metavar="FILE", help="write to this file")
        parser.add_argument(
            "--small-counts", action="store_true",
            help="tell counts under five: for the data protection officer's team alone",
        )  # fmt: skip

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            report = monthly(*parse_month(options["month"]), small=options["small_counts"])
        except InputError as why:
            raise CommandError(str(why)) from None
        found = RENDER[options["format"]](report)
        data = found.encode() if isinstance(found, str) else found
        if options["out"]:
            try:
                options["out"].write_bytes(data)
            except OSError as why:
                raise CommandError(str(why)) from None
            self.stdout.write(f"Written to {options['out']}.")
        elif isinstance(found, str):
            self.stdout.write(found, ending="")
        elif sys.stdout.isatty():
            raise CommandError("A PDF is no text: name a file with --out.")
        else:
            sys.stdout.buffer.write(data)
