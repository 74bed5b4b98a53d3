"""Starting with the right settings, or not at all."""

import base64
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.views.debug import (
    SafeExceptionReporterFilter,
    get_default_exception_reporter_filter,
)

from config import addresses
from config.keys import new_secret
from erasure.sealing.key import DEVELOPMENT
from tests.sealing import lists
from tests.sealing.given import seal
from tests.sealing.module import PIN, certificates_of, in_module, module_with, uri

ROOT = Path(__file__).resolve().parent.parent
KEY = base64.b64encode(bytes(range(32))).decode()
PRODUCTION = {
    "ERASURE_ENV": "production",
    "SECRET_KEY": "s" * 60,
    "ERASURE_KEK": f"1:{KEY}",
    "ERASURE_BLIND_KEY": KEY,
    "ERASURE_OUTBOX_KEY": KEY,
    "ERASURE_LOG_KEY_FILE": "/run/secrets/log_key",
    "ERASURE_SEAL_FILE": "",  # see the fixture
    "ERASURE_ANCHOR_MAIL": "dpo@example.org",
    "DATABASE_URL": "postgres://erasure@db.example.org/erasure",
    "REDIS_URL": "redis://broker.example.org/0",
    "EMAIL_URL": "smtp://mail.example.org",
    "ERASURE_PUBLIC_URL": "https://erasure.example.org",
    "ERASURE_LOG_ORIGIN": "erasure.example.org/log/1",
    "ERASURE_CONTROLLER_NAME": "Example Contact Centre Ltd",
    "ERASURE_CONTROLLER_CONTACT": "privacy@example.org",
    "ERASURE_AUTHORITY_NAME": "Data Protection Authority of Exampleland",
    "ERASURE_AUTHORITY_ADDRESS": "1 Invented Square, 00000 Exampleton",
}


LASTING = {
    "ERASURE_SEAL_LONG_TERM": "on",
    "ERASURE_TSA_URL": "https://tsa.example.org",
    "ERASURE_TSA_ROOT_FILE": "/etc/tsa.pem",
}


@pytest.fixture(scope="module", autouse=True)
def _sealed(tmp_path_factory):
    path = tmp_path_factory.mktemp("seal") / "seal.pem"
    path.write_bytes(seal().pem())
    PRODUCTION["ERASURE_SEAL_FILE"] = str(path)


def run(
    *arguments: str, folder: Path, settings: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run python in the project's folder with these settings and no others."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env={**kept, "ERASURE_DATA": str(folder), **(settings or {})},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def show(expression: str, folder: Path, settings: dict[str, str] | None = None) -> str:
    """What an expression over the settings of this environment comes to."""
    code = (
        "from config.env import use_settings; use_settings();"
        f"from django.conf import settings; print({expression})"
    )
    done = run("-c", code, folder=folder, settings=settings)
    assert done.stderr == ""
    return done.stdout.strip()


def test_development_keys_are_made_once_for_this_user_alone(tmp_path):
    data = tmp_path / "data"
    first = show("settings.KEKS, settings.BLIND_KEY, settings.OUTBOX_KEY", data)
    assert show("settings.KEKS, settings.BLIND_KEY, settings.OUTBOX_KEY", data) == first
    made = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (data / "keys").iterdir()}
    assert made == {
        "secret_key": 0o600,
        "erasure_kek": 0o600,
        "erasure_blind_key": 0o600,
        "erasure_outbox_key": 0o600,
        "erasure_log_key_file": 0o600,
    }
    assert stat.S_IMODE((data / "keys").stat().st_mode) == 0o700
    assert stat.S_IMODE(data.stat().st_mode) == 0o700


def test_development_keys_do_not_leak_into_the_environment_of_children(tmp_path):
    names = "[n for n in __import__('os').environ if n.startswith(('SECRET', 'ERASURE_'))]"
    assert show(f"settings.DEBUG, {names}", tmp_path) == "True ['ERASURE_DATA']"


def test_development_keys_are_all_different(tmp_path):
    shown = show(
        "len({settings.KEKS[2:], base64.b64encode(settings.BLIND_KEY).decode(),"
        " base64.b64encode(settings.OUTBOX_KEY).decode(),"
        " settings.LOG_KEY_FILE.read_text().strip()})".replace("base64.", "__import__('base64')."),
        tmp_path,
    )
    assert shown == "4"


def test_database_without_its_keys_refuses_to_start(tmp_path):
    database = tmp_path / "db.sqlite3"
    database.write_bytes(b"SQLite format 3")
    done = run("manage.py", "check", folder=tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        f"Erasure cannot start. The database {database} exists but its keys (SECRET_KEY,"
        " ERASURE_KEK, ERASURE_BLIND_KEY, ERASURE_OUTBOX_KEY, ERASURE_LOG_KEY_FILE) are not in"
        f" {tmp_path / 'keys'}: put the keys back, or move the database away to start anew.\n"
    )
    assert not (tmp_path / "keys").exists()


def test_database_with_one_key_lost_names_that_key(tmp_path):
    show("settings.DEBUG", tmp_path)
    (tmp_path / "db.sqlite3").write_bytes(b"SQLite format 3")
    (tmp_path / "keys" / "erasure_kek").unlink()
    done = run("manage.py", "check", folder=tmp_path)
    assert done.returncode == 1
    assert done.stderr.startswith(
        f"Erasure cannot start. The database {tmp_path / 'db.sqlite3'} exists but its keys"
        " (ERASURE_KEK) are not in "
    )


def test_production_with_everything_set_starts(tmp_path):
    shown = show(
        "settings.DEBUG, settings.SANDBOX, settings.DEVELOPMENT_KEYS, settings.ALLOWED_HOSTS,"
        " settings.SESSION_COOKIE_SECURE, settings.DATABASES['default']['HOST']",
        tmp_path / "none",
        PRODUCTION,
    )
    assert shown == "False False False ['erasure.example.org'] True db.example.org"
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize(
    "name", sorted(set(PRODUCTION) - {"ERASURE_ENV", "REDIS_URL", "ERASURE_ANCHOR_MAIL"})
)
def test_production_without_a_value_names_it(tmp_path, name):
    settings = {key: value for key, value in PRODUCTION.items() if key != name}
    done = run("manage.py", "check", folder=tmp_path, settings=settings)
    assert done.returncode == 1
    assert done.stderr == f"Erasure cannot start. Production does not start without {name}.\n"


def test_production_with_a_development_log_key_it_can_read_does_not_start(tmp_path):
    (tmp_path / "log").write_text(new_secret("ERASURE_LOG_KEY_FILE", development=True) + "\n")
    settings = PRODUCTION | {"ERASURE_LOG_KEY_FILE": str(tmp_path / "log")}
    done = run("manage.py", "check", folder=tmp_path, settings=settings)
    assert done.stderr == (
        "Erasure cannot start. Production does not start: ERASURE_LOG_KEY_FILE is DEVELOPMENT"
        " ONLY.\n"
    )


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"ERASURE_DEBUG": "on"}, "Production does not start with ERASURE_DEBUG on."),
        ({"ERASURE_SANDBOX": "on"}, "Production does not start with ERASURE_SANDBOX on."),
        ({"ERASURE_CLOCK_FILE": "c"}, "Production does not start with ERASURE_CLOCK_FILE set."),
        ({"ERASURE_ENV": "prod"}, "ERASURE_ENV must be 'development' or 'production'."),
        (
            {"ERASURE_ANCHOR_MAIL": ""},
            "Production does not start without one of ERASURE_WITNESSES, ERASURE_TSA_URL, "
            "ERASURE_ANCHOR_MAIL, ERASURE_ANCHOR_FOLDER.",
        ),
        (
            {"ERASURE_TSA_URL": "https://tsa.example.org"},
            "ERASURE_TSA_URL needs ERASURE_TSA_ROOT_FILE beside it.",
        ),
        (
            {"ERASURE_SEAL_LONG_TERM": "on"},
            "ERASURE_SEAL_LONG_TERM needs ERASURE_TSA_URL beside it.",
        ),
        (
            LASTING,
            "ERASURE_SEAL_LONG_TERM needs a seal whose certificates, but for the root, name where "
            "to ask over HTTP whether they were revoked (CRL or OCSP).",
        ),
        (
            {"ERASURE_OUTBOX_KEY": new_secret("ERASURE_OUTBOX_KEY", development=True)},
            "Production does not start: ERASURE_OUTBOX_KEY is DEVELOPMENT ONLY.",
        ),
        (
            {"SECRET_KEY": new_secret("SECRET_KEY", development=True)},
            "Production does not start: SECRET_KEY is DEVELOPMENT ONLY.",
        ),
        ({"ERASURE_BLIND_KEY": "short"}, "ERASURE_BLIND_KEY must be 32 bytes in base64."),
        (
            {"ERASURE_COUNTRY": "XX"},
            "ERASURE_COUNTRY: This country has no holiday calendar here. Give its two letters, "
            "like DE.",
        ),
        (
            {"ERASURE_SUBDIVISION": "XX"},
            "ERASURE_SUBDIVISION: This part of the country is unknown. Leave it empty or use its "
            "code.",
        ),
        (
            {"ERASURE_TIME_ZONE": "Europe/Atlantis"},
            "ERASURE_TIME_ZONE: This time zone is unknown. Give an IANA name, like Europe/Berlin.",
        ),
        (
            {"ERASURE_REGIME": "roman"},
            "ERASURE_REGIME: This law is unknown. Choose eu, uk, california, brazil.",
        ),
        ({"ERASURE_KEK": KEY}, "ERASURE_KEK must look like 1:<32 bytes in base64>."),
        (
            {"ERASURE_PUBLIC_URL": "http://erasure.example.org"},
            "ERASURE_PUBLIC_URL must start with https:// in production.",
        ),
        (
            {"ERASURE_SEAL_FILE": "/none"},
            "The seal key cannot be read (ERASURE_SEAL_FILE).",
        ),
    ],
)
def test_production_with_something_of_a_trial_says_what(tmp_path, change, sentence):
    done = run("manage.py", "check", folder=tmp_path, settings={**PRODUCTION, **change})
    assert done.returncode == 1
    assert done.stderr == f"Erasure cannot start. {sentence}\n"


EXAMPLES = {
    "DATABASE_URL": "postgres://user:password@db.example.org/erasure",
    "REDIS_URL": "redis://broker.example.org:6379/0",
    "EMAIL_URL": "smtp+tls://user:password@mail.example.org:587",
}


READ = {
    "DATABASE_URL": lambda: addresses.database("sqlite://"),
    "REDIS_URL": addresses.broker,
    "EMAIL_URL": addresses.mail,
}


@pytest.mark.parametrize("name", EXAMPLES)
@pytest.mark.parametrize(
    "kind", ["foo", " ", "http://h.example.org/x", "{}://u:Quendel@h.example.org:Quendel/x",
             "{}://u:Que/ndel@h.example.org/x", "{}://u:Quendel@[::1/x", "{}:h.example.org"],
)  # fmt: skip
def test_url_that_is_none_is_refused_and_not_repeated(monkeypatch, name, kind):
    monkeypatch.setenv(name, kind.format(EXAMPLES[name].partition(":")[0]))
    with pytest.raises(ImproperlyConfigured) as why:
        READ[name]()
    assert str(why.value) == (
        f"{name} must look like {EXAMPLES[name]}; percent-encode special characters of a password."
    )
    assert why.value.__suppress_context__


def test_database_url_that_is_none_ends_the_start_with_one_sentence(tmp_path):
    done = run("manage.py", "check", folder=tmp_path, settings={"DATABASE_URL": "foo"})
    assert (done.returncode, done.stderr) == (
        1,
        f"Erasure cannot start. DATABASE_URL must look like {EXAMPLES['DATABASE_URL']}; "
        "percent-encode special characters of a password.\n",
    )


def test_empty_urls_are_none_in_development(tmp_path):
    """As a compose file writes them: ``DATABASE_URL: ${DATABASE_URL:-}``."""
    expression = (
        "settings.DATABASES['default']['NAME'], settings.BROKER_EMBEDDED, settings.EMAIL_BACKEND"
    )
    empty = dict.fromkeys(EXAMPLES, "")
    assert show(expression, tmp_path, empty) == show(expression, tmp_path)


def test_urls_of_servers_are_taken_as_they_are(tmp_path):
    shown = show(
        "settings.DATABASES['default']['PASSWORD'], settings.REDIS_URL, settings.EMAIL_PORT",
        tmp_path,
        {**EXAMPLES, "DATABASE_URL": "postgres://u:a%2Fb@[::1]:5432,h2:5433/x"},
    )
    assert shown == "a/b redis://broker.example.org:6379/0 587"


def test_production_with_a_development_seal_does_not_start(tmp_path):
    path = tmp_path / "seal.pem"
    path.write_bytes(seal(DEVELOPMENT).pem())
    settings = {**PRODUCTION, "ERASURE_SEAL_FILE": str(path)}
    done = run("manage.py", "check", folder=tmp_path, settings=settings)
    assert (done.returncode, done.stderr) == (
        1,
        "Erasure cannot start. Production does not start with a seal for development only.\n",
    )


def test_production_with_a_seal_that_can_be_asked_about_starts(tmp_path):
    path = tmp_path / "seal.pem"
    path.write_bytes(lists.seal(bits=3072).pem())
    settings = {**PRODUCTION, **LASTING, "ERASURE_SEAL_FILE": str(path)}
    assert show("settings.SEAL_LONG_TERM", tmp_path, settings) == "True"


@in_module
@pytest.mark.parametrize(
    ("pin", "status", "said"),
    [
        (PIN, 0, ""),
        ("0000", 1,
         "Erasure cannot start. The seal's module refuses the PIN (ERASURE_SEAL_PKCS11_PIN): it is "
         "tried again after a restart.\n"),
    ],
)  # fmt: skip
def test_production_starts_with_a_seal_in_a_module_that_signs(tmp_path, pin, status, said):
    path = tmp_path / "certificates.pem"
    path.write_bytes(certificates_of(seal()))
    with module_with(tmp_path, seal()):
        settings = {
            **PRODUCTION, "SOFTHSM2_CONF": os.environ["SOFTHSM2_CONF"],
            "ERASURE_SEAL_FILE": str(path), "ERASURE_SEAL_PKCS11": uri(),
            "ERASURE_SEAL_PKCS11_PIN": pin,
        }  # fmt: skip
        done = run("manage.py", "check", folder=tmp_path, settings=settings)
    assert (done.returncode, done.stderr) == (status, said)


def test_secret_is_read_from_the_file_that_is_named(tmp_path):
    kept = tmp_path / "blind"
    kept.write_text(KEY)
    settings = {**PRODUCTION, "ERASURE_BLIND_KEY_FILE": str(kept)}
    del settings["ERASURE_BLIND_KEY"]
    assert show("list(settings.BLIND_KEY)[:3]", tmp_path, settings) == "[0, 1, 2]"


def test_sqlite_waits_for_writers_and_keeps_what_it_acknowledged(tmp_path):
    code = (
        "from config.env import use_settings; use_settings(); import django; django.setup();"
        "from django.db import connection as c\n"
        "def ask(name):\n"
        "    with c.cursor() as cursor:\n"
        "        return cursor.execute(f'PRAGMA {name}').fetchone()[0]\n"
        "print(*map(ask, ['journal_mode', 'synchronous', 'recursive_triggers', 'foreign_keys',"
        " 'busy_timeout']), c.transaction_mode)"
    )
    done = run("-c", code, folder=tmp_path)
    assert (done.stdout, done.stderr) == ("wal 2 1 1 30000 IMMEDIATE\n", "")


def test_pages_carry_a_policy_without_inline_code(client, db):
    headers = client.get("/admin/login/").headers
    assert sorted(headers["Content-Security-Policy"].split("; ")) == [
        "base-uri 'none'",
        "connect-src 'self'",
        "default-src 'none'",
        "font-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "img-src 'self'",
        "object-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
    ]
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["X-Content-Type-Options"] == "nosniff"


def test_page_of_an_error_shows_no_secret():
    shown = get_default_exception_reporter_filter().get_safe_settings()
    secret = (
        "SECRET_KEY", "KEKS", "BLIND_KEY", "OUTBOX_KEY", "SEAL_PASSPHRASE", "SEAL_PKCS11_PIN",
        "REDIS_URL", "CELERY_BROKER_URL",
    )  # fmt: skip
    assert {shown[name] for name in secret} == {SafeExceptionReporterFilter.cleansed_substitute}
