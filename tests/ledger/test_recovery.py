"""A log that was lost goes on as another one, which says so."""

import base64

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from erasure.cases import move
from erasure.errors import RefusedError, TamperedError
from erasure.ledger import anchors, daily
from erasure.ledger.append import append_system
from erasure.ledger.head import last_head
from erasure.ledger.keys import next_file, signer
from erasure.ledger.recovery import recover
from erasure.ledger.sequencer import sequence
from erasure.ledger.tables import CHECKPOINT, LOG, missing_triggers
from erasure.ledger.trusted import own_trust
from erasure.models import SYSTEM, Checkpoint, DeletionLogEntry, LogEntry, OutboxEntry
from erasure.proof import canonical
from erasure.proof.note import open_checkpoint
from erasure.values import Step
from tests.factories import make_case

pytestmark = pytest.mark.django_db
OLD, NEW = "erasure.example.org/log/1", "erasure.example.org/log/2"


@pytest.fixture(autouse=True)
def logged(settings, tmp_path):
    """Two cases, two heads, the first of them outside."""
    settings.LOG_ORIGIN, settings.ANCHOR_FOLDER = OLD, None
    settings.LOG_KEY_FILE = tmp_path / "log"
    settings.LOG_KEY_FILE.write_text(base64.b64encode(b"1" * 32).decode())
    cases = [make_case(), make_case()]
    sequence()
    anchors.anchor(last_head())
    move(cases[0].pk, Step.START_VALIDATION, actor=SYSTEM)
    append_system("sign-in.failed")
    sequence()
    return cases


@pytest.fixture
def renamed(settings):
    def rename():
        settings.LOG_ORIGIN = NEW

    return rename


def value(seq):
    return canonical.decode(bytes(LogEntry.objects.get(seq=seq).bytes), canonical=True)


def problems():
    """What a verification finds once the log went on."""
    sequence()
    anchors.anchor(last_head())
    found = daily.verify_now(own_trust()).findings
    return [one.text for one in found if one.state != "passed"]


def cut(unguarded, size):
    """The tail of the log and its heads are gone, as in a backup of the log's tables alone."""
    with unguarded(LOG), unguarded(CHECKPOINT), connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {LOG} WHERE seq >= %s", [size])  # noqa: S608
        cursor.execute(f"DELETE FROM {CHECKPOINT} WHERE size > %s", [size])  # noqa: S608


def test_recover_of_a_cut_log_makes_lost_entries_of_cases_anew_and_counts_the_rest(
    unguarded, renamed, logged
):
    note, before = last_head().note, list(LogEntry.objects.values_list("seq", "uuid"))
    cut(unguarded, 3)
    with pytest.raises(TamperedError):
        sequence()
    renamed()
    done = recover([note.encode()])
    assert (done.known, done.kept, done.regained, done.lost) == (5, 2, 1, 1)
    assert list(LogEntry.objects.values_list("seq", "uuid"))[1:] == before[1:4]
    assert value(0) == {
        "at": value(1)["at"], "prev": note, "type": "key", "v": 1, "vkey": str(signer().vkey),
    }  # fmt: skip
    assert problems() == []
    assert (value(4)["event"], value(4)["count"]) == ("log.recovered", 1)


def test_recovered_log_takes_new_events_and_places_every_private_half(renamed, logged):
    renamed()
    recover()
    move(logged[1].pk, Step.START_VALIDATION, actor=SYSTEM)
    assert problems() == []
    halves = DeletionLogEntry.objects.values_list("log_index", "pk")
    assert set(halves) <= set(LogEntry.objects.values_list("seq", "uuid"))
    assert open_checkpoint(last_head().note, [signer().vkey]).origin == NEW
    assert missing_triggers() == set()


def test_recover_keeps_the_old_tables_and_the_old_file(renamed, folder):
    before = list(LogEntry.objects.values_list("seq", "uuid"))
    heads = (folder / "log-head").read_text()
    renamed()
    aside = recover().aside
    rows = LogEntry.objects.raw(f"SELECT * FROM {aside} ORDER BY seq")  # noqa: S608
    assert [(row.seq, row.uuid) for row in rows] == before
    assert (folder / f"log-head.{aside}").read_text() == heads


def test_recover_twice_names_the_log_that_was_lost_last(renamed, settings):
    renamed()
    recover()
    sequence()
    note = last_head().note
    settings.LOG_ORIGIN = "erasure.example.org/log/3"
    recover()
    assert value(0)["prev"] == note
    assert problems() == []


def test_recover_after_the_key_was_changed_names_the_new_key_alone(renamed):
    next_file().write_text(base64.b64encode(b"2" * 32).decode())
    append_system("sign-in.failed")
    sequence()
    append_system("sign-in.failed")
    sequence()
    assert problems() == []
    renamed()
    recover()
    assert problems() == []


def test_recover_leaves_what_waits_in_the_outbox_to_the_sequencer(renamed):
    append_system("sign-in.failed")
    waits = OutboxEntry.objects.get().uuid
    renamed()
    recover()
    assert OutboxEntry.objects.filter(uuid=waits).exists()
    sequence()
    assert LogEntry.objects.filter(uuid=waits).count() == 1


def test_recover_under_the_name_of_the_old_log_is_refused():
    before = Checkpoint.objects.count()
    with pytest.raises(RefusedError):
        recover()
    assert Checkpoint.objects.count() == before


def test_recover_of_a_log_with_two_histories_is_refused(renamed):
    """A head that left in between has another root: which of the two is true is for people."""
    other = signer().sign(2, b"x" * 32).encode()
    renamed()
    with pytest.raises(TamperedError):
        recover([other])


def test_recover_of_an_altered_entry_keeps_what_was_signed_before_it(unguarded, renamed):
    with unguarded(LOG), connection.cursor() as cursor:
        cursor.execute(f"UPDATE {LOG} SET bytes = %s WHERE seq = 4", [b"{}"])  # noqa: S608
    renamed()
    done = recover()
    assert (done.kept, done.regained, done.lost) == (2, 1, 1)
    assert problems() == []


def test_command_says_what_was_kept_made_anew_and_lost(renamed, capsys):
    with pytest.raises(CommandError):
        call_command("recover_log")
    renamed()
    call_command("recover_log")
    assert capsys.readouterr().out.splitlines() == [
        "The old log is known to have had 5 entries.",
        "4 stand at their place, 0 were made anew from the cases, 0 are lost.",
        f"The old tables stay as {LOG}_lost_1 and so on.",
        "Hand out the trust file anew ('evidence_keys trust'); a witness begins a new folder.",
    ]
