"""Any day the test wants: the product's clock set to it, past or future."""

import time
from datetime import UTC, datetime

import pytest


@pytest.fixture
def now_is(monkeypatch, tmp_path):
    """``now_is(moment)`` sets the clock; it goes on from there."""
    file = tmp_path / "clock"
    monkeypatch.setenv("ERASURE_CLOCK_FILE", str(file))

    def set_clock(moment):
        real = datetime.fromtimestamp(time.time(), UTC)
        file.write_text(str((moment - real).total_seconds()))

    return set_clock
