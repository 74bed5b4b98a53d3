"""The keys of one installation: from the environment, or made for development."""

import base64
import hashlib
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

from config.env import LOG_KEY, ROOT, SECRETS, env

MARK = b"DEVELOPMENT ONLY"
SESSIONS_MARK = "DEVELOPMENT-ONLY-"


@dataclass(frozen=True, slots=True)
class Keys:
    """Every secret of one installation. Only the sequencer opens the file of the log key."""

    secret_key: str
    keks: str
    blind_key: bytes
    outbox_key: bytes
    log_key_file: Path


def keys_from_environment() -> Keys:
    """The keys somebody set.

    Raises:
        ImproperlyConfigured: names every key that is absent, or the first that cannot be read.
    """
    absent = _not_set()
    if absent:
        raise ImproperlyConfigured(f"Production does not start without {', '.join(absent)}.")
    given = {name: env.str(name).strip() for name in (*SECRETS, LOG_KEY)}
    for name, text in given.items():
        if for_development(_log_key(text) if name == LOG_KEY else text):
            raise ImproperlyConfigured(f"Production does not start: {name} is DEVELOPMENT ONLY.")
    return _keys(given)


def _log_key(path: str) -> str:
    """The log key where this process can read it: the sequencer alone can."""
    try:
        return (ROOT / Path(path).expanduser()).read_text().strip()
    except (OSError, ValueError):
        return ""


def _not_set() -> list[str]:
    return [name for name in (*SECRETS, LOG_KEY) if not env.str(name, "")]


def _keys(given: Mapping[str, str]) -> Keys:
    return Keys(
        secret_key=given["SECRET_KEY"],
        keks=_checked_keks(given["ERASURE_KEK"]),
        blind_key=_key_bytes("ERASURE_BLIND_KEY", given["ERASURE_BLIND_KEY"]),
        outbox_key=_key_bytes("ERASURE_OUTBOX_KEY", given["ERASURE_OUTBOX_KEY"]),
        log_key_file=ROOT / Path(given[LOG_KEY]).expanduser(),
    )


def development_keys(keys: Path, database: Path | None) -> Keys:
    """Keys for development: each absent one is made once and kept in ``keys``.

    ``database`` is the SQLite file they belong to. Once it holds data, no new
    key is made: what it holds could not be read with one.

    Raises:
        ImproperlyConfigured: the database is there and its keys are not.
    """
    absent = _not_set()
    missing = [name for name in absent if not (keys / name.lower()).exists()]
    if missing and database is not None and database.exists() and database.stat().st_size:
        raise ImproperlyConfigured(
            f"The database {database} exists but its keys ({', '.join(missing)}) are not in {keys}:"
            " put the keys back, or move the database away to start anew."
        )
    for name in missing:
        keep_secret(keys / name.lower(), new_secret(name, development=True))
    given = {name: env.str(name, "").strip() for name in (*SECRETS, LOG_KEY)}
    for name in absent:  # not into os.environ: other folders' processes are our children
        kept = keys / name.lower()
        given[name] = str(kept) if name == LOG_KEY else kept.read_text().strip()
    return _keys(given)


def new_secret(name: str, *, development: bool = False) -> str:
    """A key as its setting holds it. One for development can be told from any other."""
    if name == "SECRET_KEY":
        return (SESSIONS_MARK if development else "") + secrets.token_urlsafe(50)
    key = base64.b64encode(_marked() if development else secrets.token_bytes(32)).decode()
    return f"1:{key}" if name == "ERASURE_KEK" else key


def _marked() -> bytes:
    """16 random bytes, and 16 that say for everybody to see what they are good for."""
    half = secrets.token_bytes(16)
    return half + hashlib.sha256(MARK + half).digest()[:16]


def for_development(text: str) -> bool:
    """Whether a key was made for development, wherever its text has been copied to."""
    if text.startswith(SESSIONS_MARK):
        return True
    try:
        keys = [base64.b64decode(each.rpartition(":")[2].strip()) for each in text.split(",")]
    except ValueError:
        return False
    return any(key[16:] == hashlib.sha256(MARK + key[:16]).digest()[:16] for key in keys)


def keep_secret(path: Path, value: str) -> None:
    """Write a secret for this user alone. Whoever comes first wins; nobody reads half a key."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.parent.chmod(0o700)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(value + "\n")
    try:
        os.link(draft, path)
    except FileExistsError:
        return
    finally:
        draft.unlink()


def _key_bytes(name: str, text: str) -> bytes:
    try:
        key = base64.b64decode(text, validate=True)
    except ValueError:
        key = b""
    if len(key) != 32:
        raise ImproperlyConfigured(f"{name} must be 32 bytes in base64.")
    return key


def _checked_keks(text: str) -> str:
    """``version:base64``, several separated by commas, the newest last."""
    for part in text.split(","):
        version, _, key = part.strip().partition(":")
        if not version.isdecimal():
            raise ImproperlyConfigured("ERASURE_KEK must look like 1:<32 bytes in base64>.")
        _key_bytes("ERASURE_KEK", key)
    return text
