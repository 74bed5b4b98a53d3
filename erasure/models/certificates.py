"""Certificates of erasure: a row with resumable steps, so that waiting blocks no worker."""

import uuid

from django.db import models

from erasure import clock
from erasure.proof import files


class Certificate(models.Model):
    """``pdf`` is the subject edition: no personal data is in it."""

    STAGES = APPENDED, ANCHORED, RENDERED, ISSUED = "APPENDED", "ANCHORED", "RENDERED", "ISSUED"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey("ErasureCase", models.CASCADE, related_name="certificates")
    public_id = models.CharField(max_length=24)  # the same for every version of a case
    version = models.PositiveIntegerField()
    stage = models.CharField(
        max_length=10,
        default=APPENDED,
        choices=[(s, s) for s in STAGES],
    )
    status = models.CharField(max_length=14)
    document = models.BinaryField()  # certificate.json: canonical bytes, no personal data
    sha256 = models.CharField(max_length=64)
    log_size = models.BigIntegerField(default=0)  # all the case's entries lie below
    proof_size = models.BigIntegerField(default=0)  # of the head at which all is proven
    entry = models.ForeignKey("DeletionLogEntry", models.PROTECT, null=True, related_name="+")
    pdf = models.BinaryField(default=b"", blank=True)
    built_at = models.DateTimeField(default=clock.now)
    issued_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["version"]
        permissions = [("download_openings", "Can download the authority edition")]
        constraints = [
            models.UniqueConstraint(fields=["case", "version"], name="certificate_version"),
        ]

    @property
    def bundle(self) -> bytes:
        """The same evidence as one JSON file."""
        return files.bundle(files.parse(bytes(self.pdf)).files)

    def __str__(self) -> str:
        return f"certificate-{self.case.reference}-v{self.version}"
