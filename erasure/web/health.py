"""Health for machines: is the process alive, and can it work?"""

from collections.abc import Callable
from datetime import datetime, timedelta

from celery import current_app
from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.recorder import MigrationRecorder
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from kombu.exceptions import OperationalError

from erasure import clock
from erasure.crypto.cipher import KEY_BYTES
from erasure.crypto.keys import Purpose
from erasure.errors import KeyMissingError
from erasure.ledger import daily
from erasure.ledger.outbox import LONGEST_WAIT, longest_wait
from erasure.ledger.tables import missing_triggers
from erasure.models import CaseSecret, Heartbeat
from erasure.models.sealed import keyring

LATE = timedelta(minutes=5)  # and at least so many sweeps:
LATE_SWEEPS = 5
BROKER_SECONDS = 2


@require_safe
@never_cache
def healthz(request: HttpRequest) -> HttpResponse:
    """200 while the process answers; asks nothing of anybody."""
    return HttpResponse("ok\n", content_type="text/plain")


@require_safe
@never_cache
def readyz(request: HttpRequest) -> HttpResponse:
    """Each check by name, ``ok`` or ``failed``; 503 when one has failed."""
    found = {name: "ok" if holds(check) else "failed" for name, check in CHECKS.items()}
    ready = set(found.values()) == {"ok"}
    return JsonResponse({"ready": ready, "checks": found}, status=200 if ready else 503)


def holds(check: Callable[[], bool]) -> bool:
    try:
        return check()
    except (DatabaseError, OperationalError, KeyMissingError, OSError):
        return False


def database_answers() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        return cursor.fetchone() == (1,)


def broker_answers() -> bool:
    with current_app.connection_for_write() as broker:
        broker.ensure_connection(max_retries=1, timeout=BROKER_SECONDS)
    return True


def keys_are_readable() -> bool:
    """The keys have their length, and one secret kept in the database opens with them."""
    ring = keyring()
    kept = CaseSecret.objects.first()
    if kept:
        ring.unwrap(bytes(kept.wrapped), kept.case_id, Purpose(kept.purpose))
    return all(len(key) == KEY_BYTES for key in (settings.BLIND_KEY, settings.OUTBOX_KEY))


def log_is_guarded() -> bool:
    return not missing_triggers()


def outbox_moves() -> bool:
    """Nothing waits for the sequencer longer than a minute."""
    return longest_wait() < LONGEST_WAIT


def log_is_verified() -> bool:
    """The last verification passed, and there was one in the last two days."""
    return daily.health().good


def schedule_runs() -> bool:
    """Both sweeps ran a short while ago; a fresh installation has as long for its first ones."""
    since = Heartbeat.last() or _installed_at()
    return clock.now() - since < max(LATE, LATE_SWEEPS * timedelta(seconds=settings.SWEEP_SECONDS))


def _installed_at() -> datetime:
    return MigrationRecorder(connection).migration_qs.latest("applied").applied


CHECKS: dict[str, Callable[[], bool]] = {
    "database": database_answers,
    "broker": broker_answers,
    "keys": keys_are_readable,
    "log_guards": log_is_guarded,
    "outbox": outbox_moves,
    "schedule": schedule_runs,
    "log": log_is_verified,
}
