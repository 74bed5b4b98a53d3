"""Known dates: the table of the legal reference, numbered as there."""

from datetime import UTC, date, datetime

import pytest

from erasure.deadlines import Deadlines, Establishment, dates, suspension
from erasure.errors import InputError

DE = Establishment("DE", "Europe/Berlin")
BE = Establishment("BE", "Europe/Brussels")
FR = Establishment("FR", "Europe/Paris")
IE = Establishment("IE", "Europe/Dublin")
UK = Establishment("GB", "Europe/London")


def day(text):
    return date.fromisoformat(text)


VECTORS = [
    # no, place, received, base, due, target
    ("1", DE, "2026-08-31", "2026-09-30", "2026-09-30", "2026-09-30"),
    ("2", BE, "2026-03-05", "2026-04-05", "2026-04-07", "2026-04-03"),
    ("3", DE, "2026-01-31", "2026-02-28", "2026-03-02", "2026-02-27"),
    ("4", FR, "2028-01-31", "2028-02-29", "2028-02-29", "2028-02-29"),
    ("5 on 28th", DE, "2027-01-28", "2027-02-28", "2027-03-01", "2027-02-26"),
    ("5 on 29th", DE, "2027-01-29", "2027-02-28", "2027-03-01", "2027-02-26"),
    ("5 on 30th", DE, "2027-01-30", "2027-02-28", "2027-03-01", "2027-02-26"),
    ("5 on 31st", DE, "2027-01-31", "2027-02-28", "2027-03-01", "2027-02-26"),
    ("6", DE, "2026-02-28", "2026-03-28", "2026-03-30", "2026-03-27"),
    ("7", DE, "2028-02-29", "2028-03-29", "2028-03-29", "2028-03-29"),
    ("8 DE", DE, "2026-04-01", "2026-05-01", "2026-05-04", "2026-04-30"),
    ("8 IE", IE, "2026-04-01", "2026-05-01", "2026-05-01", "2026-05-01"),
    ("9 DE", DE, "2026-03-03", "2026-04-03", "2026-04-07", "2026-04-02"),
    ("9 FR", FR, "2026-03-03", "2026-04-03", "2026-04-03", "2026-04-02"),
    ("10 DE", DE, "2026-11-25", "2026-12-25", "2026-12-28", "2026-12-24"),
    ("10 UK", UK, "2026-11-25", "2026-12-25", "2026-12-29", "2026-12-24"),
    ("11", DE, "2026-02-10", "2026-03-10", "2026-03-10", "2026-03-10"),
    ("12", DE, "2026-07-10", "2026-08-10", "2026-08-10", "2026-08-07"),
    ("13", DE, "2026-03-08", "2026-04-08", "2026-04-08", "2026-04-07"),
    ("14", DE, "2026-01-15", "2026-02-15", "2026-02-16", "2026-02-13"),
]

EXTENDED = [
    ("14", "2026-01-15", "2026-04-15", "2026-04-15", "2026-04-15"),
    ("15", "2026-01-31", "2026-04-30", "2026-04-30", "2026-04-30"),
    ("16", "2026-11-30", "2027-02-28", "2027-03-01", "2027-02-26"),
]

SUSPENDED = [
    # no, received, asked, answered, extended, days, base, due, target
    ("17", "2026-03-02", "2026-03-04", "2026-03-18", False, 14,
     "2026-04-02", "2026-04-16", "2026-04-01"),
    ("18", "2026-03-02", "2026-03-04", "2026-03-18", True, 14,
     "2026-06-02", "2026-06-16", "2026-06-02"),
    ("19", "2026-03-02", "2026-03-30", "2026-04-13", False, 0,
     "2026-04-02", "2026-04-02", "2026-04-01"),
    ("20", "2026-03-31", "2026-04-01", "2026-04-11", False, 10,
     "2026-04-30", "2026-05-11", "2026-04-30"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("place", "received", "base", "due", "target"),
    [row[1:] for row in VECTORS],
    ids=[row[0] for row in VECTORS],
)
def test_dates_of_plain_request_are_those_of_the_table(place, received, base, due, target):
    assert dates(day(received), place) == Deadlines(day(base), day(due), day(target))


@pytest.mark.parametrize(
    ("received", "base", "due", "target"),
    [row[1:] for row in EXTENDED],
    ids=[row[0] for row in EXTENDED],
)
def test_dates_of_extended_request_count_three_months_from_receipt(received, base, due, target):
    assert dates(day(received), DE, extended=True) == Deadlines(day(base), day(due), day(target))


@pytest.mark.parametrize(
    ("received", "asked", "answered", "extended", "days", "base", "due", "target"),
    [row[1:] for row in SUSPENDED],
    ids=[row[0] for row in SUSPENDED],
)
def test_dates_of_suspended_request_move_only_what_is_due(
    received, asked, answered, extended, days, base, due, target
):
    stopped = suspension(day(received), day(asked), day(answered), DE)
    assert stopped == days
    assert dates(day(received), DE, extended=extended, suspended_days=stopped) == Deadlines(
        day(base), day(due), day(target)
    )


def test_dates_of_uk_request_restart_with_the_identity_information():  # 21
    assert dates(day("2026-03-02"), UK, restarted=day("2026-03-18")) == Deadlines(
        day("2026-04-18"), day("2026-04-20"), day("2026-04-01")
    )


def test_dates_of_uk_request_ignore_information_older_than_the_request():
    assert dates(day("2026-03-02"), UK, restarted=day("2026-02-01")) == dates(day("2026-03-02"), UK)


def test_dates_restarted_outside_the_uk_are_refused():
    with pytest.raises(InputError) as refused:
        dates(day("2026-03-02"), DE, restarted=day("2026-03-18"))
    assert refused.value.field == "restarted"


@pytest.mark.parametrize(
    ("place", "base", "due", "target"),
    [
        (BE, "2026-05-01", "2026-05-04", "2026-04-30"),
        (IE, "2026-04-30", "2026-04-30", "2026-04-30"),
    ],
    ids=["22 BE", "22 IE"],
)
def test_dates_of_a_late_evening_start_on_the_local_day(place, base, due, target):
    received = datetime(2026, 3, 31, 22, 30, tzinfo=UTC)
    assert dates(received, place) == Deadlines(day(base), day(due), day(target))


def test_dates_with_regional_holiday_follow_the_subdivision():
    bavaria = Establishment("DE", "Europe/Berlin", "BY")
    assert dates(day("2026-12-06"), DE).statutory_due == day("2027-01-06")
    assert dates(day("2026-12-06"), bavaria).statutory_due == day("2027-01-07")


def test_dates_with_negative_suspension_are_refused():
    with pytest.raises(InputError) as refused:
        dates(day("2026-03-02"), DE, suspended_days=-1)
    assert refused.value.field == "suspended_days"


@pytest.mark.parametrize(
    ("asked", "answered", "field"),
    [("2026-03-01", "2026-03-04", "asked"), ("2026-03-04", "2026-03-03", "answered")],
)
def test_suspension_against_the_order_of_time_is_refused(asked, answered, field):
    with pytest.raises(InputError) as refused:
        suspension(day("2026-03-02"), day(asked), day(answered), DE)
    assert refused.value.field == field


@pytest.mark.parametrize(
    ("asked", "days"), [("2026-03-09", 9), ("2026-03-10", 0)], ids=["fifth day", "sixth day"]
)
def test_suspension_counts_up_to_the_fifth_working_day(asked, days):
    assert suspension(day("2026-03-02"), day(asked), day("2026-03-18"), DE) == days
