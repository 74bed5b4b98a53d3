"""The periods of other laws (section 8 of the legal reference)."""

from datetime import UTC, date, datetime

import pytest

from erasure.deadlines import (
    Deadlines,
    Establishment,
    acknowledge_by,
    ask_by,
    dates,
    suspension,
    tell_by,
)
from erasure.errors import InputError

DE = Establishment("DE", "Europe/Berlin")
UK = Establishment("GB", "Europe/London")
CALIFORNIA = Establishment("US", "America/Los_Angeles", "CA")
BRAZIL = Establishment("BR", "America/Sao_Paulo")


def day(text):
    return date.fromisoformat(text)


@pytest.mark.parametrize(
    ("place", "key"), [(DE, "eu"), (UK, "uk"), (CALIFORNIA, "california"), (BRAZIL, "brazil")]
)
def test_establishment_without_a_regime_has_the_law_of_its_country(place, key):
    assert place.law.key == key


def test_establishment_with_a_regime_has_that_law_with_its_own_holidays():
    place = Establishment("DE", "Europe/Berlin", regime="california")
    assert dates(day("2026-11-10"), place) == Deadlines(
        day("2026-12-25"), day("2026-12-25"), day("2026-12-10")
    )


@pytest.mark.parametrize(
    ("received", "extended", "base", "target"),
    [
        ("2026-03-02", False, "2026-04-16", "2026-04-01"),
        ("2026-03-05", False, "2026-04-19", "2026-04-03"),  # a Sunday: no roll-over
        ("2026-03-02", True, "2026-05-31", "2026-05-29"),
    ],
)
def test_dates_in_california_are_45_and_90_days_without_roll_over(received, extended, base, target):
    found = dates(day(received), CALIFORNIA, extended=extended)
    assert found == Deadlines(day(base), day(base), day(target))


def test_acknowledgement_in_california_is_due_after_ten_business_days():
    assert acknowledge_by(day("2026-03-02"), CALIFORNIA) == day("2026-03-16")
    assert acknowledge_by(day("2026-12-18"), CALIFORNIA) == day("2027-01-05")  # two holidays


@pytest.mark.parametrize("place", [DE, UK, BRAZIL])
def test_acknowledgement_is_no_duty_elsewhere(place):
    assert acknowledge_by(day("2026-03-02"), place) is None


def test_dates_in_brazil_are_fifteen_days():
    assert dates(day("2026-03-06"), BRAZIL) == Deadlines(
        day("2026-03-21"), day("2026-03-23"), day("2026-03-20")
    )
    assert not BRAZIL.law.fixed


def test_dates_extended_where_the_law_has_none_are_refused():
    with pytest.raises(InputError) as refused:
        dates(day("2026-03-06"), BRAZIL, extended=True)
    assert refused.value.field == "extended"


@pytest.mark.parametrize("place", [UK, CALIFORNIA, BRAZIL])
def test_suspension_where_the_law_has_none_is_no_day(place):
    asked, answered = day("2026-03-04"), day("2026-03-18")
    assert suspension(day("2026-03-02"), asked, answered, place) == 0
    with pytest.raises(InputError) as refused:
        dates(day("2026-03-02"), place, suspended_days=14)
    assert refused.value.field == "suspended_days"


def test_tell_by_is_the_rolled_end_of_the_first_month():
    assert tell_by(day("2026-01-15"), DE) == day("2026-02-16")  # vector 14
    assert tell_by(datetime(2026, 1, 15, 23, 30, tzinfo=UTC), DE) == day("2026-02-16")


@pytest.mark.parametrize(
    ("received", "last"),
    [("2026-03-02", "2026-03-09"), ("2026-03-06", "2026-03-15"), ("2026-03-31", "2026-04-09")],
    ids=["a week", "with the weekend after it", "over Easter"],
)
def test_ask_by_is_the_last_day_of_five_working_days(received, last):
    assert ask_by(day(received), DE) == day(last)


def test_question_within_another_limit_follows_the_setting():
    received, asked, answered = day("2026-03-02"), day("2026-03-05"), day("2026-03-09")
    assert suspension(received, asked, answered, DE, within=3) == 4
    assert suspension(received, asked, answered, DE, within=2) == 0
