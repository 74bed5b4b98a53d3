"""The benchmark counts what really left and what is really left. Nothing here is timed."""

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from erasure.management.benchmark.erase import (
    Figure,
    Run,
    Size,
    figures,
    run_loop,
    run_product,
    verdict,
)
from erasure.management.benchmark.plain_loop import PlainLoop
from erasure.management.demo import sandbox
from erasure.values import Role
from tests.factories import make_user
from tests.world import moving, served

__all__ = ["moving", "served"]
ROOT = Path(__file__).parents[2]
SMALL = Size(conversations=30, recordings=2, rounds=1, latency_ms=0, width=1)


@pytest.fixture
def vendor(served, moving, settings, db):
    """The sandbox as the benchmark reaches it, and the two members of staff it needs."""
    settings.SANDBOX_URL = served.url
    make_user(Role.OFFICER, name="officer")
    make_user(Role.DPO, name="dpo")
    return served.app


def asked(vendor):
    return Counter((one["method"], one["template"].rpartition("/")[2]) for one in vendor.requests())


def genesys_records(vendor):
    return [row for row in vendor.holdings("bench") if row["system"] == "genesys"]


def test_product_leaves_nothing_and_every_request_is_counted_once(vendor):
    run = run_product(SMALL, 0.1, 0)
    assert (run.left, genesys_records(vendor)) == (0, [])
    assert run.every_call == len(vendor.requests())


def test_product_reads_each_evaluation_back_and_says_so(vendor):
    none, some = run_product(SMALL, 0.0, 0), run_product(SMALL, 0.2, 0)
    deleted = asked(vendor)["DELETE", "{evaluationId}"]
    control = 1
    assert (deleted, some.reading - none.reading) == (6, 6 + control)


def test_loop_lists_and_deletes_one_by_one_and_reads_nothing_back(vendor):
    run = run_loop(SMALL, 0.1, 0)
    calls = asked(vendor)
    assert (run.reading, run.calls) == (0, len(vendor.requests()))
    assert calls["GET", "recordingmetadata"] == 30
    assert calls["PUT", "{recordingId}"] == 60
    assert calls["GET", "query"] == 30
    assert calls["DELETE", "{evaluationId}"] == 3


def test_loop_that_is_told_to_wait_asks_again_until_it_is_answered(vendor, settings):
    sandbox.reset("bench", bench={"conversations": 4, "recordings": 1}, rate_limit=5, rate_window=1)
    executor = sandbox.call("credentials")["genesys"]["clients"]["executor"]
    url = f"{settings.SANDBOX_URL}/genesys"
    loop = PlainLoop(url, executor["client_id"], executor["client_secret"])
    person = sandbox.person("bench")
    loop.erase(person["emails"], person["phones"])
    told = Counter(one["status"] for one in vendor.requests())
    assert loop.calls == len(vendor.requests())
    assert told[429] > 0
    assert asked(vendor)["PUT", "{recordingId}"] == 4  # one that is refused has no template yet


def refused(vendor):
    return sum(one["method"] == "PUT" and one["status"] == 429 for one in vendor.requests())


def ran(way, calls, seconds, *, limit=0, reading=0, left=0):
    return Run(way, 0.05, limit, calls, reading, seconds, left)


def test_figures_are_ratios_of_medians_with_their_verdicts():
    runs = [
        ran("product", 30, 5.0), ran("loop", 100, 50.0),
        ran("product", 36, 9.0), ran("loop", 100, 40.0),
        ran("product", 30, 4.0), ran("loop", 100, 45.0),
        ran("product", 30, 11.0, limit=300, reading=20), ran("loop", 100, 21.0, limit=300),
    ]  # fmt: skip
    at = "evaluations on 5%"
    assert figures(runs) == [
        Figure(f"calls, product / loop, {at}", 0.3, "<= 0.35", True),
        Figure(f"time without a limit, loop / product, {at}", 9.0, ">= 8", True),
        Figure(f"wall time / (calls / rate), {at}", 1.1, "<= 1.1", True),
        Figure(f"loop under the limit, seconds, {at}", 21.0, "", None),
        Figure(f"items left and not named, {at}", 0, "0", True),
    ]


@pytest.mark.parametrize(
    ("run", "missed"),
    [
        (ran("product", 36, 5.0), "calls, product / loop"),
        (ran("product", 30, 6.0), "time without a limit, loop / product"),
        (ran("product", 30, 5.0, left=1), "items left and not named"),
    ],
)
def test_figure_beyond_its_target_is_a_miss(run, missed):
    found = figures([run, ran("loop", 100, 45.0)])
    assert [one.name for one in found if one.met is False] == [f"{missed}, evaluations on 5%"]


def test_verdict_of_a_miss_says_so_on_its_line():
    line = verdict(Figure("items left", 3, "0", False))
    assert line.split() == ["items", "left", "3.000", "target", "0", "MISSED"]


def test_command_on_a_case_too_small_to_pay_ends_with_one_and_writes_its_figures(tmp_path):
    """One conversation costs the product more calls than the loop: a sure miss."""
    written = tmp_path / "figures.json"
    done = subprocess.run(
        [sys.executable, "manage.py", "benchmark", "erase", "--conversations=1", "--recordings=1",
         "--rounds=1", "--no-limit-only", f"--json={written}"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    told = json.loads(written.read_text())
    assert (done.returncode, told["met"]) == (1, False)
    assert [(run["way"], run["share"], run["limit"], run["left"]) for run in told["runs"]] == [
        ("product", 0.05, 0, 0), ("loop", 0.05, 0, 0),
        ("product", 1.0, 0, 0), ("loop", 1.0, 0, 0),
    ]  # fmt: skip
