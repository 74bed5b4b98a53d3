"""The command an operator types; its checks are those of ``erasure.proof``."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from erasure.proof import files
from tests.proof.given import sealed, trust_file

ROOT = Path(__file__).parents[2]


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "v1.json").write_bytes(files.bundle(sealed(1)))
    (tmp_path / "v2.json").write_bytes(files.bundle(sealed(2)))
    false = sealed(1) | {"entries.jsonl": sealed(2)["entries.jsonl"]}
    (tmp_path / "false.json").write_bytes(files.bundle(false))
    trust_file(tmp_path)
    return tmp_path


def status(folder, name, **options):
    """The exit status. No test here asks for a database, so a query would fail."""
    with pytest.raises(SystemExit) as stopped:
        call_command(
            "verify_certificate", str(folder / name), trust=str(folder / "trust.txt"), **options
        )
    return stopped.value.code


@pytest.mark.parametrize(
    ("name", "code"), [("v1.json", 0), ("v2.json", 0), ("false.json", 1), ("missing.json", 2)]
)
def test_verify_certificate_exits_as_the_proof_says(folder, name, code):
    assert status(folder, name) == code


def test_verify_certificate_with_strict_fails_on_skipped_checks(folder):
    assert status(folder, "v1.json", strict=True) == 1


def test_verify_certificate_with_the_version_before_compares_it(folder, capsys):
    assert status(folder, "v2.json", previous=str(folder / "v1.json")) == 0
    rows = capsys.readouterr().out.splitlines()
    assert rows[12] == "V13 passed  It continues version 1, which is in the log."


def test_verify_certificate_without_a_trust_file_is_no_command(folder):
    with pytest.raises(CommandError):
        call_command("verify_certificate", str(folder / "v1.json"))


def test_verify_certificate_from_the_shell_needs_no_database_at_all(folder):
    """The database it is given cannot be reached."""
    own = {name: text for name, text in os.environ.items() if not name.startswith("ERASURE_")}
    database = f"sqlite:///{folder}/no/such/folder/db.sqlite3"
    done = subprocess.run(
        [sys.executable, "manage.py", "verify_certificate", str(folder / "false.json"),
         "--trust", str(folder / "trust.txt")],
        cwd=ROOT, env=own | {"ERASURE_DATA": str(folder / "data"), "DATABASE_URL": database},
        capture_output=True, check=False, text=True,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.splitlines()[-1].split(":")[0] == "FAILED"
