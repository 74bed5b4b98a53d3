"""The connection test: sign-in, organisation, clock, each store, limits, retention.

Nothing is changed: see ``probes`` for how a deletion is tried.
"""

from collections.abc import Iterable, Iterator
from email.utils import parsedate_to_datetime

from erasure import clock
from erasure.connectors.base import Check, Store
from erasure.connectors.genesys.audits import MAPPING
from erasure.connectors.genesys.probes import BY_STORE, NOBODY, Call, Probe
from erasure.connectors.genesys.protection import PROTECTION
from erasure.connectors.genesys.reading import number, objects, text
from erasure.connectors.genesys.stores import STORES
from erasure.connectors.http import Answer, Http
from erasure.errors import ErasureError, RefusedError

MOST_SKEW = 60.0  # seconds
TOKEN = "/api/v2/tokens/me"  # noqa: S105 - a path
ORGANISATION = "/api/v2/organizations/me"
LIMITS = "/api/v2/organizations/limits/namespaces/{namespaceName}"
RETENTION = "/api/v2/analytics/dataretention/settings"
VOICEMAIL = "/api/v2/voicemail/messages"
ALLOWED = "inin-ratelimit-allowed"  # calls a token may make in a minute
OTHER = "the credential belongs to another organisation"


def require_right_organisation(http: Http, reading: Http) -> None:
    """Both credentials must belong to the configured organisation, or else to the same one.

    GET /api/v2/organizations/me (no permission).

    Raises:
        BusyError, RefusedError: it does not answer, or it is another organisation.
    """
    expected = http.account.organisation_id
    for one in _both(http, reading):
        found = text(one.send("GET", ORGANISATION).json_object(), "id")
        expected = expected or found
        if not found or found != expected:
            raise RefusedError(OTHER)


def check(http: Http, reading: Http, stores: Iterable[Store] = STORES) -> Iterator[Check]:
    """Test a connection; every failure is a line, never an exception."""
    signed = [_sign_in(name, one) for name, one in _named(http, reading)]
    yield from signed
    if not all(line.ok for line in signed):
        return
    yield from _organisation(http, reading)
    for store in stores:
        yield _store(store, BY_STORE[store.name], http, reading)
    yield _tried("Deletion protection", _protection, http)
    yield _tried("Audit", lambda one: one.send("GET", MAPPING), reading)
    yield _reading_client(http, reading)
    yield _voicemail(reading)
    yield _rate(http)
    yield _limits(reading)
    yield _retention(reading)


def _both(http: Http, reading: Http) -> list[Http]:
    return [http] if reading is http else [http, reading]


def _named(http: Http, reading: Http) -> list[tuple[str, Http]]:
    return list(zip(("Sign-in", "Sign-in to read"), _both(http, reading), strict=False))


def _sign_in(name: str, http: Http) -> Check:
    try:
        http.sign_in()
    except ErasureError as error:
        return Check(name, False, str(error))
    return Check(name, True, "signed in")


def _organisation(http: Http, reading: Http) -> Iterator[Check]:
    try:
        answer = http.send("GET", ORGANISATION)
        found = text(answer.json_object(), "id")
        require_right_organisation(http, reading)
    except ErasureError as error:
        yield Check("Organisation", False, str(error))
        return
    told = found if http.account.organisation_id else f"{found} (none is set to compare with)"
    yield Check("Organisation", True, told)
    yield _skew(answer)


def _skew(answer: Answer) -> Check:
    """The vendor's clock, from its Date header (RFC 9110 section 6.6.1)."""
    try:
        theirs = parsedate_to_datetime(answer.headers.get("Date", ""))
        apart = abs((theirs - clock.now()).total_seconds())
    except (ValueError, TypeError):
        return Check("Clock", False, "the answer carries no readable date")
    return Check("Clock", apart <= MOST_SKEW, f"{apart:.0f} s apart")


def _store(store: Store, probe: Probe, http: Http, reading: Http) -> Check:
    """One line a store: everything its erasure needs, or each thing that is missing."""
    missing = [why for call in probe.reads if (why := _why_not(call, reading, store))]
    missing += [why for call in probe.deletes if (why := _why_not(call, http, store))]
    if missing:
        return Check(store.title, False, "; ".join(dict.fromkeys(missing)))
    works = ["readable"] * bool(probe.reads) + ["may be deleted from"] * bool(probe.deletes)
    untried = [f"not tried: {probe.untried}"] if probe.untried else []
    return Check(store.title, True, "; ".join([*works, *untried]))


def _why_not(call: Call, http: Http, store: Store) -> str:
    try:
        call(http)
    except ErasureError as error:
        why = str(error)
        unnamed = isinstance(error, RefusedError) and error.status == 403 and "(" not in why
        return f"{why} (needs {', '.join(store.permissions)})" if unnamed else why
    return ""


def _tried(name: str, call: Call, http: Http) -> Check:
    try:
        call(http)
    except ErasureError as error:
        return Check(name, False, str(error))
    return Check(name, True, "may be asked for")


def _protection(http: Http) -> Answer:
    """PUT …?protect=true for a conversation that does not exist (deletionProtection:apply)."""
    body = {"conversationIds": [NOBODY]}
    return http.send("PUT", PROTECTION, params={"protect": "true"}, json=body, ok=(400, 404))


def _reading_client(http: Http, reading: Http) -> Check:
    """The client that searches must not be able to delete."""
    name = "Reading client"
    if reading is http:
        return Check(name, True, "none is set: one client searches and erases")
    may: list[str] = []
    for store in STORES:
        for call in BY_STORE[store.name].deletes:
            try:
                call(reading)
            except RefusedError as error:
                if error.status != 403:
                    return Check(name, False, f"not known: {error}")
            except ErasureError as error:
                return Check(name, False, f"not known: {error}")
            else:
                may.append(store.title)
    if may:
        told = ", ".join(dict.fromkeys(may))
        return Check(name, False, f"it may delete as well: {told}. Take that from its role")
    return Check(name, True, "reads, and may delete nothing")


def _voicemail(http: Http) -> Check:
    """400 not.a.user: no client credential opens a user's voicemail."""
    try:
        http.send("GET", VOICEMAIL)
    except RefusedError as error:
        if error.code == "not.a.user":
            return Check("Users' voicemail", True, "needs a user: a person deletes it")
        return Check("Users' voicemail", True, f"a person deletes it: {error}")
    except ErasureError as error:
        return Check("Users' voicemail", True, f"not told: {error}")
    return Check("Users' voicemail", True, "readable without a user")


def _rate(http: Http) -> Check:
    """What the vendor lets a token do in a minute, against what this connection sends."""
    try:
        told = http.send("GET", TOKEN).headers.get(ALLOWED, "")
    except ErasureError as error:
        return Check("Calls a minute", False, str(error))
    ours = http.account.per_minute
    if not told.isdecimal():
        return Check("Calls a minute", True, "the vendor does not tell its limit")
    if ours > int(told):
        return Check("Calls a minute", False, f"{ours} are set, {told} are allowed")
    return Check("Calls a minute", True, f"{told} are allowed, {ours or 'no limit'} set here")


def _limits(http: Http) -> Check:
    """The vendor's limits for GDPR requests: good to know, not needed."""
    try:
        answer = http.send("GET", LIMITS, namespaceName="gdpr")
        told = [
            f"{text(one, 'key')} {number(one, 'value')}"
            for one in objects(answer.json_object(), "entities")
        ]
    except ErasureError as error:
        return Check("GDPR limits", True, f"not told: {error}")
    return Check("GDPR limits", True, ", ".join(told) or "none named")


def _retention(http: Http) -> Check:
    """How long conversation details are kept (analytics:dataRetention:view)."""
    try:
        days = number(http.send("GET", RETENTION).json_object(), "retentionDays")
    except ErasureError as error:
        return Check("Retention", True, f"not told: {error}")
    kept = f"for {days} days" if days else "without an end"
    return Check("Retention", True, f"conversation details are kept {kept}")
