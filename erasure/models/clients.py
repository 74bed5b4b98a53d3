"""Controllers that may send us requests over OpenDSR, what they sent, and what they are told."""

import hashlib
import hmac
import secrets
import uuid
from datetime import datetime
from typing import Any

from django.db import models

from erasure import clock
from erasure.models.sealed import OfCase, SealedJson, SealedText
from erasure.values import Scope


class ClientQuerySet(models.QuerySet["ApiClient"]):
    def serving(self, scope: Scope) -> list["ApiClient"]:
        """Enabled clients that may do this; a JSON list is not searched alike everywhere."""
        return [client for client in self.filter(enabled=True) if client.may(scope)]

    def by_key(self, key_id: str, secret: str) -> "ApiClient | None":
        """The enabled client whose key this is."""
        client = self.filter(key_id=key_id, enabled=True).first() if key_id else None
        return client if client and client.knows(secret) else None


class ApiClient(models.Model):
    """A machine that sends us requests: a controller for whom we are the processor (OpenDSR),
    or a system of ours or a partner's. Of its 256-bit key only the hash is kept."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=80, help_text="The controller or system, for people.")
    controller_id = models.CharField(
        "controller id", max_length=40, unique=True,
        help_text="The name by which our answers call the client.",
    )  # fmt: skip
    scopes = models.JSONField(default=list, help_text="What its key opens.")
    key_id = models.CharField("key", max_length=32, unique=True, editable=False)
    secret_hash = models.CharField(max_length=64, editable=False)
    per_hour = models.PositiveIntegerField("calls an hour", default=600)
    enabled = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=clock.now, editable=False)

    objects = ClientQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        verbose_name = "API client"
        default_permissions = ("add", "change", "view")

    def __str__(self) -> str:
        return self.name

    def make_key(self) -> str:
        """A new key id and secret; the secret is returned once and kept nowhere."""
        secret = secrets.token_urlsafe(32)
        self.key_id = secrets.token_hex(8)
        self.secret_hash = _hashed(secret)
        return secret

    def may(self, scope: Scope) -> bool:
        return scope in self.scopes

    def knows(self, secret: str) -> bool:
        return hmac.compare_digest(self.secret_hash, _hashed(secret))


def _hashed(secret: str) -> str:
    """SHA-256 is enough: the secret is random, not chosen by a person."""
    return hashlib.sha256(secret.encode()).hexdigest()


class InboundRequest(OfCase, models.Model):
    """A controller's request and the case it became.

    ``body_index`` is a keyed index of the body's bytes: a repeated request is known by it
    without the body being kept.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case: Any = models.OneToOneField("ErasureCase", models.CASCADE, related_name="inbound")
    client = models.ForeignKey(ApiClient, models.PROTECT, related_name="requests")
    subject_request_id = models.UUIDField()
    body_index = models.CharField(max_length=64)
    received_at = models.DateTimeField()
    cancelled_at = models.DateTimeField(null=True, blank=True)
    callbacks_sealed = models.BinaryField(default=b"", blank=True)
    last_told = models.CharField(max_length=12, blank=True)  # the word last put into the outbox

    callbacks = SealedJson("callbacks", "file")  # addresses at the controller

    class Meta:
        ordering = ["received_at"]
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["client", "subject_request_id"], name="request_once_a_client"
            )
        ]

    def __str__(self) -> str:
        return f"request {self.subject_request_id}"


class CallbackQuerySet(models.QuerySet["StatusCallback"]):
    def open(self) -> "CallbackQuerySet":
        return self.filter(delivered_at__isnull=True, ended_at__isnull=True)

    def due(self, now: datetime) -> "CallbackQuerySet":
        return self.open().filter(next_try__lte=now)


class StatusCallback(OfCase, models.Model):
    """One status for one address of a controller: the outbox."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    inbound = models.ForeignKey(InboundRequest, models.CASCADE, related_name="outbox")
    url_sealed = models.BinaryField()
    word = models.CharField(max_length=12)
    made_at = models.DateTimeField(default=clock.now)
    next_try = models.DateTimeField(default=clock.now, db_index=True)
    attempts = models.PositiveIntegerField(default=0)
    delivered_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)  # given up, or overtaken
    reason = models.CharField(max_length=120, blank=True)

    url = SealedText("url", "file")

    objects = CallbackQuerySet.as_manager()

    class Meta:
        ordering = ["made_at"]
        default_permissions = ()

    @property
    def sealing_case(self) -> Any:
        return self.inbound.case

    def __str__(self) -> str:
        return f"callback: {self.word}"
