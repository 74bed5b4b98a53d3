"""``manage.py benchmark PART``: what the product costs, on loopback."""

import argparse
import json
import tempfile
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from config.env import env
from erasure.management.benchmark import (
    certified,
    clock,
    erase,
    graph,
    logged,
    reported,
    scratch,
    systems,
    writers,
)
from erasure.management.benchmark.erase import Figure
from erasure.management.ports import ServiceError, http_answers
from erasure.management.services import Services

SILENT_SECONDS = 60.0
NUMBERS = (
    "talks", "latency", "conversations", "recordings", "rounds", "identifiers", "contacts",
    "leaves", "kill", "postgres", "items", "cases",
)  # fmt: skip
PARTS = ("erase", "graph", "systems", "clock", "evidence", "report")
Measured = tuple[list[Figure], dict[str, Any]]
PROCFILE = """broker: python manage.py broker
sandbox: python manage.py sandbox --port $ERASURE_SANDBOX_PORT --population bench
"""


class Command(BaseCommand):
    help = (
        "erase: measure the product against a plain loop, on a simulated vendor and a database "
        "of its own; with the limit on it takes about ten minutes. graph: count the calls of the "
        "walk along a person's identifiers against the fewest possible. systems: a person in four "
        "systems at once, one of them slow, against each alone. clock: how often a count of 30 or "
        "45 days misses the statutory date. evidence: what the log costs. report: the monthly "
        "report against a loop that loads every case. Ends with 1 if a target is missed."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("part", choices=PARTS)
        parser.add_argument("--identifiers", type=_positive, default=500, help="graph only")
        parser.add_argument("--contacts", type=_positive, default=200, help="graph only")
        parser.add_argument("--talks", type=_positive, default=12, help="systems only")
        parser.add_argument("--only", nargs="+", metavar="SYSTEM", choices=systems.SYSTEMS,
                            default=list(systems.SYSTEMS),
                            help=f"systems: of {', '.join(systems.SYSTEMS)}")  # fmt: skip
        parser.add_argument("--latency", type=_positive, default=erase.LATENCY,
                            help="systems only: milliseconds of each call")  # fmt: skip
        parser.add_argument("--conversations", type=_positive, default=200)
        parser.add_argument("--recordings", type=_positive, default=2, help="per conversation")
        parser.add_argument("--rounds", type=_positive, default=3, help="without a limit")
        parser.add_argument("--leaves", type=_positive, default=1_000_000, help="evidence: entries")
        parser.add_argument("--kill", type=int, default=0, metavar="N",
                            help="evidence: kill the sequencer N times under load")  # fmt: skip
        parser.add_argument("--postgres", default=env.str("DATABASE_URL", ""), metavar="URL",
                            help="evidence: a server for the 16 writers; report: a server on "
                            "which to make a database, and drop it again")  # fmt: skip
        parser.add_argument("--cases", type=_positive, default=100_000, help="report only")
        parser.add_argument("--on-postgres", action="store_true",
                            help="evidence: the log too, in a database of its own")  # fmt: skip
        parser.add_argument("--items", type=_positive, default=10_000,
                            help="evidence: of a certificate; and five times as many")  # fmt: skip
        parser.add_argument("--certify", type=UUID, help=argparse.SUPPRESS)
        parser.add_argument("--json", type=Path, help="write raw values and ratios to this file")
        parser.add_argument(
            "--no-limit-only", action="store_true", help="leave out the runs at 300 calls a minute"
        )
        parser.add_argument(
            "--skip-limited-loop", action="store_true",
            help="leave out the plain loop under the limit: it takes minutes and is not judged",
        )  # fmt: skip
        parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)

    def handle(self, *args: Any, **options: Any) -> None:
        if options["part"] == "clock":
            self.clock(options["json"])
            return
        if settings.PRODUCTION:
            raise CommandError("The benchmark plays the vendor itself: not in production.")
        if options["inside"]:
            self.inside(options)
        elif options["part"] == "report":
            self.in_scratch(options)
        else:
            self.outside(options)

    def in_scratch(self, options: dict[str, Any]) -> None:
        """In a database of its own, on the server that is named; without one, on SQLite."""
        with tempfile.TemporaryDirectory(prefix="erasure-bench-") as name:
            folder = Path(name)
            with scratch.database(options["postgres"], folder) as url:
                services = Services(folder / "data", extra_env={
                    "DATABASE_URL": url, "REDIS_URL": "", "ERASURE_LOG_LEVEL": "ERROR",
                    "DJANGO_SETTINGS_MODULE": "config.settings.base",
                })  # fmt: skip
                try:
                    services.manage("migrate", "--verbosity", "0")
                    services.manage("benchmark", "report", "--inside", *_again(options))
                except ServiceError as why:
                    raise CommandError(f"A target was missed, or the run failed. {why}") from None

    def outside(self, options: dict[str, Any]) -> None:
        """Start broker and sandbox in a folder of their own, and run inside its settings."""
        server = options["postgres"] if options["on_postgres"] else ""
        with tempfile.TemporaryDirectory(prefix="erasure-bench-") as name:
            folder = Path(name)
            with scratch.database(server, folder) as url:
                self.run_in(folder, url, options)

    def run_in(self, folder: Path, database: str, options: dict[str, Any]) -> None:
        (folder / "Procfile").write_text(PROCFILE)
        moved = options["part"] == "systems"  # the vendors' own time is skipped there
        services = Services(
            folder / "data",
            procfile=folder / "Procfile",
            extra_env={
                "DATABASE_URL": database,
                "ERASURE_DATABASE_POOL": "off",  # the log's writers are forked
                "REDIS_URL": "",
                "DJANGO_SETTINGS_MODULE": "config.settings.base",
                "ERASURE_CLOCK_FILE": str(folder / "clock") if moved else "",
                "ERASURE_LOG_LEVEL": "ERROR",
            },
        )
        try:
            services.manage("migrate", "--verbosity", "0")
            services.manage("seed", "--quiet")
            with services:
                _wait_for_sandbox(services)
                services.manage("benchmark", options["part"], "--inside", *_again(options))
        except ServiceError as why:
            raise CommandError(f"A target was missed, or the run failed. {why}") from None

    def inside(self, options: dict[str, Any]) -> None:
        if options["certify"]:
            self.stdout.write(json.dumps(certified.certify(options["certify"])))
            return
        parts = {
            "erase": self.erase,
            "graph": self.graph,
            "systems": self.systems,
            "evidence": self.evidence,
            "report": self.report,
        }
        found, values = parts[options["part"]](options)
        self.stdout.write("")
        for figure in found:
            self.stdout.write(erase.verdict(figure))
        if options["json"]:
            options["json"].write_text(json.dumps(values, indent=2) + "\n")
        if any(figure.met is False for figure in found):
            raise SystemExit(1)

    def erase(self, options: dict[str, Any]) -> Measured:
        size = erase.Size(options["conversations"], options["recordings"], options["rounds"])
        runs = []
        limited = not options["no_limit_only"]
        for run in erase.measure(
            size, limited=limited, loop_limited=not options["skip_limited_loop"]
        ):
            runs.append(run)
            self.say(erase.line(run))
        found = erase.figures(runs)
        return found, erase.as_json(size, runs, found)

    def graph(self, options: dict[str, Any]) -> Measured:
        walked = graph.measure_walk(options["identifiers"], options["contacts"])
        self.say(graph.line(walked))
        searches = []
        for one in graph.measure_search():
            searches.append(one)
            self.say(graph.search_line(one))
        found = graph.figures(walked, searches)
        return found, graph.as_json(walked, searches, found)

    def systems(self, options: dict[str, Any]) -> Measured:
        runs, latency = [], options["latency"]
        for one in systems.measure(options["only"], options["rounds"], options["talks"], latency):
            runs.append(one)
            self.say(systems.line(one, latency))
        found = systems.figures(runs)
        return found, systems.as_json(runs, found)

    def clock(self, file: Path | None) -> None:
        """Arithmetic alone: no service, no database, the same on every run."""
        self.say(f"Every day from {clock.FIRST} to {clock.LAST} as the day of receipt:")
        counted = []
        for one in clock.measure():
            counted.append(one)
            self.say(clock.line(one))
        if file:
            file.write_text(json.dumps(clock.as_json(counted), indent=2) + "\n")

    def evidence(self, options: dict[str, Any]) -> Measured:
        killed = logged.kill(options["kill"]) if options["kill"] else None
        if killed:
            self.say(logged.killed_line(killed))
        log = logged.measure(options["leaves"])
        self.say(logged.line(log))
        found, values = logged.figures(log, killed), logged.as_json(log, killed)
        if options["postgres"].startswith("postgres"):
            rates = writers.measure(options["postgres"])
            self.say(writers.line(rates))
            found, values = found + writers.figures(rates), values | {"writers": asdict(rates)}
        else:
            self.say("  16 writers are left out: name a PostgreSQL server with --postgres.")
        made = []
        for one in certified.measure([options["items"], 5 * options["items"]]):
            made.append(one)
            self.say(certified.line(one))
        return found + certified.figures(made), values | certified.as_json(made)

    def report(self, options: dict[str, Any]) -> Measured:
        reported.seed(options["cases"])
        runs = []
        for one in reported.measure(options["rounds"]):
            runs.append(one)
            self.say(reported.line(one))
        return reported.figures(runs), reported.as_json(runs)

    def say(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("give a number from 1")
    return number


def _again(options: dict[str, Any]) -> list[str]:
    """The same options, for the process inside."""
    given = [f"--{name}={options[name]}" for name in NUMBERS]
    if options["json"]:
        given.append(f"--json={options['json'].resolve()}")
    flags = ("no_limit_only", "skip_limited_loop")
    given += [f"--{name.replace('_', '-')}" for name in flags if options[name]]
    return [*given, "--only", *options["only"]]


def _wait_for_sandbox(services: Services) -> None:
    """Raises ServiceError if it ends, or is silent for a minute."""
    end = time.monotonic() + SILENT_SECONDS
    while not http_answers(services.sandbox_port, "/sandbox/health"):
        services.check()
        if time.monotonic() > end:
            raise ServiceError("The sandbox does not answer.")
        time.sleep(0.05)
