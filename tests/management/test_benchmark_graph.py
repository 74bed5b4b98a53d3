"""The benchmark of the graph counts what really left."""

import pytest

from erasure.management.benchmark import graph
from tests.world import moving, served

__all__ = ["moving", "served"]


@pytest.fixture
def vendor(served, moving, settings, db):
    settings.SANDBOX_URL = served.url
    return served.app


def test_walk_over_a_ring_looks_each_identifier_up_once(vendor):
    walked = graph.measure_walk(identifiers=30, contacts=12)
    assert walked.whole
    assert walked.at_least == 2 * 30 + 12
    assert walked.calls == len(vendor.requests())
    assert walked.calls <= 1.2 * walked.at_least
    looked_up = [one for one in vendor.requests() if "identifierlookup" in one["template"]]
    assert len(looked_up) == 30


def test_search_makes_a_call_for_each_page_and_none_for_years(vendor, monkeypatch):
    monkeypatch.setattr(graph, "MANY", 450)
    few, many, short = graph.measure_search()
    assert (few.found, many.found) == (50, 450)
    assert many.calls - few.calls == 4
    assert few.calls == short.calls


def walked(**changed):
    whole = {
        "identifiers": 5, "contacts": 2, "found_identifiers": 5, "found_contacts": 2,
        "calls": 14, "at_least": 12,
    }  # fmt: skip
    return graph.Walked(**{**whole, **changed})


SEARCHES = [
    graph.Searched(50, graph.SEVEN_YEARS, 50, 9),
    graph.Searched(250, graph.SEVEN_YEARS, 250, 11),
    graph.Searched(50, graph.ONE_YEAR, 20, 9),
]


def test_figures_of_a_whole_walk_are_met():
    assert all(figure.met for figure in graph.figures(walked(), SEARCHES))


@pytest.mark.parametrize("changed", [{"calls": 15}, {"found_contacts": 1}])
def test_figures_of_a_costly_or_broken_walk_are_missed(changed):
    assert not all(figure.met for figure in graph.figures(walked(**changed), SEARCHES))


def test_figures_when_calls_grow_with_days_are_missed():
    shorter = [*SEARCHES[:2], graph.Searched(50, graph.ONE_YEAR, 20, 7)]
    assert not all(figure.met for figure in graph.figures(walked(), shorter))
