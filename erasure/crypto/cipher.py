"""One cipher for every stored secret: AES-256-GCM.

Stored form: nonce (12 bytes) || ciphertext || tag (16 bytes). The additional
data ties the bytes to the row they belong to, so that they open nowhere else.
"""

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from erasure.errors import KeyMissingError

KEY_BYTES = 32
NONCE_BYTES = 12
TAG_BYTES = 16


def seal(key: bytes, plain: bytes, aad: bytes) -> bytes:
    """Encrypt under a 32-byte key with a fresh random nonce.

    Raises:
        KeyMissingError: the key is not 32 bytes long.
    """
    nonce = os.urandom(NONCE_BYTES)
    return nonce + _cipher(key).encrypt(nonce, plain, aad)


def unseal(key: bytes, data: bytes, aad: bytes) -> bytes:
    """Decrypt what ``seal`` made with the same key and additional data.

    Raises:
        KeyMissingError: another key, other additional data, or altered bytes.
    """
    cipher = _cipher(key)
    if len(data) < NONCE_BYTES + TAG_BYTES:
        raise KeyMissingError("The encrypted value is too short to be opened.")
    try:
        return cipher.decrypt(data[:NONCE_BYTES], data[NONCE_BYTES:], aad)
    except InvalidTag:
        raise KeyMissingError(
            "The encrypted value does not open: its key is another one or destroyed, "
            "or its bytes were altered."
        ) from None


def _cipher(key: bytes) -> AESGCM:
    if len(key) != KEY_BYTES:
        raise KeyMissingError("An encryption key must be 32 bytes long.")
    return AESGCM(key)
