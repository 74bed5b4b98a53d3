"""Who is asking: the person's page with its masking tool, and the officer's page beside it."""

import os
import re
from io import BytesIO
from pathlib import Path
from typing import ClassVar

import pytest
from django.core.cache import cache
from django.core.files.uploadhandler import MemoryFileUploadHandler
from PIL import Image, ImageDraw

from erasure import clock, verification
from erasure.models import Actor, ErasureCase, IdentityDocument, OnFile
from erasure.values import CaseState, Role
from tests.browser.visitors import accessible
from tests.factories import PASSWORD, make_case, make_connection, make_user, post_letters

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
WIDE, PHONE = (1280, 900), (390, 844)
RISK = "Telephone number 2 is on file under another name in Salesforce CRM (1 of 1 records)."
RED, BLACK = (225, 60, 60), (0, 0, 0)


@pytest.fixture
def home(live_server, settings):
    cache.clear()
    settings.PUBLIC_URL = live_server.url
    return live_server.url


@pytest.fixture
def staff():
    return {role: Actor.of(make_user(role)) for role in (Role.OFFICER, Role.DPO)}


@pytest.fixture
def case():
    case = make_case(CaseState.VALIDATING, email="ada.beispiel@example.org", phone="+493023125999")
    email, phone = case.identifiers.order_by("number")
    long_ago = clock.now().replace(year=2021)
    OnFile.objects.create(
        case=case, identifier=email, connection=make_connection("genesys-eu"), status="FOUND",
        created=long_ago, since=long_ago, agree=2, stores=["External contacts"],
    )  # fmt: skip
    OnFile.objects.create(
        case=case, identifier=phone, connection=make_connection("crm", name="Salesforce CRM"),
        status="FOUND", created=long_ago, since=long_ago, differ=1, stores=["Contacts"],
    )  # fmt: skip
    case.verifications.update(
        lookup_asked_at=clock.now(), looked_up_at=clock.now(),
        risks=[RISK],
    )  # fmt: skip
    return case


@pytest.fixture
def ask(case, staff, mailoutbox):
    """Every way that can be offered, and the link as the person gets it."""

    def send():
        to = case.identifiers.get(kind="email").pk
        verification.propose_copy(
            case.pk, actor=staff[Role.OFFICER], doubt="The number is another person's.",
            reason="Nobody answers the number on file.", alternatives=["LINK_ON_FILE"],
        )  # fmt: skip
        verification.ask(
            case.pk, actor=staff[Role.OFFICER], doubt="The number is another person's.", to=to,
            offered=["LINK_ON_FILE", "CALL_BACK", "KNOWLEDGE", "ELECTRONIC_ID", "ID_SHOWN"],
        )  # fmt: skip
        verification.approve_copy(case.pk, actor=staff[Role.DPO])
        post_letters(case)
        return re.search(r"http://\S+", mailoutbox[-1].body)[0]

    return send


def card():
    """A card in one colour, with EXIF that says where it was taken."""
    picture = Image.new("RGB", (1200, 760), RED)
    ImageDraw.Draw(picture).text((420, 80), "INVENTED CARD  Ada Beispiel", "white", font_size=48)
    exif = Image.Exif()
    exif[0x010E] = "taken at home"
    out = BytesIO()
    picture.save(out, "JPEG", exif=exif, quality=95)
    return {"name": "ada-passport.jpg", "mimeType": "image/jpeg", "buffer": out.getvalue()}


def look(page, name):
    """A picture for each size, if a folder is named; nothing scrolls sideways."""
    for size, (width, height) in {"wide": WIDE, "phone": PHONE}.items():
        page.set_viewport_size({"width": width, "height": height})
        assert page.evaluate("document.documentElement.scrollWidth") <= width, name
        if folder := os.environ.get("SCREENS"):
            page.screenshot(path=Path(folder) / f"{name}-{size}.png", full_page=True)
    page.set_viewport_size({"width": WIDE[0], "height": WIDE[1]})


def heading(page):
    return page.get_by_role("heading", level=1).inner_text()


def sign_in(page, home, actor, path):
    page.goto(f"{home}/admin/login/?next={path}")
    page.get_by_label("User name").fill(actor.user.username)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()


def drag(page, start, end):
    """From one place of the picture to another, in parts of its sides."""
    canvas = page.locator("#masking-picture")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    at = [(box["x"] + box["width"] * x, box["y"] + box["height"] * y) for x, y in (start, end)]
    page.mouse.move(*at[0])
    page.mouse.down()
    page.mouse.move(*at[1], steps=5)
    page.mouse.up()


def kept(actor):
    """What arrived, as the officer sees it."""
    row = IdentityDocument.objects.get()
    return Image.open(BytesIO(verification.view_page(row.pk, actor=actor))).convert("RGB")


def near(colour, other, by=70):
    return all(abs(a - b) <= by for a, b in zip(colour, other, strict=True))


class Recording(MemoryFileUploadHandler):
    """Keeps what the browser sent, as it came."""

    came: ClassVar[list[tuple[str, bytes]]] = []

    def file_complete(self, file_size):
        self.came.append((self.file_name, self.file.getvalue()))
        return super().file_complete(file_size)


def test_copy_is_blacked_out_before_it_is_sent(page, home, ask, staff, settings):
    settings.FILE_UPLOAD_HANDLERS = [f"{__name__}.Recording"]
    page.goto(ask())
    look(page, "identity")
    assert accessible(page) == []
    page.get_by_label("Picture or scan").set_input_files(card())
    page.locator("#masking-picture").wait_for()
    drag(page, (0.05, 0.1), (0.30, 0.9))
    drag(page, (0.4, 0.7), (0.9, 0.85))
    assert page.locator("#masking-said").inner_text() == "Blacked out: 2"
    look(page, "identity-masking")
    assert accessible(page) == []
    page.get_by_role("button", name="Send the copy").click()
    page.get_by_role("heading", name="We have received your proof").wait_for()
    look(page, "identity-uploaded")
    name, sent = Recording.came.pop()
    left = Image.open(BytesIO(sent))
    assert (name, b"taken at home" in sent, left.size) == ("copy.jpg", False, (1200, 760))
    assert near(left.getpixel((200, 400)), BLACK, 12)
    assert near(left.getpixel((700, 600)), BLACK, 12)
    assert near(left.getpixel((1150, 400)), RED, 12)
    shown = kept(staff[Role.OFFICER])
    dark = [shown.getpixel((x, y)) for x in range(80, 340, 40) for y in range(100, 660, 40)]
    assert max(map(max, dark)) < 120  # black, under the grey letters of the mark


def test_copy_is_blacked_out_with_the_keyboard_and_taken_back(page, home, ask, staff):
    page.goto(ask())
    page.get_by_label("Picture or scan").set_input_files(card())
    said = page.locator("#masking-said")
    page.locator("#masking-picture").wait_for()
    page.get_by_label("Picture or scan").focus()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "masking-picture"
    look(page, "identity-keyboard")
    for key in ("ArrowLeft", "Shift+ArrowDown", "Enter", "ArrowDown", "Enter", "Delete"):
        page.keyboard.press(key)
    assert said.inner_text() == "Blacked out: 1"
    page.get_by_role("button", name="Turn the picture").click()
    page.get_by_role("button", name="Send the copy").click()
    page.get_by_role("heading", name="We have received your proof").wait_for()
    shown = kept(staff[Role.OFFICER])
    assert shown.size == (760, 1200)
    assert max(shown.getpixel((380, 590))) < 120


def test_copy_without_scripts_is_sent_as_it_is(chromium, home, ask):
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(ask())
    assert page.locator("#masking").is_hidden()
    assert page.get_by_text("A strip of paper over the document is enough.").is_visible()
    page.get_by_label("Picture or scan").set_input_files(card())
    page.get_by_role("button", name="Send the copy").click()
    assert heading(page).startswith("We have received your proof")
    context.close()


def test_pdf_and_what_is_no_picture_are_told_so(page, home, ask):
    page.goto(ask())
    file, said = page.get_by_label("Picture or scan"), page.locator("#masking-said")
    file.set_input_files({"name": "a.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7"})
    assert said.inner_text().startswith("A PDF cannot be blacked out here")
    file.set_input_files({"name": "a.png", "mimeType": "image/png", "buffer": b"words"})
    page.get_by_text("This picture cannot be shown here.").wait_for()
    assert page.locator("#masking-picture").is_hidden()
    page.get_by_role("button", name="Send the copy").click()
    assert page.locator("#id_document_error").inner_text().startswith("This is not a PDF")
    look(page, "identity-refused")
    assert accessible(page) == []


def test_person_confirms_or_denies_with_one_button(page, home, ask, case):
    link = ask()
    page.goto(link)
    page.get_by_role("button", name="Yes, the request is mine").click()
    assert heading(page) == f"Thank you: request {case.reference} is confirmed"
    look(page, "identity-confirmed")
    assert case.verifications.get().proven_at is not None
    page.goto(link)
    assert heading(page) == "This link does not work, or no longer"


def test_person_who_did_not_ask_says_so(page, home, ask, case):
    page.goto(ask())
    page.get_by_role("button", name="I did not ask for this").click()
    assert heading(page) == "Thank you for telling us"
    assert accessible(page) == []
    assert case.verifications.get().denied_at is not None


def test_person_uses_an_electronic_identity(page, home, ask, case):
    link = ask()
    page.goto(link)
    page.get_by_role("link", name="Use electronic identity").click()
    page.get_by_label("Name on the identity").fill("Otto Anders")
    page.get_by_role("button", name="Identify").click()
    assert heading(page) == "Your identity was not confirmed"
    page.goto(link)
    page.get_by_role("link", name="Use electronic identity").click()
    page.get_by_label("Name on the identity").fill("Ada Beispiel")
    page.get_by_role("button", name="Identify").click()
    assert heading(page) == f"Thank you: request {case.reference} is confirmed"
    row = case.verifications.get()
    assert (row.provider, row.proven_at is not None) == ("Played electronic identity", True)


def test_officer_decides_beside_the_proof(page, home, ask, case, staff):
    link = ask()
    verification.upload(link.split("/")[-2], card()["buffer"])
    officer = staff[Role.OFFICER]
    sign_in(page, home, officer, f"/admin/erasure/erasurecase/{case.pk}/change/")
    look(page, "case-identity")
    page.get_by_role("link", name="Confirm the identity").click()
    shown = page.get_by_role("img", name="Page 1 of the proof")
    assert shown.evaluate("image => image.decode().then(() => image.naturalWidth > 0)")
    look(page, "decision")
    assert accessible(page) == []
    assert page.get_by_text("is on file under another name").is_visible()
    page.get_by_role("button", name="Confirm the identity").click()
    look(page, "decision-errors")
    assert accessible(page) == []
    assert page.get_by_label("Method").input_value() == "ID_COPY"
    page.get_by_label("Name", exact=True).check()
    page.get_by_label("Why this is enough").fill("Name and dates are those on file.")
    page.get_by_label("After a document: its kind").select_option("IDENTITY_CARD")
    page.get_by_label("After a document: the country").fill("de")
    page.get_by_label("Art. 17(1)(b): consent withdrawn").check()
    page.get_by_label("Why the ground applies").fill("Consent withdrawn.")
    page.get_by_role("button", name="Confirm the identity").click()
    page.locator("header.band .badge", has_text="Searching").wait_for()
    look(page, "case-after-decision")
    row = case.verifications.get()
    assert (row.state, row.method, row.document_country) == ("CONFIRMED", "ID_COPY", "DE")
    assert (ErasureCase.objects.get().state, IdentityDocument.objects.count()) == ("DISCOVERY", 0)


def test_officer_asks_and_a_second_person_approves_the_last_resort(page, home, case, staff):
    at = f"/admin/erasure/erasurecase/{case.pk}/step"
    sign_in(page, home, staff[Role.OFFICER], f"{at}/ask_identity/")
    look(page, "ask-identity")
    assert accessible(page) == []
    page.goto(f"{home}{at}/propose_copy/")
    page.get_by_label("Reasonable doubt").fill("The number is another person's.")
    page.get_by_label("Why nothing less is enough").fill("Nobody answers the number on file.")
    page.get_by_label("Link to an address on file").check()
    look(page, "propose-copy")
    page.get_by_role("button", name="Propose to ask for a copy of an ID").click()
    page.goto(f"{home}/admin/erasure/erasurecase/{case.pk}/proof/")
    look(page, "decision-proposed")
    page.locator(".tools summary").click()
    page.locator("#logout-form button").click()
    sign_in(page, home, staff[Role.DPO], "/admin/")
    look(page, "worklist-copy")
    page.goto(f"{home}{at}/approve_copy/")
    look(page, "approve-copy")
    assert accessible(page) == []
    page.get_by_role("button", name="Approve the copy of an ID").click()
    assert case.verifications.get().approved_by == staff[Role.DPO].user
