"""The benchmark of the report counts what the plain loop counts."""

import pytest

from erasure.management.benchmark import reported

pytestmark = pytest.mark.django_db


def test_report_and_loop_agree_and_the_ratio_is_of_their_times():
    reported.seed(60)
    runs = list(reported.measure(1))
    assert [(run.what, run.cases) for run in runs] == [("all time", 60), ("one month", 60)]
    found = reported.figures([reported.Run("all time", 60, 0.1, 1.5),
                              reported.Run("one month", 60, 0.01, 1.5)])  # fmt: skip
    assert [round(figure.value) for figure in found] == [15, 150]


def test_report_that_counts_otherwise_than_the_loop_is_no_measurement(monkeypatch):
    reported.seed(10)
    monkeypatch.setattr(reported, "loop", lambda period: (10, {"received": -1}))
    with pytest.raises(RuntimeError):
        list(reported.measure(1))
