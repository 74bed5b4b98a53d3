"""Look-up of encrypted values: a keyed fingerprint instead of the value."""

import hashlib
import hmac

from erasure.crypto.cipher import KEY_BYTES
from erasure.errors import KeyMissingError

_DOMAIN = b"erasure-blind/v1"


def blind_index(key: bytes, kind: str, normalised: str) -> str:
    """HMAC-SHA-256 of a normalised identifier: 64 hexadecimal digits.

    ``kind`` is part of what is fingerprinted, so a phone number and an account
    number of equal digits differ. Without the 32-byte key nobody can guess values.

    Raises:
        KeyMissingError: the key is not 32 bytes long.
        ValueError: ``kind`` holds a NUL character, the separator.
    """
    if len(key) != KEY_BYTES:
        raise KeyMissingError("The blind index key must be 32 bytes long.")
    if "\0" in kind:
        raise ValueError("kind: must not hold a NUL character")
    message = b"\0".join((_DOMAIN, kind.encode(), normalised.encode()))
    return hmac.new(key, message, hashlib.sha256).hexdigest()
