"""Connectors on invented credentials, a guard that remembers, a clock that is moved."""

from datetime import timedelta

import pytest

from erasure import clock
from erasure.connectors.genesys import Genesys
from tests.connectors.given import CountingLimiter, Naps, account
from tests.connectors.salesforce_rig import COMPLETE, Rig


@pytest.fixture
def limiter():
    return CountingLimiter()


@pytest.fixture
def naps():
    return Naps()


@pytest.fixture
def genesys(limiter, naps):
    return Genesys(account(), limiter, sleep=naps)


@pytest.fixture
def guard():
    """A guard that lets everything pass and remembers what it was asked about."""
    asked = []

    def clear(refs):
        asked.append([ref.remote_id for ref in refs])

    clear.asked = asked
    return clear


@pytest.fixture
def rig():
    """A Salesforce connector on an org of contacts and cases."""
    return Rig()


@pytest.fixture
def whole():
    """A Salesforce connector on an org that holds every object."""
    return Rig(COMPLETE)


@pytest.fixture
def later(monkeypatch, tmp_path):
    file = tmp_path / "clock"
    file.write_text("0")
    monkeypatch.setenv("ERASURE_CLOCK_FILE", str(file))
    return lambda **by: clock.advance(timedelta(**by))
