"""The path on which a processor may call back about one request: not to be guessed."""

import hashlib
import hmac

_DOMAIN = b"erasure-opendsr-callback/v1"


def callback_token(key: str, subject_request_id: str) -> str:
    """The last segment of the path of one request: HMAC-SHA-256, 64 hexadecimal digits."""
    message = b"\0".join((_DOMAIN, subject_request_id.encode()))
    return hmac.new(key.encode(), message, hashlib.sha256).hexdigest()
