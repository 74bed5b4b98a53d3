"""What lies in files: mail of a trial, and pages of SQLite that hold what was deleted."""

import logging
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import OperationalError, connection

BETWEEN = b"\n" + b"-" * 79 + b"\n"  # what Django's file backend writes after each mail
logger = logging.getLogger(__name__)


def forget_mail(reference: str) -> int:
    """Delete the mails of a trial that name a case; production keeps none. Returns how many."""
    folder = getattr(settings, "EMAIL_FILE_PATH", "")
    if not folder or not settings.EMAIL_BACKEND.endswith("filebased.EmailBackend"):
        return 0
    return sum(_without(path, reference) for path in Path(folder).glob("*") if path.is_file())


def _without(path: Path, reference: str) -> int:
    """Take the mails about a case out of one file."""
    mails = [raw for raw in path.read_bytes().split(BETWEEN) if raw.strip()]
    others = [raw for raw in mails if not _names(raw, reference)]
    if not others:
        path.unlink()
    elif len(others) < len(mails):
        path.write_bytes(b"".join(raw + BETWEEN for raw in others))
    return len(mails) - len(others)


def _names(raw: bytes, reference: str) -> bool:
    """Whether a mail has the reference in its subject or text, however it is encoded."""
    mail = message_from_bytes(raw, policy=default)
    return reference in f"{mail['Subject']}{_text(mail)}"


def _text(mail: EmailMessage) -> str:
    parts = [part for part in mail.walk() if part.get_content_maintype() == "text"]
    return "".join(str(part.get_content()) for part in parts)


def mark_compact() -> None:
    """Remember, before anything is destroyed, that SQLite's file is to be written anew."""
    if connection.vendor == "sqlite":
        _marker().touch()


def compact(database: Any = connection) -> bool:
    """Write SQLite's file anew, so that no page and no journal holds what was deleted.

    On PostgreSQL there is nothing to do here: its own vacuum takes dead rows away, and
    what they held is encrypted under a key that is gone. False: somebody was writing;
    the next run tries again.
    """
    if database.vendor != "sqlite" or not _marker().exists() or database.in_atomic_block:
        return False
    try:
        with database.cursor() as cursor:
            cursor.execute("VACUUM")
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            busy = bool(cursor.fetchone()[0])
    except OperationalError:
        busy = True
    if busy:
        logger.warning("SQLite's file could not be written anew now: the next purge tries again.")
        return False
    _marker().unlink(missing_ok=True)
    return True


def _marker() -> Path:
    return Path(settings.DATA) / "compact-due"
