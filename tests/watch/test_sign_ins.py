"""Failed sign-ins in the log: a number, at most hourly, each failure once."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth import authenticate

from erasure import watch
from erasure.models import FailedSignIns, OutboxEntry
from erasure.proof import entries
from tests.factories import PASSWORD, make_user
from tests.moment import now_is

__all__ = ["now_is"]
pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 20, 7, tzinfo=UTC)
HOUR = timedelta(hours=1)


def fail(times):
    for _ in range(times):
        assert authenticate(username="ada", password="wrong") is None  # noqa: S106


def told():
    found = [json.loads(bytes(row.bytes)) for row in OutboxEntry.objects.order_by("created_at")]
    for entry in found:
        entries.validate(entry)
    return [(one["event"], one["count"]) for one in found]


def test_failed_sign_ins_are_one_entry_an_hour(now_is):
    make_user(name="ada")
    now_is(NOW)
    fail(3)
    watch.look()
    assert told() == []
    now_is(NOW + HOUR)
    fail(1)
    watch.look()
    fail(2)
    watch.look()
    assert told() == [("sign-in.failed", 4)]
    now_is(NOW + 2 * HOUR + timedelta(minutes=1))
    watch.look()
    watch.look()
    assert told() == [("sign-in.failed", 4), ("sign-in.failed", 2)]
    now_is(NOW + 9 * HOUR)
    watch.look()
    assert len(told()) == 2
    assert FailedSignIns.objects.get().count == 0


def test_without_a_failure_there_is_no_entry(now_is):
    make_user(name="ada")
    for hours in (0, 2):
        now_is(NOW + hours * HOUR)
        assert authenticate(username="ada", password=PASSWORD)
        watch.look()
    assert told() == []


def test_failures_and_their_entry_stand_or_fall_together(now_is, settings):
    now_is(NOW)
    fail(2)
    now_is(NOW + HOUR)
    settings.OUTBOX_KEY = None
    with pytest.raises(TypeError):
        watch.look()
    assert FailedSignIns.objects.get().count == 2
