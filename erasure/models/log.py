"""The append-only log, its outbox, and the private halves of its entries.

OutboxEntry, LogEntry, Tile and Checkpoint are unmanaged: ``erasure.ledger.tables`` makes
their tables and the triggers that refuse to change them.
"""

import uuid

from django.db import models

from erasure.models.sealed import OfCase


class DeletionLogEntry(OfCase, models.Model):
    """The private half of one log entry, encrypted, with what the timeline needs.

    ``facts`` repeats the clear fields of the entry; the private half opens its
    commitment. ``log_index`` is set by the sequencer.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey("ErasureCase", models.CASCADE, related_name="log")
    item = models.ForeignKey("DataItem", models.CASCADE, null=True, blank=True, related_name="log")
    number = models.PositiveIntegerField()  # c/<number>, or i/<item>/<number>
    type = models.CharField(max_length=12)
    at = models.DateTimeField()
    facts = models.JSONField(default=dict)
    private_sealed = models.BinaryField()
    log_index = models.BigIntegerField(null=True, blank=True, unique=True)

    class Meta:
        ordering = ["at", "log_index"]
        indexes = [
            models.Index(fields=["-at", "-id"], name="log_at"),
            models.Index(fields=["type", "-at", "-id"], name="log_type_at"),
            models.Index(fields=["case", "at"], name="log_case_at"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["case", "number"],
                condition=models.Q(item__isnull=True),
                name="case_scope_once",
            ),
            models.UniqueConstraint(
                fields=["item", "number"],
                condition=models.Q(item__isnull=False),
                name="item_scope_once",
            ),
        ]

    def __str__(self) -> str:
        return self.type

    @property
    def scope(self) -> str:
        return f"i/{self.item.log_number}/{self.number}" if self.item else f"c/{self.number}"


class OutboxEntry(models.Model):
    """An entry on its way to the log; ``mac`` is HMAC(outbox key, uuid || bytes)."""

    uuid = models.UUIDField(unique=True)
    bytes = models.BinaryField()
    mac = models.BinaryField()
    created_at = models.DateTimeField()

    class Meta:
        managed = False
        db_table = "erasure_outbox"

    def __str__(self) -> str:
        return str(self.uuid)


class LogEntry(models.Model):
    """One leaf of the organisation's Merkle log."""

    seq = models.BigIntegerField(primary_key=True)
    uuid = models.UUIDField(unique=True)
    bytes = models.BinaryField()
    leaf_hash = models.BinaryField()

    class Meta:
        managed = False
        db_table = "erasure_log"
        ordering = ["seq"]

    def __str__(self) -> str:
        return str(self.seq)


class Tile(models.Model):
    """256 hashes of one level of the log's tree, and the root over them."""

    pk = models.CompositePrimaryKey("level", "number")
    level = models.SmallIntegerField()  # 0: leaf hashes
    number = models.BigIntegerField()
    hashes = models.BinaryField()
    root = models.BinaryField()

    class Meta:
        managed = False
        db_table = "erasure_tile"
        ordering = ["level", "number"]

    def __str__(self) -> str:
        return f"{self.level}/{self.number}"


class Checkpoint(models.Model):
    """A signed head of the log: ``note`` is the C2SP signed note."""

    size = models.BigIntegerField(primary_key=True)
    root = models.BinaryField()
    frontier = models.BinaryField()
    note = models.TextField()
    at = models.DateTimeField()

    class Meta:
        managed = False
        db_table = "erasure_checkpoint"
        ordering = ["size"]

    def __str__(self) -> str:
        return str(self.size)


class LogKey(models.Model):
    """A key of the log and the index of the entry that named it. For look-up, not for proof."""

    vkey = models.TextField(unique=True)
    index = models.BigIntegerField()

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.vkey
