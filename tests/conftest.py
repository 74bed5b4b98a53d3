"""What every test may ask for."""

import os
import shutil
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace

import pytest
import responses
from django.apps import AppConfig, apps
from django.db import connections
from django.db.models.signals import post_migrate
from playwright.sync_api import Browser, Page, sync_playwright

from erasure.ledger.tables import TABLES, restore_triggers

DATABASE_FIXTURES = {"db", "transactional_db", "live_server"}
CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--no-skips", action="store_true", help="A skipped test fails the run.")
    parser.addoption(
        "--touching-services",
        action="store_true",
        help="Only tests that open a database or say that they need a service or a tool.",
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Another database engine says nothing new to a test that opens none."""
    if not config.getoption("--touching-services"):
        return
    kept = [item for item in items if _touches_services(item)]
    config.hook.pytest_deselected(items=[item for item in items if item not in set(kept)])
    items[:] = kept


def _touches_services(item: pytest.Item) -> bool:
    marks = {mark.name for mark in item.iter_markers()}
    asked = set(getattr(item, "fixturenames", ()))
    return bool(marks & {"django_db", "services", "poppler"} or asked & DATABASE_FIXTURES)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """With --no-skips, "passed" means that every chosen test ran."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is None or not session.config.getoption("--no-skips"):
        return
    skipped = len(reporter.stats.get("skipped", ()))
    if skipped and not session.exitstatus:
        reporter.write_line(f"\n{skipped} skipped, and --no-skips was asked for.", red=True)
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Tables that tests told line by line: record_property("table", (title, what, outcome))."""
    tables: dict[str, list[tuple[str, str]]] = {}
    for report in terminalreporter.getreports("passed"):
        for name, line in report.user_properties if report.when == "call" else ():
            if name == "table":
                title, *cells = line
                tables.setdefault(title, []).append((cells[0], cells[1]))
    for title, lines in tables.items():
        terminalreporter.section(title)
        width = max(len(what) for what, _ in lines)
        for what, outcome in sorted(lines):
            terminalreporter.write_line(f"{what:<{width}}  {outcome}")


@pytest.fixture(scope="session", autouse=True)
def _fresh_after_flush() -> Iterator[None]:
    """A test with real transactions ends with Django's flush: bring back what migrations made.

    Flush takes the roles with it and spares the log, whose tables Django does not manage.
    """

    def bring_back(sender: AppConfig, using: str, **signal: object) -> None:
        if sender.name == "erasure":
            empty_log(using)
            roles = import_module("erasure.migrations.0003_roles")
            editor = SimpleNamespace(connection=connections[using])
            roles.make_roles(apps, editor)
            for later in sorted(Path(roles.__file__).parent.glob("0*.py")):
                migration = import_module(f"erasure.migrations.{later.stem}")
                if hasattr(migration, "give_permissions"):
                    migration.give_permissions(apps, editor)
                if hasattr(migration, "take_permissions"):
                    migration.take_permissions(apps, editor)

    post_migrate.connect(bring_back)
    yield
    post_migrate.disconnect(bring_back)


def empty_log(using: str) -> None:
    """Delete every entry, as nothing but a test may; the triggers stand again afterwards."""
    database = connections[using]
    with database.cursor() as cursor:
        for table in TABLES:
            if database.vendor == "postgresql":
                cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            else:
                cursor.execute(
                    "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = %s",
                    [table],
                )
                for (name,) in cursor.fetchall():
                    cursor.execute(f"DROP TRIGGER {name}")
        for table in TABLES:
            cursor.execute(f"DELETE FROM {table}")  # noqa: S608
    restore_triggers(using)


@pytest.fixture
def replies() -> Iterator[responses.RequestsMock]:
    """Answers of remote systems; a call nobody expected fails, and so does an answer not asked."""
    with responses.RequestsMock() as mock:
        yield mock


@pytest.fixture(scope="session")
def contracts() -> Path:
    """The folder of the vendors' API files, as ``make test-contract CONTRACTS=folder`` names it."""
    folder = Path(os.environ.get("CONTRACTS") or "none")
    if not (folder / "genesys-cloud.json").is_file():
        pytest.skip("no API files: set CONTRACTS to the folder of the vendor's genesys-cloud.json")
    return folder


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The machine's own Chromium, without a window."""
    found = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if found is None:
        pytest.fail(f"No Chromium on PATH (looked for {', '.join(CHROMIUM)}).")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"  # Playwright keeps a loop in this thread
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield browser
        browser.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


REFUSED = """addEventListener("securitypolicyviolation", (event) =>
  console.error(`Content Security Policy refused ${event.violatedDirective}`))"""


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """A fresh browser profile. What the page's policy refuses, and script errors, fail the test."""
    context = chromium.new_context(locale="en-GB", timezone_id="Europe/Berlin")
    page = context.new_page()
    page.add_init_script(REFUSED)
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on(
        "console",
        lambda line: (
            complaints.append(line.text) if "Content Security Policy" in line.text else None
        ),
    )
    yield page
    context.close()
    assert complaints == []
