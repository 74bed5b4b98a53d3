"""What one system said, before the search, of one address or number that was given.

It tells whether a link or a call to it would prove anything, and whether the systems
know it as somebody else's. No value, no name and no id of a record is in a row.
"""

import uuid
from enum import StrEnum

from django.db import models

from erasure import clock
from erasure.models.sealed import OfCase
from erasure.values import StoreStatus

ASKED = (StoreStatus.FOUND, StoreStatus.EMPTY, StoreStatus.UNANSWERED)


class Standing(StrEnum):
    """How long it has been on file, against the receipt of the request."""

    BEFORE = "BEFORE"  # a record with it stands unchanged since before
    CHANGED = "CHANGED"  # the record is older, and was changed since: when it came is not told
    UNDATED = "UNDATED"  # the system tells no time
    AFTER = "AFTER"  # every record with it is younger than the request
    NOWHERE = "NOWHERE"  # not on file there, or no answer


class OnFileQuerySet(models.QuerySet["OnFile"]):
    def usable(self) -> "list[OnFile]":
        """Those to which a link or a call can prove something, the clearest first."""
        rows = self.select_related("case", "identifier", "connection")
        return sorted((row for row in rows if row.usable), key=lambda row: bool(row.doubt))


class OnFile(OfCase, models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey("ErasureCase", models.CASCADE, related_name="on_file")
    identifier = models.ForeignKey("SubjectIdentifier", models.CASCADE, related_name="on_file")
    connection = models.ForeignKey("SystemConnection", models.PROTECT, related_name="+")
    status = models.CharField(max_length=12, choices=[(s.value, s.value) for s in ASKED])
    stores = models.JSONField(default=list, blank=True)  # titles, for people
    created = models.DateTimeField(null=True, blank=True)  # of the oldest record with it
    since = models.DateTimeField(null=True, blank=True)  # one of them stands unchanged since then
    agree = models.PositiveIntegerField(default=0)  # records by whether their name is the person's
    differ = models.PositiveIntegerField(default=0)
    unclear = models.PositiveIntegerField(default=0)
    note = models.CharField(max_length=300, blank=True)  # why there was no answer
    looked_at = models.DateTimeField(default=clock.now)

    objects = OnFileQuerySet.as_manager()

    class Meta:
        ordering = ["identifier__number", "connection__name"]
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["case", "identifier", "connection"], name="on_file_once"
            ),
            models.CheckConstraint(
                condition=models.Q(status__in=[s.value for s in ASKED]), name="on_file_answered"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.status} in {self.connection.slug}"

    @property
    def standing(self) -> Standing:
        received = self.case.received_at
        if self.status != StoreStatus.FOUND:
            return Standing.NOWHERE
        if self.since and self.since < received:
            return Standing.BEFORE
        if self.created is None:
            return Standing.UNDATED
        return Standing.CHANGED if self.created < received else Standing.AFTER

    @property
    def usable(self) -> bool:
        """Whether a link or a call to it can prove anything at all."""
        return self.standing in (Standing.BEFORE, Standing.CHANGED, Standing.UNDATED)

    @property
    def doubt(self) -> str:
        """Why it proves nothing without a reason of the officer's; "" when it does."""
        if self.standing is Standing.CHANGED:
            return "The record was changed since the request came: it may be new there."
        if self.standing is Standing.UNDATED:
            return "The system does not tell since when it has been on file."
        if self.differ and not self.agree:
            return "It is on file under another name."
        return ""
