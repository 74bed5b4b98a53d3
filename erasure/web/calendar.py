"""The calendar of one member of staff, behind a secret address that they can renew."""

import hashlib

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from erasure import clock
from erasure.documents.calendar import render_calendar
from erasure.models import User
from erasure.watch import days_of


@require_safe
@never_cache
def calendar(request: HttpRequest, token: str) -> HttpResponse:
    """References and days; what the person's role sees at this moment."""
    mark = hashlib.sha256(token.encode()).hexdigest()
    user = User.objects.filter(calendar_hash=mark, is_active=True, is_staff=True).first()
    if user is None:
        raise Http404
    data = render_calendar("Erasure: deadlines", days_of(user), clock.now())
    response = HttpResponse(data, content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = 'inline; filename="erasure-deadlines.ics"'
    response["X-Robots-Tag"] = "noindex"
    return response
