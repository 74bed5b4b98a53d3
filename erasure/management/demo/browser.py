"""Somebody at the pages, over HTTP: enough of a browser to fill in a form and press a button."""

import html
import re

import requests
from django.conf import settings

from erasure.models import ErasureCase
from erasure.values import Step

ALERT = re.compile(
    r'<ul class="errorlist"[^>]*><li>([^<]+)</li>'
    r'|<p class="note (?:waiting|danger)"[^>]*>([^<]+)</p>'
)
HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')
TIMEOUT = 30  # seconds
Answer = tuple[int, str]  # status and page
Fields = dict[str, str | list[str]]


class Browser:
    """Keeps cookies, and sends a form with whatever its page has hidden in it."""

    def __init__(self, url: str, language: str = "en") -> None:
        self.url = url
        self.session = requests.Session()
        self.session.trust_env = False  # a proxy has no business on loopback
        self.session.headers["Accept-Language"] = language

    def get(self, path: str) -> str:
        return self.session.get(self.url + path, timeout=TIMEOUT).text

    def post(self, path: str, **fields: str | list[str]) -> Answer:
        """Send a form of a page, with the page's own token."""
        return self.send(path, hidden(self.get(path)) | fields)

    def send(self, path: str, fields: Fields) -> Answer:
        """These fields and nothing else."""
        at = self.url + path
        answer = self.session.post(at, fields, headers={"Referer": at}, timeout=TIMEOUT)
        return answer.status_code, answer.text

    def press(self, case: ErasureCase, step: Step) -> str:
        """Press the button of a step, also one the page does not offer."""
        status, page = self.post(f"/admin/erasure/erasurecase/{case.pk}/step/{step}/")
        said = ALERT.search(page)
        text = next(filter(None, said.groups())).strip() if said else "refused"
        return f"HTTP {status}, {text}"


def hidden(page: str) -> Fields:
    """What the forms of a page send unseen: the first of each name."""
    found: Fields = {}
    for name, value in HIDDEN.findall(page):
        found.setdefault(name, html.unescape(value))
    return found


def signed_in(url: str, user: str) -> Browser:
    """A member of staff at the admin, with the trial password of this data folder."""
    browser = Browser(url)
    password = (settings.DATA / "trial-password").read_text().strip()
    browser.post("/admin/login/?next=/admin/", username=user, password=password)
    return browser
