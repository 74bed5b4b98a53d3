"""``manage.py check_import``: does a file bring somebody back who was erased?"""

import argparse
import csv
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from erasure.discovery.imports import lines_of_the_erased, raise_import
from erasure.documents.words import count

SHOWN = 20


class Command(BaseCommand):
    help = (
        "Hold the addresses and telephone numbers of a CSV file against the suppression tokens, "
        "before it is imported. Prints line numbers, never a value; exits 1 if somebody is known, "
        "and asks the DPO to decide."
    )

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("file", help="a CSV file in UTF-8, or - for standard input")
        parser.add_argument("--source", default="", help="what the import is called, for people")

    def handle(self, *args: Any, **options: Any) -> None:
        source = (options["source"] or Path(options["file"]).name)[:80]
        try:
            found = lines_of_the_erased(self.rows(options["file"]))
        except (OSError, UnicodeDecodeError, csv.Error):
            raise CommandError("The file cannot be read as CSV in UTF-8.") from None
        if not found:
            self.stdout.write("Nobody in it was erased before.")
            return
        raise_import(source, found)
        shown = ", ".join(map(str, found[:SHOWN])) + (" ..." if len(found) > SHOWN else "")
        raise CommandError(
            f"Somebody who was erased stands in {count(len(found), 'line')}: {shown}. Leave them "
            "out, or have the DPO decide: a customer who came back may be imported."
        )

    @staticmethod
    def rows(name: str) -> Iterator[str]:
        if name == "-":
            yield from sys.stdin
            return
        with open(name, encoding="utf-8-sig", newline="") as file:
            yield from file
