"""Every public page under axe and the strict policy, and the whole way with the keyboard alone.

The page fixture fails a test on anything that the policy of a page refused.
"""

import re

import pytest
from django.core.cache import cache

from erasure import clock
from erasure.models import Certificate, ErasureCase
from erasure.values import CaseState
from tests.browser.visitors import accessible
from tests.conftest import REFUSED
from tests.factories import make_case

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
NAME, ADDRESS = "ليلى Müßig-O’Beispiel 😀", "zoe.o'beispiel+shop@example.org"
LANGUAGES = ["en", "de", "fr", "es", "it", "nl"]
ID, DIGEST = "AAECAwQFBgcICQoLDA0ODw", "b77bafcee2db7345b02b16068f87f6ca"
FOCUS = """() => {
  const style = getComputedStyle(document.activeElement);
  return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0;
}"""


@pytest.fixture
def home(live_server, settings):
    cache.clear()
    settings.PUBLIC_URL = live_server.url
    return live_server.url


def heading(page):
    return page.get_by_role("heading", level=1).inner_text()


def press(page, name):
    page.get_by_role("button", name=name, exact=True).click()


def newest(mailoutbox):
    """The link, the reference and the status code of the newest mail."""
    body = mailoutbox[-1].body
    code = re.search(r"\b[0-9A-Z]{4}(?:-[0-9A-Z]{4}){3}\b", body)
    return re.search(r"http://\S+", body)[0], ErasureCase.objects.get().reference, code[0]


def test_pages_of_a_request_are_accessible_from_form_to_withdrawal(page, home, mailoutbox):
    for path in ("/", "/request/"):
        page.goto(home + path)
        assert accessible(page) == []
    page.get_by_label("Somebody else’s: I ask on their behalf").check()
    press(page, "Send the request")
    assert page.title().startswith("Error: ")
    assert accessible(page) == []
    page.get_by_label("My own").check()
    page.get_by_label("Name of the person").fill(NAME)
    page.get_by_label("E-mail address 1").fill(ADDRESS)
    press(page, "Send the request")
    assert heading(page).startswith("We have received your request ER-")
    assert accessible(page) == []
    link, reference, code = newest(mailoutbox)
    page.goto(link)
    assert accessible(page) == []
    press(page, "Confirm the request")
    assert heading(page) == f"Your request {reference} is confirmed"
    assert accessible(page) == []
    page.goto(link)
    assert heading(page) == "This link does not work, or no longer"
    assert accessible(page) == []
    page.goto(f"{home}/status/")
    assert accessible(page) == []
    press(page, "Show")
    assert page.title().startswith("Error: ")
    assert accessible(page) == []
    page.get_by_label("Reference").fill(reference)
    page.get_by_label("Status code").fill(code)
    press(page, "Show")
    assert heading(page) == f"Request {reference}"
    assert (accessible(page), NAME in page.content(), ADDRESS in page.content()) == (
        [],
        False,
        False,
    )
    press(page, "Take the request back")
    assert accessible(page) == []
    press(page, "Yes, take it back")
    assert page.get_by_role("status").inner_text() == "The request is taken back."
    assert accessible(page) == []
    assert ErasureCase.objects.get().state == CaseState.CLOSED


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("code", LANGUAGES)
def test_form_and_status_page_are_accessible_in_each_language(page, home, code, scheme):
    page.emulate_media(color_scheme=scheme)
    for path in ("/request/", "/status/"):
        page.goto(f"{home}{path}?language={code}")
        assert page.evaluate("document.documentElement.lang").startswith(code)
        assert accessible(page) == []


def test_pages_about_certificates_are_accessible(page, home):
    Certificate.objects.create(
        case=make_case(CaseState.COMPLETE), public_id=ID, version=1, stage=Certificate.ISSUED,
        status="COMPLETE", document=b"{}", sha256=DIGEST * 2, issued_at=clock.now(),
    )  # fmt: skip
    for path, said in (
        (f"/v/{ID}.1?d={DIGEST}", "This is a certificate of ours"),
        (f"/v/{ID}.1?d={'0' * 32}", "This is no certificate of ours"),
    ):
        page.goto(home + path)
        assert (heading(page), accessible(page)) == (said, [])
    page.goto(f"{home}/check/")
    assert accessible(page) == []
    file = {"name": "a.json", "mimeType": "application/json", "buffer": b"{}"}
    page.locator("input[type=file]").set_input_files(file)
    page.locator("main form button").click()
    assert page.locator("h1").count() == 1
    assert accessible(page) == []


# -- with the keyboard alone -------------------------------------------------------------------


def tab_to(page, target):
    """Tab until it has the focus, which is seen wherever it is on the way."""
    for _ in range(60):
        if target.evaluate("one => one === document.activeElement"):
            assert page.evaluate(FOCUS), page.evaluate("document.activeElement.outerHTML")
            return
        page.keyboard.press("Tab")
    pytest.fail(f"The keyboard does not reach {target}.")


def enter(page, role, name):
    tab_to(page, page.get_by_role(role, name=name, exact=True))
    with page.expect_navigation():
        page.keyboard.press("Enter")


def write(page, label, text):
    tab_to(page, page.get_by_label(label, exact=True))
    page.keyboard.type(text)


def test_whole_way_from_the_form_to_the_status_page_needs_no_mouse(page, home, mailoutbox):
    page.goto(home)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    enter(page, "link", "Ask for erasure")
    write(page, "Name of the person", NAME)
    write(page, "E-mail address 1", ADDRESS)
    enter(page, "button", "Send the request")
    assert heading(page).startswith("We have received your request ER-")
    link, reference, code = newest(mailoutbox)
    page.goto(link)
    enter(page, "button", "Confirm the request")
    assert heading(page) == f"Your request {reference} is confirmed"
    page.goto(f"{home}/status/")
    write(page, "Reference", reference)
    write(page, "Status code", code)
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert heading(page) == f"Request {reference}"
    enter(page, "button", "Take the request back")
    enter(page, "button", "Yes, take it back")
    assert page.get_by_role("status").inner_text() == "The request is taken back."
    assert ErasureCase.objects.get().state == CaseState.CLOSED


def test_policy_that_is_broken_is_noticed(chromium, home):
    """The listener hears it: without this the tests above could not fail."""
    heard = []
    page = chromium.new_page()
    page.add_init_script(REFUSED)
    page.on("console", lambda line: heard.append(line.text))
    page.goto(home)
    page.evaluate(
        "document.body.append(Object.assign(document.createElement('style'), {textContent: 'a{}'}))"
    )
    page.wait_for_timeout(50)
    page.close()
    assert any("Content Security Policy refused style-src" in text for text in heard)
