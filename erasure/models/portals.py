"""Portals whose word for who somebody is we take: the public keys their tokens are signed with."""

import uuid
from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from django.core.exceptions import ValidationError
from django.db import models

from erasure import clock

SMALLEST_RSA = 2048  # bits


class PortalKey(models.Model):
    """One key of one portal, for one algorithm: a token cannot choose another."""

    RS256, ES256, EDDSA = "RS256", "ES256", "EdDSA"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=80, help_text="The portal, for people.")
    issuer = models.CharField(max_length=200, help_text="What its tokens say in “iss”.")
    key_id = models.CharField(
        "key id", max_length=64, unique=True, help_text="What its tokens say in “kid”."
    )
    algorithm = models.CharField(max_length=5, choices=[(a, a) for a in (RS256, ES256, EDDSA)])
    public_key = models.TextField(help_text="PEM, beginning with BEGIN PUBLIC KEY.")
    enabled = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        ordering = ["name", "created_at"]
        verbose_name = "portal"
        default_permissions = ("add", "change", "view")

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """
        Raises:
            ValidationError: the key is not a public one of its algorithm.
        """
        try:
            found: Any = load_pem_public_key(self.public_key.encode())
        except (ValueError, UnsupportedAlgorithm):
            raise ValidationError(
                {"public_key": "This is no public key in PEM. Private keys stay at the portal."}
            ) from None
        if not _fits(found, self.algorithm):
            raise ValidationError({"public_key": f"This key is not one for {self.algorithm}."})


def _fits(key: Any, algorithm: str) -> bool:
    if algorithm == PortalKey.RS256:
        return isinstance(key, rsa.RSAPublicKey) and key.key_size >= SMALLEST_RSA
    if algorithm == PortalKey.ES256:
        return isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1)
    return isinstance(key, ed25519.Ed25519PublicKey)
