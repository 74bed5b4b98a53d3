"""The log's signing key: read by the sequencer alone, changed without a break.

To change it, a new seed is put beside the old one (``<file>.next``). The sequencer
then logs a ``key`` entry with the new verifier key, has both keys sign that head, and
takes the new one for every later head.
"""

import base64
import logging
import os
from collections.abc import Sequence
from pathlib import Path

from django.conf import settings

from erasure.errors import KeyMissingError, TamperedError
from erasure.models import LogKey
from erasure.proof.note import Signer, Vkey, open_checkpoint, parse_vkey

logger = logging.getLogger(__name__)


def signer() -> Signer:
    """The log key under its origin.

    Raises:
        KeyMissingError: the file is not there or holds no key.
    """
    return _read(key_file())


def signers(head: str | None) -> list[Signer]:
    """The keys of the next head: one, or the old and the new while the key is changed.

    ``head`` is the note of the last checkpoint. If the next key has signed it, the
    change is done: its file takes the place of the old one.

    Raises:
        KeyMissingError: as ``signer``.
    """
    if not next_file().exists():
        return [signer()]
    coming = _read(next_file())
    if head is None or not _signed(head, coming.vkey):
        return [signer(), coming]
    try:
        os.replace(next_file(), key_file())
    except OSError:
        logger.warning("The file of the old log key cannot be replaced: replace it by hand.")
    return [coming]


def key_file() -> Path:
    return Path(settings.LOG_KEY_FILE)


def next_file() -> Path:
    return key_file().with_name(key_file().name + ".next")


def known_vkeys() -> list[Vkey]:
    """Every key that the log named, in order. For look-up: who verifies has his own list."""
    return [parse_vkey(row.vkey) for row in LogKey.objects.all()]


def vkey_of(note: str, vkeys: Sequence[Vkey]) -> Vkey:
    """The newest of these keys that signed a checkpoint.

    Raises:
        TamperedError: none did.
    """
    for vkey in reversed(vkeys):
        if _signed(note, vkey):
            return vkey
    raise TamperedError("The checkpoint is not signed by a known log key.")


def _signed(note: str, vkey: Vkey) -> bool:
    try:
        open_checkpoint(note, [vkey])
    except TamperedError:
        return False
    return True


def _read(path: Path) -> Signer:
    try:
        seed = base64.b64decode(path.read_text().strip(), validate=True)
        return Signer.from_seed(settings.LOG_ORIGIN, seed)
    except (OSError, ValueError):
        raise KeyMissingError(
            "The log key cannot be read (ERASURE_LOG_KEY_FILE): nothing is sequenced."
        ) from None
