"""A whole installation for the browser: real services, played vendors, one folder."""

import json
import urllib.request

import pytest

from erasure.management.services import Services
from tests.browser.visitors import Visitors

# The walk is about the pages: a contact centre and a small CRM show all of them.
TWO_SYSTEMS = """
from erasure.models import SystemConnection
SystemConnection.objects.exclude(slug__in=["genesys-eu", "crm"]).update(enabled=False)
SystemConnection.objects.filter(slug="crm").update(options={"outside_copies": "none"})
"""
FEW_RECORDS = {
    "salesforce": {"objects": False},
    "servicenow": {"holds": False},
    "opendsr": {"holds": False},
}


@pytest.fixture(scope="session")
def house(tmp_path_factory):
    """Every process on free ports, with one login per role and the sandbox connected."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("DATABASE_URL", "REDIS_URL", "DJANGO_SETTINGS_MODULE"):
            patch.delenv(name, raising=False)
        folder = tmp_path_factory.mktemp("house")
        own = {"ERASURE_SWEEP_SECONDS": "1", "ERASURE_CLOCK_FILE": str(folder / "clock")}
        services = Services(folder, extra_env=own)
        services.manage("migrate", "--verbosity", "0")
        services.manage("seed", "--quiet")
        services.manage("shell", "--no-imports", "-c", TWO_SYSTEMS)
        with services:
            services.wait_ready()
            reset(services.urls.sandbox)
            yield services


def reset(sandbox):
    """A small population: three conversations a person."""
    body = json.dumps({"population": "demo", "options": {"talks": 3} | FEW_RECORDS}).encode()
    request = urllib.request.Request(f"{sandbox}/sandbox/reset", data=body)  # noqa: S310
    urllib.request.urlopen(request, timeout=30).close()  # noqa: S310


@pytest.fixture
def visitors(house, chromium):
    """What a page's policy refuses, a script error or a page without one heading fails."""
    password = (house.folder / "trial-password").read_text().strip()
    visitors = Visitors(chromium, house.urls.web, password)
    yield visitors
    visitors.leave()
    assert visitors.complaints == []
