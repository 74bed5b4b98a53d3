"""``manage.py demo``: whole cases over HTTP, on services of its own, in a folder of its own."""

import argparse
import os
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from psycopg import sql

from config.env import ROOT
from erasure.management.demo import faults, outages, recycling
from erasure.management.demo.forty import one_of_forty
from erasure.management.demo.from_intake import from_intake
from erasure.management.demo.hold_expiry import hold_expiry
from erasure.management.demo.people import PEOPLE
from erasure.management.demo.reimport import reimport
from erasure.management.demo.whole import normal
from erasure.management.ports import ServiceError
from erasure.management.services import Services

FAULTS = faults.FAULTS | outages.FAULTS | {"recycle-bin": recycling.recycle_bin}
FLAGS = {
    "hold_one_of_forty": one_of_forty, "hold_expiry": hold_expiry, "reimport": reimport,
    "from_intake": from_intake,
}  # fmt: skip
DEMOS = ROOT / "var" / "demo"


class Command(BaseCommand):
    help = (
        "Run one whole case against played vendors, then a second one with a legal hold; "
        "or show one thing the product is asked to get right. Exits 0 only if it did."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        which = parser.add_mutually_exclusive_group()
        for option, scenarios in (("fault", FAULTS), ("person", PEOPLE)):
            names = sorted(scenarios)
            which.add_argument(f"--{option}", default="", choices=names,
                               metavar=option.upper(), help=", ".join(names))  # fmt: skip
        which.add_argument("--hold-one-of-forty", action="store_true",
                           help="a hold on one of 40 conversations")  # fmt: skip
        which.add_argument("--hold-expiry", action="store_true",
                           help="a hold expires, two release it, the rest goes")  # fmt: skip
        which.add_argument("--reimport", action="store_true",
                           help="an import brings somebody back who was erased")  # fmt: skip
        which.add_argument("--from-intake", action="store_true",
                           help="from the public form to the person's own letter")  # fmt: skip
        parser.add_argument("--workers", type=int, default=1)
        parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.PRODUCTION:
            raise CommandError("The demonstration does not run in production.")
        if options["inside"]:
            scenario_of(options)(Path(settings.DATA))
            return
        folder = next_folder()
        database = OwnDatabase(os.environ.get("DATABASE_URL", ""))
        self.stdout.write(f"Everything of this demonstration is in {folder}")
        self.stdout.flush()
        try:
            with database:
                self.play(folder, database.url, options)
        except ServiceError as why:
            raise CommandError(f"{why}") from None
        self.stdout.write("\nThe demonstration went as it should.")

    def play(self, folder: Path, database: str, options: dict[str, Any]) -> None:
        own = {
            "ERASURE_CLOCK_FILE": str(folder / "clock"),
            "ERASURE_SWEEP_SECONDS": "1",
            **({"DATABASE_URL": database} if database else {}),
        }
        services = Services(folder, workers=options["workers"], extra_env=own)
        services.manage("migrate", "--verbosity", "0")
        services.manage("seed", "--quiet")
        with services:
            services.wait_ready()
            services.manage("demo", "--inside", *chosen(options))


def scenario_of(options: dict[str, Any]) -> Callable[[Path], None]:
    for flag, scenario in FLAGS.items():
        if options[flag]:
            return scenario
    return {**FAULTS, **PEOPLE}.get(options["fault"] or options["person"], normal)


def chosen(options: dict[str, Any]) -> list[str]:
    """The same choice once more, for the process inside."""
    flags = [f"--{flag.replace('_', '-')}" for flag in FLAGS if options[flag]]
    named = [("--fault", options["fault"]), ("--person", options["person"])]
    return flags + [word for pair in named if pair[1] for word in pair]


def next_folder() -> Path:
    """var/demo/<n>, the next number that is free."""
    DEMOS.mkdir(parents=True, exist_ok=True)
    number = 1 + max((int(one.name) for one in DEMOS.iterdir() if one.name.isdecimal()), default=0)
    folder = DEMOS / str(number)
    folder.mkdir()
    return folder


class OwnDatabase:
    """A throw-away PostgreSQL database beside the one of DATABASE_URL, or none.

    A clock that is moved forward needs a log of its own, so a demonstration never
    writes into a database that is kept.
    """

    def __init__(self, url: str) -> None:
        self.base, self.url = (url, "") if url.startswith("postgres") else ("", "")

    def __enter__(self) -> "OwnDatabase":
        if self.base:
            self.name = f"erasure_demo_{secrets.token_hex(4)}"
            parts = urlsplit(self.base)
            self.url = urlunsplit(parts._replace(path=f"/{self.name}"))
            self.run("CREATE DATABASE {}")
        return self

    def __exit__(self, *error: object) -> None:
        if self.url:
            self.run("DROP DATABASE IF EXISTS {} WITH (FORCE)")

    def run(self, statement: str) -> None:
        """On the server's maintenance database: DATABASE_URL's own need not exist."""
        url = urlunsplit(urlsplit(self.base)._replace(path="/postgres"))
        try:
            with psycopg.connect(url, autocommit=True, connect_timeout=5) as server:
                server.execute(sql.SQL(statement).format(sql.Identifier(self.name)))
        except psycopg.OperationalError:
            raise ServiceError("PostgreSQL does not answer at DATABASE_URL.") from None
