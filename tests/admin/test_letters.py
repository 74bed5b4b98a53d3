"""Letters on the pages of a case: the preview, the reason, and what became of each."""

from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from erasure import clock
from erasure.correspondence import deliver
from erasure.models import AccessRecord, ErasureCase, Letter, SystemConnection
from erasure.values import CaseState, LetterState, Role
from tests.admin.conftest import SignIn
from tests.admin.page import Page
from tests.admin.urls import at, case_page
from tests.factories import confirm_person, make_case, make_item, make_search


@pytest.fixture
def finished(genesys: SystemConnection) -> ErasureCase:
    """Everything has ended and one address is proven; only the answer is missing."""
    case = make_case(CaseState.EXECUTING, email="ada@example.org")
    confirm_person(case)
    case.identifiers.update(proven_at=clock.now())
    make_search(case, genesys, total=1)
    make_item(
        case, genesys, state="ERASED", verdict="VERIFIED_ABSENT",
        ended_at=clock.now() - timedelta(hours=1),
    )  # fmt: skip
    return case


def new(case: ErasureCase) -> str:
    return at("case_letter_new", case.pk)


def page_of(letter: Letter) -> str:
    return at("case_letter", letter.case_id, letter.pk)


def sent(client, case, **given):
    client.post(new(case), {"kind": "COMPLETE", "act": "send", **given})
    return Letter.objects.get()


def test_letter_page_shows_the_letter_that_would_leave_with_the_name_masked(
    sign_in: SignIn, finished: ErasureCase
) -> None:
    said = Page(sign_in(Role.OFFICER).get(new(finished)))
    assert "We have complied with your request and erased the records we found" in said.said()
    assert "Dear A.B.," in said.said()
    assert "Beispiel" not in said.said()
    assert said.refused == []
    assert Letter.objects.count() == 0


def test_letter_page_when_revealed_shows_the_name(sign_in: SignIn, finished: ErasureCase) -> None:
    officer = sign_in(Role.OFFICER)
    officer.post(at("case_reveal", finished.pk), {"reason": "Answering."})
    assert "Dear Ada Beispiel," in Page(officer.get(new(finished))).said()


def test_preview_keeps_the_reason_and_sends_nothing(sign_in: SignIn, finished: ErasureCase) -> None:
    given = {"kind": "COMPLETE", "reason": "As you asked by phone.", "act": "preview"}
    said = Page(sign_in(Role.OFFICER).post(new(finished), given)).said()
    assert said.count("As you asked by phone.") == 2
    assert Letter.objects.count() == 0


def test_preview_as_pdf_is_a_look_on_record(sign_in: SignIn, finished: ErasureCase) -> None:
    answer = sign_in(Role.OFFICER).post(new(finished), {"kind": "COMPLETE", "act": "pdf"})
    assert (answer["Content-Type"], answer.content[:4]) == ("application/pdf", b"%PDF")
    assert AccessRecord.objects.get().what == "letter, preview"
    assert Letter.objects.count() == 0


def test_send_puts_the_letter_into_the_outbox_and_the_case_page_says_so(
    sign_in: SignIn, finished: ErasureCase
) -> None:
    officer = sign_in(Role.OFFICER)
    letter = sent(officer, finished)
    assert (letter.state, letter.written_by) == (LetterState.WAITING, officer.user)
    assert "On its way" in Page(officer.get(case_page(finished))).said()
    deliver(letter.pk)
    assert len(mail.outbox) == 1
    said = Page(officer.get(page_of(letter))).said()
    assert "Proof of dispatch Message-ID <" in said


def test_send_of_a_letter_that_lacks_something_names_it_and_keeps_the_input(
    sign_in: SignIn, finished: ErasureCase
) -> None:
    given = {"kind": "EXTENSION", "act": "send", "reason": ""}
    answer = sign_in(Role.DPO).post(new(finished), given)
    assert answer.status_code == 400
    assert Page(answer).said().count("Give the reasons of the extension (Art. 12(3)).") == 1
    assert Letter.objects.count() == 0


def test_send_without_a_verified_address_says_what_to_do(
    sign_in: SignIn, finished: ErasureCase
) -> None:
    finished.identifiers.update(proven_at=None)
    answer = sign_in(Role.OFFICER).post(new(finished), {"kind": "COMPLETE", "act": "send"})
    assert "No e-mail address of the person is verified: print the letter" in Page(answer).said()
    assert Letter.objects.count() == 0


def test_letter_by_post_is_printed_and_its_posting_recorded_with_proof(
    sign_in: SignIn, finished: ErasureCase
) -> None:
    officer = sign_in(Role.OFFICER)
    letter = sent(officer, finished, by_post="on")
    assert letter.state == LetterState.TO_POST
    printed = officer.post(at("case_letter_pdf", finished.pk, letter.pk))
    assert printed.content == letter.opened_pdf()
    given = {
        "act": "posted",
        "posted-dispatched_at": timezone.localtime().strftime("%Y-%m-%dT%H:%M"),
    }
    assert officer.post(page_of(letter), given).status_code == 409
    given["posted-proof"] = "Registered letter 1."
    assert officer.post(page_of(letter), given).status_code == 302
    assert ErasureCase.objects.get(pk=finished.pk).answered_at is not None


def test_letter_that_came_back_stands_in_the_worklist(
    sign_in: SignIn, finished: ErasureCase
) -> None:
    officer = sign_in(Role.OFFICER)
    letter = sent(officer, finished)
    deliver(letter.pk)
    officer.post(page_of(letter), {"act": "came-back", "came-back-reason": "Mailbox full."})
    assert Letter.objects.get().state == LetterState.RETURNED
    assert "Letters that wait for a person" in Page(officer.get("/admin/")).said()
    assert "Came back" in Page(officer.get(case_page(finished))).said()


@pytest.mark.parametrize("role", [Role.CLERK, Role.LEGAL, Role.AUDITOR, Role.ADMINISTRATOR])
def test_letter_by_another_role_is_refused(
    sign_in: SignIn, finished: ErasureCase, role: Role
) -> None:
    answer = sign_in(role).post(new(finished), {"kind": "COMPLETE", "act": "send"})
    assert (answer.status_code, Letter.objects.count()) == (403, 0)


def test_letter_act_by_auditor_changes_nothing(sign_in: SignIn, finished: ErasureCase) -> None:
    letter = sent(sign_in(Role.OFFICER), finished)
    auditor = sign_in(Role.AUDITOR)
    auditor.post(page_of(letter), {"act": "take-back", "take-back-reason": "No."})
    assert Letter.objects.get().state == LetterState.WAITING
    assert "Do not send it" not in Page(auditor.get(page_of(letter))).said()
