import base64
import uuid
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection, transaction

from erasure import clock
from erasure.errors import KeyMissingError, TamperedError
from erasure.ledger.append import append_system, outbox_mac
from erasure.ledger.keys import signer
from erasure.ledger.sequencer import sequence
from erasure.ledger.tables import CHECKPOINT, LOG, OUTBOX
from erasure.models import Checkpoint, DeletionLogEntry, LogEntry, OutboxEntry, Tile
from erasure.proof import canonical, entries, merkle
from erasure.proof.note import open_checkpoint
from tests.factories import make_case
from tests.ledger.given import wait_in_outbox

pytestmark = pytest.mark.django_db


def fill(count=3):
    for _ in range(count):
        append_system("sign-in.failed")


def everything():
    return [list(model.objects.order_by("pk").values())
            for model in (LogEntry, Tile, Checkpoint, OutboxEntry)]  # fmt: skip


def refused(folder):
    """Nothing is written, in the database or beside it, and the error says what is wrong."""
    before, file = everything(), (folder / "log-head")
    head = file.read_text() if file.exists() else ""
    with pytest.raises(TamperedError) as why:
        sequence()
    assert everything() == before
    assert (file.read_text() if file.exists() else "") == head
    return str(why.value)


def test_sequence_of_an_empty_outbox_writes_nothing():
    assert (sequence(), LogEntry.objects.count(), Checkpoint.objects.count()) == (0, 0, 0)


def test_sequence_numbers_from_the_key_entry_on_in_the_order_of_the_outbox(folder):
    cases = [make_case(), make_case()]
    wanted = list(OutboxEntry.objects.order_by("id").values_list("uuid", flat=True))
    assert sequence() == 3
    found = list(LogEntry.objects.order_by("seq").values_list("seq", "uuid"))
    first = canonical.decode(bytes(LogEntry.objects.get(seq=0).bytes), canonical=True)
    assert (first["type"], first["vkey"]) == ("key", str(signer().vkey))
    assert [seq for seq, _ in found] == [0, 1, 2]
    assert [each for _, each in found[1:]] == wanted
    assert [case.log.get().log_index for case in cases] == [1, 2]
    assert OutboxEntry.objects.count() == 0


def test_sequence_in_batches_leaves_no_gap_and_signs_every_head(folder):
    fill(7)
    moved = [sequence(batch=3) for _ in range(4)]
    leaves = [bytes(leaf) for leaf in LogEntry.objects.values_list("leaf_hash", flat=True)]
    heads = [open_checkpoint(each.note, [signer().vkey]) for each in Checkpoint.objects.all()]
    assert moved == [4, 3, 1, 0]
    assert [(head.size, head.root) for head in heads] == [
        (size, merkle.root(leaves[:size])) for size in (4, 7, 8)
    ]
    assert [merkle.leaf_hash(bytes(row.bytes)) for row in LogEntry.objects.all()] == leaves
    lines = (folder / "log-head").read_text().splitlines()
    assert lines == [f"0 {merkle.EMPTY_ROOT.hex()}"] + [
        f"{head.size} {head.root.hex()}" for head in heads
    ]
    assert (folder / "log-head").stat().st_mode & 0o777 == 0o600


def test_sequence_after_a_roll_back_in_the_middle_takes_the_same_rows_again():
    fill(2)
    before = everything()
    with transaction.atomic():
        sequence()
        transaction.set_rollback(True)
    assert everything() == before


@pytest.mark.parametrize("change", [{"bytes": b"{}"}, {"bytes": b"\xff"}, {"mac": b"\0" * 32}])
@pytest.mark.parametrize("before", [0, 1])
def test_sequence_of_an_altered_outbox_row_is_refused(folder, unguarded, change, before):
    fill(before)
    sequence()
    fill(2)
    with unguarded(OUTBOX):
        OutboxEntry.objects.filter(pk=OutboxEntry.objects.earliest("pk").pk).update(**change)
    assert refused(folder) == "An outbox row was altered."


def test_sequence_of_swapped_outbox_rows_is_refused(folder, unguarded):
    append_system("one")
    append_system("two")
    first, second = OutboxEntry.objects.order_by("id")
    with unguarded(OUTBOX):
        OutboxEntry.objects.filter(pk=first.pk).update(bytes=second.bytes, mac=second.mac)
    assert refused(folder) == "An outbox row was altered."


@pytest.mark.parametrize("seconds", [-310, 310])
def test_sequence_of_a_row_dated_out_of_order_is_refused(folder, seconds):
    fill(1)
    sequence()
    moment, name = clock.now() + timedelta(seconds=seconds), uuid.uuid4()
    data = entries.entry("system", moment.replace(microsecond=0), event="late", count=1)
    OutboxEntry.objects.create(uuid=name, bytes=data, mac=outbox_mac(name, data), created_at=moment)
    assert refused(folder) == "An outbox row is dated more than five minutes out of order."


@pytest.mark.parametrize(
    "change",
    [
        {"root": b"\0" * 32},
        {"frontier": b""},
        {"note": ""},
        {"note": "erasure.example.org/log/9\n1\nAA==\n\n"},
    ],
)
def test_sequence_on_an_altered_checkpoint_is_refused(folder, unguarded, change):
    fill()
    sequence()
    fill()
    with unguarded(CHECKPOINT):
        Checkpoint.objects.update(**change)
    refused(folder)


def test_sequence_on_a_checkpoint_of_another_key_is_refused(folder, settings, tmp_path):
    fill()
    sequence()
    fill()
    settings.LOG_KEY_FILE = tmp_path / "other"
    Path(settings.LOG_KEY_FILE).write_text(base64.b64encode(b"k" * 32).decode())
    assert refused(folder) == "The checkpoint is not signed by a known log key."


def test_sequence_with_an_entry_beyond_the_checkpoint_is_refused(folder):
    fill()
    sequence()
    LogEntry.objects.create(seq=4, uuid=make_case().pk, bytes=b"{}", leaf_hash=b"\0" * 32)
    assert refused(folder) == "Log entries lie beyond the last checkpoint, or some are missing."


def test_sequence_with_the_tail_of_the_log_gone_is_refused(folder, unguarded):
    fill()
    sequence()
    fill()
    with unguarded(LOG):
        LogEntry.objects.filter(seq=3).delete()
    assert refused(folder) == "Log entries lie beyond the last checkpoint, or some are missing."


def test_sequence_with_the_checkpoints_gone_is_refused(folder, unguarded):
    fill()
    sequence()
    fill()
    with unguarded(CHECKPOINT):
        Checkpoint.objects.all().delete()
    assert refused(folder) == "The log holds entries but no checkpoint."


def restore(unguarded, size):
    """The database as a backup had it when the log was so large."""
    with unguarded(LOG), unguarded(CHECKPOINT):
        LogEntry.objects.filter(seq__gte=size).delete()
        Checkpoint.objects.filter(size__gt=size).delete()


@pytest.mark.parametrize("size", [0, 3])
def test_sequence_on_an_older_database_than_its_own_last_head_is_refused(folder, unguarded, size):
    fill(2)
    sequence()
    fill(2)
    sequence()
    fill(1)
    restore(unguarded, size)
    assert refused(folder) == (
        "The database is older than the log's last head, or another one: was a backup restored?"
    )


def test_sequence_on_a_rewritten_history_of_the_same_size_is_refused(folder, unguarded):
    fill(2)
    sequence()
    own = (folder / "log-head").read_text()
    restore(unguarded, 0)
    (folder / "log-head").unlink()
    append_system("another")
    append_system("history")
    sequence()
    fill(1)
    (folder / "log-head").write_text(own)
    assert refused(folder).startswith("The database is older")


@pytest.mark.parametrize("content", [None, ""])
def test_sequence_with_its_own_file_of_heads_gone_is_refused(folder, content):
    fill()
    sequence()
    fill()
    (folder / "log-head").unlink()
    if content is not None:
        (folder / "log-head").write_text(content)
    assert refused(folder).startswith("The sequencer's own file of heads (log-head) is gone")


def test_sequence_on_a_database_ahead_of_its_own_file_goes_on(folder):
    """Killed between the commit and the line."""
    fill()
    sequence()
    before = (folder / "log-head").read_text()
    fill()
    sequence()
    (folder / "log-head").write_text(before)
    fill(1)
    assert sequence() == 1


def test_sequence_after_a_first_pass_that_was_rolled_back_starts_anew(folder):
    fill(1)
    with transaction.atomic():
        sequence()
        transaction.set_rollback(True)
    (folder / "log-head").write_text(f"0 {merkle.EMPTY_ROOT.hex()}\n")
    assert sequence() == 2


def test_sequence_of_a_row_that_is_in_the_log_already_is_refused(folder):
    fill(2)
    row = OutboxEntry.objects.order_by("id").first()
    sequence()
    row.pk = None
    row.save(force_insert=True)
    assert refused(folder) == "An outbox row is in the log already."


def test_sequence_writes_a_tile_for_each_256_leaves():
    wait_in_outbox(520)
    sequence(batch=300)
    sequence()
    leaves = [bytes(leaf) for leaf in LogEntry.objects.values_list("leaf_hash", flat=True)]
    assert [(t.number, bytes(t.root)) for t in Tile.objects.all()] == [
        (n, merkle.root(leaves[n * 256 : n * 256 + 256])) for n in (0, 1)
    ]


@pytest.mark.parametrize("line", ["", "x", "1", "4 00"])
def test_sequence_beside_a_damaged_file_of_heads_is_refused(folder, line):
    fill()
    sequence()
    fill()
    with (folder / "log-head").open("a") as file:
        file.write(f"{line}\n")
    refused(folder)


@pytest.mark.parametrize("text", [None, "", "short", base64.b64encode(b"x" * 31).decode()])
def test_sequence_without_a_log_key_is_refused(settings, tmp_path, text):
    fill()
    settings.LOG_KEY_FILE = tmp_path / "log-key"
    if text is not None:
        settings.LOG_KEY_FILE.write_text(text)
    with pytest.raises(KeyMissingError):
        sequence()
    assert LogEntry.objects.count() == 0


def test_sequence_gives_private_rows_the_place_of_their_entry():
    for _ in range(3):
        make_case()
    sequence()
    rows = DeletionLogEntry.objects.order_by("log_index").values_list("log_index", "pk")
    assert list(rows) == list(LogEntry.objects.filter(seq__gt=0).values_list("seq", "uuid"))


@pytest.mark.services
@pytest.mark.django_db(transaction=True)
def test_sequence_beside_another_sequencer_does_nothing():
    """The advisory lock; SQLite has one writer anyway."""
    if connection.vendor != "postgresql":
        pytest.skip("PostgreSQL alone has more than one writer.")
    fill()
    other = connection.copy()
    with transaction.atomic(), other.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [0x65726173])
        assert (sequence(), LogEntry.objects.count()) == (0, 0)
    other.close()
