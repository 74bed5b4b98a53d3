from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from erasure.deadlines.retention import (
    Periods,
    Stage,
    proof_until,
    register_until,
    schedule,
    suppressed_until,
)
from erasure.errors import InputError

ENDED = date(2026, 3, 2)


@pytest.mark.parametrize(
    ("stage", "checked", "day"),
    [
        (Stage.DOCUMENTS, True, date(2026, 3, 2)),
        (Stage.INVENTORY, False, date(2026, 4, 1)),
        (Stage.INVENTORY, True, date(2026, 5, 31)),
        (Stage.FILE, True, date(2029, 3, 2)),
        (Stage.LOG, True, date(2029, 3, 2)),
    ],
)
def test_schedule_by_default_counts_from_the_end(stage, checked, day):
    assert schedule(ENDED, Periods(), checked=checked).first_day(stage) == day


def test_schedule_of_a_leap_day_ends_on_the_last_of_february():
    assert schedule(date(2028, 2, 29), Periods(), checked=False).file == date(2031, 2, 28)


def test_schedule_when_the_last_check_comes_late_moves_the_inventory_alone():
    planned = schedule(ENDED, Periods(checks=(7, 200)), checked=True)
    assert planned.inventory == ENDED + timedelta(days=200)
    assert planned.inventory_at_last == ENDED + timedelta(days=230)
    assert planned.file == date(2029, 3, 2)


def test_schedule_without_checks_keeps_to_the_inventory_period():
    planned = schedule(ENDED, Periods(checks=()), checked=True)
    assert planned.inventory == ENDED + timedelta(days=30)


@given(
    ended=st.dates(date(2020, 1, 1), date(2040, 1, 1)),
    inventory=st.integers(0, 3000),
    checks=st.sets(st.integers(1, 3000), max_size=4),
    file=st.integers(12, 120),
    more=st.integers(0, 60),
)
def test_schedule_destroys_in_order_and_never_before_the_end(ended, inventory, checks, file, more):
    kept = Periods(
        inventory_days=inventory, checks=tuple(sorted(checks)), file_months=file,
        log_months=file + more,
    )  # fmt: skip
    planned = schedule(ended, kept, checked=True)
    days = [planned.first_day(stage) for stage in Stage]
    assert days == sorted(days)
    assert days[0] == ended
    assert planned.inventory >= ended + timedelta(days=max(checks, default=0))
    assert planned.file >= planned.inventory_at_last


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("inventory_days", -1),
        ("file_months", 11),
        ("log_months", 35),
        ("checks", (30, 7)),
        ("checks", (7, 7)),
        ("checks", (0, 7)),
        ("checks", tuple(range(1, 14))),
        ("register_days", -1),
    ],
)
def test_periods_that_make_no_sense_name_the_field(field, value):
    with pytest.raises(InputError) as why:
        Periods(**{field: value})
    assert why.value.field == field


def test_proof_goes_thirty_days_after_upload():
    assert proof_until(date(2026, 1, 31)) == date(2026, 3, 2)


def test_register_follows_the_backups_of_its_system_where_they_are_known():
    assert register_until(ENDED, Periods()) == date(2027, 3, 2)
    assert register_until(ENDED, Periods(), 35) == date(2026, 4, 6)


def test_suppression_ends_after_its_months():
    assert suppressed_until(ENDED, Periods(suppression_months=1)) == date(2026, 4, 2)
