"""The morning mail of an officer, the escalation of a vendor's job, the review of a hold."""

from datetime import UTC, date, datetime, timedelta

import pytest

from erasure import watch
from erasure.models import StaffNotice, TaskDetail, VendorJob
from erasure.values import CaseState, Role
from tests.factories import make_case, make_connection, make_hold, make_item, make_user
from tests.moment import now_is

__all__ = ["now_is"]
pytestmark = pytest.mark.django_db
S = CaseState
NOW = datetime(2026, 3, 20, 7, tzinfo=UTC)  # eight in the morning in Berlin
DAY = timedelta(days=1)


@pytest.fixture
def officer(now_is):
    now_is(NOW)
    user = make_user(Role.OFFICER)
    user.email = "officer@example.org"
    user.save()
    return user


def digests():
    watch.look()
    return list(StaffNotice.objects.filter(key__startswith="digest:").order_by("created_at"))


def test_digest_lists_own_cases_first_the_earliest_on_top(officer):
    mine = make_case(S.EXECUTING, received_at=NOW - 24 * DAY, prepared_by=officer)
    late = make_case(S.VALIDATING, received_at=NOW - 40 * DAY)
    soon = make_case(S.VALIDATING, received_at=NOW - 28 * DAY)
    make_case(S.VALIDATING, received_at=NOW - 2 * DAY)
    [digest] = digests()
    assert (digest.user, digest.subject) == (officer, "Erasure on 20 Mar 2026: what is due")
    lines = [line.strip() for line in digest.text.splitlines() if "http" not in line]
    assert lines == [
        "Your cases",
        f"{mine.reference}: answer due 24 Mar 2026, in 4 days",
        "",
        "Other open cases",
        f"{late.reference}: answer due 9 Mar 2026, 11 days overdue",
        f"{soon.reference}: answer due 20 Mar 2026, today",
    ]


def test_digest_lists_tasks_by_hand_and_vendor_jobs_that_take_too_long(officer):
    case = make_case(S.AWAITING_VENDOR, received_at=NOW - DAY)
    item = make_item(case, make_connection(name="The archive"), state="MANUAL")
    TaskDetail.objects.create(item=item, assignee=officer, due_on=date(2026, 3, 23))
    submitted(case, NOW - 8 * DAY)
    [digest] = digests()
    lines = [line.strip() for line in digest.text.splitlines()]
    assert lines == [
        "Your tasks by hand",
        f"{case.reference}: record {item.place}, due 23 Mar 2026",
        "",
        "Vendor jobs open too long",
        f"{case.reference}: The CRM, since 12 Mar 2026",
    ]


def test_digest_with_nothing_to_say_is_none(officer):
    make_case(S.VALIDATING, received_at=NOW - 2 * DAY)
    assert digests() == []


def test_digest_comes_once_a_day_and_not_at_night(officer, now_is):
    make_case(S.VALIDATING, received_at=NOW - 28 * DAY)
    now_is(datetime(2026, 3, 20, 4, 59, tzinfo=UTC))
    assert len(digests()) == 0
    for minutes in (0, 1, 600, 1439, 1440):
        now_is(datetime(2026, 3, 20, 5, tzinfo=UTC) + timedelta(minutes=minutes))
        found = digests()
    assert [row.key[-10:] for row in found] == ["2026-03-20", "2026-03-21"]


def submitted(case, at):
    job = VendorJob(
        case=case, connection=make_connection(name="The CRM"), kind="gdpr_delete",
        remote_index=str(at), submitted_at=at, next_poll=at,
    )  # fmt: skip
    job.remote_id = "r-1"
    job.save()
    return job


@pytest.mark.parametrize(("days", "told"), [(6, []), (7, ["7"]), (13, ["7"]), (14, ["14"])])
def test_vendor_job_is_escalated_by_its_age(now_is, days, told):
    now_is(NOW)
    job = submitted(make_case(S.AWAITING_VENDOR), NOW - days * DAY)
    for _ in range(2):
        watch.look()
    keys = StaffNotice.objects.filter(key__startswith="job:").values_list("key", flat=True)
    assert [key.rpartition(":")[2] for key in keys] == told
    escalated = VendorJob.objects.get(pk=job.pk).escalated_at
    assert (escalated is not None) == bool(told)
    assert job.case.log.filter(facts__decision="VENDOR_JOB_OVERDUE").count() == len(told)


@pytest.mark.parametrize("state", ["DONE", "ERROR", "LOST"])
def test_vendor_job_that_ended_is_not_escalated(now_is, state):
    now_is(NOW)
    job = submitted(make_case(S.AWAITING_VENDOR), NOW - 15 * DAY)
    VendorJob.objects.filter(pk=job.pk).update(state=state)
    watch.look()
    assert StaffNotice.objects.count() == 0


def test_hold_that_is_kept_until_a_new_day_is_told_of_on_that_day_again(now_is):
    now_is(NOW)
    hold = make_hold(make_user(Role.LEGAL), "REVIEW_DUE", review_on=NOW.date())
    watch.look()
    type(hold).objects.filter(pk=hold.pk).update(state="ACTIVE", review_on=date(2026, 4, 20))
    watch.look()
    now_is(NOW + 31 * DAY)
    watch.look()
    keys = StaffNotice.objects.filter(key__startswith="hold:").values_list("key", flat=True)
    assert [key.split(":")[2] for key in keys] == ["2026-03-20", "2026-04-20"]
