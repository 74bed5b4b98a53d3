"""A clock moved forward by 90 days brings about exactly what is expected, once each."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.core import mail

from erasure import clock, tasks, watch
from erasure.cases import extend, locked
from erasure.models import Actor, ErasureCase, Heartbeat, Hold, StaffNotice, VendorJob, Verification
from erasure.values import CaseState, HoldState, Role
from tests.factories import (
    make_case,
    make_connection,
    make_hold,
    make_item,
    make_user,
    post_letters,
)
from tests.moment import now_is
from tests.test_tasks import rung

__all__ = ["now_is", "rung"]
pytestmark = pytest.mark.django_db
S = CaseState
START = datetime(2026, 3, 2, 9, tzinfo=UTC)  # a Monday
DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
WARNED = {14: "03-19", 7: "03-26", 3: "03-30", 1: "04-01", 0: "04-02", -1: "04-03"}


class Office:
    """Cases, a vendor's job and holds of the first day, and the staff who are told."""

    def __init__(self):
        self.staff = {role: self._mailed(role) for role in (Role.DPO, Role.LEGAL, Role.OFFICER)}
        self.silent = make_case(S.VALIDATING, received_at=START - timedelta(hours=1))
        self.longer = make_case(S.VALIDATING, received_at=START - timedelta(hours=1))
        self.asked = make_case(S.AWAITING_IDENTITY, received_at=START - timedelta(hours=1))
        Verification.objects.filter(case=self.asked).update(
            state="ASKED", asked_by="email", asked_at=START, doubt="Another address wrote.",
            offered=["KNOWLEDGE"], sent_to=self.asked.identifiers.get(kind="email"),
        )  # fmt: skip
        self.erasing = make_case(
            S.AWAITING_VENDOR, received_at=START - timedelta(hours=1), approved_at=START,
            answered_at=START,
        )  # fmt: skip
        connection = make_connection()
        make_item(self.erasing, connection, state="REQUESTED")
        self.job = VendorJob(
            case=self.erasing, connection=connection, kind="gdpr_delete", remote_index="j",
            submitted_at=START, next_poll=START,
        )  # fmt: skip
        self.job.remote_id = "r-1"
        self.job.save()
        legal = self.staff[Role.LEGAL]
        self.reviewed = make_hold(legal, review_on=date(2026, 4, 10))
        self.expiring = make_hold(legal, review_on=None, expires_on=date(2026, 5, 1))

    @staticmethod
    def _mailed(role):
        user = make_user(role)
        user.email = f"{user.username}@example.org"
        user.save()
        return user

    def extend(self):
        with locked(self.longer.pk) as case:
            officer = Actor.of(self.staff[Role.OFFICER])
            extend(case, told_at=START + 18 * DAY, reason="Eleven systems.", actor=officer)

    def expected(self):
        """Day and key of everything that is told in 90 days."""
        found = {(day, f"answer:{self.silent.pk}:2026-04-02:{n}") for n, day in WARNED.items()}
        found |= {(day, f"answer:{self.asked.pk}:2026-04-02:{n}")
                  for n, day in WARNED.items() if n >= 0}  # fmt: skip
        # the one that is extended on 20 March was warned of before, and has a new date since
        found |= {(WARNED[14], f"answer:{self.longer.pk}:2026-04-02:14")}
        found |= {(day, f"refusal:{self.longer.pk}:2026-04-02:{n}")
                  for n, day in WARNED.items() if n != 14}  # fmt: skip
        found |= {("03-20", f"refusal:{self.longer.pk}:2026-04-02:14")}
        found |= {(day, f"answer:{self.longer.pk}:2026-06-02:{n}")
                  for n, day in ((14, "05-19"), (7, "05-26"), (3, "05-30"))}  # fmt: skip
        found |= {("03-05", f"proof:{self.erasing.pk}:20260302T090000")}
        found |= {("03-09", f"job:{self.job.pk}:7"), ("03-16", f"job:{self.job.pk}:14")}
        found |= {("04-10", f"hold:{self.reviewed.pk}:2026-04-10:due"),
                  ("04-24", f"hold:{self.reviewed.pk}:2026-04-10:late"),
                  ("05-01", f"hold:{self.expiring.pk}:2026-05-01:due"),
                  ("05-15", f"hold:{self.expiring.pk}:2026-05-01:late")}  # fmt: skip
        digest = self.staff[Role.OFFICER].pk
        days = [(START + n * DAY).date() for n in range(7, 91)]  # a vendor's job is late from then
        return found | {(f"{day:%m-%d}", f"digest:{digest}:{day}") for day in days}


@pytest.fixture
def office(now_is):
    now_is(START)
    return Office()


def live(office, now_is, days, rung, *, down=()):
    """A look a day, and another one wherever something was told; ``down``: no beat that day."""
    for n in range(days):
        if n in down:
            continue
        now_is(START + n * DAY)
        if n == 18:
            office.extend()
        if n - 1 not in down:
            Heartbeat.objects.update(at=clock.now() - MINUTE)  # it beat all the while
        watch.pulse()
        before = StaffNotice.objects.count()
        tasks.look()
        if StaffNotice.objects.count() != before:
            tasks.look()
        for case_id in [key for name, key in rung if name == "erasure.tasks.silence"]:
            tasks.silence(case_id)
        post_letters(office.asked)
        rung.clear()


def told():
    return {(f"{row.created_at:%m-%d}", row.key) for row in StaffNotice.objects.all()}


def test_ninety_days_tell_exactly_what_is_expected_once_each_and_move_nothing(office, now_is, rung):
    live(office, now_is, 91, rung)
    assert told() == office.expected()
    assert StaffNotice.objects.filter(mailed_at__isnull=True).count() == 0
    to_staff = [each for each in mail.outbox if each.to[0].startswith("staff")]
    assert len(to_staff) == StaffNotice.objects.count()
    assert {case.pk: case.state for case in ErasureCase.objects.all()} == {
        office.silent.pk: S.VALIDATING, office.longer.pk: S.VALIDATING,
        office.erasing.pk: S.AWAITING_VENDOR, office.asked.pk: S.CLOSED,
    }  # fmt: skip
    assert set(Hold.objects.values_list("state", flat=True)) == {HoldState.REVIEW_DUE}
    escalated = office.erasing.log.filter(facts__decision="VENDOR_JOB_OVERDUE").order_by("at")
    assert [f"{row.at:%m-%d}" for row in escalated] == ["03-09", "03-16"]
    _reminded_and_closed(office)
    _names_nobody(office, to_staff)


def _reminded_and_closed(office):
    """One reminder after 14 days, the end after a month."""
    address = office.asked.identifiers.get(kind="email").value
    assert len([each for each in mail.outbox if each.to == [address]]) == 1
    assert f"{office.asked.verifications.get().reminded_at:%m-%d}" == "03-16"
    closed = ErasureCase.objects.get(pk=office.asked.pk)
    assert (closed.close_reason, f"{closed.closed_at:%m-%d}") == ("UNIDENTIFIED", "04-02")


def _names_nobody(office, sent):
    values = ["Ada", "Beispiel", *(
        row.value for case in (office.silent, office.longer, office.erasing, office.asked)
        for row in case.identifiers.all()
    )]  # fmt: skip
    said = [each.subject + each.body for each in sent]
    assert [value for value in values for text in said if value in text] == []
    assert sum(office.silent.reference in text for text in said) > 5


def test_a_week_without_beat_tells_the_latest_of_each_and_that_it_was_down(office, now_is, rung):
    """Down from 24 to 30 March: the warnings of 7 and 3 days fall into it."""
    down = range(22, 29)
    live(office, now_is, 40, rung, down=down)
    lost = {f"{(START + n * DAY).date():%m-%d}" for n in down}
    last, back = f"{(START + 39 * DAY).date():%m-%d}", "03-31"
    expected = {row for row in office.expected() if row[0] not in lost and row[0] <= last}
    expected |= {
        (back, f"answer:{office.silent.pk}:2026-04-02:3"),
        (back, f"answer:{office.asked.pk}:2026-04-02:3"),
        (back, f"refusal:{office.longer.pk}:2026-04-02:3"),
        (back, "silence:20260323T090000"),
    }
    assert told() == expected
    silence = StaffNotice.objects.get(key="silence:20260323T090000")
    assert silence.subject == "The schedule stood still for 192 hours"
