"""The outbox: to whom a letter goes, what proves that it left, and what happens if it does not."""

from datetime import timedelta
from smtplib import SMTPDataError, SMTPRecipientsRefused, SMTPServerDisconnected

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend

from erasure import clock
from erasure.correspondence import (
    Wanted,
    came_back,
    deliver,
    due,
    post_instead,
    posted,
    send,
    take_back,
    tell_closed,
    try_again,
    write_due,
)
from erasure.correspondence.deliver import WAITS
from erasure.errors import InputError, StepError
from erasure.models import (
    SYSTEM,
    Actor,
    ErasureCase,
    IdentityEvidence,
    Letter,
    Mailing,
    StaffNotice,
)
from erasure.values import CaseState, ItemState, LetterKind, Role, StoreStatus
from tests.factories import (
    confirm_person,
    make_case,
    make_connection,
    make_hold,
    make_item,
    make_search,
    make_user,
)
from tests.moment import now_is  # noqa: F401
from tests.post import post

pytestmark = pytest.mark.django_db

K = LetterKind
COMPLETE = Wanted(K.COMPLETE)
EMAIL = "ada@example.org"
LATER = timedelta(minutes=1)
replies: list[Exception] = []


class Server(EmailBackend):
    """A mail server that answers as the test wants, then takes mail."""

    def send_messages(self, messages):
        if replies:
            raise replies.pop(0)
        return super().send_messages(messages)


@pytest.fixture(autouse=True)
def _server(settings):
    replies.clear()
    settings.EMAIL_BACKEND = f"{__name__}.Server"


@pytest.fixture
def officer():
    return Actor.of(make_user(Role.OFFICER))


@pytest.fixture
def case():
    """Everything has ended, and the person answered the link in the mailbox given."""
    case, here = make_case(CaseState.EXECUTING, email=EMAIL), make_connection("genesys-eu")
    confirm_person(case)
    case.identifiers.update(proven_at=clock.now())
    make_search(case, here)
    for _ in range(2):
        make_item(
            case, here, state=ItemState.ERASED, verdict="VERIFIED_ABSENT", ended_at=clock.now()
        )
    return case


def now(case):
    return ErasureCase.objects.get(pk=case.pk)


def fresh(letter):
    return Letter.objects.select_related("case").get(pk=letter.pk)


def refused_by(call, *args, **given):
    with pytest.raises(StepError) as refused:
        call(*args, **given)
    return refused.value.refused_by


def decisions(case):
    rows = case.log.filter(type="decision").order_by("number")
    return [row.facts["decision"] for row in rows]


# -- a letter that goes out --------------------------------------------------------------------


def test_letter_the_server_takes_is_dispatched_and_answers_the_case(case, officer):
    letter = send(case.pk, COMPLETE, actor=officer)
    assert (letter.state, now(case).answered_at, mail.outbox) == ("WAITING", None, [])
    deliver(letter.pk)
    letter, mailing = fresh(letter), Mailing.objects.get()
    assert (letter.state, letter.version, letter.language) == ("SENT", "1", "en")
    assert letter.dispatched_at == mailing.accepted_at == now(case).answered_at
    assert letter.proof == f"Message-ID {mailing.message_id}, accepted by the mail server"
    assert decisions(case) == ["LETTER_WRITTEN", "LETTER_SENT"]


def test_letter_in_the_mail_is_the_one_kept_with_its_file_and_names_nobody_in_its_head(
    case, officer
):
    letter = send(case.pk, COMPLETE, actor=officer)
    deliver(letter.pk)
    (message,) = mail.outbox
    assert (message.to, message.cc, message.bcc) == ([EMAIL], [], [])
    assert (message.subject, message.body) == (f"Your request {case.reference}", letter.text)
    assert message.attachments == [
        (f"{case.reference}.pdf", fresh(letter).opened_pdf(), "application/pdf")
    ]
    assert message.extra_headers["Message-ID"] == Mailing.objects.get().message_id
    head = "\n".join(f"{k}: {v}" for k, v in message.message().items())
    assert "Ada" not in head
    assert "Dear Ada Beispiel," in message.body


def test_letter_that_was_delivered_is_not_mailed_twice(case, officer):
    letter = send(case.pk, COMPLETE, actor=officer)
    deliver(letter.pk)
    deliver(letter.pk)
    assert (len(mail.outbox), due()) == (1, [])


def test_letter_of_the_request_is_in_its_language(case, officer):
    ErasureCase.objects.filter(pk=case.pk).update(language="de")
    letter = send(case.pk, COMPLETE, actor=officer)
    deliver(letter.pk)
    assert mail.outbox[0].subject == f"Ihr Antrag {case.reference}"
    assert "Guten Tag Ada Beispiel," in mail.outbox[0].body


def test_letter_in_a_language_without_letters_is_in_that_of_the_service(case, officer, settings):
    settings.SERVICE_LANGUAGE = "nl"
    ErasureCase.objects.filter(pk=case.pk).update(language="ar")
    assert send(case.pk, COMPLETE, actor=officer).language == "nl"


def test_second_letter_of_a_kind_while_one_is_under_way_is_refused(case, officer):
    send(case.pk, COMPLETE, actor=officer)
    assert refused_by(send, case.pk, COMPLETE, actor=officer) == "state"


@pytest.mark.parametrize("role", [Role.CLERK, Role.LEGAL, Role.AUDITOR, Role.ADMINISTRATOR])
def test_letter_by_another_role_is_refused(case, role):
    assert refused_by(send, case.pk, COMPLETE, actor=Actor.of(make_user(role))) == "permission"


# -- to whom -----------------------------------------------------------------------------------


def test_letter_to_an_address_nobody_proved_is_refused(case, officer):
    case.identifiers.update(proven_at=None)
    assert refused_by(send, case.pk, COMPLETE, actor=officer) == "condition"
    assert Letter.objects.count() == 0


def test_letter_to_a_proven_address_of_an_unidentified_person_is_refused(case, officer):
    case.verifications.update(state="REJECTED")
    assert refused_by(send, case.pk, COMPLETE, actor=officer) == "condition"


def test_letter_to_an_address_on_the_persons_records_goes_out(case, officer):
    case.identifiers.update(proven_at=None)
    row, item = case.identifiers.get(), case.items.first()
    IdentityEvidence.objects.create(
        case=case, identifier=row, connection=item.connection, store=item.store,
        record_index=item.remote_index, state="CONFIRMED", seen_at=clock.now(),
    )  # fmt: skip
    assert send(case.pk, COMPLETE, actor=officer).mailing.identifier == row


def test_letter_whose_address_is_verified_no_more_does_not_leave(case, officer):
    letter = send(case.pk, COMPLETE, actor=officer)
    case.identifiers.update(proven_at=None)
    deliver(letter.pk)
    assert (fresh(letter).state, mail.outbox, now(case).answered_at) == ("WITHDRAWN", [], None)


# -- what it says must hold when it leaves -----------------------------------------------------


def test_letter_of_a_case_that_changed_since_is_withdrawn_and_told_of(case, officer):
    letter = send(case.pk, COMPLETE, actor=officer)
    case.items.first().delete()
    deliver(letter.pk)
    assert (fresh(letter).state, mail.outbox) == ("WITHDRAWN", [])
    assert fresh(letter).problem == (
        "The case has changed since the letter was written: write it again."
    )
    assert StaffNotice.objects.get().case == case


def test_letter_of_a_case_with_an_item_found_since_is_withdrawn(case, officer):
    letter = send(case.pk, COMPLETE, actor=officer)
    make_item(case, case.items.first().connection, state=ItemState.PLANNED)
    deliver(letter.pk)
    assert (fresh(letter).state, mail.outbox, now(case).answered_at) == ("WITHDRAWN", [], None)


def test_letter_that_left_while_the_case_was_halted_answers_nothing(case, officer):
    letter = send(case.pk, COMPLETE, actor=officer)
    original = Server.send_messages

    def halt_meanwhile(self, messages):
        ErasureCase.objects.filter(pk=case.pk).update(state=CaseState.DPO_REVIEW)
        return original(self, messages)

    Server.send_messages = halt_meanwhile
    try:
        deliver(letter.pk)
    finally:
        Server.send_messages = original
    assert (fresh(letter).state, now(case).answered_at) == ("SENT", None)
    assert fresh(letter).problem.startswith("It was sent, but changes nothing: ")
    assert StaffNotice.objects.count() == 1


# -- trouble on the way ------------------------------------------------------------------------


def test_letter_is_tried_again_with_growing_waits_and_one_message_id(case, officer, now_is):  # noqa: F811
    moment = clock.now()
    letter = send(case.pk, COMPLETE, actor=officer)
    for wait in WAITS:
        replies.append(SMTPServerDisconnected("not now"))
        deliver(letter.pk)
        assert due() == []
        moment += wait + LATER
        now_is(moment)
        assert due() == [letter.pk]
    name = Mailing.objects.get().message_id
    deliver(letter.pk)
    assert (fresh(letter).state, Mailing.objects.get().message_id) == ("SENT", name)


def test_letter_nobody_takes_waits_for_a_person(case, officer, now_is):  # noqa: F811
    moment = clock.now()
    letter = send(case.pk, COMPLETE, actor=officer)
    for wait in (*WAITS, LATER):
        replies.append(SMTPServerDisconnected("not now"))
        deliver(letter.pk)
        moment += wait + LATER
        now_is(moment)
    letter = fresh(letter)
    assert (letter.state, due(), mail.outbox) == ("FAILED", [], [])
    assert list(Letter.objects.for_a_person()) == [letter]
    assert letter.problem == "The mail server took it in none of 7 tries."
    try_again(letter.pk, actor=officer)
    deliver(letter.pk)
    assert fresh(letter).state == "SENT"


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (SMTPRecipientsRefused({EMAIL: (550, b"no such user ada@example.org")}),
         "The mail server refused the address (SMTP 550)."),
        (SMTPDataError(554, b"spam"), "The mail server refused the mail (SMTP 554)."),
    ],
)  # fmt: skip
def test_letter_refused_for_good_waits_for_a_person_at_once(case, officer, error, said, caplog):
    letter = send(case.pk, COMPLETE, actor=officer)
    replies.append(error)
    deliver(letter.pk)
    assert (fresh(letter).state, fresh(letter).problem) == ("FAILED", said)
    assert EMAIL not in caplog.text + StaffNotice.objects.get().text


def test_letter_refused_for_now_is_tried_again(case, officer):
    letter = send(case.pk, COMPLETE, actor=officer)
    replies.append(SMTPRecipientsRefused({EMAIL: (451, b"greylisted")}))
    deliver(letter.pk)
    assert (fresh(letter).state, Mailing.objects.get().attempts) == ("WAITING", 1)


def test_letter_a_worker_is_sending_is_left_alone(case, officer):
    letter = send(case.pk, COMPLETE, actor=officer)
    Mailing.objects.update(lease_until=clock.now() + timedelta(minutes=1),
                           next_try=clock.now() + timedelta(minutes=1))  # fmt: skip
    deliver(letter.pk)
    assert mail.outbox == []
    assert refused_by(take_back, letter.pk, actor=officer, reason="A slip.") == "state"
    assert refused_by(post_instead, letter.pk, actor=officer) == "state"


def test_letter_taken_back_never_leaves(case, officer):
    letter = send(case.pk, COMPLETE, actor=officer)
    take_back(letter.pk, actor=officer, reason="The wrong reason.")
    deliver(letter.pk)
    assert (fresh(letter).state, mail.outbox) == ("WITHDRAWN", [])
    assert send(case.pk, COMPLETE, actor=officer).state == "WAITING"


def test_letter_that_came_back_leaves_the_open_case_unanswered(case, officer):
    letter = send(case.pk, COMPLETE, actor=officer)
    deliver(letter.pk)
    came_back(letter.pk, actor=officer, reason="A bounce: mailbox full.")
    assert (fresh(letter).state, now(case).answered_at) == ("RETURNED", None)
    assert list(Letter.objects.for_a_person()) == [letter]
    again = send(case.pk, Wanted(K.COMPLETE, by_post=True), actor=officer)
    posted(again.pk, actor=officer, dispatched_at=clock.now(), proof="Registered letter 1.")
    assert now(case).answered_at == fresh(again).dispatched_at
    assert not Letter.objects.for_a_person().exists()


# -- by post -----------------------------------------------------------------------------------


def test_letter_by_post_needs_no_address_and_answers_once_its_posting_is_recorded(case, officer):
    case.identifiers.update(proven_at=None)
    letter = send(case.pk, Wanted(K.COMPLETE, by_post=True), actor=officer)
    assert (letter.state, due(), now(case).answered_at) == ("TO_POST", [], None)
    assert fresh(letter).opened_pdf().startswith(b"%PDF")
    moment = clock.now()
    posted(letter.pk, actor=officer, dispatched_at=moment, proof="Registered letter 1.")
    assert (fresh(letter).state, now(case).answered_at) == ("SENT", moment)


@pytest.mark.parametrize(
    ("moment", "proof", "field"),
    [
        (timedelta(0), " ", "proof"),
        (timedelta(days=1), "Registered letter 1.", "dispatched_at"),
        (timedelta(days=-1), "Registered letter 1.", "dispatched_at"),
    ],
)
def test_posting_without_proof_or_at_an_impossible_time_is_refused(
    case, officer, moment, proof, field
):
    letter = send(case.pk, Wanted(K.COMPLETE, by_post=True), actor=officer)
    with pytest.raises(InputError) as refused:
        posted(letter.pk, actor=officer, dispatched_at=clock.now() + moment, proof=proof)
    assert (refused.value.field, fresh(letter).state) == (field, "TO_POST")


def test_letter_given_up_can_be_posted_instead(case, officer):
    letter = send(case.pk, COMPLETE, actor=officer)
    replies.append(SMTPDataError(554, b"spam"))
    deliver(letter.pk)
    post_instead(letter.pk, actor=officer)
    posted(letter.pk, actor=officer, dispatched_at=clock.now(), proof="Registered letter 1.")
    assert (fresh(letter).state, fresh(letter).channel) == ("SENT", "letter")


# -- the other kinds ---------------------------------------------------------------------------


def test_acknowledgement_is_written_once_when_the_person_confirmed(case):
    ErasureCase.objects.filter(pk=case.pk).update(
        state=CaseState.VALIDATING, requester_confirmed_at=clock.now()
    )
    case.verifications.update(state="OPEN")
    post()
    post()
    (message,) = mail.outbox
    assert message.to == [EMAIL]
    assert "Ada" not in message.body
    assert now(case).answered_at is None


def test_acknowledgement_before_the_person_confirmed_is_not_written(case):
    ErasureCase.objects.filter(pk=case.pk).update(state=CaseState.VALIDATING, channel="phone")
    assert (write_due(case.pk), Letter.objects.count()) == (None, 0)


def test_extension_letter_that_left_inside_the_month_extends_the_time(case):
    dpo = Actor.of(make_user(Role.DPO))
    before = case.statutory_due
    letter = send(case.pk, Wanted(K.EXTENSION, "Five systems are searched by hand."), actor=dpo)
    assert now(case).statutory_due == before
    deliver(letter.pk)
    later = now(case)
    assert (later.statutory_due > before, later.extended_at) == (True, fresh(letter).dispatched_at)
    assert later.extension_reason == "Five systems are searched by hand."
    assert later.extended_by == dpo.user


def test_extension_letter_without_a_reason_is_refused_by_name(case):
    with pytest.raises(InputError) as refused:
        send(case.pk, Wanted(K.EXTENSION), actor=Actor.of(make_user(Role.DPO)))
    assert refused.value.field == "reason"


def test_interim_letter_stops_no_case_and_answers_nothing(case, officer):
    here = case.items.first().connection
    make_item(case, here, state=ItemState.REQUESTED,
              recoverable_until=clock.now() + timedelta(days=40))  # fmt: skip
    letter = send(case.pk, Wanted(K.INTERIM), actor=officer)
    deliver(letter.pk)
    assert (fresh(letter).state, now(case).answered_at) == ("SENT", None)
    assert now(case).state == CaseState.EXECUTING


def test_refusal_names_its_article_and_is_the_answer(case, officer):
    ErasureCase.objects.filter(pk=case.pk).update(state=CaseState.DPO_REVIEW)
    letter = send(case.pk, Wanted(K.REFUSAL, "No consent was ever given.", "17(1)"), actor=officer)
    deliver(letter.pk)
    assert (fresh(letter).article, now(case).answered_at) == ("17(1)", fresh(letter).dispatched_at)


def test_partial_hold_letter_says_what_stays_until_when_and_nothing_of_the_matter(case, officer):
    hold = make_hold(
        make_user(Role.LEGAL), reference="SECRET-7", reason="Miller v. Example",
        expires_on=clock.now().date() + timedelta(days=400), review_on=None,
    )  # fmt: skip
    make_item(case, case.items.first().connection, "voice_recordings", ItemState.HELD,
              hold=hold, article="17(3)(e)")  # fmt: skip
    letter = send(case.pk, Wanted(K.PARTIAL_HOLD), actor=officer)
    assert "subject to legal hold and cannot be erased until " in letter.text
    assert "- Genesys genesys-eu: recordings of telephone calls (1)" in letter.text
    assert "Kept for a legal claim." in letter.text
    assert not any(word in letter.text for word in ("SECRET", "Miller"))


def test_exempt_record_needs_the_officers_reason_and_tells_not_the_internal_one(case, officer):
    make_item(case, case.items.first().connection, state=ItemState.EXEMPT, article="17(3)(b)",
              reason="Internal: ticket 9", ended_at=clock.now())  # fmt: skip
    with pytest.raises(InputError) as refused:
        send(case.pk, Wanted(K.PARTIAL_HOLD), actor=officer)
    assert refused.value.field == "reason"
    letter = send(case.pk, Wanted(K.PARTIAL_HOLD, "Commercial law."), actor=officer)
    assert ("Commercial law." in letter.text, "ticket 9" in letter.text) == (True, False)


def test_letter_of_a_released_hold_tells_what_went_since(case, officer):
    first = send(case.pk, COMPLETE, actor=officer)
    deliver(first.pk)
    Letter.objects.filter(pk=first.pk).update(kind=K.PARTIAL_HOLD)
    ErasureCase.objects.filter(pk=case.pk).update(answered_at=None)
    make_item(case, case.items.first().connection, "voice_recordings", ItemState.ERASED,
              verdict="VERIFIED_ABSENT", ended_at=clock.now())  # fmt: skip
    letter = send(case.pk, Wanted(K.HOLD_RELEASED), actor=officer)
    deliver(letter.pk)
    assert "recordings of telephone calls (1)" in letter.text
    assert "contact details" not in letter.text
    assert now(case).answered_at == fresh(letter).dispatched_at


def test_closing_as_unidentified_has_its_notice(case):
    ErasureCase.objects.filter(pk=case.pk).update(
        state=CaseState.CLOSED, close_reason="UNIDENTIFIED", language="fr"
    )
    case.verifications.update(state="EXPIRED")
    letter = tell_closed(case.pk)
    deliver(letter.pk)
    assert tell_closed(case.pk) is None
    body = mail.outbox[0].body
    assert "Ada" not in body
    assert "autorité de contrôle" in body


# -- hostile words -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        "Ada\r\nBcc: all@example.org",
        "Ada\n\nSubject: x",
        "\u202eadA \u200b\u2066",
        "Ada \U0001f600 Beispiel",
        "فاطمة العربي",
        "A" * 200,
        "%(reference)s <b>Ada</b>",
    ],
)
def test_hostile_name_stays_in_its_place(case, officer, name):
    case.subject.name = name
    case.subject.save()
    letter = send(case.pk, COMPLETE, actor=officer)
    deliver(letter.pk)
    message = mail.outbox[0].message()
    assert message.get_all("To") == [EMAIL]
    assert message.get_all("Bcc") is None
    assert message["Subject"] == f"Your request {case.reference}"
    assert not any(c in letter.text for c in "\r\u202e\u200b\u2066")
    first = letter.text.split("\n\n")[0]
    assert first.startswith("Dear ")
    assert "\n" not in first


@pytest.mark.parametrize(
    ("reason", "field"),
    [("x" * 2001, "reason"), ("Ask max@example.org about it.", "reason")],
)
def test_reason_too_long_or_with_an_address_is_refused(case, officer, reason, field):
    with pytest.raises(InputError) as refused:
        send(case.pk, Wanted(K.COMPLETE, reason), actor=officer)
    assert (refused.value.field, Letter.objects.count()) == (field, 0)


def test_hostile_reason_is_neutralised(case, officer):
    letter = send(case.pk, Wanted(K.COMPLETE, "One\r\n\x00two\u202e %(x)s [[link]]"), actor=officer)
    deliver(letter.pk)
    assert "One\n\ntwo %(x)s" in mail.outbox[0].body


def test_system_may_write_what_needs_no_decision(case):
    ErasureCase.objects.filter(pk=case.pk).update(state=CaseState.RECEIVED)
    assert send(case.pk, Wanted(K.ACKNOWLEDGEMENT), actor=SYSTEM).written_by is None


def test_search_that_found_nothing_is_told_as_such(officer):
    case = make_case(CaseState.EXECUTING, email=EMAIL)
    confirm_person(case)
    case.identifiers.update(proven_at=clock.now())
    make_search(case, make_connection("crm"), "contacts", StoreStatus.EMPTY)
    letter = send(case.pk, COMPLETE, actor=officer)
    assert "in the systems we searched we found none of you." in letter.text
