"""The seal of this installation, and whose time-stamps it asks for."""

from functools import lru_cache
from pathlib import Path

from django.conf import settings
from pyhanko.sign.timestamps import TimeStamper

from erasure import clock
from erasure.errors import KeyMissingError
from erasure.sealing import key, sign
from erasure.sealing.key import SealKey


def own_seal() -> SealKey:
    """The seal that ERASURE_SEAL_FILE holds; development makes one when it is first asked for.

    Raises:
        KeyMissingError: it cannot be read, or is not valid today.
    """
    path = Path(settings.SEAL_FILE)
    if settings.DEVELOPMENT and not path.exists():
        key.make_file(path)
    try:
        changed = path.stat().st_mtime_ns
    except OSError:
        raise KeyMissingError("The seal key cannot be read (ERASURE_SEAL_FILE).") from None
    seal = _read(path, settings.SEAL_PASSPHRASE, changed)
    if not seal.valid_at(clock.now()):
        raise KeyMissingError("The seal's certificate is not valid today (ERASURE_SEAL_FILE).")
    return seal


def time_stamper() -> TimeStamper | None:
    """The authority of ERASURE_TSA_URL."""
    return sign.time_stamper(settings.TSA_URL)


@lru_cache(maxsize=2)
def _read(path: Path, passphrase: str, changed: int) -> SealKey:
    """Read once, and again when the file has changed."""
    return key.load(path, passphrase)
