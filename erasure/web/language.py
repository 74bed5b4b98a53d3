"""The language of a page: chosen on it, else the browser's. The admin is always in English."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import translation
from django.utils.cache import patch_vary_headers

CHOICE = "language"  # the name of the choice in addresses and forms


class PublicLanguage:
    """Middleware: answers each request in one language and remembers a choice in a cookie."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info.startswith(reverse("admin:index")):
            with translation.override(settings.LANGUAGE_CODE):
                return self.get_response(request)
        chosen = offered(request.GET.get(CHOICE, ""))
        code = chosen or offered(translation.get_language_from_request(request))
        with speaking(code):
            response = self.get_response(request)
            response.headers.setdefault("Content-Language", code)
        patch_vary_headers(response, ("Accept-Language",))
        if chosen:
            remember(response, chosen)
        return response


def offered(code: str) -> str:
    """The code if it is one of ours, in English for ``en-gb``; else ""."""
    short = code.partition("-")[0]
    return short if short in dict(settings.LANGUAGES) else ""


def speaking(code: str) -> translation.override:
    """Texts and dates in this language; English dates are written as in the admin."""
    return translation.override(settings.LANGUAGE_CODE if code in ("", "en") else code)


def spoken() -> str:
    """The code of the language spoken now."""
    return offered(translation.get_language() or "") or "en"


def remember(response: HttpResponse, code: str) -> None:
    """For this visit: the cookie goes with the browser's window."""
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME, code, path=settings.LANGUAGE_COOKIE_PATH,
        secure=settings.LANGUAGE_COOKIE_SECURE, httponly=True, samesite="Lax",
    )  # fmt: skip
