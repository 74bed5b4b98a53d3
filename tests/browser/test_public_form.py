"""The way of a person: form, link, upload. The page fixture fails on any breach of the policy."""

import re
from io import BytesIO

import pytest
from django.core.cache import cache
from PIL import Image

from erasure import verification
from erasure.models import Actor, ErasureCase
from erasure.values import Role
from tests.factories import make_user, post_letters

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def home(live_server, settings):
    cache.clear()
    settings.PUBLIC_URL = live_server.url
    return live_server.url


def newest_link(mailoutbox):
    return re.search(r"http://\S+", mailoutbox[-1].body)[0]


def png():
    out = BytesIO()
    Image.new("RGB", (60, 40), "grey").save(out, "PNG")
    return out.getvalue()


def case_state():
    return ErasureCase.objects.get().state


def ask_for_copy(case):
    """The last resort, proposed by one and approved by another."""
    doubt, officer = "The address is new.", Actor.of(make_user(Role.OFFICER))
    verification.propose_copy(
        case.pk, actor=officer, doubt=doubt, reason="Nothing less was answered.",
        alternatives=["KNOWLEDGE"],
    )  # fmt: skip
    verification.ask(case.pk, actor=officer, doubt=doubt, offered=["KNOWLEDGE"])
    verification.approve_copy(case.pk, actor=Actor.of(make_user(Role.DPO)))
    post_letters(case)


def test_person_asks_confirms_and_proves_identity(page, home, mailoutbox):
    page.goto(home)
    page.get_by_role("link", name="Ask for erasure").click()
    page.get_by_label("Name of the person").fill("Zoë Müßig-O’Beispiel")
    page.get_by_label("E-mail address 1").fill("zoe.o'beispiel+shop@example.org")
    page.get_by_label("Phone number 1").fill("+49 30 23125 999")
    page.get_by_label("Language of our answer").select_option("de")
    page.get_by_role("button", name="Send the request").click()
    reference = ErasureCase.objects.get().reference
    heading = page.get_by_role("heading", level=1)
    assert heading.inner_text() == f"We have received your request {reference}"

    page.goto(newest_link(mailoutbox))
    assert case_state() == "RECEIVED"
    page.get_by_role("button", name="Confirm the request").click()
    assert heading.inner_text() == f"Your request {reference} is confirmed"
    assert case_state() == "VALIDATING"

    ask_for_copy(ErasureCase.objects.get())
    mails = "\n".join(message.body for message in mailoutbox)
    link = re.findall(r"http://\S+/identity/\S+", mails)[-1]
    page.goto(link)
    file = page.get_by_label("Picture or scan")
    file.set_input_files({"name": "a.txt", "mimeType": "text/plain", "buffer": b"words"})
    page.get_by_role("button", name="Send the copy").click()
    assert page.locator("#id_document_error").inner_text() == (
        "This is not a PDF, JPEG, PNG or WebP file. Upload one of these."
    )
    file.set_input_files({"name": "a.png", "mimeType": "image/png", "buffer": png()})
    page.get_by_role("button", name="Send the copy").click()
    page.get_by_role("heading", name="We have received your proof").wait_for()
    assert heading.inner_text() == f"We have received your proof for request {reference}"
    assert case_state() == "VALIDATING"

    page.goto(link)
    assert heading.inner_text() == "This link does not work, or no longer"


def test_form_with_errors_leads_by_keyboard_to_the_field(page, home):
    page.goto(f"{home}/request/")
    page.get_by_label("Name of the person").fill("Ada Beispiel")
    page.get_by_role("button", name="Send the request").click()
    assert page.title() == "Error: Ask for erasure · Example Contact Centre Ltd"
    assert page.evaluate("document.activeElement.className") == "summary"
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "id_emails_0"
    emails = page.locator("#id_emails_0")
    assert emails.get_attribute("aria-invalid") == "true"
    assert emails.get_attribute("aria-describedby") == "id_emails_0_error"
    assert page.get_by_label("Name of the person").input_value() == "Ada Beispiel"


@pytest.mark.parametrize("width", [320, 390, 1280])
@pytest.mark.parametrize("path", ["/", "/request/", "/identity/nope/", "/nowhere"])
def test_page_never_scrolls_sideways(page, home, width, path):
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(home + path)
    assert page.evaluate("document.styleSheets.length") == 2
    assert page.evaluate("document.documentElement.scrollWidth") == width


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_and_its_ground_stand_apart(page, home, scheme):
    """At least 4.5:1 for each colour of text (WCAG 2.2, 1.4.3)."""
    page.emulate_media(color_scheme=scheme)
    page.goto(home)
    ratios = page.evaluate(
        """() => {
          const style = getComputedStyle(document.documentElement);
          const light = (name) => {
            const hex = style.getPropertyValue(name).trim();
            const part = [1, 3, 5].map((at) => {
              const value = parseInt(hex.slice(at, at + 2), 16) / 255;
              return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
            });
            return 0.2126 * part[0] + 0.7152 * part[1] + 0.0722 * part[2];
          };
          const ratio = (a, b) => (Math.max(light(a), light(b)) + 0.05)
            / (Math.min(light(a), light(b)) + 0.05);
          const on_paper = ["--ink", "--muted", "--accent", "--waiting", "--good", "--held",
            "--danger"].map((name) => [name, ratio(name, "--paper")]);
          return Object.fromEntries(
            [...on_paper, ["--on-accent", ratio("--on-accent", "--accent")]]);
        }"""
    )
    assert {name: ratio for name, ratio in ratios.items() if ratio < 4.5} == {}
