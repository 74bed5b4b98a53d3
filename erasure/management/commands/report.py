"""``manage.py report --month YYYY-MM``: the DPO's figures of one month, as JSON."""

import argparse
import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from erasure.errors import InputError
from erasure.reporting import monthly, parse_month


class Command(BaseCommand):
    help = "Print the figures of one month as JSON, with what each of them means."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--month", required=True, metavar="YYYY-MM", help="a month that began")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            year, month = parse_month(options["month"])
        except InputError as why:
            raise CommandError(str(why)) from None
        self.stdout.write(json.dumps(monthly(year, month), indent=2, ensure_ascii=False))
