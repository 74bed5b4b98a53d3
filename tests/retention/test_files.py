"""What deletion leaves in files: SQLite's pages and journal, and the mails of a trial."""

from types import SimpleNamespace

import pytest
from django.core.mail import send_mail
from django.db.backends.sqlite3.base import DatabaseWrapper

from erasure.retention.files import compact, forget_mail

PLANTED = "ada.planted@example.org"
SETTINGS = {
    "ENGINE": "django.db.backends.sqlite3", "ATOMIC_REQUESTS": False, "AUTOCOMMIT": True,
    "CONN_MAX_AGE": 0, "CONN_HEALTH_CHECKS": False, "TIME_ZONE": None, "TEST": {},
    "OPTIONS": {"init_command": "PRAGMA journal_mode=WAL"},
}  # fmt: skip


@pytest.fixture
def file(settings, tmp_path, django_db_blocker):
    """A database file of its own in which rows were written and deleted."""
    settings.DATA = tmp_path
    with django_db_blocker.unblock():
        yield from written(tmp_path)


def written(tmp_path):
    path = tmp_path / "db.sqlite3"
    database = DatabaseWrapper({**SETTINGS, "NAME": str(path)}, "own")
    with database.cursor() as cursor:
        cursor.execute("CREATE TABLE letter (text)")
        for number in range(200):
            cursor.execute("INSERT INTO letter VALUES (%s)", [f"{PLANTED} {number} " * 40])
        cursor.execute("DELETE FROM letter")
    yield SimpleNamespace(database=database, folder=tmp_path)
    database.close()


def held(folder):
    return [one.name for one in folder.iterdir() if PLANTED.encode() in one.read_bytes()]


def test_deleted_rows_stay_in_sqlites_files_until_they_are_written_anew(file):
    assert held(file.folder) != []
    (file.folder / "compact-due").touch()
    assert compact(file.database) is True
    assert held(file.folder) == []
    assert not (file.folder / "compact-due").exists()


def test_file_is_left_alone_when_nothing_was_destroyed(file):
    assert compact(file.database) is False
    assert held(file.folder) != []


def test_reader_that_is_in_the_way_leaves_the_work_to_the_next_run(file):
    (file.folder / "compact-due").touch()
    other = DatabaseWrapper({**file.database.settings_dict}, "other")
    with other.cursor() as cursor:
        cursor.execute("BEGIN")
        cursor.execute("SELECT count(*) FROM letter")
        assert compact(file.database) is False
        cursor.execute("COMMIT")
    other.close()
    assert compact(file.database) is True
    assert held(file.folder) == []


def test_mails_of_a_trial_that_name_the_case_go_with_its_file(settings, tmp_path):
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = str(tmp_path)
    send_mail("Your request ER-2026-ABCDEF", "Grüße an Ada", None, [PLANTED])
    send_mail("Another", "About ER-2026-ABCDEF – größer", None, [PLANTED])
    send_mail("Your request ER-2026-GHIJKL", "Somebody else", None, ["bob@example.org"])
    assert forget_mail("ER-2026-ABCDEF") == 2
    assert held(tmp_path) == []
    left = b"".join(one.read_bytes() for one in tmp_path.iterdir())
    assert (left.count(b"Subject:"), b"ER-2026-GHIJKL" in left) == (1, True)


def test_production_that_sends_its_mail_has_no_folder_to_look_into(settings):
    settings.EMAIL_FILE_PATH = ""
    assert forget_mail("ER-2026-ABCDEF") == 0
