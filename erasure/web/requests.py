"""The public form: ask for erasure, and confirm it by the link in the mail."""

import logging
from smtplib import SMTPException

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from erasure.errors import InputError
from erasure.intake import CONFIRM_DAYS, confirm_request, request_by_web
from erasure.models import ErasureCase, OneTimeLink
from erasure.values import Identifier, IdentifierKind
from erasure.web.forms import SOMEBODY_ELSE, RequestForm
from erasure.web.limit import HOUR, allowed, network
from erasure.web.pages import by_one_time_link, link_is_gone, page

logger = logging.getLogger(__name__)

MOST_PER_ADDRESS = 5  # an hour
MOST_PER_NETWORK = 20
TOO_MANY = (
    "Too many requests came from here, or for this address, within an hour. "
    "Nothing is lost: wait an hour and send the form again, or write to us."
)
NO_MAIL = (
    "Your request is recorded, but the mail with the link could not be sent. "
    "Send the form again in an hour, or write to us."
)


@require_safe
def start(request: HttpRequest) -> HttpResponse:
    """Two ways in: the person's and the staff's."""
    return page(request, "start.html")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest) -> HttpResponse:
    """The form. Its answer never tells whether anything is held."""
    form = RequestForm(request.POST if request.method == "POST" else None)
    if not form.is_valid():
        return page(request, "request.html", form=form, status=400 if form.is_bound else 200)
    if not within_limits(request, form):
        return not_sent(request, form, TOO_MANY, 429)
    try:
        case = record(form)
    except InputError as why:
        form.add_error(why.field if why.field in form.fields else None, str(why))
        return page(request, "request.html", form=form, status=400)
    except (SMTPException, OSError) as error:
        logger.error("A mail with a link could not be sent: %s", type(error).__name__)
        return not_sent(request, form, NO_MAIL, 503)
    return redirect("received", reference=case.reference)


def not_sent(request: HttpRequest, form: RequestForm, why: str, status: int) -> HttpResponse:
    """The form as it was typed, to be sent again later."""
    form.add_error(None, why)
    response = page(request, "request.html", form=form, status=status, heading="Please wait")
    response["Retry-After"] = str(HOUR)
    return response


def within_limits(request: HttpRequest, form: RequestForm) -> bool:
    first = form.cleaned_data["emails"][0]
    return allowed("network", network(request), MOST_PER_NETWORK) and allowed(
        "address", first.value, MOST_PER_ADDRESS
    )


def record(form: RequestForm) -> ErasureCase:
    given = form.cleaned_data
    name = Identifier(IdentifierKind.NAME, given["name"])
    return request_by_web(
        name=given["name"],
        identifiers=(*given["emails"], *given["phones"], name, *given["other_names"]),
        language=given["language"],
        on_behalf=given["on_behalf"] == SOMEBODY_ELSE,
        text=given["text"],
    )


@require_safe
def received(request: HttpRequest, reference: str) -> HttpResponse:
    """Repeats the reference and looks nothing up: it tells nobody whether a case exists."""
    return page(request, "received.html", reference=reference, days=CONFIRM_DAYS)


# Token pages need no CSRF token: the link itself is the secret, no cookie gives any power
# here, and under "no-referrer" browsers send "Origin: null", which that check refuses.
@csrf_exempt
@by_one_time_link
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """Looking confirms nothing, as programs that check mail open links; the button does."""
    if request.method != "POST":
        link = OneTimeLink.objects.usable(OneTimeLink.CONFIRM, token)
        return page(request, "confirm.html") if link else link_is_gone(request)
    case = confirm_request(token)
    if case is None:
        return link_is_gone(request)
    return page(request, "confirmed.html", reference=case.reference)
