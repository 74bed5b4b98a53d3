"""The month in figures."""

from datetime import date

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from erasure import clock
from erasure.cases.concerns import close_concern, record_concern
from erasure.errors import InputError
from erasure.ledger.append import append
from erasure.models import (
    Actor,
    Concern,
    IdentityDocument,
    LaterCheck,
    Letter,
    RecipientNotice,
    VendorJob,
    Verification,
)
from erasure.reporting import monthly, parse_month
from erasure.values import CaseState, HoldState, ItemState, Role
from tests.factories import make_case, make_connection, make_hold, make_item, make_user
from tests.reporting.cases import DAY, case_of, moment, said

pytestmark = pytest.mark.django_db
S = CaseState


def test_monthly_counts_by_the_establishments_dates(march):
    report = monthly(2027, 3)
    assert (report.final, report.as_of.isoformat()) == (True, "2027-04-10T14:00:00+02:00")
    assert said(report, "received by_channel by_country answered due on_time overdue open") == {
        "received": 2,
        "by_channel": {"phone": 2},
        "by_country": {"DE": 2},
        "answered": 3,
        "due": 5,
        "on_time": (0.6, 3, 5),
        "overdue": 2,
        "open": 3,
    }


def test_monthly_tells_outcomes_and_how_long_they_took(march):
    keys = "completed by_outcome answer_median answer_p90 completion_median completion_p90"
    assert said(monthly(2027, 3), keys) == {
        "completed": 3,
        "by_outcome": {"COMPLETE": 2, "PARTIAL_HOLD": 1, "WITHDRAWN": 1, "refused 12(5)": 1},
        "answer_median": (28.56, 3),
        "answer_p90": (28.6, 3),
        "completion_median": (30.0, 3),
        "completion_p90": (35.5, 3),
    }


def test_monthly_of_a_month_without_anything_has_no_rate():
    found = said(monthly(2027, 2), "due on_time answer_median by_channel open_by_age")
    assert found == {
        "due": 0, "on_time": (None, 0, 0), "answer_median": (None, 0), "by_channel": {},
        "open_by_age": {},
    }  # fmt: skip


def test_monthly_of_the_present_month_is_not_final_and_counts_what_is_open_now(march):
    report = monthly(2027, 4)
    assert (report.final, said(report, "open received")) == (False, {"open": 4, "received": 1})
    assert report.trends[0].points[-1].final is False


def test_open_requests_are_told_by_age(march):
    ages = {"0-14": 2, "31-60": 1, "61-90": 1}
    assert said(monthly(2027, 4), "open_by_age")["open_by_age"] == ages
    assert said(monthly(2027, 3), "open_by_age")["open_by_age"] == {
        "0-14": 1, "31-60": 2
    }  # fmt: skip


@pytest.mark.parametrize(
    ("days", "median", "ninth"),
    [
        ((2,), 2.0, 2.0),
        ((2, 4), 3.0, 4.0),
        ((1, 2, 9), 2.0, 9.0),
        ((1, 2, 4, 9), 3.0, 9.0),
        (tuple(range(1, 11)), 5.5, 9.0),
    ],
)
def test_median_is_the_middle_and_nine_of_ten_took_no_longer(days, median, ninth):
    for each in days:
        received = moment("2027-03-20T09:00") - each * DAY
        done = "2027-03-20T09:00"
        case_of(received.replace(tzinfo=None).isoformat(), S.COMPLETE, completed=done)
    found = said(monthly(2027, 3), "completion_median completion_p90")
    assert [value for value, _ in found.values()] == [median, ninth]


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
    share = monthly(2027, 4).figure("on_time")
    assert (share.whole, share.part) == (due, on_time)


def test_target_is_judged_apart_from_the_statutory_date():
    case_of("2027-02-08T09:00", answered="2027-03-08T09:00")  # target Mon 8 Mar, as the month
    case_of("2027-01-29T09:00", answered="2027-02-28T09:00")  # target Fri 26 Feb, due Mon 1 Mar
    assert said(monthly(2027, 2), "target_met on_time") == {
        "target_met": (0.0, 0, 1), "on_time": (None, 0, 0)
    }  # fmt: skip
    assert said(monthly(2027, 3), "target_met on_time") == {
        "target_met": (1.0, 1, 1), "on_time": (1.0, 2, 2)
    }  # fmt: skip


@pytest.mark.parametrize(
    ("completed", "proven"),
    [("2027-03-04T09:00", 1), ("2027-03-04T09:01", 0), (None, 0)],
)
def test_erasure_is_judged_by_the_72_hours_that_end_in_the_month(completed, proven):
    case_of("2027-02-20T09:00", completed=completed, approved_at=moment("2027-03-01T09:00"))
    case_of("2027-02-20T09:00", approved_at=moment("2027-03-30T09:00"))
    case_of("2027-02-20T09:00", approved_at=moment("2027-04-09T09:00"))
    assert monthly(2027, 3).figure("proven_in_72h").part == proven
    assert monthly(2027, 3).figure("proven_in_72h").whole == 1
    assert monthly(2027, 4).figure("proven_in_72h").whole == 1


def test_extensions_are_told_apart_from_letters_that_extended_nothing():
    told = moment("2027-03-10T09:00")
    in_time = case_of("2027-03-01T09:00", extended_at=told)
    late = case_of("2027-02-01T09:00")
    for case in (in_time, late):
        letter = Letter(case=case, kind="EXTENSION", channel="letter", language="en")
        letter.text = "It takes longer."
        letter.leave(told, "Registered letter 1.")
        letter.save(force_insert=True)
    found = said(monthly(2027, 3), "extensions extensions_late extended")
    assert found == {"extensions": 1, "extensions_late": 1, "extended": (0.0, 0, 1)}


def test_suspensions_are_told_apart_from_questions_asked_too_late():
    for days in (14, 10, 0):
        case = case_of("2027-03-01T09:00", suspended_days=days)
        Verification.objects.filter(case=case).update(
            state="CONFIRMED", asked_at=moment("2027-03-02T09:00"),
            answered_at=moment("2027-03-16T09:00"),
        )  # fmt: skip
    found = said(monthly(2027, 3), "suspensions suspension_median questions_late")
    assert found == {"suspensions": 2, "suspension_median": (12.0, 2), "questions_late": 1}


def test_identity_is_told_by_method_and_copies_past_their_date_stand_out():
    for method in ("CALL_BACK", "CALL_BACK", "ID_COPY"):
        Verification.objects.filter(case=make_case()).update(
            state="CONFIRMED", method=method, decided_at=moment("2027-03-02T09:00")
        )
    rejected = Verification.objects.get(case=make_case())
    row = IdentityDocument(case=rejected.case, verification=rejected, page=1, data_sealed=b"x")
    row.save()
    keys = "by_method id_copies not_verified copies_kept"
    assert said(monthly(2027, 3), keys)["copies_kept"] == 0
    Verification.objects.filter(pk=rejected.pk).update(
        state="REJECTED", decided_at=moment("2027-03-02T09:00")
    )
    assert said(monthly(2027, 3), keys) == {
        "by_method": {"CALL_BACK": 2, "ID_COPY": 1},
        "id_copies": (0.3333, 1, 3),
        "not_verified": 1,
        "copies_kept": 1,
    }


def test_holds_and_execution_are_told_as_they_stand():
    legal, there = make_user(Role.LEGAL), make_connection()
    held = make_hold(legal, review_on=date(2027, 4, 1))
    make_hold(legal, HoldState.REVIEW_DUE)
    make_hold(legal, HoldState.RELEASED, released_at=moment("2027-03-05T09:00"))
    case = case_of("2027-02-01T09:00", S.PARTIAL_HOLD, completed="2027-03-01T09:00",
                   certificate_due=True)  # fmt: skip
    make_item(case, there, state=ItemState.HELD, hold=held, article="17(3)(e)")
    make_item(case, there, state=ItemState.FAILED, attempts=3)
    for number, age in enumerate((6, 8, 15)):
        job = VendorJob(case=case, connection=there, kind="recordings", remote_index=str(number),
                        submitted_at=clock.now() - age * DAY, next_poll=clock.now())  # fmt: skip
        job.remote_id = str(number)
        job.save(force_insert=True)
    for day, result in ((7, "CLEAN"), (30, "CAME_BACK")):
        LaterCheck.objects.create(case=case, day=day, due_at=clock.now(), next_try=clock.now(),
                                  done_at=moment("2027-03-09T09:00"), result=result)  # fmt: skip
    keys = ("holds holds_overdue held_records holds_released kept_by_article failed retried "
            "jobs_7 jobs_14 certificates_due checks came_back")  # fmt: skip
    assert said(monthly(2027, 3), keys) == {
        "holds": 2, "holds_overdue": 2, "held_records": 1, "holds_released": 1,
        "kept_by_article": {"17(3)(e)": 1}, "failed": 1, "retried": 1, "jobs_7": 2, "jobs_14": 1,
        "certificates_due": 1, "checks": 2, "came_back": 1,
    }  # fmt: skip


def test_recipients_complaints_and_refusals_taken_up_again_are_told():
    case = case_of("2027-02-01T09:00", S.COMPLETE, completed="2027-03-01T09:00")
    given = {"case": case, "kind": "CONTROLLER"}
    RecipientNotice.objects.create(name="Shop", told_at=moment("2027-03-02T09:00"), **given)
    RecipientNotice.objects.create(name="Bank", **given)
    RecipientNotice.objects.create(name="Gone", excused_at=clock.now(), **given)
    for kind in ("COMPLAINT", "COMPLAINT", "AUTHORITY", "WRONG_PERSON"):
        Concern.objects.create(case=case, kind=kind, raised_at=moment("2027-03-12T09:00"))
    found = said(
        monthly(2027, 3), "recipients_told recipients_waiting complaints authority wrong_person"
    )
    assert list(found.values()) == [1, 1, 2, 1, 1]


def test_concerns_count_in_the_month_they_came_in_and_reversals_in_the_one_they_ended(at):
    at("2027-04-10T12:00")
    dpo = Actor.of(make_user(Role.DPO))
    case = case_of("2027-02-01T09:00", S.REFUSED, refusal_article="12(5)")
    with transaction.atomic():
        append(case, "step", {"actor": "system"}, step="refuse", from_="VALIDATING", to="REFUSED")
    for kind, day in (("COMPLAINT", 28), ("COMPLAINT", 1), ("AUTHORITY", 2), ("WRONG_PERSON", 3)):
        month = 2 if day == 28 else 3
        record_concern(case.pk, kind=kind, raised_at=moment(f"2027-{month:02}-{day:02}T09:00"),
                       note="By post.", actor=dpo)  # fmt: skip
    ends = {"2027-03-31T21:59": ("REVERSED", "12(5)(b)"), "2027-03-31T22:00": ("UPHELD", "")}
    for row, (ended, (outcome, article)) in zip(case.concerns.all(), ends.items(), strict=False):
        close_concern(row.pk, outcome=outcome, article=article, closed_at=moment(ended), actor=dpo)
    keys = "complaints authority wrong_person reversed"
    assert [list(said(monthly(2027, month), keys).values()) for month in (2, 3, 4)] == [
        [1, 0, 0, 0], [1, 1, 1, 1], [0, 0, 0, 0],
    ]  # fmt: skip


def test_requests_with_several_grounds_count_under_each():
    case_of("2027-03-02T09:00", grounds=["17(1)(a)", "17(1)(b)"])
    case_of("2027-03-02T09:00", grounds=["17(1)(b)"])
    case_of("2027-03-02T09:00")
    grounds = {"17(1)(b)": 2, "17(1)(a)": 1}
    assert said(monthly(2027, 3), "by_ground")["by_ground"] == grounds


def test_trends_end_with_the_month_and_tell_each_of_twelve(march):
    received, on_time, days = monthly(2027, 3).trends
    assert [f"{point.month:%y-%m}" for point in received.points][::11] == ["26-04", "27-03"]
    assert [point.value for point in received.points[-3:]] == [0, 6, 2]
    assert [(p.part, p.whole) for p in on_time.points[-2:]] == [(0, 0), (3, 5)]
    assert [point.value for point in days.points[-2:]] == [19.0, 28.56]


def test_monthly_asks_the_database_equally_often_for_many_cases(march):
    def queries():
        with CaptureQueriesContext(connection) as found:
            monthly(2027, 3)
        return len(found)

    before = queries()
    for number in range(20):
        case_of(f"2027-03-{number + 1:02d}T09:00", S.COMPLETE, answered="2027-03-30T09:00",
                completed="2027-03-31T09:00")  # fmt: skip
    assert queries() == before < 90


def test_parse_month_reads_a_month_that_has_begun(at):
    assert (parse_month("2027-04"), parse_month("2019-12")) == ((2027, 4), (2019, 12))
    at("2027-04-30T22:00")  # midnight in Berlin
    assert parse_month("2027-05") == (2027, 5)


@pytest.mark.parametrize(
    "text",
    ["", "2027", "2027-13", "april", "2027-05", "2027-04-01", "9999-12", "0000-01", "0001-01"],
)
def test_parse_month_of_anything_else_names_the_field(text):
    with pytest.raises(InputError) as refused:
        parse_month(text)
    assert refused.value.field == "month"


def test_every_figure_says_what_it_counts(march):
    figures = list(monthly(2027, 3).figures())
    assert [each.key for each in figures if len(each.definition) < 15] == []
    assert len({each.key for each in figures}) == len(figures)
