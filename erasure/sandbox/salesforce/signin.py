"""POST /services/oauth2/token: client credentials, or a JWT signed by a user's key."""

import base64
import json
from collections.abc import Mapping
from functools import cache
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from .. import clock
from ..people import stable_id
from .records import made_id

PATH = "/services/oauth2/token"
CLIENT_ID, CLIENT_SECRET = "sandbox-salesforce-client", "sandbox-salesforce-secret"  # noqa: S105
JWT_USER = "integration@example.com"
JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
LONGEST_LIFE = 180  # seconds an assertion may lie ahead
AUDIENCES = ("https://login.salesforce.com", "https://test.salesforce.com")
Error = dict[str, str]


@cache
def key() -> rsa.RSAPrivateKey:
    """The key of the trial, made once for each process."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def private_key() -> str:
    """The same in PEM, as a connection takes it."""
    return (
        key()
        .private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        .decode()
    )


def refusal(form: Mapping[str, str], authorization: str, base: str, host: str) -> Error | None:
    """Why nobody is signed in; None is success."""
    grant = form.get("grant_type")
    if grant == JWT_BEARER:
        return _of_assertion(form.get("assertion", ""), base)
    if grant != "client_credentials":
        return _error("unsupported_grant_type", "grant type not supported")
    if host.startswith(("login.", "test.")):
        return _error("invalid_grant", "request not supported on this domain")
    given = (form.get("client_id", ""), form.get("client_secret", ""))
    scheme, _, basic = authorization.partition(" ")
    if scheme == "Basic":
        name, _, secret = base64.b64decode(basic).decode().partition(":")
        given = (name, secret)
    if given[0] != CLIENT_ID:
        return _error("invalid_client_id", "client identifier invalid")
    if given[1] != CLIENT_SECRET:
        return _error("invalid_client", "invalid client credentials")
    return None


def _of_assertion(assertion: str, base: str) -> Error | None:
    """RFC 7523: RS256, issuer, user, audience, and an end at most three minutes ahead."""
    try:
        head, body, signature = assertion.split(".")
        header, claims = json.loads(_decoded(head)), json.loads(_decoded(body))
        signed = f"{head}.{body}".encode()
        key().public_key().verify(_decoded(signature), signed, padding.PKCS1v15(), hashes.SHA256())
        ends = float(claims.get("exp", 0)) - clock.now().timestamp()
        algorithm = header["alg"]
    except (ValueError, TypeError, KeyError, AttributeError, InvalidSignature):
        return _error("invalid_grant", "invalid assertion")
    if claims.get("iss") != CLIENT_ID:
        return _error("invalid_client_id", "client identifier invalid")
    if claims.get("sub") != JWT_USER:
        return _error("invalid_grant", "user hasn't approved this consumer")
    if claims.get("aud") not in (*AUDIENCES, base):
        return _error("invalid_grant", "audience is invalid")
    if algorithm != "RS256" or not 0 < ends <= LONGEST_LIFE:
        return _error("invalid_grant", "expired authorization code")
    return None


def granted(token: str, base: str, *, signed: bool) -> dict[str, Any]:
    """The answer to who signed in; one to a JWT lacks two members."""
    answer = {
        "access_token": token,
        "instance_url": base,
        "id": f"{base}/id/{made_id('00D', 'org')}/{made_id('005', 'run-as')}",
        "token_type": "Bearer",
        "scope": "api",
    }
    if signed:
        return answer
    issued = str(int(clock.now().timestamp() * 1000))
    return {**answer, "issued_at": issued, "signature": "c2FuZGJveA=="}


def token(number: int, *, jwt: bool) -> str:
    """The n-th token: opaque, or with the shape of a JWT, which SOAP refuses."""
    own = stable_id("salesforce-token", number)
    return f"eyJhbGciOiJSUzI1NiJ9.{own}.sandbox" if jwt else f"00Dsandbox!{own}"


def _decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def _error(code: str, text: str) -> Error:
    return {"error": code, "error_description": text}
