"""A whole case as people meet it: real services, played vendors, one browser for each person."""

import re
import time
from datetime import timedelta

import pytest

from erasure import clock
from erasure.evidence.trust import ROOT_FILE, TRUST_FILE
from erasure.proof import report

pytestmark = pytest.mark.browser

HOUR = timedelta(hours=1)
PATIENCE = 60  # seconds
FOUR_EYES = "You prepared this case: somebody else must approve it."
WRONG_LOGIN = (
    "Please enter the correct username and password for a staff account. "
    "Note that both fields may be case-sensitive."
)
REASON = "Checked against the letter in the file."
LONG = "four-words-make-a-password"


def heading(page):
    return page.get_by_role("heading", level=1).inner_text()


def press(page, name):
    page.get_by_role("button", name=name, exact=True).click()


def follow(page, name):
    page.get_by_role("link", name=name, exact=True).click()


def ask(visitors, person, *, name, email, other_names=""):
    """Send the public form; returns the reference."""
    person.goto("/request/")
    visitors.look(person, "request")
    person.get_by_label("Name of the person").fill(name)
    person.get_by_label("Other name 1").fill(other_names)
    person.get_by_label("E-mail address 1").fill(email)
    press(person, "Send the request")
    visitors.look(person, "received")
    return re.search(r"ER-\d{4}-\w{6}", heading(person))[0]


def open_mail(visitors, person, kind):
    """Follow the link in the newest mail, once a worker has sent it."""
    person.goto("/dev/mail/")
    link = person.locator(f'article a[href*="/{kind}/"]').first
    end = time.monotonic() + PATIENCE
    while not link.count():
        assert time.monotonic() < end
        time.sleep(1)
        person.reload()
    visitors.look(person, "mail")
    link.click()


def confirm_request(visitors, person):
    open_mail(visitors, person, "request/confirm")
    visitors.look(person, "confirm-request")
    press(person, "Confirm the request")
    visitors.look(person, "request-confirmed")


def find(staff, reference):
    staff.goto("/admin/erasure/erasurecase/")
    follow(staff, reference)


def case_path(staff):
    return re.search(r"/admin/erasure/erasurecase/[0-9a-f-]+/", staff.url)[0]


def confirm_identity(visitors, officer):
    follow(officer, "Confirm the identity")
    visitors.look(officer, "confirm-identity")
    press(officer, "Confirm the identity")
    visitors.look(officer, "confirm-identity-errors")
    officer.get_by_label("Method").select_option("KNOWLEDGE")
    officer.get_by_label("Customer number").check()
    officer.get_by_label("Details of a recent contact").check()
    officer.get_by_label("Why this is enough").fill(REASON)
    if officer.get_by_label("Reasonable doubt").count():
        officer.get_by_label("Reasonable doubt").fill("The address is not on file.")
    officer.get_by_label("Art. 17(1)(b): consent withdrawn").check()
    officer.get_by_label("Why the ground applies").fill("Consent withdrawn, no other basis.")
    press(officer, "Confirm the identity")


def wait_for_badge(page, word):
    """The page comes to it by its own script: nobody reloads."""
    page.locator("header.band .badge", has_text=word).wait_for(timeout=PATIENCE * 1000)


def say_whose(visitors, officer):
    """The officer knows the person: every identifier in question is theirs. Search again."""
    follow(officer, "Decide on the identifier in question")
    visitors.look(officer, "case-in-question")
    question = officer.locator(".identities button[value=confirm]")
    while question.count():
        question.first.click()
        officer.wait_for_load_state()
    follow(officer, "Search again")
    visitors.look(officer, "search-again")
    press(officer, "Search again")
    officer.locator("a.primary", has_text="Search again").wait_for(state="detached")


def finish_by_hand(visitors, officer):
    """The officer did what no interface can, and says where the evidence is."""
    visitors.look(officer, "case-by-hand")
    officer.get_by_role("link", name="Decide on record").first.click()
    visitors.look(officer, "record-by-hand")
    officer.get_by_label("Done by hand, with evidence").check()
    officer.get_by_label("Reason or evidence").fill("Removed; the protocol is in the file.")
    press(officer, "Record the decision")


def until_settled(house, visitors, officer, path):
    """Move the clock while only the vendor works; ends when the answer can be recorded."""
    end = time.monotonic() + PATIENCE
    before = ""
    while time.monotonic() < end:
        officer.goto(path)
        if officer.locator("a.primary", has_text="Write a letter").count():
            return
        if officer.locator("a.primary", has_text="by hand").count():
            officer.goto(f"{path}?state=hand#records")
            finish_by_hand(visitors, officer)
            continue
        shown = officer.locator("#progress").inner_text()
        if shown == before:
            with pytest.MonkeyPatch.context() as patch:
                patch.setenv("ERASURE_CLOCK_FILE", house.env["ERASURE_CLOCK_FILE"])
                clock.advance(HOUR)
        before = shown
        time.sleep(1)
    pytest.fail(f"Still open: {officer.locator('header.band').inner_text()}")


def download(page, name, folder):
    with page.expect_download() as coming:
        press(page, name)
    file = folder / coming.value.suggested_filename
    coming.value.save_as(file)
    return file


def trust_file(person, folder):
    """The trust file and the certificates it names, as anybody may load them."""
    for name in (ROOT_FILE, TRUST_FILE):
        (folder / name).write_bytes(person.request.get(f"/trust/{name}").body())
    return folder / TRUST_FILE


def test_case_from_the_form_to_the_verified_certificate(house, visitors, tmp_path, capsys):
    person = visitors.person()
    person.goto("/")
    visitors.look(person, "start")
    reference = ask(
        visitors, person, name="Maria Beispiel", email="maria.beispiel@example.org",
        other_names="Maria Mustermann",
    )  # fmt: skip
    confirm_request(visitors, person)

    officer = visitors.staff("officer")
    visitors.look(officer, "worklist-officer")
    find(officer, reference)
    path = case_path(officer)
    visitors.look(officer, "case-validating")
    follow(officer, "Ask for proof of identity")
    visitors.look(officer, "ask-identity")
    officer.get_by_label("Reasonable doubt").fill("The address is not on file.")
    press(officer, "Ask for proof of identity")
    visitors.look(officer, "case-awaiting-identity")
    officer.locator(".tools summary").click()
    press(officer, "Sign out")
    visitors.look(officer, "signed-out")

    open_mail(visitors, person, "identity")
    visitors.look(person, "ways")
    assert person.get_by_role("heading", name="By telephone or letter").is_visible()

    officer = visitors.staff("officer")
    officer.goto(path)
    follow(officer, "Record that the person answered")
    visitors.look(officer, "answered")
    press(officer, "Record that the person answered")
    visitors.look(officer, "case-answered")
    confirm_identity(visitors, officer)
    visitors.look(officer, "case-discovery")
    wait_for_badge(officer, "DPO review")
    visitors.look(officer, "case-review-officer")
    say_whose(visitors, officer)
    wait_for_badge(officer, "DPO review")
    visitors.look(officer, "case-review-again")

    assert officer.get_by_role("link", name="Approve the erasure").count() == 0
    officer.goto(f"{path}step/approve/")
    visitors.look(officer, "approve-refused")
    refusal = "Your role does not allow “approve”."
    assert officer.locator(".note.waiting").inner_text() == refusal
    answer = post(officer, f"{path}step/approve/")
    assert (answer.status, refusal in answer.text()) == (403, True)

    dpo = visitors.staff("dpo")
    visitors.look(dpo, "worklist-dpo")
    dpo.goto(path)
    visitors.look(dpo, "case-review-dpo")
    follow(dpo, "Approve the erasure")
    visitors.look(dpo, "approve")
    assert re.fullmatch(r"[0-9a-f]{16}", dpo.locator("p.muted code").inner_text())
    dpo.get_by_label("Who decides for the controller").select_option("dpo")
    dpo.get_by_label("Opinion of the data protection officer").fill("Nothing stands against it.")
    press(dpo, "Approve the erasure")
    visitors.look(dpo, "case-executing")

    until_settled(house, visitors, officer, path)
    visitors.look(officer, "case-settled")
    follow(officer, "Write a letter")
    visitors.look(officer, "write-letter")
    press(officer, "Send")
    wait_for_badge(officer, "Complete")
    end = time.monotonic() + PATIENCE
    while not officer.get_by_role("button", name="Certificate v1, PDF").count():
        assert time.monotonic() < end
        time.sleep(1)
        officer.reload()
    visitors.look(officer, "case-complete")

    discovery = download(officer, "Discovery report, PDF", tmp_path)
    assert discovery.name == f"discovery-{reference}.pdf"
    assert discovery.read_bytes()[:5] == b"%PDF-"
    certificate = download(officer, "Certificate v1, PDF", tmp_path)
    assert certificate.name == f"certificate-{reference}-v1.pdf"
    assert report.main([str(certificate), "--trust", str(trust_file(person, tmp_path))]) == 0
    assert capsys.readouterr().out.splitlines()[-1].startswith("PASSED: ")


def post(page, path):
    """Send a form that no page offers, with the session's own token."""
    token = page.locator("#logout-form input[name=csrfmiddlewaretoken]").input_value()
    return page.request.post(
        path, form={"csrfmiddlewaretoken": token, "decided_role": "dpo", "opinion": "Yes."},
        headers={"Referer": page.url},
    )  # fmt: skip


def make_user(visitors, name, *roles):
    admin = visitors.staff("admin")
    visitors.look(admin, "worklist-admin")
    admin.goto("/admin/erasure/user/add/")
    visitors.look(admin, "new-user")
    admin.get_by_label("Username").fill(name)
    admin.get_by_label("Password", exact=True).fill(LONG)
    admin.get_by_label("Password confirmation").fill(LONG)
    press(admin, "Save")
    visitors.look(admin, "user")
    for role in roles:
        admin.get_by_label(role, exact=True).check()
    press(admin, "Save")
    visitors.look(admin, "users")


def test_who_prepared_a_case_cannot_approve_it_holding_both_roles(visitors):
    make_user(visitors, "both", "Case officer", "DPO")
    person = visitors.person()
    reference = ask(
        visitors, person, name="Siobhan O'Brien-Sample", email="siobhan.o'brien+news@example.org"
    )
    confirm_request(visitors, person)
    both = visitors.staff("both", LONG)
    find(both, reference)
    path = case_path(both)
    confirm_identity(visitors, both)
    wait_for_badge(both, "DPO review")
    visitors.look(both, "case-review-both")
    assert both.get_by_role("link", name="Approve the erasure").count() == 0
    both.goto(f"{path}step/approve/")
    assert both.locator(".note.waiting").inner_text() == FOUR_EYES
    answer = post(both, f"{path}step/approve/")
    assert (answer.status, FOUR_EYES in answer.text()) == (403, True)


def test_name_in_arabic_comes_through_to_review(visitors):
    person = visitors.person()
    reference = ask(visitors, person, name="ليلى مثال", email="layla.mithal@example.org")
    confirm_request(visitors, person)
    officer = visitors.staff("officer")
    find(officer, reference)
    confirm_identity(visitors, officer)
    wait_for_badge(officer, "DPO review")
    officer.get_by_label("Reveal, with reason").fill("To greet the person by name.")
    press(officer, "Reveal for 15 minutes")
    visitors.look(officer, "case-arabic")
    name = officer.locator("#person dd bdi").first
    assert name.inner_text() == "ليلى مثال"


def test_sign_in_with_a_wrong_password_is_refused(visitors):
    page = visitors.person()
    page.goto("/admin/")
    page.get_by_label("User name").fill("officer")
    page.get_by_label("Password").fill("wrong")
    press(page, "Sign in")
    visitors.look(page, "wrong-password")
    assert page.get_by_role("alert").inner_text() == WRONG_LOGIN
