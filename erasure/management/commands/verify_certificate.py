"""``manage.py verify_certificate FILE --trust FILE``: check a certificate, without a database."""

import argparse
import sys
from typing import Any

from django.core.management.base import BaseCommand

from erasure.proof import report


class Command(BaseCommand):
    """As ``python -m erasure.proof``, which an authority can run without this installation."""

    help = "Check a certificate of erasure offline. Exit status: 0 passed, 1 failed, 2 unreadable."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("file", metavar="FILE", help="the certificate: PDF or JSON bundle")
        parser.add_argument("--trust", required=True, metavar="FILE", help="the trust file")
        parser.add_argument("--previous", metavar="FILE", help="an earlier version to compare with")
        parser.add_argument("--strict", action="store_true", help="fail on skipped checks too")

    def handle(self, *args: Any, **options: Any) -> None:
        given = [options["file"], "--trust", options["trust"]]
        if options["previous"]:
            given += ["--previous", options["previous"]]
        if options["strict"]:
            given.append("--strict")
        sys.exit(report.main(given))
