"""The write-once folder: heads of the log as files, outside the database."""

from pathlib import Path

from django.conf import settings


def folder() -> Path | None:
    """Where ERASURE_ANCHOR_FOLDER is; None if there is none."""
    if settings.ANCHOR_FOLDER is None:  # development
        return Path(settings.DATA) / "anchors"
    return Path(settings.ANCHOR_FOLDER) if settings.ANCHOR_FOLDER else None


def files() -> list[Path]:
    """Every head in it."""
    here = folder()
    return sorted(here.glob("*.checkpoint")) if here and here.is_dir() else []
