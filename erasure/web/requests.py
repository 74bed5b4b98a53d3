"""The public form: ask for erasure, and confirm it by the link in the mail."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods, require_safe

from erasure.errors import BusyError, InputError
from erasure.intake import (
    CONFIRM_DAYS,
    UnsentError,
    confirm_request,
    redrawn_mandate,
    request_by_web,
)
from erasure.models import OneTimeLink
from erasure.uploads import MAX_BYTES, MIB
from erasure.web.forms import SOMEBODY_ELSE, RequestForm
from erasure.web.language import offered, remember, speaking, spoken
from erasure.web.limit import HOUR, allowed, network
from erasure.web.pages import by_one_time_link, link_is_gone, page
from erasure.web.sentences import translated

MOST_PER_ADDRESS = 5  # an hour
MOST_PER_NETWORK = 20
TOO_MANY = gettext_noop(
    "Too many requests came from here, or for this address, within an hour. "
    "Nothing is lost: wait an hour and send the form again, or write to us."
)
NO_MAIL = gettext_noop(
    "Your request is recorded, but the mail with the link could not be sent. "
    "Send the form again in an hour, or write to us."
)
BUSY = gettext_noop(
    "The file cannot be checked at the moment. Choose it again and send the form in a minute, "
    "or send the form without it."
)
MOST_BODY = MAX_BYTES + MIB // 2  # bytes; the form around the mandate is small


@require_safe
def start(request: HttpRequest) -> HttpResponse:
    """Two ways in: the person's and the staff's."""
    return page(request, "start.html")


@csrf_exempt  # nothing of a body that is too large is read; the form itself is protected below
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest) -> HttpResponse:
    """The form. Its answer never tells whether anything is held."""
    if int(request.META.get("CONTENT_LENGTH") or 0) > MOST_BODY:
        return render(request, "400.html", status=413)  # the browser's "back" keeps what was typed
    return _ask(request)


@csrf_protect
def _ask(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return page(request, "request.html", form=RequestForm())
    if "more" in request.POST or "show" in request.POST:
        return shown_again(request)
    form = RequestForm(request.POST, request.FILES)
    if not form.is_valid():
        if request.FILES and not form.has_error("mandate"):
            form.add_error("mandate", _("Choose the file once more: the browser forgot it."))
        return page(request, "request.html", form=form, status=400)
    return sent(request, form)


def shown_again(request: HttpRequest) -> HttpResponse:
    """One input more, or another language; nothing that was typed is lost or judged."""
    before, typed = spoken(), request.POST.copy()
    code = offered(typed.get("show", "")) or before
    if typed.get("language") == before:  # nobody chose another one for the answer
        typed["language"] = code
    with speaking(code):
        form = RequestForm.unsent(typed, more=typed.get("more", ""))
        response = page(request, "request.html", form=form)
    response["Content-Language"] = code
    if code != before:
        remember(response, code)
    return response


def sent(request: HttpRequest, form: RequestForm) -> HttpResponse:
    """A form without a fault: recorded, or shown again with what stands in the way."""
    if not within_limits(request, form):
        return not_sent(request, form, _(TOO_MANY), 429)
    try:
        case = request_by_web(form.request(mandate_of(form)))
    except InputError as why:
        form.add_error(why.field if why.field in form.fields else None, translated(why))
        return page(request, "request.html", form=form, status=400)
    except UnsentError:
        return not_sent(request, form, _(NO_MAIL), 503)
    except BusyError:
        return not_sent(request, form, _(BUSY), 503)
    return redirect("received", reference=case.reference)


def mandate_of(form: RequestForm) -> tuple[bytes, ...]:
    """The pages of the mandate, redrawn.

    Raises:
        InputError: ``mandate``; the file is not acceptable. BusyError: it cannot be checked now.
    """
    upload = form.cleaned_data["mandate"]
    if not upload or form.cleaned_data["on_behalf"] != SOMEBODY_ELSE:
        return ()
    try:
        return redrawn_mandate(upload.read())
    except InputError as why:
        raise InputError("mandate", str(why)) from None


def not_sent(request: HttpRequest, form: RequestForm, why: str, status: int) -> HttpResponse:
    """The form as it was typed, to be sent again later."""
    form.add_error(None, why)
    response = page(request, "request.html", form=form, status=status, heading=_("Please wait"))
    response["Retry-After"] = str(HOUR)
    return response


def within_limits(request: HttpRequest, form: RequestForm) -> bool:
    return allowed("network", network(request), MOST_PER_NETWORK) and allowed(
        "address", form.request(()).mail_to, MOST_PER_ADDRESS
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
    return page(request, "confirmed.html", reference=case.reference, due=case.statutory_due)
