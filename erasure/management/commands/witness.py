"""``manage.py witness``: as ``python -m erasure.proof.witness``; no database is opened."""

import argparse
import sys
from typing import Any

from django.core.management.base import BaseCommand

from erasure.proof.witness import command


class Command(BaseCommand):
    help = command.HELP
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        command.add_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        sys.exit(command.run(argparse.Namespace(**options)))
