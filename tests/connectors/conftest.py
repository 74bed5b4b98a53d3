"""A Genesys connector on invented credentials, and a guard that remembers."""

import pytest

from erasure.connectors.genesys import Genesys
from tests.connectors.given import CountingLimiter, Naps, account


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
