"""Signing in to an org: client credentials, or a JWT for one user (RFC 7523)."""

import base64
import json
from urllib.parse import urlsplit

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from erasure import clock
from erasure.connectors.base import Account
from erasure.connectors.http import Json, TokenCall
from erasure.errors import RefusedError

PATH = "/services/oauth2/token"
JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
JWT_LIFE = 120  # seconds; the vendor takes at most 180


def token_call(account: Account) -> TokenCall:
    """POST {login}/services/oauth2/token, form-encoded.

    With the option ``jwt_user`` the secret is a private key in PEM and signs an
    assertion for that user; without it the secret is the app's own.

    Raises:
        RefusedError: the secret is no private RSA key.
    """
    if user := str(account.options.get("jwt_user") or ""):
        form = {"grant_type": JWT_BEARER, "assertion": assertion(account, user)}
        return TokenCall(PATH, form)
    form = {
        "grant_type": "client_credentials",
        "client_id": account.client_id,
        "client_secret": account.client_secret,
    }
    return TokenCall(PATH, form)


def assertion(account: Account, user: str) -> str:
    """A JWT signed with RS256. The option ``jwt_audience`` names another audience."""
    claims = {
        "iss": account.client_id,
        "sub": user,
        "aud": str(account.options.get("jwt_audience") or account.login_url),
        "exp": int(clock.now().timestamp()) + JWT_LIFE,
    }
    signed = f"{_part({'alg': 'RS256', 'typ': 'JWT'})}.{_part(claims)}"
    signature = _key(account).sign(signed.encode(), padding.PKCS1v15(), hashes.SHA256())
    return f"{signed}.{_text(signature)}"


def instance_url(account: Account, answer: Json) -> str:
    """The address the token is for.

    Raises:
        RefusedError: a host that is neither Salesforce's nor the configured one.
    """
    url = answer.get("instance_url")
    if not isinstance(url, str):
        raise RefusedError("Salesforce: the sign-in named no instance.")
    parts = urlsplit(url)
    ours = parts.netloc == urlsplit(account.base_url).netloc
    theirs = parts.scheme == "https" and (parts.hostname or "").endswith(".salesforce.com")
    if not ours and not theirs:
        raise RefusedError("Salesforce: the sign-in named an instance on a foreign host.")
    return url


def _key(account: Account) -> rsa.RSAPrivateKey:
    try:
        key = serialization.load_pem_private_key(account.client_secret.encode(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, rsa.RSAPrivateKey):
        raise RefusedError("Salesforce: the secret is no RSA private key in PEM.")
    return key


def _part(value: Json) -> str:
    return _text(json.dumps(value, separators=(",", ":")).encode())


def _text(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()
