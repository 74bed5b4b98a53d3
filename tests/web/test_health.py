import uuid
from datetime import timedelta

import pytest
from celery import Celery
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from erasure import clock
from erasure.ledger.tables import restore_triggers
from erasure.models import CaseSecret, Heartbeat, LogCheck, OutboxEntry
from tests.factories import make_case

GOOD = {
    "database": "ok",
    "broker": "ok",
    "keys": "ok",
    "log_guards": "ok",
    "outbox": "ok",
    "schedule": "ok",
    "log": "ok",
}


@pytest.fixture
def person(person):
    """A visitor while the schedule runs."""
    for name in (Heartbeat.SWEEP, Heartbeat.LOOK):
        Heartbeat.beat(name)
    return person


def failed(person):
    """Status of the answer, and the names of the checks that are red."""
    response = person.get("/readyz")
    found = response.json()
    red = [name for name, state in found["checks"].items() if state != "ok"]
    assert found["ready"] == (red == [])
    return response.status_code, red


def test_healthz_answers_without_the_database(client):
    response = client.get("/healthz")
    assert (response.status_code, response.content) == (200, b"ok\n")


def test_readyz_when_all_is_well_says_so(person):
    make_case()
    response = person.get("/readyz")
    assert (response.status_code, response.json()) == (200, {"ready": True, "checks": GOOD})


def test_readyz_with_an_outbox_that_stands_still_is_red(person):
    OutboxEntry.objects.create(
        uuid=uuid.uuid4(), bytes=b"x", mac=b"x", created_at=clock.now() - timedelta(seconds=61)
    )
    assert failed(person) == (503, ["outbox"])


def test_readyz_with_an_outbox_that_moves_is_green(person):
    OutboxEntry.objects.create(
        uuid=uuid.uuid4(), bytes=b"x", mac=b"x", created_at=clock.now() - timedelta(seconds=30)
    )
    assert failed(person) == (200, [])


@pytest.mark.parametrize(
    ("minutes", "red"), [(4, []), (6, ["schedule"])], ids=["four minutes", "six minutes"]
)
@pytest.mark.parametrize("name", [Heartbeat.SWEEP, Heartbeat.LOOK])
def test_readyz_with_a_schedule_that_stands_still_is_red_after_five_minutes(
    person, name, minutes, red
):
    late = clock.now() - timedelta(minutes=minutes)
    Heartbeat.objects.filter(name=name).update(at=late)
    assert failed(person)[1] == red


@pytest.mark.parametrize(
    ("minutes", "red"), [(1, []), (6, ["schedule"])], ids=["one minute", "six minutes"]
)
def test_readyz_of_an_installation_that_never_swept_is_red_after_five_minutes(person, minutes, red):
    Heartbeat.objects.all().delete()
    MigrationRecorder.Migration.objects.update(applied=clock.now() - timedelta(minutes=minutes))
    assert failed(person)[1] == red


@pytest.mark.parametrize(
    ("hours", "passed", "red"), [(1, True, []), (1, False, ["log"]), (51, True, ["log"])]
)
def test_readyz_is_red_while_the_log_fails_or_is_not_verified(person, hours, passed, red):
    LogCheck.objects.create(at=clock.now() - timedelta(hours=hours), size=0, passed=passed)
    assert failed(person) == (503 if red else 200, red)


@pytest.mark.parametrize("keks", ["", "1:c2hvcnQ="])
def test_readyz_without_a_usable_key_is_red(person, settings, keks):
    settings.KEKS = keks
    assert failed(person) == (503, ["keys"])


def test_readyz_with_a_key_that_opens_nothing_kept_is_red(person):
    make_case()
    CaseSecret.objects.update(wrapped=b"\x00\x01" + bytes(60))
    assert failed(person) == (503, ["keys"])


def test_readyz_without_a_guard_of_the_log_is_red(person):
    with connection.cursor() as cursor:
        on = " ON erasure_log" if connection.vendor == "postgresql" else ""
        cursor.execute(f"DROP TRIGGER log_no_update{on}")
    found = failed(person)
    restore_triggers()
    assert found == (503, ["log_guards"])


def test_readyz_without_a_broker_is_red(person, monkeypatch):
    lost = Celery(broker="redis+socket:///nowhere/broker.sock", set_as_current=False)
    monkeypatch.setattr("erasure.web.health.current_app", lost)
    assert failed(person) == (503, ["broker"])
