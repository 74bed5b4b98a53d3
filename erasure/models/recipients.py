"""Whom the data were disclosed to, and what each was told of the erasure (Art. 19)."""

import uuid

from django.db import models
from django.db.models import Q

from erasure import clock
from erasure.models.sealed import OfCase
from erasure.values import Channel, RecipientKind

KINDS = [
    (RecipientKind.PROCESSOR.value, "Processor"),
    (RecipientKind.CONTROLLER.value, "Other controller"),
    (RecipientKind.AUTHORITY.value, "Authority"),
]
CHANNELS = {
    Channel.EMAIL: "E-mail",
    Channel.LETTER: "Letter",
    Channel.PHONE: "Telephone",
    Channel.API: "Interface",
    Channel.PORTAL: "Their portal",
}
WAYS = [(channel.value, said) for channel, said in CHANNELS.items()]


class Recipient(models.Model):
    """An organisation that receives what a system holds. Asked for in every case found there."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    connection = models.ForeignKey(
        "SystemConnection", models.CASCADE, related_name="recipients", verbose_name="system",
        help_text="Whoever had data in this system is known there too.",
    )  # fmt: skip
    name = models.CharField(max_length=80)
    kind = models.CharField(max_length=10, choices=KINDS)
    channel = models.CharField("told by", max_length=12, choices=WAYS)
    address = models.CharField(
        max_length=200, blank=True, help_text="Of the organisation, for whoever tells it."
    )
    enabled = models.BooleanField("still receives data", default=True)

    class Meta:
        ordering = ["connection__slug", "name"]
        default_permissions = ("view", "add", "change")
        constraints = [
            models.UniqueConstraint(fields=["connection", "name"], name="recipient_once"),
        ]

    def __str__(self) -> str:
        return self.name


class RecipientNoticeQuerySet(models.QuerySet["RecipientNotice"]):
    def told(self) -> "RecipientNoticeQuerySet":
        return self.filter(told_at__isnull=False)

    def outstanding(self) -> "RecipientNoticeQuerySet":
        """Neither told nor, with a reason, not to be told."""
        return self.filter(told_at__isnull=True, excused_at__isnull=True)


class RecipientNotice(OfCase, models.Model):
    """One recipient of one case: told, answered, or why it is not told.

    ``excuse``: impossible, or a disproportionate effort; nothing else spares it (Art. 19).
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey("ErasureCase", models.CASCADE, related_name="recipients")
    recipient = models.ForeignKey(
        Recipient, models.SET_NULL, null=True, blank=True, related_name="+"
    )  # none: named by hand in this case
    name = models.CharField(max_length=80)
    kind = models.CharField(max_length=10, choices=KINDS)
    named_at = models.DateTimeField(default=clock.now)
    channel = models.CharField("told by", max_length=12, choices=WAYS, blank=True)
    told_at = models.DateTimeField(null=True, blank=True, db_index=True)
    proof = models.CharField("proof of the notice", max_length=300, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    answer = models.CharField(max_length=300, blank=True)
    excused_at = models.DateTimeField(null=True, blank=True)
    excuse = models.CharField("why it is not told", max_length=300, blank=True)
    recorded_by = models.ForeignKey("User", models.PROTECT, null=True, blank=True, related_name="+")

    objects = RecipientNoticeQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        default_permissions = ("view",)
        permissions = [("record_recipient", "Can record which recipients were told")]
        constraints = [
            models.UniqueConstraint(
                fields=["case", "recipient"], name="recipient_once_a_case",
                condition=Q(recipient__isnull=False),
            ),
            models.CheckConstraint(
                condition=Q(told_at__isnull=True) | Q(excused_at__isnull=True),
                name="recipient_told_or_excused",
            ),
            models.CheckConstraint(
                condition=Q(answered_at__isnull=True) | Q(told_at__isnull=False),
                name="recipient_told_before_answer",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.name
