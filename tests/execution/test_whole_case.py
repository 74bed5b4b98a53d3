"""A case from the first search to the last read-back, against vendors that behave."""

from datetime import timedelta

from tests.world import HOUR, DAY, states, again


def test_case_of_a_person_with_four_records_ends_with_nothing_left(world):
    others = world.rows(but="maria")
    case = world.executing("maria")
    case = world.live(case, *[HOUR] * 5, 6 * HOUR, DAY)
    assert (case.state, case.waiting_for) == (
        "AWAITING_VENDOR", "Everything is settled. Send the person the answer and record it.",
    )
    assert world.held("maria") == {}
    assert world.rows(but="maria") == others
    assert world.answer(case).state == "COMPLETE"
