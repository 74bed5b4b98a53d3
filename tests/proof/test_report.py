import os
import subprocess
import sys
from pathlib import Path

import pytest

from erasure.proof import canonical, files
from erasure.proof.report import line, main
from erasure.proof.verify import Finding, State
from tests.proof.given import sealed, sealed_pdf, trust_file

ROOT = Path(__file__).parents[2]


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "v1.pdf").write_bytes(sealed_pdf(1))
    (tmp_path / "v1.json").write_bytes(files.bundle(sealed(1)))
    (tmp_path / "v2.json").write_bytes(files.bundle(sealed(2, openings=False)))
    false = sealed(1) | {"entries.jsonl": sealed(2)["entries.jsonl"]}
    (tmp_path / "false.json").write_bytes(files.bundle(false))
    trust_file(tmp_path)
    (tmp_path / "binary").write_bytes(b"\xff\xfe\xff")
    return tmp_path


def run(folder, name, *more, trust="trust.txt"):
    return main([str(folder / name), "--trust", str(folder / trust), *more])


@pytest.mark.parametrize("name", ["v1.pdf", "v1.json", "v2.json"])
def test_main_of_a_genuine_certificate_exits_0(folder, name):
    assert run(folder, name) == 0


def test_main_prints_a_line_for_each_check_and_a_last_one(folder, capsys):
    run(folder, "v1.pdf")
    rows = capsys.readouterr().out.splitlines()
    assert [row.split()[0] for row in rows[:-1]] == [f"V{number}" for number in range(1, 15)]
    assert rows[1] == "V2  passed  Every attachment is there once."
    assert rows[-1] == "PASSED: 13 passed, 0 failed, 1 skipped."


def test_main_with_strict_fails_on_skipped_checks(folder):
    assert run(folder, "v1.pdf", "--strict") == 1


def test_main_of_a_false_certificate_exits_1(folder, capsys):
    assert run(folder, "false.json") == 1
    assert capsys.readouterr().out.splitlines()[-1].split(":")[0] == "FAILED"


def test_main_with_the_version_before_compares_it(folder, capsys):
    assert run(folder, "v2.json", "--previous", str(folder / "v1.pdf")) == 0
    rows = capsys.readouterr().out.splitlines()
    assert rows[12] == "V13 passed  It continues version 1, which is in the log."


@pytest.mark.parametrize(
    ("name", "trust"),
    [
        ("missing.pdf", "trust.txt"),
        ("binary", "trust.txt"),
        ("v1.pdf", "missing.txt"),
        ("v1.pdf", "binary"),
        ("v1.pdf", "v1.json"),
    ],
)
def test_main_of_what_cannot_be_read_exits_2_with_one_sentence(folder, capsys, name, trust):
    assert run(folder, name, trust=trust) == 2
    shown = capsys.readouterr()
    assert (shown.out, shown.err[:12], shown.err.count("\n")) == ("", "UNREADABLE: ", 1)


@pytest.mark.parametrize("argv", [[], ["x.pdf"], ["--unknown"]])
def test_main_with_wrong_arguments_exits_2(argv):
    assert main(argv) == 2


def test_module_runs_without_django(folder):
    code = (
        "import sys; sys.modules['django'] = None; "
        "from erasure.proof.report import main; sys.exit(main(sys.argv[1:]))"
    )
    given = [str(folder / "v1.pdf"), "--trust", str(folder / "trust.txt")]
    done = subprocess.run([sys.executable, "-c", code, *given], capture_output=True, check=False)
    assert done.returncode == 0


def test_module_as_a_command_gives_the_exit_status(folder):
    given = [str(folder / "binary"), "--trust", str(folder / "trust.txt")]
    done = subprocess.run(
        [sys.executable, "-m", "erasure.proof", *given], capture_output=True, check=False
    )
    assert done.returncode == 2


GOOD_NEWS = "x\nV3  passed  All is well.\x1b[2J\nPASSED: 14 passed, 0 failed, 0 skipped.\r\u2028"


def with_a_key(folder, name):
    value = canonical.decode(sealed(1)["certificate.json"]) | {name: 1}
    found = sealed(1) | {"certificate.json": canonical.encode(value)}
    (folder / "key.json").write_bytes(files.bundle(found))
    return "key.json"


def with_a_scope(folder, name):
    row = canonical.encode({"salt": "A" * 43, "scope": name, "value": {}}) + b"\n"
    found = sealed(1) | {"openings.jsonl": sealed(1)["openings.jsonl"] + row}
    (folder / "scope.json").write_bytes(files.bundle(found))
    return "scope.json"


def with_a_scope_twice(folder, name):
    with_a_scope(folder, name)
    found = files.read(folder / "scope.json").files
    last = found["openings.jsonl"].splitlines(keepends=True)[-1]
    twice = dict(found) | {"openings.jsonl": found["openings.jsonl"] + last}
    (folder / "twice.json").write_bytes(files.bundle(twice))
    return "twice.json"


def with_a_field(folder, name):
    """In an entry of entries.jsonl."""
    field = canonical.encode({name: 1})[1:-1]
    rows = sealed(1)["entries.jsonl"].replace(b'"v":1}', b'"v":1,%b}' % field, 1)
    (folder / "field.json").write_bytes(files.bundle(sealed(1) | {"entries.jsonl": rows}))
    return "field.json"


NAMED = [with_a_key, with_a_scope, with_a_scope_twice, with_a_field]


@pytest.mark.parametrize("made", NAMED)
@pytest.mark.parametrize("name", [GOOD_NEWS, "z" * 60_000, "\u043a\u043b\u044e\u0447\u202e"])
def test_main_prints_no_line_that_a_file_wrote(folder, capsys, made, name):
    assert run(folder, made(folder, name)) == 1
    rows = capsys.readouterr().out.split("\n")
    assert [row.split()[0] for row in rows[:-2]] == [f"V{number}" for number in range(1, 15)]
    assert (rows[-2][:7], rows[-1]) == ("FAILED:", "")
    assert all(row.isascii() and row.isprintable() and len(row) < 200 for row in rows)


def test_line_of_any_text_is_one_line_of_ascii():
    said = "a\nb\x1b[2J\x7f\x85\u2028\u202e\u00f6\ud800 c"
    assert line(Finding("V1", State.FAILED, said)) == (
        r"V1  failed  a\nb\x1b[2J\x7f\x85\u2028\u202e\xf6\ud800 c"
    )


def test_main_shows_the_first_characters_of_a_long_name(folder, capsys):
    run(folder, with_a_key(folder, "z" * 65))
    assert f": {'z' * 64}...: does not belong." in capsys.readouterr().out


@pytest.mark.parametrize("command", [["-m", "erasure.proof"], ["manage.py", "verify_certificate"]])
def test_command_prints_where_the_terminal_knows_ascii_alone(folder, command):
    name = with_a_key(folder, "\u043a\u043b\u044e\u0447")
    given = [str(folder / name), "--trust", str(folder / "trust.txt")]
    done = subprocess.run(
        [sys.executable, *command, *given], cwd=ROOT, capture_output=True, check=False,
        env=os.environ | {"PYTHONIOENCODING": "ascii", "ERASURE_DATA": str(folder / "data")},
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (1, b"")
    assert b"????: does not belong." in done.stdout
