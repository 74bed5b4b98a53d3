"""A call, an answer, a refusal, a page: the API's manners."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode
from uuid import uuid4

if TYPE_CHECKING:
    from .oauth import Client
    from .state import Org

API = "/api/v2"
Answer = tuple[int, Any]
EMPTY: Answer = (200, None)


class Problem(Exception):  # noqa: N818 - the word RFC 9457 uses
    """An answer that is not a success: becomes an ErrorBody."""

    def __init__(self, status: int, code: str, message: str, **params: str) -> None:
        super().__init__(code)
        self.status, self.code, self.message, self.params = status, code, message, params
        self.headers: list[tuple[str, str]] = []

    def body(self, context: str) -> dict[str, Any]:
        """The full ErrorBody."""
        return {
            "message": self.message,
            "code": self.code,
            "status": self.status,
            "messageWithParams": self.message,
            "messageParams": self.params,
            "contextId": context,
            "details": [],
            "errors": [],
        }


def bad(message: str, code: str = "bad.request") -> Problem:
    """400."""
    return Problem(400, code, message)


def missing(what: str = "resource", code: str = "not.found") -> Problem:
    """404."""
    return Problem(404, code, f"Unable to find the requested {what}.")


def denied(permissions: Iterable[str], *, any_of: bool = True) -> Problem:
    """403 that names the permissions."""
    names = ", ".join(permissions)
    code = "missing.any.permissions" if any_of and "," in names else "missing.permissions"
    message = f"Unable to perform the requested action. You must have permission(s): [{names}]"
    return Problem(403, code, message, permissions=names)


@dataclass(slots=True)
class Call:
    """One request, authenticated and matched to its route."""

    org: "Org"
    client: "Client"
    method: str
    path: str
    params: dict[str, str]
    query: dict[str, list[str]]
    body: Any = None

    def text(self, name: str, allowed: Sequence[str] = ()) -> str:
        """A query parameter, or the empty string."""
        value = self.query.get(name, [""])[0]
        if value and allowed and value not in allowed:
            raise bad(f"The value for query parameter {name} is not allowed.", "invalid.value")
        return value

    def need(self, name: str, allowed: Sequence[str] = ()) -> str:
        """A query parameter that must be there."""
        value = self.text(name, allowed)
        if not value:
            raise bad(f"The required query parameter {name} is missing.")
        return value

    def words(self, name: str) -> list[str]:
        """A list parameter, repeated or comma separated."""
        return [word for value in self.query.get(name, []) for word in value.split(",") if word]

    def number(self, name: str, default: int, top: int) -> int:
        """A positive integer up to a top."""
        value = self.text(name) or str(default)
        if not value.isdecimal() or not 1 <= int(value) <= top:
            raise bad(f"The query parameter {name} must be between 1 and {top}.", "invalid.value")
        return int(value)

    def flag(self, name: str, default: bool = False) -> bool:
        """A boolean parameter."""
        value = self.text(name, ("true", "false"))
        return value == "true" if value else default

    def given(self, name: str, kind: type, *, need: bool = False) -> Any:
        """A field of the JSON body, of that type."""
        if not isinstance(self.body, dict):
            raise bad("The request body must be a JSON object.")
        value = self.body.get(name)
        if value is None and not need:
            return None
        if not isinstance(value, kind) or (need and value in ("", [], {})):
            raise bad(f"The field {name} of the request body is missing or not valid.")
        return value


Handler = Callable[[Call], Answer]


@dataclass(frozen=True, slots=True)
class Route:
    """Method, path template, handler, and the permissions it takes (any, or all)."""

    method: str
    template: str
    handler: Handler
    permissions: tuple[str, ...] = ()
    all_of: bool = False
    pattern: re.Pattern[str] = field(init=False)

    def __post_init__(self) -> None:
        regex = re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", self.template)
        object.__setattr__(self, "pattern", re.compile(f"^{API}{regex}/?$"))

    def allows(self, held: frozenset[str]) -> bool:
        """Whether the permissions held suffice."""
        if not self.permissions:
            return True
        return (all if self.all_of else any)(name in held for name in self.permissions)


def page(call: Call, rows: Sequence[Any], size: int = 25, top: int = 500) -> dict[str, Any]:
    """The page envelope; its URIs repeat the query string, personal values and all."""
    size = call.number("pageSize", size, top)
    number = call.number("pageNumber", 1, 100_000)
    pages = max(1, -(-len(rows) // size))
    envelope = {
        "entities": list(rows[(number - 1) * size : number * size]),
        "pageSize": size,
        "pageNumber": number,
        "total": len(rows),
        "pageCount": pages,
        "firstUri": uri(call, pageNumber=1, pageSize=size),
        "lastUri": uri(call, pageNumber=pages, pageSize=size),
        "selfUri": uri(call, pageNumber=number, pageSize=size),
    }
    if number < pages:
        envelope["nextUri"] = uri(call, pageNumber=number + 1, pageSize=size)
    if number > 1:
        envelope["previousUri"] = uri(call, pageNumber=number - 1, pageSize=size)
    return envelope


def uri(call: Call, **changed: Any) -> str:
    """A relative path to this call with some parameters changed."""
    query = call.query | {name: [str(value)] for name, value in changed.items()}
    return f"{call.path}?{urlencode(query, doseq=True)}"


def ref(path: str, key: str) -> dict[str, str]:
    """An addressable reference."""
    return {"id": key, "selfUri": f"{API}{path}/{key}"}


def stamp(moment: datetime) -> str:
    """ISO 8601 in UTC with milliseconds, as the API writes it."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def moment(text: str) -> datetime:
    """Read an ISO 8601 moment.

    Raises:
        Problem: 400 invalid.date.
    """
    try:
        read = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        raise bad("A date or time is not valid.", "invalid.date") from None
    return read if read.tzinfo else read.replace(tzinfo=UTC)


def interval(text: str) -> tuple[datetime, datetime]:
    """Read ``start/end``.

    Raises:
        Problem: 400 invalid.date.
    """
    start, _, end = text.partition("/")
    since, until = moment(start), moment(end)
    if since >= until:
        raise bad("The interval must start before it ends.", "invalid.date")
    return since, until


def new_id() -> str:
    """A fresh id."""
    return str(uuid4())
