"""Where the company's own portal sends a person who is signed in there."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from erasure.errors import InputError
from erasure.intake.portal import request_by_portal
from erasure.web.language import spoken
from erasure.web.limit import HOUR, allowed, network
from erasure.web.pages import by_one_time_link, page
from erasure.web.sentences import translated

MOST_PER_NETWORK = 60  # an hour
MOST_BODY = 32 * 1024  # bytes


@csrf_exempt  # it comes from another site; the token is what counts, and it is signed
@by_one_time_link
@require_http_methods(["GET", "HEAD", "POST"])
def hand_over(request: HttpRequest) -> HttpResponse:
    """POST ``token``: opens a verified case. Whoever is refused is led to the form."""
    if request.method != "POST":
        return redirect("start")
    if int(request.META.get("CONTENT_LENGTH") or 0) > MOST_BODY:
        return refused(request, _("The sign-in from your account could not be checked."), 413)
    if not allowed("portal", network(request), MOST_PER_NETWORK):
        response = refused(
            request, _("That was tried too often. Wait an hour, or write to us."), 429
        )
        response["Retry-After"] = str(HOUR)
        return response
    try:
        case, code = request_by_portal(request.POST.get("token", ""), spoken())
    except InputError as why:
        return refused(request, translated(why), 400)
    return page(
        request, "handed_over.html", reference=case.reference, code=code, due=case.statutory_due
    )


def refused(request: HttpRequest, why: str, status: int) -> HttpResponse:
    return page(request, "not_handed_over.html", why=why, status=status)
