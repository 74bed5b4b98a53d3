"""The trust file: which keys and seals the reader accepts. It comes out of band.

Lines ``log <vkey>``, ``witness <vkey>``, ``seal <sha256 of certificate>`` and
``root <PEM file>``; ``#`` starts a comment line. No certificate may extend it.
"""

from dataclasses import dataclass, replace
from pathlib import Path

from erasure.proof.entries import is_digest
from erasure.proof.errors import UnreadableError
from erasure.proof.note import LOG_KEY, WITNESS_KEY, Vkey, parse_vkey

MOST_BYTES = 2**20


@dataclass(frozen=True, slots=True)
class Trust:
    """What the reader accepts."""

    logs: tuple[Vkey, ...] = ()
    witnesses: tuple[Vkey, ...] = ()
    seals: tuple[str, ...] = ()  # SHA-256 of X.509 certificates, 64 hexadecimal digits
    roots: tuple[str, ...] = ()  # names of PEM files

    def render(self) -> str:
        """The text of the trust file."""
        rows = [
            *(f"log {key}" for key in self.logs),
            *(f"witness {key}" for key in self.witnesses),
            *(f"seal {seal}" for seal in self.seals),
            *(f"root {root}" for root in self.roots),
        ]
        return "".join(row + "\n" for row in rows)


def read(path: Path | str) -> Trust:
    """Read a trust file; the PEM files it names lie beside it, or are named in full.

    Raises:
        UnreadableError: it cannot be opened, is too large, or as ``parse``.
    """
    try:
        with Path(path).open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except (OSError, ValueError):
        raise UnreadableError("The trust file cannot be opened.") from None
    if len(data) > MOST_BYTES:
        raise UnreadableError("The trust file is larger than 1 MiB.")
    try:
        found = parse(data.decode())
    except UnicodeDecodeError:
        raise UnreadableError("The trust file is not UTF-8 text.") from None
    beside = Path(path).parent
    return replace(found, roots=tuple(str(beside / name) for name in found.roots))


def parse(text: str) -> Trust:
    """Read a trust file.

    Raises:
        UnreadableError: names the line that is malformed.
    """
    rows: dict[str, list[str]] = {"log": [], "witness": [], "seal": [], "root": []}
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        word, _, rest = line.strip().partition(" ")
        if word not in rows or not rest.strip():
            raise UnreadableError(
                f"Line {number} of the trust file is none of log, witness, seal and root."
            )
        if word == "seal" and not is_digest(rest.strip()):
            raise UnreadableError(
                f"Line {number} of the trust file has no SHA-256 of 64 hexadecimal digits."
            )
        rows[word].append(rest.strip())
    return Trust(
        logs=_vkeys(rows["log"], LOG_KEY),
        witnesses=_vkeys(rows["witness"], WITNESS_KEY),
        seals=tuple(rows["seal"]),
        roots=tuple(rows["root"]),
    )


def _vkeys(texts: list[str], kind: int) -> tuple[Vkey, ...]:
    try:
        keys = tuple(map(parse_vkey, texts))
    except ValueError as why:
        raise UnreadableError(f"A key of the trust file cannot be read: {why}.") from None
    if any(key.kind != kind for key in keys):
        raise UnreadableError("A key of the trust file stands under the wrong word.")
    return keys
