"""The dates on a case page: why these, what would change them, and the corrected receipt."""

from datetime import UTC, datetime

import pytest

from erasure.cases import extend, locked, recompute
from erasure.models import SYSTEM, ErasureCase, Verification
from erasure.values import CaseState, Role
from tests.admin.conftest import SignIn
from tests.admin.page import Page
from tests.admin.urls import case_page
from tests.factories import make_case
from tests.moment import now_is

__all__ = ["now_is"]
S = CaseState
RECEIVED = datetime(2026, 3, 5, 9, tzinfo=UTC)


def on(month: int, day: int) -> datetime:
    return datetime(2026, month, day, 9, tzinfo=UTC)


@pytest.fixture
def case(db, now_is) -> ErasureCase:
    now_is(on(3, 6))
    return make_case(S.VALIDATING, received_at=RECEIVED)


def told(sign_in: SignIn, case: ErasureCase, role: Role = Role.OFFICER):
    """Why each date, and what would change them."""
    context = sign_in(role).get(case_page(case)).context
    return dict(context["date_reasons"]), context["date_changes"]


def asked(case: ErasureCase, state: str, asked_at: datetime, answered_at=None) -> None:
    Verification.objects.filter(case=case).update(
        state=state, doubt="Another address wrote.", asked_at=asked_at, answered_at=answered_at
    )


def test_reasons_of_a_plain_case_say_how_each_date_was_counted(sign_in, case):
    reasons, changes = told(sign_in, case)
    assert reasons == {
        "Received": "Thu 5 Mar 2026, the local date in Europe/Berlin. That day is not counted.",
        "Our target": "30 days from receipt; Sat 4 Apr 2026 is no working day, so the one before.",
        "One month": "Counted from receipt on Thu 5 Mar 2026 (Art. 12(3) GDPR).",
        "Answer due": "Sun 5 Apr 2026 is no working day, so the next one counts.",
    }
    assert changes == [
        "In reasonable doubt: a question of identity, sent by Thu 12 Mar 2026, stops the clock "
        "until it is answered.",
        "If the case is complex: an extension, told to the person with its reasons by "
        "Tue 7 Apr 2026, makes the answer due on Fri 5 Jun 2026.",
    ]


def test_reasons_after_suspension_and_extension_name_both(sign_in, case, now_is):
    now_is(on(3, 30))
    asked(case, "CONFIRMED", on(3, 6), on(3, 20))
    with locked(case.pk) as mine:
        recompute(mine)
        extend(mine, told_at=on(3, 30), reason="Complex.", actor=SYSTEM)
    reasons, changes = told(sign_in, case)
    assert reasons["Three months"] == "Counted from receipt on Thu 5 Mar 2026 (Art. 12(3) GDPR)."
    assert reasons["Our target"] == "Three months from receipt."
    assert reasons["Answer due"] == (
        "Extended: the person was told on Mon 30 Mar 2026, in time. 14 days later by the identity "
        "question. A working day: nothing is moved."
    )
    assert changes == [
        "The extension covers no refusal: one, also in part, is due by Mon 20 Apr 2026."
    ]


@pytest.mark.parametrize(
    ("asked_at", "said"),
    [
        (on(3, 6), "The identity question of Fri 6 Mar 2026: a sufficient answer moves what is "
                   "due by the days it took; our target stays."),
        (on(3, 13), "The identity question of Fri 13 Mar 2026 was sent too late to stop the "
                    "clock."),
    ],
)  # fmt: skip
def test_changes_with_an_open_question_say_whether_it_counts(sign_in, case, now_is, asked_at, said):
    now_is(on(3, 14))
    asked(case, "ASKED", asked_at)
    assert told(sign_in, case)[1][0] == said


def test_changes_after_month_one_say_that_no_extension_is_possible(sign_in, case, now_is):
    now_is(on(4, 8))
    assert told(sign_in, case)[1] == [
        "An extension is not possible any more: it had to be told by Tue 7 Apr 2026."
    ]


def test_changes_of_an_answered_case_are_none(sign_in, case):
    ErasureCase.objects.filter(pk=case.pk).update(answered_at=on(3, 6))
    assert told(sign_in, case)[1] == []


def test_case_in_california_shows_its_own_periods(sign_in, settings, now_is, db):
    settings.COUNTRY, settings.TIME_ZONE = "US", "America/Los_Angeles"
    now_is(on(3, 6))
    case = make_case(S.VALIDATING, received_at=RECEIVED)
    reasons, changes = told(sign_in, case)
    assert reasons["45 days"] == "Counted from receipt on Thu 5 Mar 2026 (11 CCR 7021)."
    assert reasons["Acknowledge by"] == "Thu 19 Mar 2026: 10 working days."
    assert reasons["Answer due"] == "Weekends and holidays move nothing here."
    assert [each[:27] for each in changes] == ["If the case is complex: an "]


@pytest.mark.parametrize(
    ("now", "said"),
    [
        (datetime(2026, 3, 12, 8, 59, tzinfo=UTC), "in 24 hours"),
        (datetime(2026, 3, 13, 8, 30, tzinfo=UTC), "in less than an hour"),
        (on(3, 14), "passed"),
    ],
)
def test_case_in_execution_shows_the_second_clock(sign_in, case, now_is, now, said):
    now_is(now)
    ErasureCase.objects.filter(pk=case.pk).update(state=S.EXECUTING, approved_at=on(3, 10))
    shown = sign_in(Role.DPO).get(case_page(case)).context["proof"]
    assert (shown.until, shown.said) == (on(3, 13), said)


def receipt_page(case: ErasureCase) -> str:
    return case_page(case).replace("change/", "receipt/")


def test_receipt_is_corrected_by_an_officer_with_a_reason(sign_in, case):
    officer = sign_in(Role.OFFICER)
    assert receipt_page(case) in Page(officer.get(case_page(case))).links
    given = {"received_at": "2026-03-02T10:00", "reason": "Postmark on the envelope."}
    answer = officer.post(receipt_page(case), given)
    assert answer.status_code == 302
    assert ErasureCase.objects.get(pk=case.pk).received_at == on(3, 2)


def test_receipt_in_the_future_is_refused_and_the_input_kept(sign_in, case):
    given = {"received_at": "2026-03-09T10:00", "reason": "Postmark on the envelope."}
    page = Page(sign_in(Role.DPO).post(receipt_page(case), given))
    assert "This lies in the future." in page.said()
    assert "Postmark on the envelope." in page.said()
    assert ErasureCase.objects.get(pk=case.pk).received_at == RECEIVED


@pytest.mark.parametrize("role", [Role.CLERK, Role.LEGAL, Role.AUDITOR])
def test_receipt_cannot_be_corrected_by_others(sign_in, case, role):
    someone = sign_in(role)
    assert someone.get(receipt_page(case)).status_code == 403
    assert receipt_page(case) not in Page(someone.get(case_page(case))).links
