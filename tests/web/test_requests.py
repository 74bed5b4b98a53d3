import logging
import re
from html import unescape
from smtplib import SMTPServerDisconnected

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.mail.backends.locmem import EmailBackend
from django.test import Client

from erasure import clock
from erasure.models import ErasureCase, MandatePage, OneTimeLink
from tests.uploads import files
from tests.web.conftest import FORM

EMAIL = "ada.o'beispiel+shop@example.org"
PERSONAL = ("beispiel", "example.org", "example.com", "23125999", "Alles bitte")


class NoMail(EmailBackend):
    def send_messages(self, messages):
        raise SMTPServerDisconnected


def complaints(response):
    """Field and sentence of each error in the summary, as a reader sees them."""
    summary = re.search(r'<div class="summary".*?</div>', response.content.decode(), re.DOTALL)
    found = re.findall(r'<li>(?:<a href="#(\w+)">)?(.*?)(?:</a>)?</li>', summary[0])
    return [(field, unescape(text)) for field, text in found]


def test_start_offers_the_form_and_staff_sign_in(person):
    page = person.get("/").content.decode()
    links = re.findall(r'<a (?:class="button" )?href="(/\w+/)"[^>]*>(.*?)</a>', page)
    assert links == [
        ("/request/", "Ask for erasure"),
        ("/status/", "See where your request stands"),
        ("/check/", "Check it"),
        ("/admin/", "Staff sign in"),
    ]


def test_request_when_valid_makes_one_case_and_one_mail(ask, mailoutbox):
    response = ask()
    case = ErasureCase.objects.get()
    assert (response.status_code, response["Location"]) == (
        302,
        f"/request/received/{case.reference}/",
    )
    assert (case.subject.name, case.language, case.on_behalf) == ("Ada O’Beispiel", "de", False)
    assert [(row.kind, row.value) for row in case.identifiers.all()] == [
        ("email", EMAIL),
        ("email", "ada@example.com"),
        ("phone", "+493023125999"),
        ("name", "Ada O’Beispiel"),
    ]
    assert case.request == "Alles bitte."
    assert [(mail.to, mail.cc, mail.bcc) for mail in mailoutbox] == [([EMAIL], [], [])]


@pytest.mark.parametrize("name", ["Jörg Müßig", "أدا مثال", "O'Neill-Ångström", "李小龍"])
def test_request_name_in_any_script_is_kept_as_written(ask, name):
    assert ask(name=name).status_code == 302
    assert ErasureCase.objects.get().subject.name == name


def test_request_with_other_names_searches_by_them_too(ask):
    ask(other_names=" Ada  Muster\nأدا مثال; Ada Muster")
    names = ErasureCase.objects.get().identifiers.filter(kind="name")
    assert [(row.value, row.state) for row in names] == [
        ("Ada O’Beispiel", "CONFIRMED"),
        ("Ada Muster", "CONFIRMED"),
        ("أدا مثال", "CONFIRMED"),
    ]


# --- several inputs, several languages, no JavaScript ----------------------------------------


def inputs(response, name):
    """The values of the inputs of one name, as the page draws them."""
    tags = re.findall(rf'<input [^>]*name="{name}"[^>]*>', response.content.decode())
    return [re.search(r'value="(.*?)"', tag)[1] for tag in tags]


def test_request_asked_for_one_more_input_shows_it_and_judges_nothing(ask, mailoutbox):
    response = ask(more="phones", name="", emails=["no address", "b@example.org"])
    page = response.content.decode()
    assert (response.status_code, "errorlist" in page, "summary" in page) == (200, False, False)
    assert inputs(response, "emails") == ["no address", "b@example.org"]
    assert inputs(response, "phones") == ["030 23125 999", ""]
    assert re.search(r"<input [^>]*autofocus>", page)[0].count('id="id_phones_1"') == 1
    assert (ErasureCase.objects.count(), mailoutbox) == (0, [])


def test_request_shown_in_another_language_keeps_what_was_typed(ask, person):
    response = ask(show="fr", language="en", text="Tout, s’il vous plaît.")
    form = response.context["form"]
    assert (response["Content-Language"], form["language"].value()) == ("fr", "fr")
    assert form["text"].value() == "Tout, s’il vous plaît."
    assert person.get("/request/")["Content-Language"] == "fr"


def test_request_shown_in_another_language_leaves_the_chosen_one_of_the_answer(ask):
    assert ask(show="fr", language="nl").context["form"]["language"].value() == "nl"


def test_request_enter_in_a_field_sends_the_form_and_presses_nothing_else(person):
    page = person.get("/request/").content.decode()
    buttons = re.findall(r'<button type="submit"([^>]*)>', page)
    assert buttons[0] == ' form="ask" class="trap" tabindex="-1" aria-hidden="true"'


def test_request_pasted_list_in_one_input_is_taken_apart(ask):
    ask(emails=["a@example.org, b@example.org;c@example.org"])
    emails = ErasureCase.objects.get().identifiers.filter(kind="email")
    assert [row.value for row in emails] == ["a@example.org", "b@example.org", "c@example.org"]


@pytest.mark.parametrize("name", ["Zoë 🦊 Beispiel", "‏ليلى‎ مثال", "=HYPERLINK(Ada)", "A" * 200])
def test_request_with_a_strange_name_is_taken_as_the_person_writes_it(ask, name):
    assert ask(name=name).status_code == 302
    kept = ErasureCase.objects.get().subject.name
    assert kept == name.replace("\u200f", "").replace("\u200e", "")


def test_request_of_ten_thousand_characters_says_what_fits_and_keeps_them(ask):
    response = ask(text="ä" * 10_000)
    assert response.status_code == 400
    assert complaints(response)[0][0] == "id_text"
    assert response.context["form"]["text"].value() == "ä" * 10_000


def test_request_with_a_body_beyond_any_form_is_not_read(person):
    response = person.post("/request/", data=b"x", content_type="text/plain",
                           headers={"Content-Length": str(200 * 2**20)})  # fmt: skip
    assert (response.status_code, b"too large. Go back" in response.content) == (413, True)


# --- sent twice ------------------------------------------------------------------------------


@pytest.fixture
def number(person):
    """The number of a form that was opened."""
    return person.get("/request/").context["form"]["number"].value()


def test_request_sent_twice_is_one_case_one_mail_and_one_answer(ask, number, mailoutbox):
    answers = [ask(number=number) for _ in range(3)]
    assert len({answer["Location"] for answer in answers}) == 1
    assert (ErasureCase.objects.count(), len(mailoutbox)) == (1, 1)


def test_request_sent_again_after_it_was_confirmed_stays_as_it_is(
    ask, person, number, last_link, mailoutbox
):
    ask(number=number)
    person.post(last_link())
    ask(number=number)
    assert (ErasureCase.objects.get().state, len(mailoutbox)) == ("VALIDATING", 1)


def test_request_sent_again_with_a_corrected_address_is_another(ask, number, mailoutbox):
    ask(number=number, emails=["ada@exmaple.org"])
    ask(number=number, emails=["ada@example.org"])
    assert [mail.to for mail in mailoutbox] == [["ada@exmaple.org"], ["ada@example.org"]]
    assert ErasureCase.objects.count() == 2


def test_request_sent_again_after_its_mail_failed_sends_the_mail(
    ask, person, number, settings, mailoutbox, last_link
):
    backend = settings.EMAIL_BACKEND
    settings.EMAIL_BACKEND = "tests.web.test_requests.NoMail"
    assert ask(number=number).status_code == 503
    settings.EMAIL_BACKEND = backend
    assert ask(number=number).status_code == 302
    person.post(last_link())
    assert (ErasureCase.objects.get().state, len(mailoutbox)) == ("VALIDATING", 1)


def test_request_with_an_invented_number_gets_one_of_ours(ask, mailoutbox):
    assert [ask(number=n).status_code for n in ("", "1", "x" * 500, "<b>")] == [302] * 4
    assert ErasureCase.objects.count() == 4


# --- on behalf of somebody -------------------------------------------------------------------

AGENT = {"on_behalf": "somebody", "agent_name": "Rita Recht", "agent_email": "Rita@Example.net"}


def test_request_for_somebody_else_mails_who_asks_and_never_searches_by_it(ask, mailoutbox):
    assert ask(**AGENT).status_code == 302
    case = ErasureCase.objects.get()
    agent = case.representative
    assert (case.on_behalf, agent.name, agent.email) == (True, "Rita Recht", "rita@example.net")
    assert [mail.to for mail in mailoutbox] == [["rita@example.net"]]
    assert "rita@example.net" not in [row.value for row in case.identifiers.all()]


@pytest.mark.parametrize(
    ("changed", "field"),
    [({"agent_name": ""}, "id_agent_name"), ({"agent_email": ""}, "id_agent_email"),
     ({"agent_email": "rita"}, "id_agent_email"), ({"emails": "", "phones": ""}, "id_emails_0")],
)  # fmt: skip
def test_request_for_somebody_else_asks_for_what_is_missing(ask, changed, field):
    response = ask(**{**AGENT, **changed})
    assert (response.status_code, complaints(response)[0][0]) == (400, field)
    assert ErasureCase.objects.count() == 0


def test_request_with_a_mandate_keeps_a_fresh_drawing_sealed(ask):
    picture = upload(files.with_exif())
    assert ask(**AGENT, mandate=picture).status_code == 302
    (page,) = MandatePage.objects.all()
    assert page.opened_data().startswith(b"\xff\xd8\xff")
    assert not bytes(page.data_sealed).startswith(b"\xff\xd8\xff")
    assert (files.SECRET in page.opened_data(), page.case.documents.count()) == (False, 0)


@pytest.mark.parametrize(
    ("data", "sentence"),
    [(b"MZ\x90 a program", "This is not a PDF, JPEG, PNG or WebP file. Upload one of these."),
     (b"", "The file is empty. Choose the file with the document once more.")],
)  # fmt: skip
def test_request_with_a_mandate_that_is_no_picture_loses_nothing_else(ask, data, sentence):
    response = ask(**AGENT, mandate=upload(data))
    assert complaints(response) == [("id_mandate", f"What shows that you may ask: {sentence}")]
    assert (inputs(response, "agent_email"), ErasureCase.objects.count()) == (
        ["Rita@Example.net"],
        0,
    )


def test_request_while_the_scanner_is_down_waits_with_everything_kept(ask, settings):
    settings.CLAMAV = "tcp://127.0.0.1:1"
    response = ask(**AGENT, mandate=upload(files.with_exif()))
    assert (response.status_code, ErasureCase.objects.count()) == (503, 0)
    assert inputs(response, "agent_email") == ["Rita@Example.net"]


def test_request_for_oneself_with_a_mandate_left_over_keeps_none(ask):
    ask(mandate=upload(files.with_exif()))
    assert MandatePage.objects.count() == 0


def upload(data):
    return SimpleUploadedFile("mandate.png", data, content_type="image/png")


def test_received_page_tells_the_reference_and_looks_nothing_up(person, django_assert_num_queries):
    with django_assert_num_queries(0):
        page = person.get("/request/received/ER-2026-NNNNNN/").content.decode()
    heading = re.search(r"<h1>(.*?)</h1>", page)[1]
    assert re.sub("<.*?>", "", heading) == "We have received your request ER-2026-NNNNNN"


@pytest.mark.parametrize("reference", ["ER-2026-<b>x", "hello", "ER-2026-ABCDEFG"])
def test_received_page_repeats_nothing_but_a_reference(person, reference):
    assert person.get(f"/request/received/{reference}/").status_code == 404


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"name": ""}, ("id_name", "Give the name of the person whose data it is.")),
        (
            {"name": "12345"},
            ("id_name", "A name has at least one letter. Write it like Ada Beispiel."),
        ),
        (
            {"emails": ""},
            ("id_emails_0", "Give an e-mail address: a link to confirm is sent to it."),
        ),
        (
            {"emails": ["ada@example.org", "ada at example"]},
            (
                "id_emails_1",
                "An e-mail address has exactly one @. Write it like ada@example.org.",
            ),
        ),
        (
            {"phones": "12x"},
            (
                "id_phones_0",
                "A phone number has digits only, no letters or extension: "
                "+49 30 1234567.",
            ),
        ),
        ({"on_behalf": ""}, ("id_on_behalf", "Choose whose data it is.")),
        (
            {"language": "tlh"},
            (
                "id_language",
                "Select a valid choice. tlh is not one of the available choices.",
            ),
        ),
        (
            {"text": "x" * 4001},
            (
                "id_text",
                "4000 characters fit in here, and these are 4001. "
                "Shorten it; you can write us more later.",
            ),
        ),
        (
            {"website": "https://example.com"},
            ("id_website", "Empty the field “Leave this field empty” and send again."),
        ),
        (
            {"emails": [f"ada{n}@example.org" for n in range(20)],
             "phones": [f"030 23125 {n}" for n in range(100, 110)]},
            ("id_phones_0", "Give at most 30 names, addresses and numbers."),
        ),
    ],
)  # fmt: skip
def test_request_with_a_bad_field_names_it_and_records_nothing(ask, mailoutbox, changed, expected):
    response = ask(**changed)
    field, sentence = expected
    label = response.context["form"][re.sub(r"^id_|_\d$", "", field)].label
    assert response.status_code == 400
    assert complaints(response) == [(field, f"{label}: {sentence}")]
    assert response.content.decode().count(f'id="{field}"') == 1  # the link leads somewhere
    assert (ErasureCase.objects.count(), len(mailoutbox)) == (0, 0)


def test_request_with_errors_loses_nothing_typed(ask):
    typed = {"emails": ["no address", "ada@example.org"], "name": "<b>Ada</b>"}
    form = ask(**typed).context["form"]
    kept = {name: form[name].value() for name in FORM}
    assert kept == {**FORM, **typed}
    assert [(row.value, bool(row.error)) for row in form["emails"].rows] == [
        ("no address", True),
        ("ada@example.org", False),
    ]


def test_request_typed_markup_is_shown_escaped(ask):
    page = ask(name="<script>alert(1)</script>", emails="x").content.decode()
    assert (page.count("<script>"), page.count("&lt;script&gt;alert(1)")) == (0, 1)


def test_request_name_with_a_header_in_it_adds_no_recipient(ask, mailoutbox):
    ask(name="Ada\r\nBcc: eve@example.com")
    mail = mailoutbox[0]
    assert (len(mailoutbox), mail.recipients()) == (1, [EMAIL])
    assert (
        mail.subject == f"Bitte bestätigen Sie Ihren Antrag {ErasureCase.objects.get().reference}"
    )
    assert mail.message()["Bcc"] is None


def test_request_address_with_a_header_in_it_is_refused(ask, mailoutbox):
    response = ask(emails="ada@example.org\r\nBcc: eve@example.com")
    assert (response.status_code, len(mailoutbox)) == (400, 0)


def test_request_without_csrf_token_shows_our_page(db):
    response = Client(enforce_csrf_checks=True).post("/request/", FORM)
    heading = re.search(r"<h1>(.*?)</h1>", response.content.decode())[1]
    assert (response.status_code, heading) == (403, "The form could not be sent")


def test_request_when_mail_cannot_leave_says_so_and_loses_nothing(ask, settings):
    settings.EMAIL_BACKEND = "tests.web.test_requests.NoMail"
    response = ask()
    assert (response.status_code, response["Retry-After"]) == (503, "3600")
    assert [text for _, text in complaints(response)] == [
        "Your request is recorded, but the mail with the link could not be sent. "
        "Send the form again in an hour, or write to us."
    ]
    assert response.context["form"]["name"].value() == FORM["name"]


# --- limits --------------------------------------------------------------------------------


def test_request_sixth_for_an_address_within_an_hour_is_refused(ask, mailoutbox):
    statuses = [ask().status_code for _ in range(6)]
    assert (statuses, len(mailoutbox)) == ([302] * 5 + [429], 5)


def test_request_refused_for_one_address_passes_for_another(ask):
    for _ in range(6):
        ask()
    assert ask(emails="grace@example.org").status_code == 302


def test_request_when_limited_says_so_and_loses_nothing(ask):
    for _ in range(5):
        ask()
    response = ask()
    assert response["Retry-After"] == "3600"
    assert [text for _, text in complaints(response)] == [
        "Too many requests came from here, or for this address, within an hour. "
        "Nothing is lost: wait an hour and send the form again, or write to us."
    ]
    assert response.context["form"]["emails"].value() == FORM["emails"]


def test_request_twenty_first_from_a_network_is_refused(ask):
    statuses = [ask(emails=f"ada{n}@example.org").status_code for n in range(21)]
    assert statuses == [302] * 20 + [429]


def test_request_with_errors_does_not_count(ask):
    for _ in range(30):
        ask(emails="")
    assert ask().status_code == 302


def test_request_without_a_cache_still_works(ask, settings):
    settings.CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": "unix:///nowhere/broker.sock",
        }
    }
    assert [ask().status_code for _ in range(6)] == [302] * 6


def test_request_leaves_no_personal_value_in_logs_or_cache_keys(
    ask, person, last_link, caplog, django_capture_on_commit_callbacks
):
    caplog.set_level(logging.DEBUG)
    logging.getLogger("django.db.backends").setLevel(logging.INFO)
    with django_capture_on_commit_callbacks(execute=True):
        ask()
        person.post(last_link())
        person.post(last_link())
    said = caplog.text + " ".join(map(str, cache._cache))
    assert len(cache._cache) == 2
    assert [value for value in PERSONAL if value.lower() in said.lower()] == []
    assert said.count(last_link().split("/")[-2]) == 0


# --- the link ------------------------------------------------------------------------------


def test_confirm_page_when_looked_at_confirms_nothing(ask, person, last_link):
    ask()
    looked = [person.get(last_link()), person.head(last_link()), person.get(last_link())]
    assert [response.status_code for response in looked] == [200, 200, 200]
    assert ErasureCase.objects.get().requester_confirmed_at is None


def test_confirm_by_the_button_confirms_and_moves_on(ask, person, last_link):
    ask()
    response = person.post(last_link())
    case = ErasureCase.objects.get()
    assert (response.status_code, case.state) == (200, "VALIDATING")
    assert case.requester_confirmed_at is not None


def test_confirm_works_under_no_referrer_where_browsers_send_a_null_origin(ask, last_link):
    ask()
    strict = Client(enforce_csrf_checks=True, headers={"Origin": "null"})
    assert strict.post(last_link()).status_code == 200


@pytest.mark.parametrize("method", ["get", "post"])
def test_confirm_link_used_expired_or_unknown_gets_the_same_page(ask, person, last_link, method):
    ask()
    used = last_link()
    person.post(used)
    ask()
    OneTimeLink.objects.filter(used_at=None).update(expires_at=clock.now())
    answers = [
        getattr(person, method)(path)
        for path in (used, last_link(), "/request/confirm/never-made/")
    ]
    assert [response.status_code for response in answers] == [410, 410, 410]
    assert len({response.content for response in answers}) == 1


@pytest.mark.parametrize("path", ["/request/confirm/nope/", "/identity/nope/"])
def test_token_page_is_kept_by_no_cache_and_told_to_no_site(person, path):
    response = person.get(path)
    assert (response["Cache-Control"], response["Referrer-Policy"], response["X-Robots-Tag"]) == (
        "no-store",
        "no-referrer",
        "noindex",
    )


@pytest.mark.parametrize("path", ["/request/confirm/s3cret/", "/identity/s3cret/"])
@pytest.mark.parametrize("method", ["get", "post", "delete"])
def test_token_page_refused_is_not_logged(person, caplog, path, method):
    caplog.set_level(logging.INFO)
    getattr(person, method)(path)
    assert caplog.text.count("s3cret") == 0


def test_pages_carry_no_inline_script_or_style(ask, person, last_link, asked):
    pages = [
        ask(emails=""),
        person.get("/"),
        person.get("/request/"),
        person.get(asked[1]),
        person.get("/nowhere"),
    ]
    ask()
    pages.append(person.get(last_link()))
    inline = rb"<script(?! src=)|<style| style=| on\w+="
    found = [re.findall(inline, page.content) for page in pages]
    assert found == [[]] * 6
