"""Intake: one request, one case, its dates, and the link that confirms it."""

import re
import time
from datetime import UTC, datetime, timedelta

import pytest
from django.core import mail

from erasure import clock, intake
from erasure.deadlines import Deadlines
from erasure.discovery import discover
from erasure.errors import InputError, StepError
from erasure.intake import (
    WebRequest,
    confirm_request,
    likely_duplicates,
    open_case,
    request_by_web,
    start,
)
from erasure.ledger.append import private_half
from erasure.models import (
    PERSON,
    SYSTEM,
    Actor,
    ErasureCase,
    OneTimeLink,
    OutboxEntry,
    StoreSearch,
    Subject,
    Verification,
)
from erasure.values import CaseState, Identifier, IdentifierKind, Role
from tests.deadlines.test_dates import DE, VECTORS, day
from tests.factories import make_case, make_connection, make_user

pytestmark = pytest.mark.django_db

EMAIL = Identifier(IdentifierKind.EMAIL, "ada.beispiel@example.org")
PHONE = Identifier(IdentifierKind.PHONE, "+441632960001")
NAME = Identifier(IdentifierKind.NAME, "Ada Beispiel")
NOON = datetime(2029, 6, 1, 10, tzinfo=UTC)


@pytest.fixture
def at(monkeypatch):
    """Set the clock."""

    def set_to(moment):
        monkeypatch.setattr(time, "time", lambda: moment.timestamp())

    return set_to


def opened(**given):
    standard = {
        "channel": "letter",
        "name": " Ada Beispiel ",
        "identifiers": [EMAIL, PHONE],
        "received_at": clock.now() - timedelta(days=1),
        "actor": SYSTEM,
    }
    return open_case(**{**standard, **given})


def by_web(**given):
    standard = {
        "number": "n",
        "name": "Ada Beispiel",
        "identifiers": (PHONE, EMAIL),
        "language": "en",
        "text": "Please forget me.",
    }
    return request_by_web(WebRequest(**{**standard, **given}))


def token_of(message):
    return re.search(r"/request/confirm/([\w-]+)/", message.body)[1]


# -- a case ----------------------------------------------------------------------------------


def test_open_case_keeps_the_request_the_person_and_each_identifier_once():
    case = opened(identifiers=[EMAIL, PHONE, EMAIL, NAME], text="Please forget me.", language="de")
    again = ErasureCase.objects.get(pk=case.pk)
    assert (again.state, again.request, again.language) == ("RECEIVED", "Please forget me.", "de")
    assert Subject.objects.get(case=case).name == "Ada Beispiel"
    rows = [(row.number, row.as_value()) for row in again.identifiers.all()]
    assert rows == [(0, EMAIL), (1, PHONE), (2, NAME)]
    assert {row.state for row in again.identifiers.all()} == {"CONFIRMED"}
    assert Verification.objects.get(case=case).state == "OPEN"


def test_open_case_logs_reference_channel_and_actor_in_the_private_half_alone():
    clerk = Actor.of(make_user(Role.CLERK))
    case = opened(actor=clerk)
    row = case.log.get()
    said = {"case": case.reference, "channel": "letter", "actor": clerk.key}
    assert (row.type, row.scope, row.facts, private_half(row)) == ("opened", "c/0", {}, said)
    assert list(case.preparers.all()) == [clerk.user]


@pytest.mark.parametrize(
    ("received", "due"),
    [
        pytest.param(day(row[2]), Deadlines(*map(day, row[3:])), id=row[0])
        for row in VECTORS
        if row[1] == DE
    ],
)
def test_open_case_has_the_dates_of_the_establishment(at, received, due):
    at(NOON)
    case = opened(received_at=datetime(received.year, received.month, received.day, 9, tzinfo=UTC))
    assert (case.statutory_base, case.statutory_due, case.internal_target) == (
        due.statutory_base, due.statutory_due, due.internal_target,
    )  # fmt: skip
    assert case.logged_at == NOON


def test_open_case_counts_from_the_local_date_of_receipt(at):
    """23:30 in Berlin on 31 January is still January; 22:30 UTC later that day is February."""
    at(NOON)
    january = opened(received_at=datetime(2027, 1, 31, 22, 30, tzinfo=UTC))
    february = opened(received_at=datetime(2027, 1, 31, 23, 30, tzinfo=UTC))
    bases = [case.statutory_base.isoformat() for case in (january, february)]
    assert bases == ["2027-02-28", "2027-03-01"]


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"identifiers": []}, "identifiers"),
        ({"identifiers": [NAME]}, "identifiers"),
        (
            {"identifiers": [Identifier(IdentifierKind.EMAIL, f"a{n}@example.org")
                             for n in range(31)]},
            "identifiers",
        ),
        ({"received_at": NOON.replace(tzinfo=None)}, "received_at"),
        ({"received_at": NOON + timedelta(seconds=1)}, "received_at"),
    ],
)  # fmt: skip
def test_open_case_with_wrong_input_names_the_field_and_writes_nothing(at, given, field):
    at(NOON)
    with pytest.raises(InputError) as refused:
        opened(**given)
    assert (refused.value.field, ErasureCase.objects.count()) == (field, 0)
    assert OutboxEntry.objects.count() == 0


def test_open_case_received_this_very_moment_is_accepted(at):
    at(NOON)
    assert opened(received_at=NOON).received_at == NOON


@pytest.mark.parametrize("role", [Role.CLERK, Role.OFFICER])
def test_open_case_by_clerk_or_officer_is_taken(role):
    opened(actor=Actor.of(make_user(role)))
    assert ErasureCase.objects.count() == 1


@pytest.mark.parametrize("role", [Role.DPO, Role.LEGAL, Role.AUDITOR, Role.ADMINISTRATOR])
def test_open_case_by_another_role_is_refused(role):
    with pytest.raises(StepError) as refused:
        opened(actor=Actor.of(make_user(role)))
    assert (refused.value.refused_by, ErasureCase.objects.count()) == ("permission", 0)


def test_likely_duplicates_are_open_cases_that_share_an_identifier():
    first = opened()
    opened(identifiers=[Identifier(IdentifierKind.EMAIL, "bob@example.org")])
    closed = opened(identifiers=[EMAIL])
    ErasureCase.objects.filter(pk=closed.pk).update(state=CaseState.CLOSED)
    second = opened(identifiers=[PHONE])
    assert (likely_duplicates(second), likely_duplicates(first)) == ([first], [second])


# -- a request by the public form ------------------------------------------------------------


def test_request_by_web_sends_one_mail_to_the_address_given():
    case = by_web()
    (message,) = mail.outbox
    assert message.to == ["ada.beispiel@example.org"]
    assert message.subject == f"Please confirm your request {case.reference}"
    assert (case.channel, case.state, private_half(case.log.get())["actor"]) == (
        "web", "RECEIVED", "person",
    )  # fmt: skip


def test_request_by_web_names_nothing_personal_in_its_mail_but_the_recipient():
    by_web()
    (message,) = mail.outbox
    text = message.subject + message.body
    personal = ("ada", "beispiel", "632960001", "forget me")
    assert [word for word in personal if word in text.lower()] == []


def test_request_by_web_keeps_no_token():
    by_web()
    token = token_of(mail.outbox[0])
    assert token not in str(list(OneTimeLink.objects.values()))


def test_request_by_web_without_an_address_is_refused_and_sends_nothing():
    with pytest.raises(InputError) as refused:
        by_web(identifiers=(PHONE,))
    assert (refused.value.field, mail.outbox, ErasureCase.objects.count()) == ("emails", [], 0)


def test_request_by_web_waits_until_the_person_confirms():
    case = by_web()
    start(case.pk)
    assert ErasureCase.objects.get(pk=case.pk).state == CaseState.RECEIVED


def test_confirm_request_starts_the_assessment_once():
    case = by_web()
    token = token_of(mail.outbox[0])
    confirmed = confirm_request(token)
    assert (confirmed.pk, confirmed.state) == (case.pk, CaseState.VALIDATING)
    assert confirmed.requester_confirmed_at is not None
    rows = [(row.type, row.facts) for row in case.log.order_by("number")]
    step = {"step": "start_validation", "from": "RECEIVED", "to": "VALIDATING"}
    assert rows == [("opened", {}), ("identity", {}), ("step", step)]
    assert confirm_request(token) is None
    assert case.log.count() == 3


@pytest.mark.parametrize("token", ["", "unknown", "x" * 43])
def test_confirm_request_with_an_unknown_token_changes_nothing(token):
    case = by_web()
    assert confirm_request(token) is None
    assert ErasureCase.objects.get(pk=case.pk).state == CaseState.RECEIVED


def test_confirm_request_works_until_the_end_of_its_seven_days(at):
    at(NOON)
    case = by_web()
    token = token_of(mail.outbox[0])
    at(NOON + timedelta(days=intake.CONFIRM_DAYS))
    assert confirm_request(token) is None
    at(NOON + timedelta(days=intake.CONFIRM_DAYS, seconds=-1))
    assert confirm_request(token).pk == case.pk


def test_confirm_request_with_a_link_for_another_purpose_changes_nothing():
    case = by_web()
    token = OneTimeLink.make(case, OneTimeLink.UPLOAD, days=7)
    assert confirm_request(token) is None


def test_one_time_link_made_again_stops_the_earlier_one():
    case = make_case()
    first, second = (OneTimeLink.make(case, OneTimeLink.CONFIRM, days=7) for _ in range(2))
    usable = OneTimeLink.objects.usable
    assert usable(OneTimeLink.CONFIRM, first) is None
    assert usable(OneTimeLink.CONFIRM, second).case == case


def test_confirm_request_of_a_case_closed_meanwhile_does_not_move_it():
    case = by_web()
    ErasureCase.objects.filter(pk=case.pk).update(state=CaseState.CLOSED)
    assert confirm_request(token_of(mail.outbox[0])).state == CaseState.CLOSED


def test_nothing_is_searched_before_the_identity_is_confirmed():
    """example.org answers no call: a search would leave its rows at least."""
    make_connection()
    case = by_web()
    confirm_request(token_of(mail.outbox[0]))
    for state in (CaseState.RECEIVED, CaseState.VALIDATING, CaseState.AWAITING_IDENTITY):
        ErasureCase.objects.filter(pk=case.pk).update(state=state)
        assert discover(case.pk) is False
    assert StoreSearch.objects.count() == 0


def test_start_of_any_other_channel_needs_no_confirmation():
    case = opened(actor=PERSON)
    start(case.pk)
    start(case.pk)
    assert ErasureCase.objects.get(pk=case.pk).state == CaseState.VALIDATING
    assert case.log.count() == 2
