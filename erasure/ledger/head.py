"""The log's last head: is it the one that was signed, and none that came before it?

Besides the database the sequencer keeps a file of its own, a line ``size root`` for
each head, written once the head is committed. A database that is behind it was put
back; one that is ahead of it, by a sequencer killed in between, is accepted.
"""

import os
from pathlib import Path

from django.conf import settings

from erasure.errors import TamperedError
from erasure.models import Checkpoint, LogEntry
from erasure.proof.merkle import EMPTY_ROOT, Frontier
from erasure.proof.note import Signer, open_checkpoint

_LINE_BYTES = 100  # at most: a size, a root in hexadecimal digits


def last_head() -> Checkpoint | None:
    return Checkpoint.objects.order_by("-size").first()


def checked_edge(head: Checkpoint | None, keys: list[Signer]) -> Frontier:
    """The tree's right edge, if the head is what one of these keys signed and nothing lies beyond.

    Raises:
        TamperedError: says what is not as it was written.
    """
    size = log_size()
    if head is None:
        if size:
            raise TamperedError("The log holds entries but no checkpoint.")
        check_file(None)
        return Frontier()
    signed = open_checkpoint(head.note, [key.vkey for key in keys])
    try:
        edge = Frontier.load(bytes(head.frontier))
    except ValueError:
        raise TamperedError("The last checkpoint is not what was signed.") from None
    stated, folded = (head.size, bytes(head.root)), (edge.size, edge.root())
    if stated != (signed.size, signed.root) or folded != stated:
        raise TamperedError("The last checkpoint is not what was signed.")
    if size != head.size:
        raise TamperedError("Log entries lie beyond the last checkpoint, or some are missing.")
    check_file(head)
    return edge


def log_size() -> int:
    """One more than the last index."""
    last = LogEntry.objects.order_by("-seq").values_list("seq", flat=True).first()
    return 0 if last is None else last + 1


def check_file(head: Checkpoint | None) -> None:
    """The last line of the sequencer's own file must be a head of this database.

    Raises:
        TamperedError: it is not, or the file is gone.
    """
    line = _last_line()
    if line is None:
        if head is None:
            return
        raise TamperedError(
            "The sequencer's own file of heads (log-head) is gone, so nothing shows that this "
            "database is not an older one."
        )
    size, _, root = line.partition(" ")
    if not size.isdecimal():
        raise TamperedError("The file of the log's last head is not what the sequencer wrote.")
    if known_root(int(size)) != root:
        raise TamperedError(
            "The database is older than the log's last head, or another one: was a backup restored?"
        )


def _last_line() -> str | None:
    """The last line of the sequencer's own file; None without a file, or an empty one."""
    try:
        with head_file().open("rb") as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - _LINE_BYTES))
            tail = file.read().decode("ascii", "replace")
    except FileNotFoundError:
        return None
    return tail.removesuffix("\n").rpartition("\n")[2] if tail else None


def known_root(size: int) -> str | None:
    """The root of the database's head of this size in hexadecimal digits; None if it has none."""
    if size == 0:
        return EMPTY_ROOT.hex()
    found = Checkpoint.objects.filter(size=size).values_list("root", flat=True).first()
    return None if found is None else bytes(found).hex()


def remember(size: int, root: bytes) -> None:
    """Add a line to the sequencer's own file; it is on the disk when this returns."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
    with os.fdopen(os.open(head_file(), flags, 0o600), "w") as file:
        file.write(f"{size} {root.hex()}\n")
        file.flush()
        os.fsync(file.fileno())


def head_file() -> Path:
    return Path(settings.DATA) / "log-head"
