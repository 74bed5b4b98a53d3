import base64
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import models

from config.env import ROOT
from config.keys import for_development, new_secret
from erasure.errors import KeyMissingError
from erasure.evidence.seal import own_seal
from erasure.ledger.append import append_system
from erasure.ledger.keys import known_vkeys, next_file, signer
from erasure.ledger.sequencer import sequence
from erasure.models import CaseSecret, ErasureCase, case_key, rewrap
from erasure.models.sealed import keyring
from erasure.proof import trust
from tests.factories import make_case, make_connection
from tests.sealing.given import seal
from tests.sealing.module import PIN, certificates_of, in_module, module_with, uri

pytestmark = pytest.mark.django_db


@pytest.fixture
def old_seal(settings):
    Path(settings.SEAL_FILE).write_bytes(seal().pem())
    return own_seal()


@pytest.fixture(autouse=True)
def own_keys(settings, tmp_path, monkeypatch):
    settings.DATA = tmp_path
    settings.LOG_KEY_FILE = tmp_path / "keys" / "log"
    settings.SEAL_FILE = tmp_path / "keys" / "seal"
    settings.LOG_KEY_FILE.parent.mkdir()
    settings.LOG_KEY_FILE.write_text(base64.b64encode(b"1" * 32).decode())
    monkeypatch.setattr("erasure.management.commands.evidence_keys.PATIENCE", 0)


def run(capsys, *given):
    call_command("evidence_keys", *given)
    return capsys.readouterr().out


def by_hand(*given, **environment):
    """As somebody does who has no key yet."""
    return subprocess.run(
        [sys.executable, "manage.py", "evidence_keys", *given],
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=60,
        env={"PATH": os.environ["PATH"], "ERASURE_ENV": "production", **environment},
    )  # fmt: skip


def test_init_in_production_makes_every_key_once_for_this_user_alone(tmp_path):
    given = ("init", "--folder", str(tmp_path / "made"), "--name", "Example Ltd")
    first = by_hand(*given)
    assert first.returncode == 0, first.stderr
    files = {path: path.read_bytes() for path in (tmp_path / "made").iterdir()}
    assert {path.stat().st_mode & 0o777 for path in files} == {0o600}
    lines = dict(row.split("=") for row in first.stdout.splitlines())
    assert sorted(lines) == [
        "ERASURE_BLIND_KEY_FILE", "ERASURE_KEK_FILE", "ERASURE_LOG_KEY_FILE",
        "ERASURE_OUTBOX_KEY_FILE", "ERASURE_SEAL_FILE", "SECRET_KEY_FILE",
    ]  # fmt: skip
    assert not any(for_development(data.decode().strip()) for data in files.values())
    assert by_hand(*given, **lines).stdout == "No key is missing.\n"
    assert {path: path.read_bytes() for path in files} == files


@pytest.mark.parametrize("given", [["init"], ["rotate"], ["init", "log"], ["rotate", "seal"]])
def test_evidence_keys_without_what_it_needs_says_so(given, settings, old_seal):
    settings.DEVELOPMENT = False
    with pytest.raises(CommandError, match=r"\.$"):
        call_command("evidence_keys", *given)


@pytest.mark.parametrize("name", ["SECRET_KEY", "ERASURE_KEK", "ERASURE_LOG_KEY_FILE"])
def test_key_for_development_is_known_wherever_it_is_copied_to(name):
    assert for_development(new_secret(name, development=True))
    assert not for_development(new_secret(name))
    second = f"{new_secret('ERASURE_KEK')},2:{new_secret('x', development=True)}"
    assert for_development(second)


# -- rotate log ------------------------------------------------------------------------------


def test_rotate_log_lies_ready_until_the_sequencer_has_taken_it(capsys):
    append_system("sign-in.failed")
    sequence()
    old = signer().vkey
    assert "The sequencer takes it once it runs." in run(capsys, "rotate", "log")
    assert next_file().stat().st_mode & 0o777 == 0o600
    with pytest.raises(CommandError, match="lies ready"):
        call_command("evidence_keys", "rotate", "log")
    for _ in range(2):
        sequence()
    assert [signer().vkey == old, next_file().exists(), len(known_vkeys())] == [False, False, 2]
    assert trust.parse(run(capsys, "trust")).logs == tuple(known_vkeys())


# -- rotate seal -----------------------------------------------------------------------------


def test_rotate_seal_keeps_the_old_one_trusted_and_not_its_key(capsys, old_seal, tmp_path):
    old = old_seal
    said = run(capsys, "rotate", "seal", "--name", "Example Ltd")
    new = own_seal()
    assert said.splitlines()[0] == f"seal {new.sha256}"
    assert (new.sha256 == old.sha256, new.development) == (False, False)
    assert b"PRIVATE" not in (tmp_path / "keys" / "seal.retired").read_bytes()
    run(capsys, "trust", "--folder", str(tmp_path))
    found = trust.read(tmp_path / "trust.txt")
    assert set(found.seals) == {old.sha256, new.sha256}
    roots = "".join(Path(name).read_text() for name in found.roots)
    assert all(seal.root_pem.decode() in roots for seal in (old, new))


def test_rotate_seal_to_a_file_takes_that_one(capsys, old_seal, tmp_path):
    (tmp_path / "bought").write_bytes(seal("Example Ltd").pem())
    run(capsys, "rotate", "seal", "--new", str(tmp_path / "bought"))
    assert own_seal().sha256 == seal("Example Ltd").sha256


def test_rotate_seal_to_a_file_that_is_none_changes_nothing(old_seal, tmp_path):
    (tmp_path / "garbage").write_text("x")
    with pytest.raises(CommandError, match="neither PKCS#12 nor PEM"):
        call_command("evidence_keys", "rotate", "seal", "--new", str(tmp_path / "garbage"))
    assert own_seal() == old_seal


def test_rotate_seal_to_one_that_cannot_last_changes_nothing(old_seal, settings, tmp_path):
    settings.SEAL_LONG_TERM = True
    (tmp_path / "bought").write_bytes(seal("Example Ltd").pem())
    with pytest.raises(CommandError, match="ERASURE_SEAL_LONG_TERM needs a seal whose"):
        call_command("evidence_keys", "rotate", "seal", "--new", str(tmp_path / "bought"))
    assert own_seal().sha256 == old_seal.sha256


@in_module
def test_rotate_seal_goes_from_a_file_into_a_module_and_to_its_next_key(
    capsys, old_seal, tmp_path, settings
):
    """What a running process has in its settings changes with its restart."""
    settings.SEAL_PKCS11, settings.SEAL_PKCS11_PIN = uri(), PIN
    new = tmp_path / "certificates.pem"
    with module_with(tmp_path, seal("First"), seal("Second")):
        for mark in ("First", "Second"):
            new.write_bytes(certificates_of(seal(mark)))
            run(capsys, "rotate", "seal", "--new", str(new))
            assert own_seal().sha256 == seal(mark).sha256
        with pytest.raises(CommandError, match=r"give its certificates as --new FILE\.$"):
            call_command("evidence_keys", "rotate", "seal", "--name", "Example Ltd")
        found = trust.parse(run(capsys, "trust"))
    assert set(found.seals) == {old_seal.sha256, seal("First").sha256, seal("Second").sha256}


# -- rotate kek ------------------------------------------------------------------------------


@pytest.fixture
def wrapped(settings):
    """Secrets of every kind under key 1."""
    settings.KEKS = f"1:{new_secret('x')}"
    case, connection = make_case(), make_connection()
    connection.set_secret("client secret")
    connection.set_reader_secret("reader secret")
    connection.save()
    return case, connection


def test_rotate_kek_adds_a_key_first_and_then_wraps_everything_anew(
    capsys, settings, tmp_path, wrapped
):
    case, connection = wrapped
    before = {purpose: case_key(case, purpose) for purpose in ("log", "file")}
    kept = tmp_path / "keys" / "erasure_kek"
    kept.write_text(settings.KEKS)
    assert "Restart every process" in run(capsys, "rotate", "kek")
    settings.KEKS = kept.read_text().strip()
    assert (len(keyring().keks), rewrap.wrapped_by()) == (2, {1: 6})
    said = run(capsys, "rotate", "kek")
    assert said.startswith("6 secrets wrapped anew by key 2.\nTake 1 out of ERASURE_KEK")
    settings.KEKS = settings.KEKS.split(",")[1]
    again = ErasureCase.objects.get(pk=case.pk)
    assert {purpose: case_key(again, purpose) for purpose in before} == before
    found = type(connection).objects.get(pk=connection.pk)
    assert (found.kept_secret(), found.kept_reader_secret()) == ("client secret", "reader secret")


def test_rotate_kek_that_stands_in_the_environment_is_shown(capsys, settings, wrapped, monkeypatch):
    monkeypatch.setenv("ERASURE_KEK", settings.KEKS)
    said = run(capsys, "rotate", "kek")
    assert said.startswith(f"Set ERASURE_KEK={settings.KEKS},2:")


def test_rotate_kek_stopped_half_way_goes_on(settings, wrapped):
    settings.KEKS += f",2:{new_secret('x')}"
    first = CaseSecret.objects.first()
    fresh = keyring().rewrap(bytes(first.wrapped), first.case_id, first.purpose)
    CaseSecret.objects.filter(pk=first.pk).update(wrapped=fresh)
    assert rewrap.rewrap_all() == 5
    assert rewrap.rewrap_all() == 0


def test_rotate_kek_without_the_old_key_is_refused(settings, wrapped):
    settings.KEKS = f"2:{new_secret('x')},3:{new_secret('x')}"
    with pytest.raises(CommandError, match="Key-encryption key 1 is not there"):
        call_command("evidence_keys", "rotate", "kek")
    with pytest.raises(KeyMissingError):
        rewrap.rewrap_all()


def test_every_column_that_is_wrapped_is_wrapped_anew():
    """A new use of ``keyring().wrap`` that is not in the list would be lost with the old key."""
    places = re.compile(r"keyring\(\)\.wrap\(")
    files = (ROOT / "erasure").rglob("*.py")
    using = {path.stem for path in files if places.search(path.read_text())}
    listed = {each.model.__module__.rpartition(".")[2] for each in rewrap.WRAPPED}
    assert using == listed
    for each in rewrap.WRAPPED:
        assert isinstance(each.model._meta.get_field(each.column), models.BinaryField)
