"""The command: make a witness's key, or cosign the log's present head."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from erasure.errors import TamperedError
from erasure.proof import files, trust
from erasure.proof.errors import UnreadableError
from erasure.proof.witness.folder import Witness
from erasure.proof.witness.offer import Log, Offer, parse_offer

DONE, REFUSED, UNREADABLE = 0, 1, 2
HELP = (
    "The DPO's own tool: cosign the head of the deletion log, if it continues the one seen before. "
    "Exit status: 0 done, 1 the log was shortened, rewritten or forked, 2 unreadable or no answer."
)


def main(argv: Sequence[str]) -> int:
    """Run the command; the exit status is that of HELP."""
    parser = argparse.ArgumentParser(prog="witness", description=HELP)
    add_arguments(parser)
    try:
        return run(parser.parse_args(argv))
    except SystemExit as stop:
        return int(stop.code or 0)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("what", choices=["init", "cosign"], help="init: make a key, once")
    parser.add_argument("--folder", required=True, metavar="FOLDER", type=Path,
                        help="of this witness: its key, what it saw, what it cosigned")  # fmt: skip
    parser.add_argument("--name", metavar="NAME", help="init: e.g. dpo.example.org")
    parser.add_argument("--trust", metavar="FILE", help="cosign: the trust file with the log's key")
    parser.add_argument("--url", metavar="URL", help="cosign: of the installation")
    parser.add_argument("--offer", metavar="FILE", help="cosign: a file in the place of --url")
    parser.add_argument("--out", metavar="FILE", type=Path, help="cosign: where the result goes")


def run(given: argparse.Namespace) -> int:
    """As ``main``, of arguments that are already read."""
    try:
        _init(given) if given.what == "init" else _cosign(given)
    except UnreadableError as why:
        print(f"UNREADABLE: {why}", file=sys.stderr)
        return UNREADABLE
    except TamperedError as why:
        print(f"REFUSED: {why}", file=sys.stderr)
        return REFUSED
    return DONE


def _init(given: argparse.Namespace) -> None:
    if not given.name:
        raise UnreadableError("Give the witness a --name, like dpo.example.org.")
    made = Witness.make(given.folder, given.name)
    print(f"witness {made.vkey}")
    print(
        "Give this line to the operator (ERASURE_WITNESSES, without the word witness) and to "
        "whoever verifies (trust file).",
        file=sys.stderr,
    )


def _cosign(given: argparse.Namespace) -> None:
    if not given.trust or bool(given.url) == bool(given.offer):
        raise UnreadableError("Give --trust, and one of --url and --offer.")
    witness, logs = Witness(given.folder), trust.read(given.trust).logs
    first = witness.seen() is None
    log = Log(given.url) if given.url else None
    offer: Offer = log.offer() if log else parse_offer(files.read_bytes(given.offer))
    text = witness.cosign(offer, logs)
    seen = witness.seen()
    print(f"Cosigned {seen.origin if seen else ''} over {seen.size if seen else 0:,} entries.")
    if first:
        print("This was the first time: what the log held until now is believed as it stands.")
    if given.out:
        _keep(given.out, text)
    if log:
        log.give(text)
        print("The installation has taken the cosignature.")


def _keep(path: Path, text: str) -> None:
    try:
        path.write_text(text)
    except OSError:
        raise UnreadableError("The result cannot be written there.") from None
