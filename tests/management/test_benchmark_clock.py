"""The count of wrong days: the arithmetic itself, and what the docs say of it."""

import json
from pathlib import Path

from django.core.management import call_command

from erasure.deadlines import Establishment
from erasure.management.benchmark import clock

DOCS = Path(__file__).resolve().parents[2] / "docs" / "deadlines.md"
GERMANY = Establishment("DE", "Europe/Berlin")


def test_count_of_30_days_in_germany_is_what_the_docs_state():
    thirty, fortyfive = clock.measure([GERMANY])
    text = DOCS.read_text()
    for one in (thirty, fortyfive):
        assert (
            f"| {one.days} days, Germany | {one.wrong} of {one.receipts} ({one.wrong_share:.1%}) "
            f"| {one.late} ({one.late_share:.1%}) | {one.most_late} days late |"
        ) in text
    assert 0 < thirty.late < thirty.wrong < thirty.receipts == 3652
    assert fortyfive.late == fortyfive.receipts


def test_counts_of_the_other_countries_differ_as_little_as_the_docs_state():
    german, *others = [one for one in clock.measure() if one.days == 30]
    assert len(others) == 5
    assert all(abs(one.wrong_share - german.wrong_share) < 0.005 for one in others)
    assert all(abs(one.late_share - german.late_share) < 0.005 for one in others)


def test_benchmark_clock_prints_every_count_and_writes_them(tmp_path, capsys):
    call_command("benchmark", "clock", json=tmp_path / "clock.json")
    printed = capsys.readouterr().out.splitlines()
    assert len(printed) == 1 + 2 * len(clock.PLACES)
    assert printed[1] == (
        "  DE, 30 days from receipt: wrong for 2764 of 3652 days (75.7%), too late for 242 (6.6%), "
        "by up to 2"
    )
    assert len(json.loads((tmp_path / "clock.json").read_text())["counts"]) == len(printed) - 1
