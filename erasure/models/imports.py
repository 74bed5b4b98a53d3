"""A file of requests between its preview and its last row. Nothing of it rests in clear."""

import json
import uuid
from datetime import datetime
from typing import Any

from django.db import models

from erasure import clock
from erasure.crypto.cipher import seal, unseal
from erasure.crypto.keys import Purpose, new_secret
from erasure.models.sealed import keyring


class ImportQuerySet(models.QuerySet["BulkImport"]):
    def running(self) -> "ImportQuerySet":
        return self.filter(confirmed_at__isnull=False, ended_at__isnull=True)

    def forgotten(self, before: datetime) -> "ImportQuerySet":
        """Previews nobody confirmed."""
        return self.filter(confirmed_at__isnull=True, made_at__lt=before)


class BulkImport(models.Model):
    """The good rows, encrypted under a secret of their own that goes with the last of them."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey("User", models.PROTECT, related_name="+")
    made_at = models.DateTimeField(default=clock.now)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    total = models.PositiveIntegerField()  # good rows
    done = models.PositiveIntegerField(default=0)
    refused_lines = models.JSONField(default=list)  # good when previewed, not when taken in
    secret_wrapped = models.BinaryField(default=b"")
    rows_sealed = models.BinaryField(default=b"")

    objects = ImportQuerySet.as_manager()

    class Meta:
        ordering = ["-made_at"]
        default_permissions = ()

    def __str__(self) -> str:
        return f"import of {self.total} requests"

    @property
    def left_out(self) -> int:
        """Of an import that ended: rows that were good when previewed and have no case."""
        return len(self.refused_lines) + self.total - self.done

    @property
    def taken_in(self) -> int:
        return self.done - len(self.refused_lines)

    def seal_rows(self, rows: Any) -> None:
        secret = new_secret()
        self.secret_wrapped = keyring().wrap(secret, self.pk, Purpose.FILE)
        self.rows_sealed = seal(secret, json.dumps(rows).encode(), self._aad())

    def opened_rows(self) -> Any:
        secret = keyring().unwrap(bytes(self.secret_wrapped), self.pk, Purpose.FILE)
        return json.loads(unseal(secret, bytes(self.rows_sealed), self._aad()))

    def end(self) -> None:
        """What is taken in rests in its cases; the file is gone."""
        self.ended_at = clock.now()
        self.secret_wrapped = self.rows_sealed = b""

    def _aad(self) -> bytes:
        return f"bulkimport.rows.{self.pk}".encode()
