"""How a public page is answered: whose it is, and what stays out of logs and caches."""

import logging
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

logger = logging.getLogger(__name__)

View = Callable[..., HttpResponse]


def page(request: HttpRequest, template: str, *, status: int = 200, **context: Any) -> HttpResponse:
    """A page of templates/erasure/."""
    given = {
        "controller": settings.CONTROLLER_NAME,
        "contact": settings.CONTROLLER_CONTACT,
        "development": settings.DEVELOPMENT,
        **context,
    }
    return render(request, f"erasure/{template}", given, status=status)


def link_is_gone(request: HttpRequest) -> HttpResponse:
    """Used, expired, replaced or never made: the answer is always the same."""
    return page(request, "gone.html", status=410)


def by_one_time_link(view: View) -> View:
    """A page whose path holds a secret: no cache keeps it, no other site and no log learns it.

    Django logs the path of each refused or failed request, so a failure is caught
    and logged here, by its type and place alone.
    """

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            response = view(request, *args, **kwargs)
        except Http404:
            response = link_is_gone(request)
        except Exception as error:
            logger.error("A page of a one-time link failed: %s", _type_and_place(error))
            response = render(request, "500.html", status=500)
        response["Cache-Control"] = "no-store"
        response["Referrer-Policy"] = "no-referrer"
        response["X-Robots-Tag"] = "noindex"
        response._has_been_logged = True  # type: ignore[attr-defined]
        return response

    return guarded


def _type_and_place(error: Exception) -> str:
    """What failed and where; the text of an error can hold a value of a row."""
    trace, place = error.__traceback__, ""
    while trace:
        place = f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}"
        trace = trace.tb_next
    return f"{type(error).__name__} at {place}"
