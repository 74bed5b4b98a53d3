"""The month in figures, on cases whose dates are set by hand."""

import json
import time
from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.management import CommandError, call_command

from erasure.errors import InputError
from erasure.models import ErasureCase, Letter
from erasure.reporting import DEFINITIONS, monthly, parse_month
from erasure.values import CaseState, Channel, Role
from tests.factories import make_case, make_user

pytestmark = pytest.mark.django_db

S = CaseState
DAY = timedelta(days=1)


def moment(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.fixture(autouse=True)
def at(monkeypatch):
    """The tenth of April 2027, noon in UTC, unless a test says otherwise."""

    def set_to(text):
        monkeypatch.setattr(time, "time", lambda: moment(text).timestamp())

    set_to("2027-04-10T12:00")
    return set_to


def case_of(received, state=S.EXECUTING, *, answered=None, completed=None, closed=None, **columns):
    """A case with these dates; ``seconds_to_complete`` follows from them."""
    if completed:
        columns["completed_at"] = moment(completed)
        passed = moment(completed) - moment(received)
        columns["seconds_to_complete"] = int(passed.total_seconds())
    return make_case(
        state,
        received_at=moment(received),
        answered_at=answered and moment(answered),
        closed_at=closed and moment(closed),
        **columns,
    )


@pytest.fixture
def march():
    """Received in February, due in March, but for the last three."""
    case_of(
        "2027-02-01T09:00", S.COMPLETE, answered="2027-02-20T09:00", completed="2027-03-01T09:00"
    )
    case_of(
        "2027-02-02T09:00", S.COMPLETE, answered="2027-03-02T22:30", completed="2027-03-04T09:00"
    )
    case_of(
        "2027-02-03T09:00",
        S.PARTIAL_HOLD,
        answered="2027-03-03T23:30",
        completed="2027-03-10T21:00",
    )
    case_of("2027-02-04T09:00", S.EXECUTING)
    case_of("2027-02-05T09:00", S.CLOSED, closed="2027-02-06T09:00", close_reason="WITHDRAWN")
    case_of(
        "2027-02-08T09:00", S.REFUSED, answered="2027-03-01T09:00", closed="2027-03-02T09:00",
        refusal_article="12(5)",
    )  # fmt: skip
    case_of("2027-02-28T23:00", channel=Channel.PHONE)
    case_of("2027-03-31T21:59", S.DISCOVERY, channel=Channel.PHONE)
    case_of("2027-03-31T22:00", S.RECEIVED)


def test_monthly_counts_by_the_establishments_dates(march):
    found = monthly(2027, 3)
    assert found.pop("definitions") is DEFINITIONS
    assert found == {
        "month": "2027-03",
        "final": True,
        "as_of": "2027-04-10T12:00:00+00:00",
        "total": 2,
        "by_channel": {"phone": 2},
        "answered": 3,
        "due": 5,
        "answered_on_time": 3,
        "on_time_rate": 0.6,
        "completed": 3,
        "days_to_complete": {"median": 30.0, "average": 31.17},
        "pending": 3,
        "partial_holds": 1,
        "refused": {"12(5)": 1},
    }


def test_monthly_of_a_month_without_anything_has_no_rate():
    found = monthly(2027, 2)
    assert (found["due"], found["on_time_rate"], found["days_to_complete"]) == (
        0, None, {"median": None, "average": None},
    )  # fmt: skip


def test_monthly_of_the_present_month_is_not_final_and_counts_what_is_open_now(march):
    found = monthly(2027, 4)
    assert (found["final"], found["pending"], found["total"]) == (False, 4, 1)


@pytest.mark.parametrize(
    ("days", "median"), [((2,), 2.0), ((2, 4), 3.0), ((1, 2, 9), 2.0), ((1, 2, 4, 9), 3.0)]
)
def test_median_of_few_cases_is_the_middle(days, median):
    for each in days:
        received = moment("2027-03-20T09:00") - each * DAY
        done = "2027-03-20T09:00"
        case_of(received.replace(tzinfo=None).isoformat(), S.COMPLETE, completed=done)
    assert monthly(2027, 3)["days_to_complete"]["median"] == median


@pytest.mark.parametrize(
    ("now", "answered", "due", "on_time"),
    [
        ("2027-04-08T12:00", None, 0, 0),
        ("2027-04-08T12:00", "2027-04-02T12:00", 0, 0),
        ("2027-04-09T12:00", None, 0, 0),
        ("2027-04-09T12:00", "2027-04-09T11:00", 1, 1),
        ("2027-04-10T12:00", None, 1, 0),
        ("2027-04-10T12:00", "2027-04-09T21:59", 1, 1),
        ("2027-04-10T12:00", "2027-04-09T22:00", 1, 0),
    ],
)
def test_case_counts_as_due_once_its_date_is_over_or_on_it_if_answered(
    at, now, answered, due, on_time
):
    at(now)
    case = case_of("2027-03-09T09:00", answered=answered)
    assert case.statutory_due == date(2027, 4, 9)
    found = monthly(2027, 4)
    assert (found["due"], found["answered_on_time"]) == (due, on_time)


def test_case_released_later_was_still_answered_on_time():
    """Release asks for a further letter; the first was sent within the month."""
    case = case_of("2027-02-08T09:00", S.DISCOVERY)
    letter = Letter(
        case=case, kind="COMPLETE", channel="letter", written_by=make_user(Role.OFFICER)
    )
    letter.text = "We erased what we had."
    letter.leave(moment("2027-03-01T09:00"), "Registered letter 1.")
    letter.save(force_insert=True)
    assert monthly(2027, 3)["answered_on_time"] == 1
    Letter.objects.update(kind="INTERIM")
    assert monthly(2027, 3)["answered_on_time"] == 0


def test_monthly_asks_the_database_equally_often_for_many_cases(march, django_assert_num_queries):
    with django_assert_num_queries(11):
        monthly(2027, 3)
    for number in range(20):
        case_of(f"2027-03-{number + 1:02d}T09:00", S.COMPLETE, completed="2027-03-31T09:00")
    with django_assert_num_queries(11):
        monthly(2027, 3)


def test_parse_month_reads_a_month_that_has_begun(at):
    assert (parse_month("2027-04"), parse_month("2019-12")) == ((2027, 4), (2019, 12))
    at("2027-04-30T22:00")  # midnight in Berlin
    assert parse_month("2027-05") == (2027, 5)


@pytest.mark.parametrize(
    "text", ["", "2027", "2027-13", "april", "2027-05", "2027-04-01", "9999-12"]
)
def test_parse_month_of_anything_else_names_the_field(text):
    with pytest.raises(InputError) as refused:
        parse_month(text)
    assert refused.value.field == "month"


def test_report_command_prints_the_month_as_json(march, capsys):
    call_command("report", month="2027-03")
    shown = json.loads(capsys.readouterr().out)
    assert shown == monthly(2027, 3)
    assert shown["due"] == 5


@pytest.mark.parametrize("month", ["2027-05", "soon"])
def test_report_command_of_no_month_says_so_in_one_sentence(month):
    with pytest.raises(CommandError) as refused:
        call_command("report", month=month)
    assert str(refused.value) in (
        "This month has not begun.", "Write the month as YYYY-MM, like 2026-11.",
    )  # fmt: skip


def test_report_holds_no_case_and_no_person(march):
    text = json.dumps(monthly(2027, 3))
    assert [case.reference for case in ErasureCase.objects.all() if case.reference in text] == []
