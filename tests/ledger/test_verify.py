"""Each attempt on the log is found by the check that is named for it, and by no luck."""

import base64
import uuid
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.db import transaction

from erasure import clock
from erasure.cases import locked
from erasure.ledger.append import Draft, append, append_all, append_system, outbox_mac
from erasure.ledger.keys import next_file, signer
from erasure.ledger.sequencer import sequence
from erasure.ledger.tables import TABLES
from erasure.ledger.tree import write_tiles
from erasure.ledger.trusted import own_trust
from erasure.ledger.verify import verify
from erasure.models import (
    CaseSecret,
    Checkpoint,
    DeletionLogEntry,
    ErasureCase,
    LogAnchor,
    LogEntry,
    OutboxEntry,
    Tile,
)
from erasure.proof import canonical, entries
from erasure.proof.merkle import Frontier, leaf_hash
from erasure.proof.note import Signer
from erasure.values import CaseState, ItemState, Outcome, Verdict
from tests.factories import make_case, make_connection, make_item
from tests.ledger.given import wait_in_outbox
from tests.proof import authority

pytestmark = pytest.mark.django_db


def outcome(item, what, number=1):
    clear = {"store": item.line, "action": "erase", "outcome": str(what), "try": number}
    return Draft("outcome", {"item": "r-0", "error": "", "job": ""}, clear, item)


def ended_case():
    """A case with an item read back as gone and one held."""
    case = make_case(CaseState.RECEIVED)
    at = make_connection()
    gone = make_item(
        case, at, state=ItemState.ERASED, log_number=0, verdict=Verdict.VERIFIED_ABSENT
    )
    held = make_item(case, at, state=ItemState.HELD, log_number=1)
    with locked(case.pk) as case:
        append(case, "inventory", {}, items=2, stores=[], unanswered=[])
        append_all(case, [outcome(gone, Outcome.DELETED), outcome(gone, Outcome.VERIFIED, 2),
                          outcome(held, Outcome.HELD)])  # fmt: skip
        clear = {"step": "hold_back", "from": "RECEIVED", "to": str(CaseState.PARTIAL_HOLD)}
        append(case, "step", {"actor": "system", "reason": ""}, **clear)
    ErasureCase.objects.filter(pk=case.pk).update(state=CaseState.PARTIAL_HOLD)
    return ErasureCase.objects.get(pk=case.pk)


@pytest.fixture
def own_key(settings, tmp_path):
    settings.LOG_KEY_FILE = tmp_path / "log-key"
    settings.LOG_KEY_FILE.write_text(base64.b64encode(b"1" * 32).decode())


@pytest.fixture
def case(own_key):
    """A log of one full tile, in three heads, with a case that has ended and one that is open."""
    case = ended_case()
    sequence()
    wait_in_outbox(259)
    sequence(batch=200)
    make_case()
    sequence()
    append_system("log.alarm")
    return case


@pytest.fixture
def broken(unguarded):
    """Every trigger is off meanwhile."""
    with ExitStack() as stack:
        for table in TABLES:
            stack.enter_context(unguarded(table))
        yield


def failed(*anchors, trust=None):
    found = verify(trust or own_trust(), anchors).findings
    assert [one.id for one in found] == [f"L{n}" for n in range(1, 10)]
    return {one.id for one in found if one.state != "passed"}


def text(check, *anchors):
    return next(one.text for one in verify(own_trust(), anchors).findings if one.id == check)


def bare(point=None):
    """The newest checkpoint as it was mailed."""
    point = point or Checkpoint.objects.last()
    return ("mailed", point.note.encode())


def stamped(at, folder, point=None):
    """A time-stamped checkpoint, and a trust that believes its authority."""
    point = point or Checkpoint.objects.last()
    data = canonical.encode(
        {
            "note": point.note,
            "schema": "erasure-anchor/v1",
            "token": base64.b64encode(authority.token(point.note.encode(), at)).decode(),
        }
    )
    return ("stamped", data), replace(own_trust(), roots=(authority.root_file(folder),))


def rewrite(change, *, key=None, at=None):
    """The whole log written anew from changed entries, as somebody with a key could."""
    old = list(LogEntry.objects.values_list("uuid", "bytes"))
    rows = [(name, change(n, bytes(data))) for n, (name, data) in enumerate(old)]
    for model in (LogEntry, Tile, Checkpoint):
        model.objects.all().delete()
    edge, made = Frontier(), []
    for n, (name, data) in enumerate(row for row in rows if row[1]):
        leaf = leaf_hash(data)
        made.append(LogEntry(seq=n, uuid=name, bytes=data, leaf_hash=leaf))
        edge.append(leaf)
    LogEntry.objects.bulk_create(made)
    write_tiles(len(made))
    point(edge, key or signer(), made)
    places = {each.uuid: each.seq for each in made}
    DeletionLogEntry.objects.update(log_index=None)
    for row in DeletionLogEntry.objects.all():
        DeletionLogEntry.objects.filter(pk=row.pk).update(log_index=places.get(row.pk))
    return made


def point(edge, key, made):
    newest = max(canonical.decode(each.bytes)["at"] for each in made)
    Checkpoint.objects.create(
        size=edge.size, root=edge.root(), frontier=edge.dump(),
        note=key.sign(edge.size, edge.root()), at=newest,
    )  # fmt: skip


def test_verify_of_a_log_as_it_was_written_passes_and_says_how_much_it_saw(case):
    found = verify(own_trust(), [bare()])
    assert found.passed
    assert [one.text for one in found.findings] == [
        "Entries at their index, each with the hash of its bytes: 267.",
        "Checkpoints that are signed and have the root of the entries: 3.",
        "Tiles with the hashes of the entries: 1.",
        "Nothing lies beyond the last checkpoint; rows that wait unaltered: 1.",
        "Heads of the sequencer's own file that are in the log: 4.",
        "Anchors that the log begins with: 1, the largest over 267 entries.",
        "Cases opened: 2, still here: 2, purged in time: 0; no tag stands twice.",
        "The dates follow one another. Dated anchors they agree with: 0.",
        "Cases whose states and items have their entries: 2; private halves that open their "
        "commitments: 7.",
    ]


def test_verify_of_an_empty_log_passes(own_key):
    assert failed() == set()


def test_verify_changes_nothing(case):
    before = [list(m.objects.order_by("pk").values()) for m in (LogEntry, OutboxEntry, Checkpoint)]
    verify(own_trust())
    assert before == [
        list(m.objects.order_by("pk").values()) for m in (LogEntry, OutboxEntry, Checkpoint)
    ]


def test_verify_beside_a_sequencer_that_goes_on_passes(case):
    assert verify(own_trust(), pause=sequence).passed


def test_verify_beside_a_case_that_is_purged_meanwhile_passes(case):
    assert verify(own_trust(), pause=case.log.all().delete).passed


# -- L1, L2: the entries and the heads over them ---------------------------------------------


def test_verify_after_a_row_was_edited_names_l1(case, broken):
    LogEntry.objects.filter(seq=3).update(bytes=b'{"at":"2026-01-01T00:00:00Z"}')
    assert "L1" in failed()
    assert text("L1") == "Entry 3 has not the hash of its bytes."


def test_verify_after_a_row_was_edited_with_its_hash_names_l2(case, broken):
    data = bytes(LogEntry.objects.get(seq=200).bytes).replace(b'"count":1', b'"count":9')
    LogEntry.objects.filter(seq=200).update(bytes=data, leaf_hash=leaf_hash(data))
    assert failed() == {"L2", "L3", "L5"}  # the last head is noted outside, too


def test_verify_after_a_row_was_deleted_names_l1(case, broken):
    LogEntry.objects.filter(seq=100).delete()
    assert {"L1", "L2"} <= failed()
    assert text("L1") == "Entry 100 is missing."


def test_verify_after_a_row_was_deleted_and_the_rest_renumbered_names_l2(case, broken):
    LogEntry.objects.filter(seq=100).delete()
    for seq in range(101, 267):
        LogEntry.objects.filter(seq=seq).update(seq=seq - 1)
    assert {"L1", "L2"} <= failed()


def test_verify_after_the_history_was_signed_by_a_new_key_names_l2(case, broken):
    stranger = Signer.from_seed(settings.LOG_ORIGIN, b"x" * 32)
    change = rename_key(stranger)
    rewrite(change, key=stranger)
    (Path(settings.DATA) / "log-head").write_text(
        f"{Checkpoint.objects.last().size} {bytes(Checkpoint.objects.last().root).hex()}\n"
    )
    assert failed() == {"L2"}
    assert text("L2") == "The log's own key is not the one that is trusted."


def rename_key(key):
    def change(n, data):
        if n:
            return data
        value = canonical.decode(data)
        return canonical.encode(value | {"vkey": str(key.vkey)})

    return change


def test_verify_after_the_history_was_signed_by_a_new_key_that_is_trusted_names_l6(case, broken):
    stranger = Signer.from_seed(settings.LOG_ORIGIN, b"x" * 32)
    kept, trust = bare(), own_trust()
    rewrite(rename_key(stranger), key=stranger)
    both = replace(trust, logs=(*trust.logs, stranger.vkey))
    assert {"L5", "L6"} == failed(kept, trust=both)


def test_verify_after_the_history_was_signed_with_a_stolen_key_names_l5_and_l6(case, broken):
    kept = bare()
    rewrite(lambda n, data: data if n != 150 else data.replace(b'"count":1', b'"count":7'))
    assert failed(kept) == {"L5", "L6"}
    assert failed() == {"L5"}


def test_verify_of_a_log_whose_key_was_changed_passes(case):
    next_file().write_text(base64.b64encode(b"2" * 32).decode())
    sequence()
    append_system("sign-in.failed")
    sequence()
    assert failed() == set()


def test_verify_after_a_key_was_changed_without_the_old_one_names_l2(case, broken):
    stranger = Signer.from_seed(settings.LOG_ORIGIN, b"x" * 32)
    settings.LOG_KEY_FILE.write_text(base64.b64encode(b"x" * 32).decode())
    data = entries.entry("key", clock.now(), vkey=str(stranger.vkey))
    edge = Frontier.load(bytes(Checkpoint.objects.last().frontier))
    made = LogEntry(seq=edge.size, uuid=uuid.uuid4(), bytes=data, leaf_hash=leaf_hash(data))
    made.save(force_insert=True)
    edge.append(leaf_hash(data))
    point(edge, stranger, [made])
    assert failed() == {"L2"}


# -- L3: tiles ---------------------------------------------------------------------------------


@pytest.mark.parametrize("change", [{"hashes": b"x" * 8192}, {"root": b"x" * 32}], ids=str)
def test_verify_after_a_tile_was_altered_names_l3(case, broken, change):
    Tile.objects.update(**change)
    assert failed() == {"L3"}


def test_verify_after_a_tile_was_deleted_or_added_names_l3(case, broken):
    Tile.objects.update(number=1)
    assert failed() == {"L3"}
    assert text("L3") == "Tile 0 of level 0 is missing. (1 more)"


def test_verify_after_the_frontier_was_altered_names_l2(case, broken):
    Checkpoint.objects.filter(size=267).update(frontier=b"")
    assert failed() == {"L2"}


# -- L4: the outbox, and what lies beyond the last checkpoint ------------------------------------


def test_verify_after_an_outbox_row_was_edited_names_l4(case, broken):
    OutboxEntry.objects.update(bytes=b"{}")
    assert failed() == {"L4"}


def test_verify_after_the_outbox_row_of_a_case_was_deleted_names_l9(case, broken):
    with locked(case.pk) as mine:
        row = append(mine, "release", {}, items=0)
    OutboxEntry.objects.filter(uuid=row.pk).delete()
    assert failed() == {"L9"}
    assert "stands neither in the log nor in the outbox" in text("L9")


def test_verify_after_an_entry_was_put_behind_the_checkpoint_names_l4(case):
    LogEntry.objects.create(seq=267, uuid=uuid.uuid4(), bytes=b"{}", leaf_hash=b"")
    assert failed() == {"L4"}


def test_verify_after_an_entry_was_put_before_the_first_names_l4(case, broken):
    LogEntry.objects.create(seq=-1, uuid=uuid.uuid4(), bytes=b"{}", leaf_hash=b"")
    assert failed() == {"L4"}


def test_verify_of_an_entry_that_is_logged_again_names_l4_and_l7(case):
    """A copy of an entry: under its own name in the outbox, under a new one in the log."""
    old = DeletionLogEntry.objects.filter(case=case).first()
    data = bytes(LogEntry.objects.get(uuid=old.pk).bytes)
    outbox(old.pk, data)
    assert failed() == {"L4"}


def test_verify_of_an_entry_that_was_logged_twice_under_two_names_names_l7(case):
    old = DeletionLogEntry.objects.filter(case=case).first()
    outbox(uuid.uuid4(), bytes(LogEntry.objects.get(uuid=old.pk).bytes))
    sequence()
    assert "L7" in failed()


def outbox(name, data):
    OutboxEntry.objects.create(
        uuid=name, bytes=data, mac=outbox_mac(name, data), created_at=clock.now()
    )


# -- L5, L6: outside -------------------------------------------------------------------------


def cut(size):
    """The database as it was when the log was so large."""
    LogEntry.objects.filter(seq__gte=size).delete()
    Checkpoint.objects.filter(size__gt=size).delete()
    Tile.objects.filter(number__gte=size // 256).delete()
    DeletionLogEntry.objects.filter(log_index__gte=size).delete()


def test_verify_after_the_tail_was_cut_names_l5_and_l6(case, broken):
    kept = bare()
    cut(Checkpoint.objects.order_by("size")[1].size)
    assert {"L5", "L6"} <= failed(kept)
    assert text("L6", kept).startswith("Anchor mailed knows 267 entries, the log has")


def test_verify_after_the_log_was_emptied_names_l5_and_l6(case, broken):
    kept = bare()
    cut(0)
    assert {"L5", "L6"} <= failed(kept)


def test_verify_without_the_sequencers_own_file_names_l5(case, folder):
    (folder / "log-head").unlink()
    assert failed() == {"L5"}


@pytest.mark.parametrize("line", ["x", "", "1 00", "267 ff"])
def test_verify_with_a_damaged_line_in_the_sequencers_own_file_names_l5(case, folder, line):
    with (folder / "log-head").open("a") as file:
        file.write(line + "\n")
    assert failed() == {"L5"}


@pytest.mark.parametrize("data", [b"", b"x", b"{}"])
def test_verify_with_an_anchor_that_cannot_be_read_names_l6(case, data):
    assert failed(("a", data)) == {"L6"}


def test_verify_leaves_out_an_anchor_of_another_log(case):
    other = Signer.from_seed("erasure.example.org/log/0", b"0" * 32)
    trust = replace(own_trust(), logs=(*own_trust().logs, other.vkey))
    assert failed(("old", other.sign(5, b"x" * 32).encode()), trust=trust) == set()


def test_verify_when_no_anchor_was_made_for_two_days_names_l6(case, monkeypatch, tmp_path):
    monkeypatch.setenv("ERASURE_CLOCK_FILE", str(tmp_path / "clock"))
    at = Checkpoint.objects.last().at
    LogAnchor.objects.create(way="file", size=1, note="", at=at)
    assert failed() == set()
    clock.advance(timedelta(hours=51))
    assert failed() == {"L6"}
    assert text("L6") == (
        f"No head of the log left this installation since {at:%Y-%m-%d %H:%M} UTC."
    )


# -- L7: cases opened and purged --------------------------------------------------------------


def test_verify_after_a_case_was_deleted_in_the_application_names_l7(case):
    case.delete()
    assert failed() == {"L7"}
    assert text("L7") == "The case opened at entry 1 is gone and was not purged."


def test_verify_after_a_case_was_deleted_in_the_log_too_names_l1(case, broken):
    gone = set(case.log.values_list("pk", flat=True))
    case.delete()
    LogEntry.objects.filter(uuid__in=gone).delete()
    assert {"L1", "L2"} <= failed()


def purge(case):
    with transaction.atomic():
        data = entries.entry("purged", clock.now(), ref=case.log.get(type="opened").log_index)
        outbox(uuid.uuid4(), data)
        case.delete()


def test_verify_after_a_case_was_purged_before_its_time_names_l7(case):
    purge(case)
    sequence()
    assert failed() == {"L7"}
    assert text("L7") == "Entry 268 purges a case within 12 months."


@pytest.mark.parametrize("sequenced", [True, False])
def test_verify_after_a_case_was_purged_in_time_passes(case, monkeypatch, tmp_path, sequenced):
    monkeypatch.setenv("ERASURE_CLOCK_FILE", str(tmp_path / "clock"))
    LogAnchor.objects.create(way="file", size=1, note="", at=clock.now() + timedelta(days=366))
    sequence()
    clock.advance(timedelta(days=366))
    purge(case)
    if sequenced:
        sequence()
    assert failed() == set()


@pytest.mark.parametrize("ref", [0, 3, 999])
def test_verify_of_a_purge_of_no_case_names_l7(case, ref):
    outbox(uuid.uuid4(), entries.entry("purged", clock.now(), ref=ref))
    sequence()
    assert failed() == {"L7"}


def test_verify_of_a_purged_case_that_is_still_here_names_l7(case):
    index = case.log.get(type="opened").log_index
    outbox(uuid.uuid4(), entries.entry("purged", clock.now(), ref=index))
    sequence()
    found = next(one for one in verify(own_trust()).findings if one.id == "L7")
    assert found.text.endswith("(1 more)")


# -- L8: dates -------------------------------------------------------------------------------


def test_verify_of_an_entry_dated_back_names_l8(case, broken):
    back = (clock.now() - timedelta(seconds=400)).strftime("%Y-%m-%dT%H:%M:%SZ").encode()

    def change(n, data):
        at = canonical.decode(data)["at"].encode()
        return data.replace(at, back) if n == 200 else data

    rewrite(change)
    assert "L8" in failed()
    assert text("L8") == "Entry 200 is dated before an earlier entry."


def test_verify_of_an_idle_log_dated_back_names_l8_with_an_anchor_in_between(
    case, broken, tmp_path, monkeypatch
):
    """Nothing happened for a day; then an entry is dated into that day."""
    monkeypatch.setenv("ERASURE_CLOCK_FILE", str(tmp_path / "clock"))
    sequence()
    idle = Checkpoint.objects.last()
    anchor, trust = stamped(clock.now() + timedelta(hours=20), tmp_path, idle)
    LogAnchor.objects.create(way="file", size=1, note="", at=clock.now() + timedelta(hours=20))
    moment = clock.now() + timedelta(hours=2)
    clock.advance(timedelta(hours=24))
    outbox(uuid.uuid4(), entries.entry("system", moment, event="forged", count=1))
    sequence()
    assert failed(trust=trust) == set()
    assert failed(anchor, trust=trust) == {"L8"}


def test_verify_of_an_entry_dated_after_an_anchor_that_has_it_names_l8(case, tmp_path):
    anchor, trust = stamped(clock.now() - timedelta(minutes=20), tmp_path)
    assert failed(anchor, trust=trust) == {"L8"}


def test_verify_of_a_checkpoint_with_another_date_names_l8(case, broken):
    Checkpoint.objects.filter(size=267).update(at=clock.now() - timedelta(days=1))
    assert failed() == {"L8"}


# -- L9: states and private halves -----------------------------------------------------------


def move_case(case):
    ErasureCase.objects.filter(pk=case.pk).update(state=CaseState.COMPLETE)


def change_private(case):
    first, second, _ = case.log.filter(item__isnull=True).order_by("number")
    DeletionLogEntry.objects.filter(pk=first.pk).update(private_sealed=second.private_sealed)


def change_facts(case):
    row = case.log.filter(type="outcome").first()
    DeletionLogEntry.objects.filter(pk=row.pk).update(facts=row.facts | {"try": 7})


def empty_facts(case):
    case.log.filter(type="outcome").update(facts=[])


@pytest.mark.parametrize(
    ("attempt", "sentence"),
    [
        (move_case, "is COMPLETE, its last entry says PARTIAL_HOLD."),
        (
            lambda case: case.items.filter(log_number=1).update(
                state="ERASED", verdict="VERIFIED_ABSENT"
            ),
            "is ERASED VERIFIED_ABSENT, its last outcome says HELD.",
        ),
        (change_private, "does not open."),
        (change_facts, "is not what was logged."),
        (empty_facts, "does not open. (4 more)"),
        (
            lambda case: case.log.filter(log_index=3).update(log_index=99_999),
            "stands at another place in the log.",
        ),
        (
            lambda case: case.log.filter(number=1, item__isnull=False).delete(),
            "has lost its private half. (1 more)",
        ),
        (
            lambda case: case.log.filter(number=0, item__log_number=0).delete(),
            "is missing before i/0/1.",
        ),
        (
            lambda case: CaseSecret.objects.filter(case=case, purpose="log").delete(),
            "is gone, its rows are here.",
        ),
    ],
    ids=["state", "item", "swapped", "facts", "no facts", "moved", "last half", "half", "key"],
)
def test_verify_of_a_case_that_says_other_than_its_entries_names_l9(case, attempt, sentence):
    attempt(case)
    assert failed() == {"L9"}
    assert text("L9").endswith(sentence)


def test_verify_with_no_key_to_trust_names_l2(case, settings, tmp_path):
    settings.LOG_KEY_FILE = tmp_path / "elsewhere"
    assert failed() == {"L2"}
