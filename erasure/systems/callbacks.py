"""Callbacks of processors: the key of their paths, and the refused ones, made visible."""

import hashlib
import hmac
import logging

from django.conf import settings
from django.db import transaction

from erasure.models import (
    OPEN_JOBS,
    Refusal,
    RefusedCallback,
    SystemConnection,
    VendorJob,
    beside_refusals,
    refused_sentence,
)

logger = logging.getLogger(__name__)


def callback_key() -> str:
    """Derived from SECRET_KEY: with another one, callbacks under way are refused, polls go on."""
    secret = settings.SECRET_KEY.encode()
    return hmac.new(secret, b"erasure-opendsr-callback-key/v1", hashlib.sha256).hexdigest()


def note_refusal(connection: SystemConnection, job: VendorJob | None, why: Refusal) -> None:
    """Count a refused callback and, where it is known, say so on the job it claims to end.

    The first of a kind is logged: by the connection's short name, nothing of the callback.
    """
    with transaction.atomic():
        before = refused_sentence(job) if job else ""
        new = RefusedCallback.note(connection, job, why)
        if job:
            open_job = VendorJob.objects.filter(pk=job.pk, state__in=OPEN_JOBS)
            reason = job.reason.removesuffix(before).strip()
            open_job.update(reason=beside_refusals(job, reason))
    if new:
        logger.warning("%s: a callback was refused: %s.", connection.slug, why.value)
