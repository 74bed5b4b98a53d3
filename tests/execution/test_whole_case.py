"""Cases from the first search to the last read-back, against vendors that behave."""

import time
from types import SimpleNamespace

import pytest

from erasure import review
from erasure.sandbox.server import leaks
from tests.world import TO_THE_END, again, states

SETTLED = "Everything is settled. Write the person the answer."


def test_person_with_four_records_is_erased_and_nobody_else_is_touched(world):
    others = world.rows(but="maria")
    case = world.live(world.executing("maria"), *TO_THE_END)
    assert (states(case), case.waiting_for) == ({"ERASED": 74}, SETTLED)
    assert world.held("maria") == {}
    assert world.rows(but="maria") == others
    assert world.app.wires["genesys"].vendor.disconnects == []
    assert world.answer(case).state == "COMPLETE"


@pytest.mark.parametrize("key", ["siobhan", "layla"])
def test_person_with_an_unusual_name_or_address_is_erased(world, key):
    others = world.rows(but=key)
    case = world.live(world.executing(key), *TO_THE_END)
    assert (set(states(case)), case.waiting_for) == ({"ERASED"}, SETTLED)
    assert world.held(key) == {}
    assert world.rows(but=key) == others


def test_namesake_is_a_lead_and_is_never_erased(world):
    others = world.rows(but="jo1")
    case = world.searched("jo1")
    leads = case.items.filter(lead=True)
    assert {item.state for item in leads} == {"PROPOSED"}
    assert leads.filter(store="external_contacts").count() == 1
    case = world.live(world.approve(case), *TO_THE_END)
    assert set(states(case)) == {"ERASED", "EXCLUDED"}
    assert world.held("jo1") == {}
    assert world.rows(but="jo1") == others


def test_lead_an_officer_confirms_is_erased_with_all_that_hangs_on_it_in_the_next_search(world):
    case = world.searched("jo1")
    lead = case.items.get(lead=True, store="external_contacts")
    review.decide_item(lead.pk, "erase", actor=world.officer)
    case = world.live(world.approve(again(case)), *TO_THE_END)
    assert "genesys.external_contacts" not in world.held("jo2")


def test_no_identifier_stands_in_a_url_or_header(world):
    case = world.live(world.executing("siobhan"), *TO_THE_END)
    assert leaks(world.app.requests(), world.person("siobhan").identifiers()) == []
    assert set(states(case)) == {"ERASED"}


def test_no_identifier_stands_in_a_log_line(world, caplog):
    caplog.set_level("DEBUG")
    world.live(world.executing("siobhan"), *TO_THE_END)
    person = world.person("siobhan")
    lines = [f"{one.name} {one.getMessage()} {one.args}" for one in caplog.records]
    ours = [line for line in lines if not line.startswith("django.db")]  # echoes of DEBUG SQL
    assert [v for v in person.identifiers() for line in ours if v in line] == []
    assert [line for line in ours if line.startswith("erasure.connectors.http")] != []


def test_everything_twice_changes_nothing(world):
    """A ring too many at every turn: two workers, two polls, two sweeps."""
    case = world.executing("held")
    for step in TO_THE_END:
        case = world.live(world.work(case), step)
    assert set(states(case)) == {"ERASED"}
    tries = {tuple(item.tries.values_list("number", flat=True)) for item in case.items.all()}
    assert tries == {(1,)}
    assert world.calls("POST", "/gdpr/requests") == 1
    numbers = list(case.log.filter(type="dispatch").values_list("number", flat=True))
    assert len(set(numbers)) == len(numbers)


@pytest.fixture
def standing(monkeypatch):
    """No time passes but what is waited for: else a slow machine reads more portions, and more."""
    began = time.time()
    for module in ("erasure.clock._time", "erasure.sandbox.clock.time"):
        monkeypatch.setattr(module, SimpleNamespace(time=lambda: began))


def test_calls_of_a_case_stay_few(standing, world):
    """12 conversations with recordings of six kinds, 13 in all, 4 contacts and the rest of 19
    stores: each is read, erased, and read again beside its control."""
    case = world.answered(world.searched("maria"))
    found = len(world.app.requests())
    case = world.live(world.approve(case), *TO_THE_END)
    assert set(states(case)) == {"ERASED"}
    most = 2 * 13 + 2 * 5  # every portion is read again beside its control
    assert world.calls("GET", "/recordingmetadata", since=found) <= most
    assert len(world.app.requests()) - found <= 240
