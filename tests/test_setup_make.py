"""make: one clear sentence when the machine lacks something."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def clone(tmp_path):
    """The Makefile and the lists of packages in a folder with a long name and a space in it."""
    folder = tmp_path / ("long " + "d" * 120)
    (folder / "tests").mkdir(parents=True)
    for name in ("Makefile", "requirements.txt", "tests/requirements.txt"):
        shutil.copy(ROOT / name, folder / name)
    return folder


def make(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    given = ("MAKE", "CONTRACTS")
    outside = {name: value for name, value in os.environ.items() if not name.startswith(given)}
    return subprocess.run(
        ["make", *arguments],
        cwd=folder,
        env=outside,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def fake_python(folder: Path, body: str) -> str:
    path = folder / "python"
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)
    return str(path)


def test_make_alone_lists_every_target_for_people():
    shown = re.findall(r"^make ([a-z-]+)", make(ROOT).stdout, re.MULTILINE)
    phony = re.findall(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert sorted([*shown, "help", "setup-tests"]) == sorted(" ".join(phony).split())


def test_setup_without_that_python_says_so(clone):
    done = make(clone, "setup", "PYTHON=no-such-python")
    assert done.returncode == 2
    assert done.stderr.splitlines()[0] == (
        "Python 3.11 or newer is needed, and 'no-such-python' was not found:"
        " name one with PYTHON=..."
    )


def test_setup_with_an_old_python_says_which_it_is(clone):
    old = fake_python(clone, 'test "$1" = -V && echo "Python 3.9.2"; test "$1" = -V')
    done = make(clone, "setup", f"PYTHON={old}")
    assert done.returncode == 2
    assert done.stderr.splitlines()[0] == (
        f"Python 3.11 or newer is needed, and '{old}' is Python 3.9.2: name one with PYTHON=..."
    )


def test_setup_without_the_venv_module_says_how_to_get_it(clone):
    bare = fake_python(clone, 'case "$2" in *venv*) exit 1;; esac')
    done = make(clone, "setup", f"PYTHON={bare}")
    assert done.returncode == 2
    assert done.stderr.splitlines()[0] == (
        f"'{bare}' has no venv module: install it (Debian: apt install python3-venv)"
        " or name another with PYTHON=..."
    )


def test_setup_in_a_folder_that_cannot_be_written_says_so(clone):
    (clone / ".venv").write_text("a file in the way")
    done = make(clone, "setup")
    assert done.returncode == 2
    assert done.stderr.splitlines()[0] == (
        "The virtual environment cannot be made: this folder is not writable."
    )


def test_contract_tests_without_a_folder_say_so(clone):
    (clone / ".venv").mkdir()
    for name in (".ready", ".ready-tests"):
        (clone / ".venv" / name).touch()
    done = make(clone, "test-contract")
    assert done.returncode == 2
    assert done.stderr.splitlines()[0] == (
        "Name the folder of the API files: make test-contract CONTRACTS=folder"
    )
