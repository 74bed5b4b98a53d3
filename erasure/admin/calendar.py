"""The page on which a member of staff makes, renews or ends their calendar's address."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from erasure.admin.base import page
from erasure.models import User


@require_http_methods(["GET", "HEAD", "POST"])
def calendar_page(request: HttpRequest) -> HttpResponse:
    """The address is shown once: only its hash is kept."""
    user = request.user
    address = ""
    if request.method == "POST" and isinstance(user, User):
        if request.POST.get("end"):
            user.end_calendar()
        else:
            path = reverse("calendar", args=[user.new_calendar()])
            address = f"{settings.PUBLIC_URL}{path}"
    known = bool(getattr(user, "calendar_hash", ""))
    return page(
        request, "calendar.html", title="Deadlines in your calendar", address=address, known=known
    )
