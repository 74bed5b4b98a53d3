"""Certificates of erasure: a row with resumable steps, so that waiting blocks no worker."""

import uuid

from django.db import models

from erasure import clock


class Certificate(models.Model):
    APPENDED, ISSUED = "APPENDED", "ISSUED"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey("ErasureCase", models.CASCADE, related_name="certificates")
    public_id = models.CharField(max_length=24)  # the same for every version of a case
    version = models.PositiveIntegerField()
    stage = models.CharField(
        max_length=10,
        default=APPENDED,
        choices=[(s, s) for s in (APPENDED, ISSUED)],
    )
    status = models.CharField(max_length=14)
    document = models.BinaryField()  # certificate.json: canonical bytes, no personal data
    sha256 = models.CharField(max_length=64)
    log_size = models.BigIntegerField(default=0)  # of the log its entries are proven against
    entry = models.ForeignKey("DeletionLogEntry", models.PROTECT, null=True, related_name="+")
    pdf = models.BinaryField(default=b"", blank=True)
    bundle = models.BinaryField(default=b"", blank=True)
    built_at = models.DateTimeField(default=clock.now)
    issued_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["version"]
        constraints = [
            models.UniqueConstraint(fields=["case", "version"], name="certificate_version"),
        ]

    def __str__(self) -> str:
        return f"certificate-{self.case.reference}-v{self.version}"
