"""The connection test: sign-in, organisation, clock, and one cheap call per store."""

from collections.abc import Callable, Iterator
from email.utils import parsedate_to_datetime

from erasure import clock
from erasure.connectors.base import Check
from erasure.connectors.genesys import conversations, jobs, recordings, subjects
from erasure.connectors.genesys.contacts import LIST
from erasure.connectors.genesys.reading import text
from erasure.connectors.http import Answer, Http
from erasure.errors import ErasureError, RefusedError

NOBODY = "00000000-0000-4000-8000-000000000000"  # an id no record has
NOBODY_AT = "nobody@example.invalid"
MOST_SKEW = 60.0  # seconds
ORGANISATION = "/api/v2/organizations/me"

Call = Callable[[Http], Answer]

READS: tuple[tuple[str, Call], ...] = (
    ("Token", lambda http: http.send("GET", "/api/v2/tokens/me")),
    ("External contacts", lambda http: http.send("GET", LIST, params={"pageSize": 1})),
    (
        "GDPR subjects",
        lambda http: http.send(
            "GET",
            subjects.SEARCH,
            params={"searchType": "EMAIL", "searchValue": NOBODY_AT},
        ),
    ),
    ("GDPR requests", lambda http: http.send("GET", subjects.REQUESTS, params={"pageSize": 1})),
    ("Conversations", lambda http: http.send("GET", conversations.AVAILABILITY)),
    (
        "Recordings",
        lambda http: http.send("GET", recordings.METADATA, conversationId=NOBODY, ok=(404,)),
    ),
    ("Recording jobs", lambda http: http.send("GET", jobs.JOBS, params={"pageSize": 1})),
    (
        "Evaluations",
        lambda http: http.send(
            "GET", "/api/v2/quality/evaluations/query", params={"conversationId": NOBODY}
        ),
    ),
)


def check(http: Http) -> Iterator[Check]:
    """Test a connection; every failure is a line, never an exception."""
    try:
        http.sign_in()
    except ErasureError as error:
        yield Check("Sign-in", False, str(error))
        return
    yield Check("Sign-in", True, "signed in")
    yield from _organisation(http)
    for name, call in READS:
        yield _read(name, call, http)
    yield _limits(http)


def require_right_organisation(http: Http) -> None:
    """GET /api/v2/organizations/me must name the configured organisation.

    Raises:
        BusyError, RefusedError: it does not answer, or it is another organisation.
    """
    if text(http.send("GET", ORGANISATION).json_object(), "id") != http.account.organisation_id:
        raise RefusedError("the credential belongs to another organisation")


def _read(name: str, call: Call, http: Http) -> Check:
    try:
        call(http)
    except ErasureError as error:
        return Check(name, False, str(error))
    return Check(name, True, "readable")


def _organisation(http: Http) -> Iterator[Check]:
    try:
        answer = http.send("GET", ORGANISATION)
        found = text(answer.json_object(), "id")
    except ErasureError as error:
        yield Check("Organisation", False, str(error))
        return
    expected = http.account.organisation_id
    if not expected:
        yield Check("Organisation", True, f"{found} (none is set to compare with)")
    elif found == expected:
        yield Check("Organisation", True, found)
    else:
        yield Check("Organisation", False, "another organisation than the one set")
    yield _skew(answer)


def _skew(answer: Answer) -> Check:
    """The vendor's clock, from its Date header (RFC 9110 section 6.6.1)."""
    try:
        theirs = parsedate_to_datetime(answer.headers.get("Date", ""))
        apart = abs((theirs - clock.now()).total_seconds())
    except (ValueError, TypeError):
        return Check("Clock", False, "the answer carries no readable date")
    return Check("Clock", apart <= MOST_SKEW, f"{apart:.0f} s apart")


def _limits(http: Http) -> Check:
    """The vendor's limits for GDPR requests: good to know, not needed."""
    template = "/api/v2/organizations/limits/namespaces/{namespaceName}"
    try:
        http.send("GET", template, namespaceName="gdpr")
    except ErasureError as error:
        return Check("GDPR limits", True, f"not told: {error}")
    return Check("GDPR limits", True, "readable")
