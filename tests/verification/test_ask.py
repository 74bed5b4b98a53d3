"""The question: the least intrusive way first, and a copy of an ID only by two people's word."""

from datetime import timedelta
from smtplib import SMTPServerDisconnected

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend

from erasure import clock, correspondence
from erasure.cases import move
from erasure.ledger.append import private_half
from erasure.models import Actor, Verification
from erasure.tasks import wake
from erasure.values import CaseState, Role, Step
from erasure.values import VerificationMethod as V
from erasure.verification import (
    approve_copy,
    ask,
    link_of,
    propose_copy,
    record_answer,
    refuse_copy,
    reject,
    upload,
)
from tests.factories import make_user, post_letters
from tests.verification.given import (
    ASKED,
    COPY,
    NOON,
    lacks,
    last_token,
    now,
    picture,
    refused_by,
    states,
)

pytestmark = pytest.mark.django_db


def test_ask_sends_one_link_and_records_doubt_ways_and_time(case, asked, officer):
    link = link_of(asked())
    row = case.verifications.get()
    assert (row.state, row.doubt, row.offered) == ("ASKED", "A shared mailbox.", ASKED["offered"])
    assert (row.asked_at is not None, row.asked_by, row.letter_due) == (True, "email", False)
    assert now(case).state == CaseState.AWAITING_IDENTITY
    (message,) = mail.outbox
    assert (message.to, "ada" in message.subject.lower()) == (["ada@example.org"], False)
    assert "A shared mailbox." in message.body
    assert "Ada" not in message.body
    assert (link.case, link.identifier) == (case, case.identifiers.get(kind="email"))
    assert list(case.preparers.all()) == [officer.user]


def test_ask_names_the_ways_in_the_laws_order_and_none_that_was_not_offered(asked):
    asked(offered=["ID_SHOWN", "CALL_BACK"])
    body = mail.outbox[-1].body
    told = ["Ask us to call you back", "Show us an identity document", "Answer a few questions",
            "send us a copy"]  # fmt: skip
    places = [body.find(way) for way in told]
    assert (0 < places[0] < places[1], places[2:]) == (True, [-1, -1])


def test_ask_goes_out_in_the_language_of_the_request(case, asked):
    case.__class__.objects.filter(pk=case.pk).update(language="de")
    asked()
    assert mail.outbox[-1].body.startswith("Sehr geehrte Damen und Herren")


@pytest.mark.parametrize("role", [r for r in Role if r is not Role.OFFICER])
def test_ask_by_another_role_is_refused_and_sends_nothing(case, role):
    assert refused_by(ask, case.pk, actor=Actor.of(make_user(role)), **ASKED) == "permission"
    post_letters(case)
    assert (states(case), mail.outbox, case.links.count()) == (["OPEN"], [], 0)


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"doubt": " "}, "doubt"),
        ({"offered": []}, "offered"),
        ({"offered": ["PORTAL"]}, "offered"),
        ({"offered": ["TRUST"]}, "offered"),
        ({"offered": ["ID_COPY"]}, "offered"),
        ({"offered": ["LINK_ON_FILE"]}, "to"),
        ({"offered": ["LINK_ON_FILE"], "by": "phone"}, "by"),
        ({"by": "pigeon"}, "by"),
    ],
)
def test_ask_with_something_missing_names_the_field_and_changes_nothing(
    case, officer, changed, field
):
    assert lacks(ask, case.pk, actor=officer, **ASKED | changed) == field
    post_letters(case)
    assert (states(case), now(case).state, mail.outbox) == (["OPEN"], "VALIDATING", [])


def test_ask_without_an_address_goes_by_telephone_and_counts_at_once(case, officer):
    case.identifiers.update(kind="phone")
    assert lacks(ask, case.pk, actor=officer, **ASKED) == "by"
    ask(case.pk, actor=officer, **ASKED, by="phone")
    row = case.verifications.get()
    assert (row.state, row.asked_by, row.asked_at is not None) == ("ASKED", "phone", True)
    assert (mail.outbox, case.links.count()) == ([], 0)


def test_ask_without_a_provider_offers_no_electronic_identity(case, officer, settings):
    settings.ELECTRONIC_ID = ""
    assert lacks(ask, case.pk, actor=officer, **ASKED | {"offered": ["ELECTRONIC_ID"]}) == "offered"


def test_ask_again_after_a_rejection_sends_a_new_link_and_stops_the_old_one(case, officer, asked):
    first = asked()
    record_answer(case.pk, actor=officer)
    reject(case.pk, actor=officer, reason="The answers did not match.")
    second = asked()
    assert (link_of(first), link_of(second).case) == (None, case)
    assert states(case) == ["REJECTED", "ASKED"]


def test_ask_while_a_proof_waits_for_a_decision_is_refused(case, officer, asked_for_copy):
    upload(asked_for_copy(), picture())
    assert refused_by(ask, case.pk, actor=officer, **ASKED) == "state"
    assert (states(case), now(case).state) == (["ANSWERED"], CaseState.VALIDATING)


# -- a link to an address on file --------------------------------------------------------------


def test_link_goes_to_the_address_on_file_that_was_chosen(case, on_file, asked):
    row = on_file()
    asked(offered=["LINK_ON_FILE"], to=row.identifier_id)
    assert mail.outbox[-1].to == ["ada@example.org"]
    assert case.verifications.get().sent_to == row.identifier


@pytest.mark.parametrize(
    "changed",
    [
        {"status": "EMPTY", "created": None, "since": None},
        {"status": "UNANSWERED", "created": None, "since": None},
        {"created": clock.now(), "since": clock.now()},
    ],
    ids=["not on file", "no answer", "newer than the request"],
)
def test_link_to_an_address_that_proves_nothing_is_refused(case, officer, on_file, changed):
    row = on_file(**changed)
    ways = {"offered": ["LINK_ON_FILE"], "to": row.identifier_id}
    assert lacks(ask, case.pk, actor=officer, **ASKED | ways) == "to"


# -- the last resort ---------------------------------------------------------------------------


def test_copy_is_asked_for_once_a_second_person_approved_it(case, officer, second):
    propose_copy(case.pk, actor=officer, **COPY)
    row = case.verifications.get()
    assert (row.state, row.proposed_by, row.approved_by) == ("OPEN", officer.user, None)
    assert (mail.outbox, now(case).state) == ([], CaseState.VALIDATING)
    approve_copy(case.pk, actor=second)
    post_letters(case)
    row = case.verifications.get()
    assert (row.state, row.approved_by, row.offered) == ("ASKED", second.user, [V.ID_COPY])
    assert (row.copy_reason, row.alternatives) == (COPY["reason"], ["CALL_BACK"])
    assert (len(mail.outbox), now(case).state) == (1, CaseState.AWAITING_IDENTITY)
    said = [row.facts.get("decision") or row.facts.get("step") for row in case.log.all()]
    assert said == [None, "ID_COPY_PROPOSED", "ID_COPY_APPROVED", "ask_identity",
                    "LETTER_WRITTEN", "LETTER_SENT"]  # fmt: skip
    assert list(case.preparers.all()) == [officer.user]


def test_copy_is_added_to_a_question_that_is_out_already(case, officer, second, asked):
    first = asked()
    asked_at = case.verifications.get().asked_at
    propose_copy(case.pk, actor=officer, **COPY)
    approve_copy(case.pk, actor=second)
    post_letters(case)
    row = case.verifications.get()
    assert (row.offered, row.asked_at) == ([*ASKED["offered"], V.ID_COPY], asked_at)
    assert (link_of(first), link_of(last_token()).case, len(mail.outbox)) == (None, case, 2)


def test_copy_is_not_approved_by_who_proposed_it(case, officer):
    assert refused_by(approve_copy, case.pk, actor=officer) == "state"
    propose_copy(case.pk, actor=officer, **COPY)
    assert refused_by(approve_copy, case.pk, actor=officer) == "four eyes"
    assert case.verifications.get().approved_by is None


@pytest.mark.parametrize("role", [Role.CLERK, Role.LEGAL, Role.AUDITOR, Role.ADMINISTRATOR])
def test_copy_is_not_approved_by_a_role_that_may_not_see_it(case, officer, role):
    propose_copy(case.pk, actor=officer, **COPY)
    assert refused_by(approve_copy, case.pk, actor=Actor.of(make_user(role))) == "permission"


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"doubt": ""}, "doubt"),
        ({"reason": " "}, "reason"),
        ({"alternatives": []}, "alternatives"),
        ({"alternatives": ["ID_COPY"]}, "alternatives"),
    ],
)
def test_copy_proposed_with_something_missing_names_the_field(case, officer, changed, field):
    assert lacks(propose_copy, case.pk, actor=officer, **COPY | changed) == field
    assert case.verifications.get().proposed_by is None


def test_copy_is_not_proposed_before_a_link_to_an_address_on_file_was_tried(case, officer, on_file):
    on_file()
    assert lacks(propose_copy, case.pk, actor=officer, **COPY) == "alternatives"
    propose_copy(case.pk, actor=officer, **COPY | {"alternatives": ["LINK_ON_FILE"]})


def test_copy_refused_by_the_second_person_can_be_proposed_anew(case, officer, second):
    propose_copy(case.pk, actor=officer, **COPY)
    assert lacks(refuse_copy, case.pk, actor=second, reason=" ") == "reason"
    refuse_copy(case.pk, actor=second, reason="Call back once more.")
    assert private_half(case.log.latest("number"))["reason"] == "Call back once more."
    assert refused_by(approve_copy, case.pk, actor=second) == "state"
    propose_copy(case.pk, actor=officer, **COPY)


@pytest.mark.parametrize("state", [s for s in CaseState if "IDENTITY" not in s])
def test_copy_is_proposed_only_while_identity_is_in_question(case, officer, state):
    case.__class__.objects.filter(pk=case.pk).update(state=state)
    if state == CaseState.VALIDATING:
        propose_copy(case.pk, actor=officer, **COPY)
    else:
        assert refused_by(propose_copy, case.pk, actor=officer, **COPY) == "state"


# -- sending -----------------------------------------------------------------------------------


class Cut(EmailBackend):
    def send_messages(self, messages):
        raise SMTPServerDisconnected("421 ada@example.org")


def test_question_that_could_not_be_mailed_counts_from_when_it_left(
    case, officer, settings, at, caplog
):
    at(NOON)
    usual, settings.EMAIL_BACKEND = settings.EMAIL_BACKEND, f"{__name__}.Cut"
    ask(case.pk, actor=officer, **ASKED)
    post_letters(case)
    assert (now(case).state, case.verifications.get().asked_at) == ("AWAITING_IDENTITY", None)
    assert "ada@" not in caplog.text
    settings.EMAIL_BACKEND = usual
    at(NOON + timedelta(minutes=3))
    wake(str(case.pk))
    for letter_id in correspondence.due():
        correspondence.deliver(letter_id)
    assert (len(mail.outbox), case.letters.count()) == (1, 1)
    assert case.verifications.get().asked_at == NOON + timedelta(minutes=3)


def test_question_of_a_case_that_was_closed_meanwhile_is_not_sent(case, officer):
    ask(case.pk, actor=officer, **ASKED)
    move(case.pk, Step.CLOSE, actor=officer, close_reason="WITHDRAWN")
    post_letters(case)
    assert (mail.outbox, case.letters.count()) == ([], 0)


@pytest.mark.parametrize(
    ("step", "possible"),
    [
        ("ask", {"OPEN", "ASKED"}),
        ("answer", {"OPEN", "ASKED"}),
        ("confirm", {"OPEN", "ASKED", "ANSWERED"}),
        ("reject", {"OPEN", "ASKED", "ANSWERED"}),
        ("expire", {"OPEN", "ASKED"}),
    ],
)
def test_verification_takes_a_step_from_these_states_alone(case, step, possible):
    found = set()
    for state in ("OPEN", "ASKED", "ANSWERED", "CONFIRMED", "REJECTED", "EXPIRED"):
        Verification.objects.update(state=state)
        transition = getattr(Verification.objects.get(), step)
        if transition._django_fsm.has_transition(state):
            found.add(state)
    assert found == possible
