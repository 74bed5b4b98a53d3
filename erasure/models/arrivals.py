"""How a request came in: once, by whom it was sent, and the secret that shows its status."""

import hashlib
import hmac
import secrets
import uuid
from typing import Any

from django.db import models

from erasure import clock
from erasure.crypto.cipher import seal, unseal
from erasure.models.sealed import OfCase, SealedText, blind, case_key

_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
_LETTERS = 16  # of a status code: 80 bits
_GROUP = 4


class Arrival(models.Model):
    """A request that came in by a machine or a form, remembered so that it comes in once.

    ``key_index`` is a keyed index of what names the request: the form's number, a client's
    idempotency key, a token's id, the line of a file. ``body_index`` is one of what it said.
    """

    FORM, API, PORTAL, FILE = "form", "api", "portal", "file"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey("ErasureCase", models.CASCADE, related_name="arrivals")
    door = models.CharField(max_length=8, choices=[(d, d) for d in (FORM, API, PORTAL, FILE)])
    key_index = models.CharField(max_length=64, unique=True)
    body_index = models.CharField(max_length=64, blank=True)
    sender = models.CharField(max_length=80, blank=True)  # a client's or portal's name
    client = models.ForeignKey(
        "ApiClient", models.PROTECT, null=True, blank=True, related_name="arrivals"
    )
    at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["at"]
        default_permissions = ()

    def __str__(self) -> str:
        return self.door

    @staticmethod
    def index(door: str, key: str) -> str:
        return blind(f"arrival.{door}", key)

    @classmethod
    def known(cls, door: str, key: str) -> "Arrival | None":
        found = cls.objects.filter(key_index=cls.index(door, key))
        return found.select_related("case").first()


class StatusCode(models.Model):
    """With the reference it shows where a request stands. Of the code only the hash is kept."""

    case = models.OneToOneField(
        "ErasureCase", models.CASCADE, primary_key=True, related_name="status_code"
    )
    code_hash = models.CharField(max_length=64)
    made_at = models.DateTimeField(default=clock.now)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return "status code"

    @classmethod
    def make(cls, case: Any) -> str:
        """A new code, ``XXXX-XXXX-XXXX-XXXX``; the one before works no more."""
        letters = "".join(secrets.choice(_ALPHABET) for _ in range(_LETTERS))
        made = {"code_hash": _hashed(letters), "made_at": clock.now()}
        cls.objects.update_or_create(case=case, defaults=made)
        return "-".join(letters[at : at + _GROUP] for at in range(0, _LETTERS, _GROUP))

    @classmethod
    def opens(cls, reference: str, code: str) -> Any:
        """The case of a reference, if this is its code. None: either is wrong."""
        row = cls.objects.select_related("case").filter(case__reference=_plain(reference)).first()
        letters = _plain(code).replace("-", "")
        fits = hmac.compare_digest(row.code_hash if row else "", _hashed(letters))
        return row.case if row and fits else None


def _plain(typed: str) -> str:
    """Upper case, without blanks and with the plain hyphen, however it was typed."""
    text = "".join(typed.split()).upper()
    return text.translate(dict.fromkeys(map(ord, "‐‑‒–—−"), "-"))


def _hashed(letters: str) -> str:
    """SHA-256 is enough: the code is random, not chosen by a person."""
    return hashlib.sha256(letters.encode()).hexdigest()


class Representative(OfCase, models.Model):
    """Who asks for somebody else. Never searched by and never erased by."""

    case = models.OneToOneField(
        "ErasureCase", models.CASCADE, primary_key=True, related_name="representative"
    )
    name_sealed = models.BinaryField(default=b"", blank=True)
    email_sealed = models.BinaryField(default=b"", blank=True)

    name = SealedText("name", "file")
    email = SealedText("email", "file")

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return "representative"


class MandatePage(OfCase, models.Model):
    """One page of the authority to act for the person, redrawn, under the file key.

    Unlike a proof of identity it stays as long as the file: the authority must be shown later.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey("ErasureCase", models.CASCADE, related_name="mandate")
    page = models.PositiveSmallIntegerField()
    data_sealed = models.BinaryField()  # JPEG
    uploaded_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["uploaded_at", "page"]
        default_permissions = ()

    def __str__(self) -> str:
        return f"Page {self.page}"

    def seal_data(self, data: bytes) -> None:
        self.data_sealed = seal(case_key(self.case, "file"), data, self._aad())

    def opened_data(self) -> bytes:
        """
        Raises:
            KeyMissingError: the key was destroyed at retention end.
        """
        return unseal(case_key(self.case, "file"), bytes(self.data_sealed), self._aad())

    def _aad(self) -> bytes:
        return f"mandatepage.data.{self.pk}".encode()
