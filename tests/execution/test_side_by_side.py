"""One system that is dead, limited or refuses us: the others finish, and the case says which."""

import pytest

from erasure import clock, execution
from erasure.review import settle_by_hand
from erasure.systems import connector_for
from tests.world import DAY, HOUR, TO_THE_END, states

LATER = (*TO_THE_END, DAY, DAY)


def of(case, connection):
    return case.items.filter(connection=connection)


@pytest.mark.parametrize(
    ("fault", "value", "reason"),
    [
        ("salesforce.salesforce-down", True, "answered 503"),
        ("salesforce.limit", "TotalRequests", "answered 403"),
        ("salesforce.5xx", 10_000, "answered 503"),
    ],
)
def test_dead_or_limited_system_delays_no_other(world, fault, value, reason):
    case = world.executing("held")
    assert world.app.fault(fault, value)
    case = world.live(case, *LATER)
    assert set(of(case, world.genesys).values_list("state", flat=True)) == {"ERASED"}
    left = of(case, world.crm)
    assert left.exists()
    assert not left.filter(state="ERASED").exists()
    said = {(item.state, item.reason) for item in left}
    assert any(reason in why for _, why in said), said
    assert "crm." in case.waiting_for
    assert reason in case.waiting_for
    assert case.completed_at is None
    assert {line.partition(".")[0] for line in world.held("held")} == {"salesforce"}


def test_system_that_comes_back_is_finished_and_the_case_completes(world):
    case = world.executing("held")
    world.fault(salesforce_salesforce_down=True)
    case = world.live(case, *TO_THE_END, DAY)
    assert world.app.fault("salesforce.salesforce-down", False)
    for item in of(case, world.crm).filter(state="FAILED"):
        settle_by_hand(item.pk, "retry", actor=world.officer, reason="")
    case = world.live(case, HOUR, *LATER)
    assert set(states(case)) == {"ERASED"}
    assert world.answer(case).state == "COMPLETE"


def test_each_system_has_a_limiter_of_its_own(world):
    crm, genesys = connector_for(world.crm), connector_for(world.genesys)
    assert crm.org.http._limiter is not genesys.http._limiter


def test_calls_to_the_others_do_not_wait_for_a_slow_one(world):
    """Each connection is drained by a task of its own: what one is due for leaves alone."""
    case = world.executing("held")
    execution.drain(world.genesys.pk, clock.now() + HOUR)
    assert of(case, world.genesys).filter(attempts__gte=1).exists()
    assert set(of(case, world.crm).values_list("attempts", flat=True)) == {0}
