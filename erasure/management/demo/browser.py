"""A member of staff at the admin, over HTTP: enough of a browser to press a button."""

import re
import urllib.error
import urllib.parse
import urllib.request
from http.cookiejar import CookieJar

from django.conf import settings

from erasure.models import ErasureCase
from erasure.values import Step

ALERT = re.compile(
    r'<ul class="errorlist"[^>]*><li>([^<]+)</li>'
    r'|<p class="note (?:waiting|danger)"[^>]*>([^<]+)</p>'
)
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


class Browser:
    """Signs in with the trial password of this data folder."""

    def __init__(self, url: str, user: str) -> None:
        self.url = url
        self.open = urllib.request.build_opener(
            urllib.request.HTTPCookieProcessor(CookieJar())
        ).open
        password = (settings.DATA / "trial-password").read_text().strip()
        self.post("/admin/login/?next=/admin/", username=user, password=password)

    def get(self, path: str) -> str:
        with self.open(self.url + path, timeout=30) as answer:
            return str(answer.read().decode())

    def post(self, path: str, **fields: str) -> tuple[int, str]:
        """Send a form of a page, with the page's own token."""
        found = TOKEN.search(self.get(path))
        given = {**fields, "csrfmiddlewaretoken": found[1] if found else ""}
        request = urllib.request.Request(  # noqa: S310 - our own address on loopback
            self.url + path,
            data=urllib.parse.urlencode(given).encode(),
            headers={"Referer": self.url + path},
        )
        try:
            with self.open(request, timeout=30) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def press(self, case: ErasureCase, step: Step) -> str:
        """Press the button of a step, also one the page does not offer."""
        path = f"/admin/erasure/erasurecase/{case.pk}/step/{step}/"
        try:
            status, page = self.post(path)
        except urllib.error.HTTPError as error:
            status, page = error.code, ""
        said = ALERT.search(page)
        text = next(filter(None, said.groups())).strip() if said else "refused"
        return f"HTTP {status}, {text}"
