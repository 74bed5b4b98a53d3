import pytest
from django.core.management import CommandError, call_command

from erasure import clock
from erasure.ledger.append import append_system
from erasure.ledger.keys import signer
from erasure.ledger.sequencer import sequence
from erasure.models import Checkpoint, LogEntry
from erasure.proof import anchors
from erasure.proof.logcopy import read_copy
from tests.factories import make_case
from tests.proof import authority

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def logged(settings, tmp_path):
    settings.DATA = tmp_path
    settings.ANCHOR_FOLDER = ""
    make_case()
    append_system("sign-in.failed")
    sequence()
    (tmp_path / "trust.txt").write_text(f"log {signer().vkey}\n")


def run(capsys, *options):
    """Exit status and lines."""
    with pytest.raises(SystemExit) as end:
        call_command("verify_log", *options)
    shown = capsys.readouterr()
    return end.value.code, (shown.out + shown.err).splitlines()


def test_verify_log_prints_a_line_for_each_check_and_ends_with_0(capsys, tmp_path):
    code, lines = run(capsys, "--trust", str(tmp_path / "trust.txt"))
    assert [each[:11] for each in lines[:-1]] == [f"L{n}  passed " for n in range(1, 10)]
    assert (code, lines[-1]) == (0, "PASSED: 9 passed, 0 failed, 0 skipped.")


def test_verify_log_of_a_log_an_anchor_knows_to_be_longer_ends_with_1(capsys, tmp_path):
    (tmp_path / "mailed").write_text(signer().sign(9, b"x" * 32))
    code, lines = run(capsys, "--anchor", str(tmp_path / "mailed"))
    assert (code, lines[5]) == (
        1, "L6  failed  Anchor mailed knows 9 entries, the log has 3."
    )  # fmt: skip
    assert lines[-1] == "FAILED: 8 passed, 1 failed, 0 skipped."


def test_verify_log_prints_no_line_that_the_name_of_a_file_holds(capsys, tmp_path):
    (tmp_path / "\u00e4\nPASSED: 9").write_text(signer().sign(9, b"x" * 32))
    _, lines = run(capsys, "--anchor", str(tmp_path / "\u00e4\nPASSED: 9"))
    assert lines[5:6] + lines[9:] == [
        r"L6  failed  Anchor \xe4\nPASSED: 9 knows 9 entries, the log has 3.",
        "FAILED: 8 passed, 1 failed, 0 skipped.",
    ]


def test_verify_log_reads_roots_that_lie_beside_the_trust_file(capsys, tmp_path):
    """Wherever it is called: a time-stamp is judged by a root of the reader's own."""
    point = Checkpoint.objects.get()
    token = authority.token(point.note.encode(), clock.now())
    (tmp_path / "stamped").write_bytes(anchors.wrap(point.note, token))
    authority.root_file(tmp_path)
    (tmp_path / "trust.txt").write_text(f"log {signer().vkey}\nroot root.pem\n")
    given = ("--trust", str(tmp_path / "trust.txt"), "--anchor", str(tmp_path / "stamped"))
    code, lines = run(capsys, *given)
    assert (code, lines[5][:11]) == (0, "L6  passed ")


@pytest.mark.parametrize("content", [None, b"\xff", b"log nonsense\n"])
def test_verify_log_with_a_trust_file_that_cannot_be_read_ends_with_2(capsys, tmp_path, content):
    path = tmp_path / "garbage"
    if content is not None:
        path.write_bytes(content)
    code, lines = run(capsys, "--trust", str(path))
    assert (code, len(lines), lines[0][:12]) == (2, 1, "UNREADABLE: ")


def test_verify_log_export_writes_the_entries_and_overwrites_nothing(capsys, tmp_path):
    path = tmp_path / "log.jsonl"
    call_command("verify_log", "--export", str(path))
    copy, point = read_copy(path), Checkpoint.objects.get()
    assert list(copy) == [bytes(row.bytes) for row in LogEntry.objects.order_by("seq")]
    assert copy.roots([point.size]) == {point.size: bytes(point.root)}
    assert capsys.readouterr().out == "3 entries written to log.jsonl.\n"
    with pytest.raises(CommandError, match="is there already"):
        call_command("verify_log", "--export", str(path))
