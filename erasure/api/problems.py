"""Errors of the API, as RFC 9457 has them. No value that was sent is ever repeated."""

import json
from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError

from erasure.errors import ErasureError, InputError

TITLES = {
    400: "The request cannot be read",
    401: "A key is needed",
    403: "The key does not open this",
    404: "There is no such request",
    409: "This is not possible now",
    413: "The body is too large",
    422: "The request cannot be taken as it is",
    429: "Too many calls",
}
Field = tuple[str, str]  # where, and what to do


class ProblemError(ErasureError):
    """An answer other than the one hoped for."""

    def __init__(self, status: int, detail: str = "", *, fields: Iterable[Field] = ()) -> None:
        super().__init__(detail)
        self.status, self.fields = status, tuple(fields)


def problem(status: int, detail: str = "", fields: Iterable[Field] = ()) -> HttpResponse:
    told: dict[str, Any] = {"type": "about:blank", "title": TITLES[status], "status": status}
    if detail:
        told["detail"] = detail
    if wrong := [{"field": where, "detail": said} for where, said in fields]:
        told["errors"] = wrong
    answer = HttpResponse(json.dumps(told), status=status, content_type="application/problem+json")
    answer["Cache-Control"] = "no-store"
    return answer


def handle_errors(api: NinjaAPI) -> None:
    """Every error of this API becomes a problem."""
    api.add_exception_handler(ProblemError, _own)
    api.add_exception_handler(AuthenticationError, _unknown)
    api.add_exception_handler(ValidationError, _unfit)
    api.add_exception_handler(InputError, _refused)
    api.add_exception_handler(HttpError, _unread)


def _own(request: HttpRequest, why: Any) -> HttpResponse:
    answer = problem(why.status, str(why), why.fields)
    if why.status == 429:
        answer["Retry-After"] = "3600"
    return answer


def _unknown(request: HttpRequest, why: Any) -> HttpResponse:
    answer = problem(401)
    answer["WWW-Authenticate"] = 'Basic realm="erasure"'
    return answer


def _unfit(request: HttpRequest, why: Any) -> HttpResponse:
    """Where it does not fit the schema; the messages name types and limits alone."""
    return problem(422, fields=((_place(each["loc"]), str(each["msg"])) for each in why.errors))


def _place(loc: Iterable[Any]) -> str:
    """``emails.0`` for ("body", "asked", "emails", 0)."""
    parts = [str(part) for part in loc]
    kept = parts[2:] if parts[:1] == ["body"] else parts[1:]
    return ".".join(kept) or "body"


def _refused(request: HttpRequest, why: Any) -> HttpResponse:
    return problem(422, fields=[(why.field, str(why))])


def _unread(request: HttpRequest, why: Any) -> HttpResponse:
    return problem(why.status_code if why.status_code in TITLES else 400)
