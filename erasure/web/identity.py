"""The page on which a person proves who they are, by a link that works once."""

from collections.abc import Callable

from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as mark
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from erasure.errors import BusyError, InputError
from erasure.models import ErasureCase, OneTimeLink
from erasure.uploads import MAX_BYTES, MIB
from erasure.verification import confirm_link, deny, link_of, upload, ways_of
from erasure.web.limit import allowed
from erasure.web.pages import by_one_time_link, link_is_gone, page

MOST_BODY = MAX_BYTES + MIB // 16  # bytes; the form around the file is small
MOST_TRIES = 20  # an hour and link: opening a file costs us seconds
TOO_LARGE = mark("The file is larger than 10 MB. Upload a smaller scan or photo.")
TOO_OFTEN = mark("This link was tried too often within an hour. It still works: try again later.")
ABSENT = mark("Choose the file with your proof of identity.")
TORN = mark("The file did not arrive whole. Choose it and send it once more.")
BUSY = mark(
    "The file cannot be checked at the moment. Your link still works: try again in a minute."
)


@csrf_exempt  # as confirm in requests.py
@by_one_time_link
@require_http_methods(["GET", "HEAD", "POST"])
def identity(request: HttpRequest, token: str) -> HttpResponse:
    """What is asked and what becomes of it; POST confirms, denies or takes one file in."""
    link = link_of(token)
    if link is None:
        return link_is_gone(request)
    if request.method != "POST":
        return form_page(request, link)
    if int(request.META.get("CONTENT_LENGTH") or 0) > MOST_BODY:
        return form_page(request, link, TOO_LARGE, 413)  # before any of it is read
    if not allowed("upload", str(link.pk), MOST_TRIES):
        return form_page(request, link, TOO_OFTEN, 429)
    try:
        take, done = act_of(request)
        case = take(token)
    except BusyError:
        return form_page(request, link, BUSY, 503)
    except InputError as why:
        gone = why.field == "link"
        return link_is_gone(request) if gone else form_page(request, link, str(why), 400)
    return page(request, done, reference=case.reference)


def act_of(request: HttpRequest) -> tuple[Callable[[str], ErasureCase], str]:
    """What the person does, and the page that says so.

    Raises:
        InputError: a file was to be sent, and none came, or not whole.
    """
    try:
        asked = request.POST.get("answer", "")
    except (MultiPartParserError, SuspiciousOperation, UnreadablePostError):
        raise InputError("document", TORN) from None
    if asked == "mine":
        return confirm_link, "identity_confirmed.html"
    if asked == "not-mine":
        return deny, "identity_denied.html"
    document = document_of(request)
    return lambda token: upload(token, document), "uploaded.html"


def document_of(request: HttpRequest) -> bytes:
    """The bytes of the one file.

    Raises:
        InputError: none came, or not whole.
    """
    try:
        document = request.FILES.get("document")
    except (MultiPartParserError, SuspiciousOperation, UnreadablePostError):
        raise InputError("document", TORN) from None
    if document is None:
        raise InputError("document", ABSENT)
    return document.read()


def form_page(
    request: HttpRequest, link: OneTimeLink, error: str = "", status: int = 200
) -> HttpResponse:
    """The form, with what is wrong beside its field. The link is not used up."""
    return page(
        request, "identity.html", status=status, error=_(error) if error else "",
        reference=link.case.reference, until=link.expires_at, megabytes=MAX_BYTES // MIB,
        ways=[way.value for way in ways_of(link)],
    )  # fmt: skip
