import subprocess
import sys

import pytest

from erasure.proof import files
from erasure.proof.report import main
from tests.proof.given import sealed, sealed_pdf, trust_file


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
