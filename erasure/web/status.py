"""Where a request stands, by reference and status code; and taking it back.

The pages show nothing of the person. What they say of an outcome is what the letter says:
nobody learns from them whether data was held.
"""

from typing import Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.http import HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from erasure.errors import StepError
from erasure.intake import case_of_code, may_withdraw, withdraw
from erasure.models import ErasureCase
from erasure.values import CaseState, Channel, CloseReason
from erasure.web.forms import text_input
from erasure.web.limit import HOUR, allowed, network
from erasure.web.pages import page

MOST_PER_NETWORK = 60  # looks an hour
MOST_PER_REFERENCE = 30
LIMITED = "limited"

Words = tuple[str | Promise, str | Promise]  # where it stands, and what comes next

WAITS_FOR_LINK: Words = (
    _("We have received your request and wait for you to confirm it."),
    _("Open the link in our mail and press the button there."),
)
BEING_ASSESSED: Words = (
    _("We are looking at your request."),
    _("If we have reason to doubt that it is yours, we write to you. Else we begin to search."),
)
CARRIED_OUT: Words = (
    _("Your request is decided, and the decision is being carried out."),
    _("Our answer says what was erased, and what is kept, why and until when."),
)
STANDS: dict[str, Words] = {
    CaseState.RECEIVED: BEING_ASSESSED,
    CaseState.VALIDATING: BEING_ASSESSED,
    CaseState.AWAITING_IDENTITY: (
        _("We have asked you for a proof that the request is yours."),
        _(
            "Send it by the link in our mail, or write to us how else you want to prove it. "
            "We go on when it has arrived."
        ),
    ),
    CaseState.DISCOVERY: (
        _("We are searching our systems."),
        _("Then our data protection officer decides."),
    ),
    CaseState.DPO_REVIEW: (
        _("Our data protection officer is looking at your request."),
        _("After the decision it is carried out, and you get our answer."),
    ),
    CaseState.EXECUTING: CARRIED_OUT,
    CaseState.AWAITING_VENDOR: CARRIED_OUT,
    CaseState.PARTIAL_HOLD: (
        _("Your request is answered. Some of it has to wait."),
        _("Our answer says what must be kept for now, why and until when. We write to you again."),
    ),
    CaseState.COMPLETE: (
        _("Your request is carried out and answered."),
        _("You need to do nothing more. Our answer says what was done."),
    ),
    CaseState.REFUSED: (
        _("Your request is answered."),
        _("Our answer says why, and how you can complain or go to court."),
    ),
}
ANSWERED: Words = (_("Your request is closed."), _("You need to do nothing more."))
CLOSED: dict[str, Words] = {
    CloseReason.WITHDRAWN: (
        _("You took this request back."),
        _("We do nothing more for it. You can send a new one at any time."),
    ),
    CloseReason.DUPLICATE: (
        _("This request goes on together with another one."),
        _("You get one answer to both."),
    ),
    CloseReason.UNIDENTIFIED: (
        _("We closed this request: we could not make sure that it was yours."),
        _("Write to us if you can prove it now: we then take it up again."),
    ),
}


class StatusForm(forms.Form):
    reference = forms.CharField(
        label=_("Reference"),
        help_text=_("It looks like ER-2026-AB2CD3."),
        max_length=40,
        widget=text_input("off", autocapitalize="characters", dir="ltr"),
    )
    code = forms.CharField(
        label=_("Status code"),
        help_text=_("Sixteen letters and digits, in the same mail or letter as the reference."),
        max_length=60,
        widget=text_input("off", autocapitalize="characters", dir="ltr"),
    )


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def status(request: HttpRequest) -> HttpResponse:
    """Asks for both, and shows where the request stands."""
    if request.method != "POST":
        return page(request, "status.html", form=StatusForm())
    form = StatusForm(request.POST)
    case = opened(request, form)
    if case is None:
        return refused(request, form)
    return page(request, "status_of.html", form=form, **shown(case))


@never_cache
@require_POST
def take_back(request: HttpRequest) -> HttpResponse:
    """What it means, and then the withdrawal; both with reference and code."""
    form = StatusForm(request.POST)
    case = opened(request, form)
    if case is None:
        return refused(request, form)
    if "confirm" not in request.POST and may_withdraw(case):
        return page(request, "withdraw.html", form=form, **shown(case))
    try:
        case = withdraw(case.pk)
    except StepError:
        case = ErasureCase.objects.get(pk=case.pk)
        late = case.close_reason != CloseReason.WITHDRAWN
        return page(request, "status_of.html", form=form, too_late=late, **shown(case))
    return page(request, "status_of.html", form=form, done=True, **shown(case))


def opened(request: HttpRequest, form: StatusForm) -> ErasureCase | None:
    """The case of a filled-in form. None: the form says why."""
    if not form.is_valid():
        return None
    given = form.cleaned_data
    within = allowed("status.network", network(request), MOST_PER_NETWORK) and allowed(
        "status.reference", given["reference"].upper(), MOST_PER_REFERENCE
    )
    if not within:
        often = gettext("That was tried too often. Wait an hour, or write to us.")
        form.add_error(None, ValidationError(often, code=LIMITED))
        return None
    case = case_of_code(given["reference"], given["code"])
    if case is None:
        form.add_error(None, gettext("No request has this reference together with this code."))
    return case


def refused(request: HttpRequest, form: StatusForm) -> HttpResponse:
    """Alike for an unknown reference and a wrong code."""
    limited = form.has_error(NON_FIELD_ERRORS, LIMITED)
    response = page(request, "status.html", form=form, status=429 if limited else 400)
    if limited:
        response["Retry-After"] = str(HOUR)
    return response


def shown(case: ErasureCase) -> dict[str, Any]:
    """Nothing of the person: a page that stays open on a shared screen tells a date at most."""
    stands, then = words_of(case)
    return {
        "reference": case.reference,
        "stands": stands,
        "then": then,
        "received": case.received_at,
        "answered": case.answered_at,
        "due": case.statutory_due if case.is_open() and not case.answered_at else None,
        "may_withdraw": may_withdraw(case),
    }


def words_of(case: ErasureCase) -> Words:
    if case.state == CaseState.CLOSED:
        return CLOSED.get(case.close_reason, ANSWERED)
    if case.channel == Channel.WEB and case.requester_confirmed_at is None and case.is_open():
        return WAITS_FOR_LINK
    return STANDS[case.state]
