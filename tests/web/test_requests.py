import logging
import re
from html import unescape
from smtplib import SMTPServerDisconnected

import pytest
from django.core.cache import cache
from django.core.mail.backends.locmem import EmailBackend
from django.test import Client

from erasure import clock
from erasure.models import ErasureCase, OneTimeLink
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
    links = re.findall(r'<a (?:class="button" )?href="(/\w+/)">(.*?)</a>', page)
    assert links == [("/request/", "Ask for erasure"), ("/admin/", "Staff sign in")]


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


def test_request_for_somebody_else_is_marked(ask):
    ask(on_behalf="somebody")
    assert ErasureCase.objects.get().on_behalf is True


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
            ("id_emails", "Give an e-mail address: a link to confirm is sent to it."),
        ),
        (
            {"emails": "ada@example.org\nada at example"},
            (
                "id_emails",
                "Line 2: An e-mail address has exactly one @. Write it like ada@example.org.",
            ),
        ),
        (
            {"phones": "12x"},
            (
                "id_phones",
                "Line 1: A phone number has digits only, no letters or extension: "
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
            ("id_text", "Ensure this value has at most 4000 characters (it has 4001)."),
        ),
        (
            {"website": "https://example.com"},
            ("id_website", "Empty the field “Leave this field empty” and send again."),
        ),
        (
            {"emails": "\n".join(f"ada{n}@example.org" for n in range(20)),
             "phones": "\n".join(f"030 23125 {n}" for n in range(100, 111))},
            ("id_phones", "Give at most 30 names, addresses and numbers."),
        ),
    ],
)  # fmt: skip
def test_request_with_a_bad_field_names_it_and_records_nothing(ask, mailoutbox, changed, expected):
    response = ask(**changed)
    field, sentence = expected
    label = response.context["form"][field.removeprefix("id_")].label
    assert response.status_code == 400
    assert complaints(response) == [(field, f"{label}: {sentence}")]
    assert response.content.decode().count(f'id="{field}"') == 1  # the link leads somewhere
    assert (ErasureCase.objects.count(), len(mailoutbox)) == (0, 0)


def test_request_with_errors_loses_nothing_typed(ask):
    typed = {"emails": "no address", "name": "<b>Ada</b>", "phones": "+49 30 23125 999"}
    form = ask(**typed).context["form"]
    kept = {name: form[name].value() for name in FORM}
    assert kept == {**FORM, **typed}


def test_request_typed_markup_is_shown_escaped(ask):
    page = ask(name="<script>alert(1)</script>", emails="x").content.decode()
    assert (page.count("<script"), page.count("&lt;script&gt;alert(1)")) == (0, 1)


def test_request_name_with_a_header_in_it_adds_no_recipient(ask, mailoutbox):
    ask(name="Ada\r\nBcc: eve@example.com")
    mail = mailoutbox[0]
    assert (len(mailoutbox), mail.recipients()) == (1, [EMAIL])
    assert mail.subject == f"Please confirm your request {ErasureCase.objects.get().reference}"
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
    found = [re.findall(rb"<script|<style| style=| on\w+=", page.content) for page in pages]
    assert found == [[]] * 6
