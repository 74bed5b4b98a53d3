"""How often somebody may try a password at the admin.

A try is counted before the password is looked at, so many at once gain nothing, and given
back if it was right. Whether there is such an account makes no difference.
"""

from typing import Any

from django.contrib.admin.forms import AdminAuthenticationForm
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.http import HttpRequest, HttpResponse

from erasure.limiter.uses import HOUR, allowed, give_back, network

# Wrong passwords in an hour. A network comes before an account, and what it refuses is
# not counted further: nobody can lock a colleague out from a single network.
MOST_PER_NAME_AND_NETWORK = 10
MOST_PER_NETWORK = 60
MOST_PER_NAME = 100  # NIST SP 800-63B, 5.2.2
LIMITED = "limited"
TOO_OFTEN = "Too many sign-ins failed. Wait an hour, then try again."


class SignInForm(AdminAuthenticationForm):
    request: HttpRequest  # the view always gives it

    def clean(self) -> dict[str, Any]:
        name = self.cleaned_data.get("username")
        if not name or not self.cleaned_data.get("password"):
            return super().clean()
        counted = limits(name, network(self.request))
        if not all(allowed(*limit) for limit in counted):
            raise ValidationError(TOO_OFTEN, code=LIMITED)
        given = super().clean()
        for kind, value, _ in counted:
            give_back(kind, value)
        return given


def limits(name: str, place: str) -> tuple[tuple[str, str, int], ...]:
    """Kind, value and how many, in the order in which they are asked."""
    name = name.casefold()
    return (
        ("sign-in.both", f"{place} {name}", MOST_PER_NAME_AND_NETWORK),
        ("sign-in.network", place, MOST_PER_NETWORK),
        ("sign-in.name", name, MOST_PER_NAME),
    )


def answered(response: HttpResponse) -> HttpResponse:
    """The page of the sign-in, as 429 where it was tried too often."""
    form = (getattr(response, "context_data", None) or {}).get("form")
    if form is not None and form.has_error(NON_FIELD_ERRORS, LIMITED):
        response.status_code = 429
        response["Retry-After"] = str(HOUR)
    return response
