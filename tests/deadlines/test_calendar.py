from calendar import monthrange
from datetime import UTC, date, datetime, timedelta

import holidays
import pytest
from hypothesis import given
from hypothesis import strategies as st

from erasure.deadlines import Establishment, dates, local_date, roll_back, roll_forward
from erasure.errors import InputError

PLACES = [
    Establishment("DE", "Europe/Berlin"),
    Establishment("DE", "Europe/Berlin", "BY"),
    Establishment("GB", "Europe/London"),
    Establishment("FR", "Europe/Paris"),
    Establishment("PL", "Europe/Warsaw"),
]
PUBLIC = {
    place: holidays.country_holidays(
        place.country, subdiv=place.subdivision, years=range(2024, 2038)
    )
    for place in PLACES
}
TEN_YEARS = st.dates(date(2025, 1, 1), date(2034, 12, 31))


def is_free(day, place):
    return day.isoweekday() > 5 or day in PUBLIC[place]


@given(TEN_YEARS, st.sampled_from(PLACES), st.booleans(), st.integers(0, 90))
def test_dates_of_any_request_keep_their_order_and_fall_on_working_days(
    received, place, extended, days
):
    suspended = days if place.law.suspends else 0
    found = dates(received, place, extended=extended, suspended_days=suspended)
    assert found.statutory_due >= found.statutory_base + timedelta(days=suspended)
    assert received < found.internal_target <= found.statutory_due
    assert not is_free(found.statutory_due, place)
    assert not is_free(found.internal_target, place)


@given(TEN_YEARS, st.sampled_from(PLACES))
def test_dates_extended_never_count_from_the_rolled_date(received, place):
    """The third month ends on the day number of receipt, or with the month."""
    base = dates(received, place, extended=True).statutory_base
    months = (base.year - received.year) * 12 + base.month - received.month
    last = monthrange(base.year, base.month)[1]
    assert (months, base.day) == (3, min(received.day, last))


@given(TEN_YEARS, st.sampled_from(PLACES), st.booleans())
def test_dates_due_passes_no_working_day(received, place, extended):
    found = dates(received, place, extended=extended)
    passed = (found.statutory_due - found.statutory_base).days
    assert all(is_free(found.statutory_base + timedelta(days=n), place) for n in range(passed))


@given(TEN_YEARS, st.sampled_from(PLACES))
def test_dates_without_extension_target_is_within_thirty_days(received, place):
    assert dates(received, place).internal_target <= received + timedelta(days=30)


@given(TEN_YEARS, st.sampled_from(PLACES))
def test_roll_passes_only_free_days(day, place):
    later, earlier = roll_forward(day, place), roll_back(day, place)
    passed = [earlier + timedelta(days=n) for n in range(1, (later - earlier).days)]
    assert all(is_free(each, place) for each in passed)
    assert (later == day == earlier) is not is_free(day, place)


def test_roll_over_easter_skips_friday_to_monday():
    place = PLACES[0]
    assert roll_forward(date(2026, 4, 3), place) == date(2026, 4, 7)
    assert roll_back(date(2026, 4, 6), place) == date(2026, 4, 2)


def test_roll_back_over_new_year_crosses_the_year():
    assert roll_back(date(2028, 1, 2), PLACES[0]) == date(2027, 12, 31)


def test_local_date_near_midnight_is_the_day_of_the_establishment():
    moment = datetime(2026, 3, 31, 22, 30, tzinfo=UTC)
    assert local_date(moment, Establishment("BE", "Europe/Brussels")) == date(2026, 4, 1)
    assert local_date(moment, Establishment("IE", "Europe/Dublin")) == date(2026, 3, 31)


def test_local_date_without_time_zone_is_refused():
    with pytest.raises(InputError) as refused:
        local_date(datetime(2026, 3, 31, 22, 30), PLACES[0])  # noqa: DTZ001
    assert refused.value.field == "received_at"


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"country": "XX"}, "country"),
        ({"country": "germany"}, "country"),
        ({"country": ""}, "country"),
        ({"zone": "Europe/Atlantis"}, "zone"),
        ({"zone": "Europe"}, "zone"),
        ({"zone": "../etc/passwd"}, "zone"),
        ({"zone": ""}, "zone"),
        ({"subdivision": "XX"}, "subdivision"),
        ({"country": "DEU"}, "country"),
        ({"regime": "roman"}, "regime"),
    ],
)
def test_establishment_with_unknown_part_names_the_field(given, field):
    with pytest.raises(InputError) as refused:
        Establishment(**given)
    assert refused.value.field == field
