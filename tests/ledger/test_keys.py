import base64
from datetime import timedelta
from pathlib import Path

import pytest

from erasure import clock
from erasure.errors import KeyMissingError, TamperedError
from erasure.ledger.append import append_system
from erasure.ledger.keys import key_file, known_vkeys, next_file, signer, vkey_of
from erasure.ledger.sequencer import sequence
from erasure.models import Checkpoint, LogEntry, LogKey
from erasure.proof import canonical
from erasure.proof.note import open_checkpoint

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_key(settings, tmp_path):
    settings.LOG_KEY_FILE = tmp_path / "log-key"
    write(settings.LOG_KEY_FILE, b"1")


def write(path, letter):
    Path(path).write_text(base64.b64encode(letter * 32).decode() + "\n")


def signed_by(point):
    return [vkey for vkey in known_vkeys() if opens(point.note, vkey)]


def opens(note, vkey):
    try:
        return bool(open_checkpoint(note, [vkey]))
    except TamperedError:
        return False


def passes(count=1):
    for _ in range(count):
        append_system("sign-in.failed")
        sequence()
    return list(Checkpoint.objects.all())


def test_sequence_while_the_key_is_changed_names_the_new_one_and_signs_with_both_then_the_new():
    passes()
    old = signer().vkey
    write(next_file(), b"2")
    points = passes(3)
    new = signer().vkey
    named = [canonical.decode(bytes(row.bytes)) for row in LogEntry.objects.all()]
    assert [(n, row["vkey"]) for n, row in enumerate(named) if row["type"] == "key"] == [
        (0, str(old)),
        (3, str(new)),
    ]
    assert [signed_by(point) for point in points] == [[old], [old, new], [new], [new]]
    assert [(key.vkey, key.index) for key in LogKey.objects.all()] == [(str(old), 0), (str(new), 3)]
    assert not next_file().exists()
    assert [vkey_of(point.note, known_vkeys()) for point in points] == [old, new, new, new]


def test_sequence_of_an_idle_log_takes_the_new_key_at_once():
    passes()
    write(next_file(), b"2")
    assert (sequence(), sequence()) == (1, 0)


def test_sequence_beside_files_as_they_were_before_the_change_keeps_the_new_key():
    passes()
    write(next_file(), b"2")
    old = key_file().read_text()
    passes(2)
    write(next_file(), b"2")
    key_file().write_text(old)
    points = passes()
    assert [len(signed_by(point)) for point in points[-2:]] == [1, 1]
    assert known_vkeys()[-1] == signer().vkey


def test_sequence_with_a_next_key_that_cannot_be_read_is_refused():
    passes()
    next_file().write_text("x")
    with pytest.raises(KeyMissingError):
        sequence()


def test_sequence_of_the_first_entry_while_a_next_key_lies_ready_names_both():
    write(next_file(), b"2")
    assert [sequence(), Checkpoint.objects.count()] == [0, 0]
    passes()
    assert LogKey.objects.count() == 2


def test_vkey_of_a_checkpoint_nobody_known_signed_is_refused():
    point = passes()[0]
    with pytest.raises(TamperedError):
        vkey_of(point.note, [])


def test_key_entry_is_dated_when_it_is_made():
    passes()
    write(next_file(), b"2")
    sequence()
    at = canonical.decode(bytes(LogEntry.objects.last().bytes))["at"]
    assert clock.now() - timedelta(minutes=1) < Checkpoint.objects.last().at
    assert at == Checkpoint.objects.last().at.strftime("%Y-%m-%dT%H:%M:%SZ")
