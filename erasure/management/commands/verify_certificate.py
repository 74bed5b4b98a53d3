"""``manage.py verify_certificate FILE --trust FILE``: check a certificate, without a database."""

import argparse
import sys
from typing import Any

from django.core.management.base import BaseCommand

from erasure.proof import report


class Command(BaseCommand):
    """As ``python -m erasure.proof``, which an authority can run without this installation."""

    help = report.HELP
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        report.add_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        sys.exit(report.run(argparse.Namespace(**options)))
