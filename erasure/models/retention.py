"""What outlives a case: which of its keys were destroyed, the register of what was
erased, and keyed tokens of identifiers that must not come back unnoticed.
"""

import uuid
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from django.db import models

from erasure import clock
from erasure.crypto.blind import blind_index
from erasure.crypto.keys import Purpose, new_secret
from erasure.models.sealed import PURPOSES, SealedJson, keyring
from erasure.values import IdentifierKind

SHARED = (Purpose.REGISTER, Purpose.SUPPRESSION)


class KeyDestruction(models.Model):
    """One secret of a case was destroyed, with all that it protected."""

    case = models.ForeignKey("ErasureCase", models.CASCADE, related_name="destructions")
    purpose = models.CharField(max_length=10, choices=[(p.value, p.value) for p in PURPOSES])
    at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["at"]
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["case", "purpose"], name="destroyed_once"),
        ]

    def __str__(self) -> str:
        return self.purpose


class SharedSecret(models.Model):
    """A wrapped secret of no case. Made when it is first needed."""

    purpose = models.CharField(
        max_length=12, primary_key=True, choices=[(p.value, p.value) for p in SHARED]
    )
    wrapped = models.BinaryField()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return self.purpose


@lru_cache(maxsize=8)
def _revealed(purpose: str, wrapped: bytes) -> bytes:
    return keyring().unwrap(wrapped, None, Purpose(purpose))


def shared_key(purpose: Purpose) -> bytes:
    """The secret of the register or of the suppression tokens."""
    made = {"wrapped": keyring().wrap(new_secret(), None, purpose)}
    row, _ = SharedSecret.objects.get_or_create(purpose=purpose.value, defaults=made)
    return _revealed(purpose, bytes(row.wrapped))


class RegisterJson(SealedJson):
    """A JSON value under the register's own secret: it opens when the case is long shredded."""

    def key(self, row: Any) -> bytes:
        return shared_key(Purpose.REGISTER)


class ErasedRecord(models.Model):
    """One erased record, so that a restored backup of its system can be erased again.

    ``where`` (encrypted) holds the vendor's ids as the inventory had them, and the kind of
    identifier that the record's own id is, if it is one.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(
        "ErasureCase", models.SET_NULL, null=True, blank=True, related_name="erased_records"
    )
    connection = models.ForeignKey("SystemConnection", models.PROTECT, related_name="+")
    store = models.CharField(max_length=40)
    remote_index = models.CharField(max_length=64)  # keyed, as DataItem.remote_index
    verdict = models.CharField(max_length=16)
    erased_at = models.DateTimeField(db_index=True)
    keep_until = models.DateField(db_index=True)
    where_sealed = models.BinaryField()

    where = RegisterJson("where", "register")

    class Meta:
        ordering = ["erased_at"]
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["connection", "store", "remote_index"], name="erased_record_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.connection.slug}.{self.store}"


class SuppressionToken(models.Model):
    """A keyed token of an identifier that was erased. It tells nothing but "this one".

    Leads to no case: it is asked whether an import brings somebody back, nothing else.
    """

    token = models.CharField(max_length=64, primary_key=True)
    kind = models.CharField(max_length=20, choices=[(k, k) for k in IdentifierKind])
    since = models.DateField()
    keep_until = models.DateField(db_index=True)

    class Meta:
        ordering = ["since"]
        default_permissions = ()

    def __str__(self) -> str:
        return self.kind


def suppression_tokens(identifiers: Sequence[tuple[str, str]]) -> list[str]:
    """HMAC-SHA-256 under the key of the suppression list alone, for (kind, normalised value)."""
    if not identifiers:
        return []
    key = shared_key(Purpose.SUPPRESSION)
    return [blind_index(key, kind, value) for kind, value in identifiers]
