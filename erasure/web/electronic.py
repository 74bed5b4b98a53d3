"""To a provider of electronic identity and back, bound to one link and one browser."""

import secrets
from urllib.parse import urlencode

from django.conf import settings
from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as mark
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from erasure import clock
from erasure.errors import BusyError, InputError
from erasure.models import OneTimeLink
from erasure.values import VerificationMethod
from erasure.verification import assured, electronic_identity, link_of, require_same, ways_of
from erasure.verification.electronic import MINUTES, PlayedIdentity
from erasure.web.limit import allowed
from erasure.web.pages import by_one_time_link, link_is_gone, page

SALT, COOKIE = "erasure-electronic-identity/v1", "electronic"
MOST_TRIES = 20  # an hour and link
BUSY = mark("The electronic identity cannot be reached at the moment. Your link still works.")


@by_one_time_link
@require_safe
def start(request: HttpRequest, token: str) -> HttpResponse:
    """Off to the provider. A cookie binds the way back to this browser."""
    link, adapter = link_of(token), electronic_identity()
    if link is None or adapter is None or VerificationMethod.ELECTRONIC_ID not in ways_of(link):
        return link_is_gone(request)
    if not allowed("electronic", str(link.pk), MOST_TRIES):
        return page(request, "electronic.html", status=429, why=_(BUSY))
    nonce = secrets.token_urlsafe(24)
    state = signing.dumps({"link": str(link.pk), "nonce": nonce}, salt=SALT)
    try:
        there = adapter.begin(state, f"{settings.PUBLIC_URL}/identity/electronic/")
    except BusyError:
        return page(request, "electronic.html", status=503, why=_(BUSY))
    response = redirect(there)
    response.set_cookie(
        COOKIE, nonce, max_age=MINUTES * 60, path="/identity/", httponly=True, samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )  # fmt: skip
    return response


@by_one_time_link
@require_safe
def back(request: HttpRequest) -> HttpResponse:
    """From the provider: redeemed there, compared with the request, and dropped."""
    link, adapter = _link_of_state(request), electronic_identity()
    if link is None or adapter is None or VerificationMethod.ELECTRONIC_ID not in ways_of(link):
        return link_is_gone(request)
    try:
        require_same(link.case, adapter.finish(request.GET.dict()))
        case = assured(link, adapter.provider)
    except BusyError:
        return page(request, "electronic.html", status=503, why=_(BUSY))
    except InputError as why:
        if why.field == "link":
            return link_is_gone(request)
        return page(request, "electronic.html", status=400, why=_(str(why)))
    response = page(request, "identity_confirmed.html", reference=case.reference)
    response.delete_cookie(COOKIE, path="/identity/")
    return response


def _link_of_state(request: HttpRequest) -> OneTimeLink | None:
    """The link this browser began with; None: forged, too late, or another browser's."""
    try:
        told = signing.loads(request.GET.get("state", ""), salt=SALT, max_age=MINUTES * 60)
    except signing.BadSignature:
        return None
    if not secrets.compare_digest(told["nonce"], request.COOKIES.get(COOKIE, "")):
        return None
    usable = OneTimeLink.objects.filter(purpose=OneTimeLink.UPLOAD, used_at__isnull=True)
    found: OneTimeLink | None = usable.filter(pk=told["link"], expires_at__gt=clock.now()).first()
    return found


@csrf_exempt  # it guards nothing: a trial's page
@by_one_time_link
@require_http_methods(["GET", "HEAD", "POST"])
def played(request: HttpRequest) -> HttpResponse:
    """A trial's provider: one types whom it vouches for. Not there in production."""
    if settings.PRODUCTION:
        raise Http404
    state = request.GET.get("state", "")
    if request.method != "POST":
        return page(request, "played_identity.html", state=state)
    code = PlayedIdentity.vouch(
        request.POST.get("name", "")[:200], request.POST.get("level", "")[:20]
    )
    query = urlencode({"state": request.POST.get("state", ""), "code": code})
    return redirect(f"{reverse('electronic-back')}?{query}")
