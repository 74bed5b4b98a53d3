import re
from html import unescape

import pytest
from django.core.mail import EmailMessage, get_connection

from erasure.web.devmail import with_links


@pytest.fixture
def post(settings, tmp_path):
    """Writes a mail as the file backend does, into the folder the page shows."""
    settings.MAIL_FOLDER = tmp_path
    backend = get_connection(
        "django.core.mail.backends.filebased.EmailBackend", file_path=str(tmp_path)
    )

    def write(subject, body="Hello", to="ada@example.org"):
        EmailMessage(subject, body, "us@example.org", [to], connection=backend).send()

    return write


def subjects(response):
    return [unescape(each) for each in re.findall(r"<h2>(.*?)</h2>", response.content.decode())]


def test_mail_page_shows_the_newest_first(person, post):
    for subject in ("First", "Zweite für Ada", "<b>Third</b>"):
        post(subject)
    assert subjects(person.get("/dev/mail/")) == ["<b>Third</b>", "Zweite für Ada", "First"]


def test_mail_page_without_any_mail_says_so(person, settings, tmp_path):
    settings.MAIL_FOLDER = tmp_path / "not-there-yet"
    assert re.findall(r"<p>(No mail yet\.)", person.get("/dev/mail/").content.decode()) == [
        "No mail yet."
    ]


def test_mail_page_in_production_is_not_there(person, post, settings):
    post("Secret")
    settings.DEVELOPMENT = settings.SANDBOX = False
    assert person.get("/dev/mail/").status_code == 404


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (
            "http://127.0.0.1:8000/identity/aB-_9/\nThanks",
            '<a href="http://127.0.0.1:8000/identity/aB-_9/">'
            "http://127.0.0.1:8000/identity/aB-_9/</a>\nThanks",
        ),
        ("http://evil.example.com/x", "http://evil.example.com/x"),
        ("http://127.0.0.1:80001/x", "http://127.0.0.1:80001/x"),
        ("http://127.0.0.1:8000.example.com/", "http://127.0.0.1:8000.example.com/"),
        ("javascript:alert(1)", "javascript:alert(1)"),
        (
            'http://127.0.0.1:8000/a"onclick=x',
            '<a href="http://127.0.0.1:8000/a">http://127.0.0.1:8000/a</a>&quot;onclick=x',
        ),
        ("<script>", "&lt;script&gt;"),
    ],
)
def test_links_lead_to_ourselves_only(text, shown):
    assert with_links(text) == shown
