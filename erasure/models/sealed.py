"""Text that rests encrypted under one of its case's four secrets.

A case has the secrets ``log``, ``inventory``, ``documents`` and ``file``, each
wrapped by the key-encryption key and each destroyable alone. The row's identity
is authenticated data: a ciphertext moved to another row does not open.
"""

import json
import uuid
from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import models

from erasure.crypto.blind import blind_index
from erasure.crypto.cipher import seal, unseal
from erasure.crypto.keys import Keyring, Purpose, new_secret
from erasure.errors import KeyMissingError

if TYPE_CHECKING:
    from erasure.models.cases import ErasureCase

DESTROYED = "destroyed at the end of retention"
PURPOSES = (Purpose.LOG, Purpose.INVENTORY, Purpose.DOCUMENTS, Purpose.FILE)


@lru_cache(maxsize=4)
def _parsed(keks: str) -> Keyring:
    return Keyring.parse(keks)


def keyring() -> Keyring:
    return _parsed(settings.KEKS)


def blind(kind: str, value: str) -> str:
    """The keyed index by which a value is looked up without being readable."""
    return blind_index(settings.BLIND_KEY, kind, value)


class CaseSecret(models.Model):
    """One wrapped secret of a case. Destroying the row shreds what it protects."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey("ErasureCase", models.CASCADE, related_name="secrets")
    purpose = models.CharField(max_length=10, choices=[(p.value, p.value) for p in PURPOSES])
    wrapped = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "purpose"], name="one_secret_per_purpose")
        ]

    def __str__(self) -> str:
        return self.purpose


def make_secrets(case: "ErasureCase") -> None:
    """The four secrets of a new case."""
    CaseSecret.objects.bulk_create(
        CaseSecret(case=case, purpose=p, wrapped=keyring().wrap(new_secret(), case.pk, p))
        for p in PURPOSES
    )


@lru_cache(maxsize=512)
def _revealed(case_id: uuid.UUID, purpose: str, wrapped: bytes) -> bytes:
    return keyring().unwrap(wrapped, case_id, Purpose(purpose))


def case_key(case: "ErasureCase", purpose: str) -> bytes:
    """The secret of a case for one purpose.

    Raises:
        KeyMissingError: it was destroyed at retention end.
    """
    cache: dict[str, bytes] = case.__dict__.setdefault("_case_keys", {})
    if purpose not in cache:
        for secret in case.secrets.all():
            cache[secret.purpose] = _revealed(case.pk, secret.purpose, bytes(secret.wrapped))
    try:
        return cache[purpose]
    except KeyError:
        raise KeyMissingError(f"The {purpose} key of this case has been destroyed.") from None


class SealedText(property):
    """Text kept in ``<name>_sealed``; reads and writes through the case's key.

    The model needs ``case`` (or is the case) and a primary key known before insert.
    """

    def __init__(self, name: str, purpose: str) -> None:
        self.column, self.purpose = f"{name}_sealed", purpose
        super().__init__(self._read, self._write)

    def _aad(self, row: models.Model) -> bytes:
        return f"{row._meta.model_name}.{self.column}.{row.pk}".encode()

    def key(self, row: Any) -> bytes:
        return case_key(row.sealing_case, self.purpose)

    def _read(self, row: Any) -> str:
        data = getattr(row, self.column)
        if not data:
            return ""
        return unseal(self.key(row), bytes(data), self._aad(row)).decode()

    def _write(self, row: Any, text: str) -> None:
        key = self.key(row)
        setattr(row, self.column, seal(key, text.encode(), self._aad(row)) if text else b"")


class SealedJson(SealedText):
    """As SealedText, for a JSON value; empty reads as {}."""

    def _read(self, row: Any) -> Any:
        return json.loads(super()._read(row) or "{}")

    def _write(self, row: Any, value: Any) -> None:
        super()._write(row, json.dumps(value, ensure_ascii=False, sort_keys=True))


class KeptJson(SealedJson):
    """As SealedJson, for a value that every row is made with: empty means destroyed."""

    def _read(self, row: Any) -> Any:
        if not getattr(row, self.column):
            raise KeyMissingError("What this row held has been destroyed.")
        return super()._read(row)


def in_clear(read: Callable[[], str]) -> str:
    """What is sealed, or that its key was destroyed: what people are shown."""
    try:
        return read()
    except KeyMissingError:
        return DESTROYED


class OfCase:
    """Rows that are sealed under the key of the case they belong to."""

    case: "ErasureCase"

    @property
    def sealing_case(self) -> "ErasureCase":
        return self.case
