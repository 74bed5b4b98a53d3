"""Secrets of a case and the numbered key-encryption keys (KEKs) that wrap them.

Stored form of a wrapped secret: the KEK's number (2 bytes, big-endian) followed
by nonce || ciphertext || tag. The additional data is the case id (UUID text)
followed by the purpose; the register and the suppression list, which belong to no
case, have their purpose alone. Each secret can so be destroyed without the others.
"""

import base64
import binascii
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID

from erasure.crypto.cipher import KEY_BYTES, seal, unseal
from erasure.errors import KeyMissingError

_NUMBER_BYTES = 2
_MOST = 2 ** (8 * _NUMBER_BYTES) - 1
_PART = re.compile(r"([1-9][0-9]{0,4}):([A-Za-z0-9+/=]+)")


class Purpose(StrEnum):
    """What a secret protects; the four of a case, and the erasure register."""

    LOG = "log"  # tags, commitments, private rows
    INVENTORY = "inventory"  # found items, search identifiers
    DOCUMENTS = "documents"  # identity uploads
    FILE = "file"  # request, letters, notes
    REGISTER = "register"
    SUPPRESSION = "suppression"  # tokens of identifiers that must not come back unnoticed
    CONNECTION = "connection"  # a system's client secret, by connection id


OF_NO_CASE = frozenset({Purpose.REGISTER, Purpose.SUPPRESSION})


def new_secret() -> bytes:
    """32 random bytes."""
    return os.urandom(KEY_BYTES)


def row_aad(case_id: UUID | str, name: str) -> bytes:
    """Additional data of a case's row: the case id as UUID text, then ``name``.

    ``name`` is the purpose of a wrapped secret or the scope of a private log row.
    """
    return f"{UUID(str(case_id))}{name}".encode()


@dataclass(frozen=True, slots=True)
class Keyring:
    """The KEKs by number. The highest number wraps; every number unwraps."""

    keks: Mapping[int, bytes] = field(repr=False)

    def __post_init__(self) -> None:
        if not self.keks:
            raise KeyMissingError("There is no key-encryption key.")
        for number, key in self.keks.items():
            if not 1 <= number <= _MOST or len(key) != KEY_BYTES:
                raise KeyMissingError(f"Key-encryption key {number} is not 32 bytes long.")

    @classmethod
    def parse(cls, text: str) -> "Keyring":
        """Read ``1:<base64 of 32 bytes>,2:<...>``.

        Raises:
            KeyMissingError: a part is malformed, too short, or a number stands twice.
        """
        keks: dict[int, bytes] = {}
        for place, part in enumerate(text.split(","), start=1):
            number, key = _parse_part(part.strip(), place)
            if number in keks:
                raise KeyMissingError(f"Key-encryption key {number} is given twice.")
            keks[number] = key
        return cls(keks)

    @property
    def current(self) -> int:
        """The number of the KEK that wraps."""
        return max(self.keks)

    def wrap(self, secret: bytes, case_id: UUID | str | None, purpose: Purpose) -> bytes:
        """Encrypt a secret under the current KEK. ``case_id`` is None for one of no case."""
        number = self.current
        sealed = seal(self.keks[number], secret, _aad(case_id, purpose))
        return number.to_bytes(_NUMBER_BYTES, "big") + sealed

    def unwrap(self, wrapped: bytes, case_id: UUID | str | None, purpose: Purpose) -> bytes:
        """Decrypt a wrapped secret.

        Raises:
            KeyMissingError: its KEK is not in the ring, or it belongs to another
                case or purpose, or its bytes were altered.
        """
        number = kek_number(wrapped)
        if number not in self.keks:
            raise KeyMissingError(f"Key-encryption key {number} is not there.")
        return unseal(self.keks[number], wrapped[_NUMBER_BYTES:], _aad(case_id, purpose))

    def rewrap(self, wrapped: bytes, case_id: UUID | str | None, purpose: Purpose) -> bytes:
        """The same secret under the current KEK, for a rotation."""
        return self.wrap(self.unwrap(wrapped, case_id, purpose), case_id, purpose)


def kek_number(wrapped: bytes) -> int:
    """The number of the KEK that wrapped a secret."""
    return int.from_bytes(wrapped[:_NUMBER_BYTES], "big")


def _aad(case_id: UUID | str | None, purpose: Purpose) -> bytes:
    if (case_id is None) != (purpose in OF_NO_CASE):
        raise ValueError("Register and suppression list belong to no case, other secrets to one.")
    return purpose.encode() if case_id is None else row_aad(case_id, purpose)


def _parse_part(part: str, place: int) -> tuple[int, bytes]:
    found = _PART.fullmatch(part)
    try:
        if found:
            return int(found[1]), base64.b64decode(found[2], validate=True)
    except binascii.Error:
        pass
    raise KeyMissingError(
        f"Part {place} of the key-encryption keys is not <number>:<base64 of 32 bytes>."
    )
