"""The benchmark of four systems at once runs the product's own path, and judges what it saw."""

import json
from contextlib import suppress

import pytest
from django.core.management import CommandError, call_command

from erasure.management.benchmark.systems import TOGETHER, Run, figures, line


def rounds(together, slowest, left=0):
    """One round: a way, its seconds."""
    ways = {"genesys-eu": 2.0, "crm": slowest, "service-desk": 3.0, "surveys": 1.0}
    return [Run(way, 10, seconds, left) for way, seconds in {**ways, TOGETHER: together}.items()]


@pytest.mark.parametrize(("together", "met"), [(12.4, True), (12.6, False)])
def test_target_is_the_slowest_alone_and_a_quarter(together, met):
    ratio, gain, left = figures(rounds(together, 10.0))
    assert (ratio.met, left.met) == (met, True)
    assert ratio.value == together / 10
    assert gain.value == 16 / together
    assert gain.met is None


def test_median_of_the_rounds_counts():
    runs = [*rounds(11, 10), *rounds(99, 10), *rounds(12, 10)]
    assert figures(runs)[0].value == 1.2


def test_record_left_anywhere_misses_the_target():
    assert figures(rounds(1, 10, left=1))[2].met is False


def test_line_says_how_slow_a_system_is():
    assert "80 ms a call" in line(Run("crm", 3, 1.0, 0), latency=20)


def test_command_erases_a_person_in_each_way_and_writes_its_figures(tmp_path):
    file = tmp_path / "figures.json"
    with suppress(CommandError):  # so small a case may miss its target, but it was judged
        call_command(
            "benchmark", "systems", rounds=1, talks=1, latency=1, only=["crm", "surveys"], json=file
        )
    told = json.loads(file.read_text())
    assert [run["way"] for run in told["runs"]] == ["crm", "surveys", TOGETHER]
    assert {run["left"] for run in told["runs"]} == {0}
    assert all(run["calls"] > 0 for run in told["runs"])
    alone = sum(run["calls"] for run in told["runs"][:-1])
    assert told["runs"][-1]["calls"] <= 1.1 * alone
