"""``manage.py anchors``: heads of the log that left, and files for a witness without a network."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from erasure.errors import ErasureError, TamperedError
from erasure.ledger import anchors
from erasure.ledger.head import last_head
from erasure.ledger.outbox import LONGEST_WAIT, longest_wait
from erasure.ledger.tree import Tree
from erasure.models import Checkpoint, LogAnchor
from erasure.proof import files, merkle
from erasure.proof.witness.offer import render_offer


class Command(BaseCommand):
    help = (
        "list: every head of the log that left. now: send the present one by each way that is set. "
        "offer FILE --seen N: a file for a witness that last saw N entries. take FILE: what the "
        "witness gave back."
    )

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("what", choices=["list", "now", "offer", "take"])
        parser.add_argument("file", nargs="?", metavar="FILE")
        parser.add_argument("--seen", type=int, default=0, metavar="N", help="offer: 0 at first")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["what"] in ("offer", "take") and not options["file"]:
            raise CommandError("Name the file.")
        try:
            getattr(self, f"do_{options['what']}")(options)
        except (ErasureError, OSError) as why:
            said = str(why) if isinstance(why, ErasureError) else "The file cannot be written."
            raise CommandError(said) from None

    def do_list(self, options: dict[str, Any]) -> None:
        for row in LogAnchor.objects.order_by("at", "pk"):
            self.stdout.write(f"{row.at:%Y-%m-%d %H:%M} UTC  {row.size:>12,}  {row.way} {row.by}")

    def do_now(self, options: dict[str, Any]) -> None:
        head = _head()
        before = LogAnchor.objects.count()
        anchors.anchor(head)
        sent = LogAnchor.objects.count() - before
        self.stdout.write(f"The head over {head.size:,} entries left by {sent} more ways.")

    def do_offer(self, options: dict[str, Any]) -> None:
        head, seen = _head(), options["seen"]
        if not 0 <= seen <= head.size:
            raise CommandError(f"The log has {head.size:,} entries: nobody can have seen more.")
        if longest_wait() > LONGEST_WAIT:
            raise CommandError("The log does not move on at the moment: is the sequencer running?")
        proof = merkle.consistency_proof(seen, head.size, Tree(head.size)) if seen else []
        Path(options["file"]).write_text(render_offer(head.note, seen, proof))
        self.stdout.write(f"A head over {head.size:,} entries: have it cosigned within 5 minutes.")

    def do_take(self, options: dict[str, Any]) -> None:
        try:
            row = anchors.take_cosignature(files.read_bytes(options["file"]).decode())
        except UnicodeDecodeError:
            raise CommandError("This is no checkpoint.") from None
        self.stdout.write(f"Taken: {row.by} cosigned {row.size:,} entries.")


def _head() -> Checkpoint:
    head = last_head()
    if head is None:
        raise TamperedError("The log is empty.")
    return head
