import json
from datetime import timedelta

import pytest

from erasure import clock
from erasure.ledger import daily
from erasure.ledger.append import append_system
from erasure.ledger.sequencer import sequence
from erasure.ledger.tables import LOG
from erasure.ledger.trusted import own_trust
from erasure.models import Checkpoint, LogAnchor, LogCheck, LogEntry, OutboxEntry
from tests.factories import make_case
from tests.ledger.given import wait_in_outbox

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_time(monkeypatch, tmp_path):
    monkeypatch.setenv("ERASURE_CLOCK_FILE", str(tmp_path / "clock"))


@pytest.fixture
def edited(unguarded):
    """A log of which one entry was edited."""
    make_case()
    sequence()
    with unguarded(LOG):
        LogEntry.objects.filter(seq=1).update(bytes=b"{}")


def events():
    found = [
        json.loads(bytes(data)) for data in OutboxEntry.objects.values_list("bytes", flat=True)
    ]
    return [(one["event"], one["count"]) for one in found if one["type"] == "system"]


def test_verify_daily_keeps_what_it_found_and_waits_a_day():
    append_system("sign-in.failed")
    sequence()
    assert daily.verify_daily().passed
    assert daily.verify_daily() is None
    kept = LogCheck.objects.get()
    assert (kept.passed, kept.size, [row[:2] for row in kept.findings]) == (
        True, 2, [[f"L{n}", "passed"] for n in range(1, 10)],
    )  # fmt: skip
    assert (daily.health().good, daily.health().failed, events()) == (True, [], [])
    clock.advance(timedelta(hours=24))
    assert daily.verify_daily() is not None


def test_verify_daily_of_a_log_that_was_changed_is_logged_and_stays_red(edited):
    report = daily.verify_daily()
    failed = [one.id for one in report.findings if one.state == "failed"]
    assert "L1" in failed
    assert events() == [("log.alarm", len(failed))]
    assert (daily.health().good, [one.id for one in daily.health().failed]) == (False, failed)


def test_verification_alarm_names_the_checks_and_no_person(edited):
    alarm = daily.verification_alarm(daily.verify_daily())
    assert alarm.text.startswith("L1: Entry 1 has not the hash of its bytes. (1 more)\n")
    assert "example.org" not in alarm.text.replace("erasure.example.org", "")
    assert "Ada" not in alarm.text
    assert alarm.key == f"log-failed:{clock.now():%Y-%m-%d}"


def test_verification_alarm_of_a_log_that_passes_is_none():
    assert daily.verification_alarm(daily.verify_daily()) is None


def test_verify_daily_forgets_what_it_found_a_quarter_ago():
    LogCheck.objects.create(at=clock.now() - timedelta(days=91), size=0, passed=True)
    daily.verify_daily()
    assert LogCheck.objects.count() == 1


def test_health_without_a_verification_for_two_days_is_not_good():
    daily.verify_daily()
    clock.advance(timedelta(hours=51))
    assert (daily.health().good, daily.health().stale) == (False, True)


def test_health_before_the_first_verification_is_good():
    assert daily.health().good


@pytest.mark.parametrize(("seconds", "alarmed"), [(59, False), (61, True)])
def test_waiting_alarm_when_a_row_waits_for_more_than_a_minute(seconds, alarmed):
    append_system("sign-in.failed")
    clock.advance(timedelta(seconds=seconds))
    assert bool(daily.waiting_alarm()) == alarmed
    sequence()
    assert daily.waiting_alarm() is None


def test_sequencing_lets_the_sequencer_take_its_turn_between_slices():
    wait_in_outbox(3)
    pause = daily.sequencing(every=0)
    pause()
    assert LogEntry.objects.count() == 4


def test_sequencing_goes_on_when_the_sequencer_refuses(edited, folder):
    (folder / "log-head").write_text("x\n")
    daily.sequencing(every=0)()


def test_kept_anchors_are_those_of_the_database_and_of_the_folder_each_once(settings, tmp_path):
    append_system("sign-in.failed")
    sequence()
    note = Checkpoint.objects.get().note
    settings.ANCHOR_FOLDER = str(tmp_path / "worm")
    (tmp_path / "worm").mkdir()
    (tmp_path / "worm" / "a.checkpoint").write_text(note)
    (tmp_path / "worm" / "b.checkpoint").write_text("another")
    for way in ("mail", "file"):
        LogAnchor.objects.create(way=way, size=2, note=note, at=clock.now())
    assert [data.decode() for _, data in daily.kept_anchors()] == [note, "another"]
    report = daily.verify_now(own_trust())
    assert [one.id for one in report.findings if one.state == "failed"] == ["L6"]
