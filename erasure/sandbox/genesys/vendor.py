"""The organisation as a vendor of the sandbox: dispatch, faults, holdings."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any
from urllib.parse import parse_qs

from ..people import Person
from ..vendor import Environ, Headers, Holding, StartResponse, read_body, send_json
from . import (
    account,
    analytics,
    audits,
    back,
    bulk,
    calibrations,
    contacts,
    garble,
    gdpr,
    jobs,
    journeys,
    notes,
    orphans,
    outbound,
    protection,
    quality,
    recordings,
    talks,
    voicemail,
)
from .holdings import holdings_of
from .oauth import Client, Token, TokenError
from .options import Options
from .rows import DNC_LIST
from .seed import EVALUATOR, seed
from .state import ORG_ID, Org
from .web import API, Answer, Call, Problem, Route, bad, denied, new_id

AREAS = (
    account,
    contacts,
    notes,
    bulk,
    journeys,
    gdpr,
    analytics,
    talks,
    recordings,
    protection,
    jobs,
    orphans,
    quality,
    calibrations,
    voicemail,
    outbound,
    audits,
)
ROUTES: tuple[Route, ...] = tuple(route for area in AREAS for route in area.ROUTES)
FAULTS = frozenset(
    [
        "lying-vendor",
        "division-lost",
        "gdpr-error",
        "total-beyond",
        "expired-cursor",
        "schema",
        "deny",
        "outbound-in-use",
        "audit-contradicts",
        "partial-results",
        "pages-repeat",
        "contact-recreated",
        "query-job-fails",
        "recording-job-fails",
        "audit-silent",
        "permission-lost",
        "protections-lifted",
    ]
)


class Genesys:
    """Genesys Cloud for one organisation.

    Faults of its own: ``lying-vendor`` (true: every deletion says yes, nothing goes),
    ``division-lost`` (see ``Org.divisions_of``), ``permission-lost`` (a permission's name,
    everybody lacks it), ``deny`` (a list of permissions everybody lacks), ``gdpr-error``
    (requests end in ERROR), ``total-beyond`` (how many more subjects it counts than it
    lists), ``partial-results``, ``expired-cursor`` (of a query job's results), ``schema``
    (see ``garble``), ``pages-repeat``, ``contact-recreated`` (seconds until a deleted contact
    is back), ``outbound-in-use`` (true, or seconds it lasts), ``query-job-fails``,
    ``recording-job-fails``, ``audit-silent``, ``audit-contradicts``, ``protections-lifted``
    (once: an administrator takes every deletion protection off).
    """

    name = "genesys"

    def __init__(self) -> None:
        self.requests: list[dict[str, Any]] = []
        self.org = Org(Options())

    @property
    def disconnects(self) -> list[str]:
        """Conversations somebody tried to delete: they would have been cut off."""
        return self.org.disconnects

    def reset(self, people: Sequence[Person], options: Mapping[str, Any], now: datetime) -> None:
        """Seed a new organisation; tokens of the old one die."""
        org = Org(Options.of(options))
        seed(org, people, options, now)
        self.org, self.seeded = org, (options, now)

    def comes_back(self, people: Sequence[Person], key: str, *, restore: bool) -> int:
        """See ``Returns``."""
        with self.org.lock:
            self.org.tick()
            if restore:
                return back.restored(self.org, people, *self.seeded, key)
            return back.imported(self.org, next(one for one in people if one.key == key))

    def fault(self, name: str, value: Any) -> bool:
        """Switch one of its faults; False: not one of them.

        Raises:
            ValueError: ``schema`` names no store of ours, or ``deny`` is no list.
        """
        if name not in FAULTS:
            return False
        if name == "schema" and value and not garble.known(value):
            raise ValueError("The fault schema needs a store, and error, enum or missing.")
        if name == "deny" and value and not isinstance(value, list | tuple):
            raise ValueError("The fault deny needs a list of permissions.")
        with self.org.lock:
            self.org.faults.pop(name, None)
            if value:
                self.org.faults[name] = value
            if name == "outbound-in-use" and value and value is not True:
                self.org.tick()
                self.org.after(float(value), partial(self.org.faults.pop, name, None))
            if name == "protections-lifted" and value:
                for talk in self.org.conversations.values():
                    talk.protected = False
        return True

    def holdings(self, person_key: str) -> list[Holding]:
        """What it truly holds of a person now, whatever the API shows."""
        with self.org.lock:
            self.org.tick()
            found = list(holdings_of(self.org, person_key))
        return [
            {"system": self.name, "store": store, "remote_id": key, "parent_id": talk, "what": what}
            for store, key, talk, what in found
        ]

    def credentials(self) -> dict[str, Any]:
        """The OAuth clients, the organisation's id, and what a connection must be told."""
        clients = {
            client.name: {"client_id": client.id, "client_secret": client.secret}
            for client in self.org.desk.clients.values()
        }
        return {
            "organization_id": ORG_ID,
            "clients": clients,
            "do_not_contact_lists": [DNC_LIST],
            "calibrators": [EVALUATOR],
        }

    def error(self, status: int) -> tuple[Headers, bytes]:
        """Genesys' words for a status the wire makes up."""
        code = "too.many.requests" if status == 429 else "service.unavailable"
        text = "Rate limit exceeded the maximum. Retry the request in [2] seconds"
        problem = Problem(status, code, text if status == 429 else "Service unavailable.")
        retry = [("Retry-After", "2")] if status == 429 else []
        kind = ("Content-Type", "application/json; charset=utf-8")
        return [kind, *retry], json.dumps(problem.body(new_id())).encode()

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        with self.org.lock:
            self.org.tick()
            if environ.get("PATH_INFO") == "/oauth/token":
                return self._token(environ, start_response)
            return self._api(environ, start_response)

    def _token(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        environ["sandbox.template"] = "/oauth/token"
        if environ["REQUEST_METHOD"] != "POST":
            return send_json(start_response, 405, {"error": "method_not_allowed"})
        try:
            authorization = environ.get("HTTP_AUTHORIZATION", "")
            token = self.org.desk.issue(authorization, read_body(environ))
        except TokenError as why:
            return send_json(start_response, why.status, why.body)
        return send_json(start_response, 200, token)

    def _api(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        context, headers = new_id(), []
        try:
            token = self.org.desk.check(environ.get("HTTP_AUTHORIZATION", ""))
            headers = self.org.desk.limits(token)
            status, body = self._answer(environ, token)
            body = garble.garbled(self.org.faults.get("schema"), environ["sandbox.template"], body)
        except Problem as problem:
            status, body = problem.status, problem.body(context)
            headers = problem.headers or headers
        if not isinstance(body, dict | list):
            body = None
        return send_json(start_response, status, body, [("ININ-Correlation-Id", context), *headers])

    def _answer(self, environ: Environ, token: Token) -> Answer:
        environ["sandbox.client"] = token.client.id
        route, params = _route(environ["REQUEST_METHOD"], environ.get("PATH_INFO", ""))
        environ["sandbox.template"] = API + route.template
        held = self.org.permissions_of(token.client)
        if not route.allows(held):
            raise denied(route.permissions, any_of=not route.all_of)
        return route.handler(_call(self.org, token.client, environ, params))


def _route(method: str, path: str) -> tuple[Route, dict[str, str]]:
    """The route of a path, literal templates first.

    Raises:
        Problem: 404 no such path, 405 no such method there.
    """
    found = [(route, match) for route in ROUTES if (match := route.pattern.match(path))]
    if not found:
        raise Problem(404, "not.found", "The requested path does not exist.")
    fewest = min(len(match.groupdict()) for _, match in found)
    for route, match in found:
        if route.method == method and len(match.groupdict()) == fewest:
            return route, match.groupdict()
    raise Problem(405, "method.not.allowed", "The method is not allowed for this path.")


def _call(org: Org, client: Client, environ: Environ, params: dict[str, str]) -> Call:
    query = parse_qs(environ.get("QUERY_STRING", ""), keep_blank_values=True)
    method, path = environ["REQUEST_METHOD"], environ.get("PATH_INFO", "")
    raw = read_body(environ)
    if method in ("POST", "PUT", "PATCH"):
        if raw and "json" not in environ.get("CONTENT_TYPE", ""):
            raise Problem(415, "unsupported.media.type", "The body must be application/json.")
        if len(raw) > 512_000:
            raise Problem(413, "request.entity.too.large", "The request is over 512000 bytes.")
    try:
        body = json.loads(raw) if raw else None
    except ValueError:
        raise bad("The request body is not valid JSON.") from None
    return Call(org, client, method, path, params, query, body)
