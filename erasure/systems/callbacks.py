"""The key from which the paths for a processor's callbacks are made."""

import hashlib
import hmac

from django.conf import settings


def callback_key() -> str:
    """Derived from SECRET_KEY: with another one, callbacks under way are refused, polls go on."""
    secret = settings.SECRET_KEY.encode()
    return hmac.new(secret, b"erasure-opendsr-callback-key/v1", hashlib.sha256).hexdigest()
