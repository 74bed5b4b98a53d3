"""Clients, tokens and the window in which a token's calls are counted.

POST /oauth/token, Basic auth, ``grant_type=client_credentials``.
"""

import base64
import binascii
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import parse_qs

from .. import clock
from ..people import DIVISIONS, HOME, stable_id
from .options import Options
from .web import Problem

READS = frozenset(
    [
        "gdpr:subject:view",
        "gdpr:request:view",
        "externalContacts:contact:view",
        "externalContacts:session:view",
        "journey:session:view",
        "analytics:conversationDetail:view",
        "analytics:dataRetention:view",
        "conversation:communication:view",
        "conversation:summary:view",
        "recording:recording:view",
        "recording:recording:viewSensitiveData",
        "recording:screenRecording:view",
        "recording:snippetRecording:view",
        "recording:job:view",
        "recording:orphan:view",
        "quality:evaluation:view",
        "quality:survey:view",
        "quality:calibration:view",
        "speechAndTextAnalytics:data:view",
        "voicemail:acdvoicemail:view",
        "outbound:contact:view",
        "outbound:contactList:view",
        "audits:audit:view",
        "audits:interactionDetails:view",
    ]
)
WRITES = frozenset(
    [
        "gdpr:request:add",
        "externalContacts:contact:edit",
        "externalContacts:contact:delete",
        "externalContacts:externalOrganization:delete",
        "recording:recording:editRetention",
        "recording:screenRecording:editRetention",
        "recording:snippetRecording:editRetention",
        "recording:job:add",
        "recording:job:edit",
        "recording:job:delete",
        "recording:deletionProtection:apply",
        "recording:orphan:delete",
        "quality:evaluation:delete",
        "quality:calibration:delete",
        "outbound:contact:delete",
        "outbound:dnc:edit",
    ]
)


@dataclass(slots=True)
class Client:
    """An OAuth client: what it may do is roles times divisions."""

    id: str
    secret: str
    name: str
    permissions: frozenset[str]
    divisions: frozenset[str] = frozenset(DIVISIONS)
    asked: list[datetime] = field(default_factory=list)


@dataclass(slots=True)
class Token:
    """A bearer token and its rate window."""

    value: str
    client: Client
    expires: datetime
    window: datetime
    count: int = 0


class TokenError(Exception):
    """The token endpoint says no, in the words of RFC 6749."""

    def __init__(self, status: int, error: str, description: str) -> None:
        super().__init__(error)
        self.status = status
        self.body = {"error": error, "description": description, "error_description": description}


class Desk:
    """Hands out tokens and checks them."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self.clients = {client.id: client for client in _clients()}
        self.tokens: dict[str, Token] = {}

    def issue(self, authorization: str, form: bytes) -> dict[str, object]:
        """Mint a token.

        Raises:
            TokenError: 401 for a wrong client, 400 for anything else, a burst included.
        """
        client = self._authenticate(authorization)
        fields = parse_qs(form.decode("utf-8", "replace"))
        if fields.get("grant_type") != ["client_credentials"]:
            raise TokenError(400, "unsupported_grant_type", "grant_type must be client_credentials")
        now = clock.now()
        client.asked = [at for at in client.asked if now - at < timedelta(minutes=1)] + [now]
        if len(client.asked) > self.options.token_burst:
            raise TokenError(400, "invalid_request", "rate limit exceeded")
        lifetime = int(self.options.token_lifetime)
        token = Token(secrets.token_urlsafe(32), client, now + timedelta(seconds=lifetime), now)
        self.tokens[token.value] = token
        return {"access_token": token.value, "token_type": "bearer", "expires_in": lifetime}

    def check(self, authorization: str) -> Token:
        """Whose token it is.

        Raises:
            Problem: 401, or 429 with Retry-After once the window is used up.
        """
        kind, _, value = authorization.partition(" ")
        if not value or kind.lower() != "bearer":
            raise Problem(
                401, "authentication.required", "No authentication bearer token specified."
            )
        token = self.tokens.get(value)
        if token is None or token.expires <= clock.now():
            raise Problem(401, "bad.credentials", "Invalid login credentials.")
        self._count(token)
        return token

    def limits(self, token: Token) -> list[tuple[str, str]]:
        """The inin-ratelimit headers."""
        return [
            ("inin-ratelimit-count", str(token.count)),
            ("inin-ratelimit-allowed", str(self.options.rate_limit)),
            ("inin-ratelimit-reset", str(self._left(token))),
        ]

    def _count(self, token: Token) -> None:
        if clock.now() - token.window >= timedelta(seconds=self.options.rate_window):
            token.window, token.count = clock.now(), 0
        token.count += 1
        if token.count > self.options.rate_limit:
            seconds = self._left(token)
            text = f"Rate limit exceeded the maximum. Retry the request in [{seconds}] seconds"
            problem = Problem(429, "too.many.requests", text, seconds=str(seconds))
            problem.headers = [("Retry-After", str(seconds)), *self.limits(token)]
            raise problem

    def _left(self, token: Token) -> int:
        """Whole seconds until the window ends, at least one."""
        end = token.window + timedelta(seconds=self.options.rate_window)
        return max(1, round((end - clock.now()).total_seconds()))

    def _authenticate(self, authorization: str) -> Client:
        kind, _, value = authorization.partition(" ")
        try:
            known, _, secret = base64.b64decode(value, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            known = secret = ""
        client = self.clients.get(known) if kind.lower() == "basic" else None
        if client is None or not secrets.compare_digest(client.secret.encode(), secret.encode()):
            raise TokenError(401, "invalid_client", "client not found or secret not valid")
        return client


def _clients() -> tuple[Client, ...]:
    """Executor (all it needs), reader, one with too few permissions, one with one division."""
    everything = READS | WRITES
    few = READS - {"quality:evaluation:view", "gdpr:subject:view"}
    return (
        _client("executor", everything),
        _client("reader", READS),
        _client("narrow", few),
        _client("home", everything, frozenset({HOME})),
    )


def _client(
    name: str, permissions: frozenset[str], divisions: frozenset[str] = frozenset(DIVISIONS)
) -> Client:
    key = stable_id("genesys", "client", name)
    return Client(key, f"sandbox-{name}-{key[:8]}", name, permissions, divisions)
