"""One reminder after 14 days, the end after a month: never before somebody could answer."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core import mail

from erasure import clock
from erasure.models import ErasureCase
from erasure.values import CaseState
from erasure.verification import (
    ask,
    close_unidentified,
    due_closings,
    due_reminders,
    link_of,
    record_answer,
    remind,
)
from tests.factories import post_letters
from tests.verification.given import ASKED, last_token, now, states

pytestmark = pytest.mark.django_db
FIRST = datetime(2027, 3, 1, 10, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def silent(case, asked, at):
    """Asked on the first of March; nobody answers."""
    at(FIRST)
    ErasureCase.objects.filter(pk=case.pk).update(received_at=FIRST - DAY)
    asked()
    return case


def test_reminder_is_due_after_fourteen_days_and_goes_out_once(silent, at):
    first = last_token()
    at(FIRST + 14 * DAY - timedelta(seconds=1))
    assert (due_reminders(clock.now()), remind(silent.pk)) == ([], False)
    at(FIRST + 14 * DAY)
    assert due_reminders(clock.now()) == [silent.pk]
    assert (remind(silent.pk), remind(silent.pk)) == (True, False)
    post_letters(silent)
    assert (len(mail.outbox), due_reminders(clock.now())) == (2, [])
    assert "ask you once more" in mail.outbox[-1].body
    row = silent.verifications.get()
    assert (row.asked_at, row.reminded_at) == (FIRST, FIRST + 14 * DAY)
    assert (link_of(first), link_of(last_token()).case) == (None, silent)


def test_case_is_closed_a_month_after_the_question_as_unidentified(silent, at):
    at(FIRST + 14 * DAY)
    remind(silent.pk)
    post_letters(silent)
    at(datetime(2027, 4, 1, 9, 59, tzinfo=UTC))
    assert (due_closings(clock.now()), close_unidentified(silent.pk)) == ([], None)
    at(datetime(2027, 4, 1, 10, 0, tzinfo=UTC))
    assert due_closings(clock.now()) == [silent.pk]
    closed = close_unidentified(silent.pk)
    assert (closed.state, closed.close_reason) == (CaseState.CLOSED, "UNIDENTIFIED")
    assert states(silent) == ["EXPIRED"]
    assert close_unidentified(silent.pk) is None


def test_case_is_not_closed_before_a_reminder_was_out_for_fourteen_days(silent, at):
    at(FIRST + 60 * DAY)
    assert close_unidentified(silent.pk) is None
    remind(silent.pk)
    post_letters(silent)
    at(FIRST + 74 * DAY - timedelta(seconds=1))
    assert close_unidentified(silent.pk) is None
    at(FIRST + 74 * DAY)
    assert close_unidentified(silent.pk).state == CaseState.CLOSED


def test_case_that_was_answered_is_neither_reminded_nor_closed(silent, officer, at):
    record_answer(silent.pk, actor=officer)
    at(FIRST + 60 * DAY)
    assert (due_reminders(clock.now()), due_closings(clock.now())) == ([], [])
    assert (remind(silent.pk), close_unidentified(silent.pk)) == (False, None)


def test_question_asked_by_telephone_is_left_to_an_officer(case, officer, at):
    at(FIRST)
    ErasureCase.objects.filter(pk=case.pk).update(received_at=FIRST - DAY)
    ask(case.pk, actor=officer, **ASKED, by="phone")
    at(FIRST + 60 * DAY)
    assert (remind(case.pk), close_unidentified(case.pk)) == (False, None)
    assert now(case).state == CaseState.AWAITING_IDENTITY
