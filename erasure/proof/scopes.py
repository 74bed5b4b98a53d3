"""What links an entry to its case, and opens it: only with the case's log secret.

HMAC is HMAC-SHA-256. Without ``tag_key`` the entries of a case cannot be told
from those of others; when the secret is destroyed, nobody can link them any more.
"""

import hashlib
import hmac
from collections.abc import Mapping
from typing import Any

from erasure.proof import canonical
from erasure.proof.encoding import b64url

_TAG_BYTES = 16


def case_scope(number: int) -> str:
    """The scope of a case's event ``number``, counted from 0."""
    return f"c/{number}"


def item_scope(item: int, number: int) -> str:
    """The scope of event ``number`` of item ``item``, both counted from 0."""
    return f"i/{item}/{number}"


def subject_scope(number: int) -> str:
    """The scope of a subject identifier; it stands on the certificate, not in the log."""
    return f"s/{number}"


def tag_of(tag_key: bytes, scope: str) -> str:
    """The tag of an entry: 22 characters of base64url."""
    return b64url(_hmac(tag_key, scope.encode())[:_TAG_BYTES])


def commitment_of(salt: bytes, private: Mapping[str, Any]) -> str:
    """The commitment to a private half under its salt: 43 characters of base64url."""
    return b64url(_hmac(salt, canonical.encode(private)))


class CaseKeys:
    """The keys derived from a case's log secret of 32 bytes."""

    __slots__ = ("_salt_key", "row_key", "tag_key")

    def __init__(self, secret: bytes) -> None:
        self.tag_key = _hmac(secret, b"erasure-log/v1/tag")
        self._salt_key = _hmac(secret, b"erasure-log/v1/salt")
        self.row_key = _hmac(secret, b"erasure-log/v1/row")

    def __repr__(self) -> str:
        return "CaseKeys()"

    def tag(self, scope: str) -> str:
        return tag_of(self.tag_key, scope)

    def salt(self, scope: str) -> bytes:
        """What opens one commitment and no other."""
        return _hmac(self._salt_key, scope.encode())

    def commitment(self, scope: str, private: Mapping[str, Any]) -> str:
        return commitment_of(self.salt(scope), private)


def _hmac(key: bytes, message: bytes) -> bytes:
    return hmac.new(key, message, hashlib.sha256).digest()
