"""What search engines leave alone."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

LEAVE_ALONE = (
    "/calendar/",
    "/request/confirm/",
    "/request/received/",
    "/identity/",
    "/admin/",
    "/dev/",
)


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in LEAVE_ALONE), ""]
    return HttpResponse("\n".join(lines), content_type="text/plain")
