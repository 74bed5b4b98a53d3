"""The two editions of a certificate: the same facts, with and without what opens them.

The subject edition is stored and holds no personal data. The authority edition holds the
private half of every entry and the vendors' ids; it is made when it is asked for, and
stored nowhere.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from django.conf import settings

from erasure import clock
from erasure.documents.certificate import PRINTED_ROWS, Edition, render_certificate
from erasure.documents.facts import AnnexRow
from erasure.errors import RefusedError, TamperedError
from erasure.evidence.entries import logged, opened
from erasure.evidence.seal import (
    earlier_seal,
    long_term_roots,
    own_seal,
    require_good,
    time_stamper,
)
from erasure.ledger.keys import known_vkeys, vkey_of
from erasure.ledger.tree import Tree
from erasure.models import Certificate, Checkpoint, LogEntry, SystemConnection
from erasure.proof import canonical, entries, files, merkle, note
from erasure.proof.dossier import Written, write
from erasure.proof.encoding import parse_time
from erasure.proof.entries import Line
from erasure.sealing.key import SealKey
from erasure.sealing.sign import seal_pdf, sign_file
from erasure.systems import all_stores

KNOWN_BY = {  # beside the outcome: how it is known
    "VERIFIED": "read anew: not found",
    "ANONYMISED": "read anew: redacted",
    "ATTESTED": "cannot be read back",
    "HELD": "a hold is on record",
    "EXEMPT": "decided at review",
}


def attachments(row: Certificate) -> dict[str, bytes]:
    """What is attached to both editions, with the proofs at the anchored head.

    Raises:
        TamperedError: the entries are no longer those that were certified.
        KeyMissingError: the seal that the certificate names is not at hand.
    """
    document, head = bytes(row.document), Checkpoint.objects.get(size=row.proof_size)
    value = canonical.decode(document)
    mine = write(logged(row.case, row.log_size))
    if entries.digest(mine.data) != value["entries"]["sha256"]:
        raise TamperedError("The log no longer has the entries that were certified.")
    issued_at = parse_time(value["certificate"]["issued_at"])
    return {
        files.CERTIFICATE: document,
        files.SIGNATURE: sign_file(document, named_seal(value), issued_at),
        files.ENTRIES: mine.data,
        files.ENTRIES_PROOF: _entries_proof(mine, head),
        files.TLOG_PROOF: _tlog_proof(row, head),
    }


def draw(row: Certificate, attached: Mapping[str, bytes], edition: Edition) -> bytes:
    """The PDF with its attachments, not sealed yet."""
    head = note.parse_proof(attached[files.TLOG_PROOF].decode()).checkpoint
    value, connections = canonical.decode(bytes(row.document)), SystemConnection.objects.all()
    return render_certificate(
        value,
        digest=row.sha256,
        checkpoint=head,
        vkey=str(vkey_of(head, known_vkeys())),
        titles=all_stores(connections),
        systems={connection.slug: connection.name for connection in connections},
        rows=_rows(attached),
        files=attached,
        development=settings.DEVELOPMENT_KEYS,
        link=link_of(row),
        edition=edition,
    )


def sealed(row: Certificate, pdf: bytes) -> bytes:
    """The PDF with the organisation's seal, time-stamped where an authority is set.

    Raises:
        KeyMissingError: the seal that the certificate names is not at hand, or was revoked.
        BusyError: the time-stamp authority does not answer, or who knows what was revoked.
    """
    seal = named_seal(canonical.decode(bytes(row.document)))
    now, roots = clock.now().replace(microsecond=0), long_term_roots()
    done = seal_pdf(pdf, seal, now, time_stamper(), tsa_roots=roots)
    require_good(done, seal, unrevoked=bool(roots))
    return done


def authority_edition(row: Certificate) -> bytes:
    """The sealed PDF of an issued certificate with its openings. It holds personal data.

    Raises:
        KeyMissingError: the case's log key was destroyed, or the seal is not at hand.
        BusyError: the time-stamp authority does not answer.
    """
    value = canonical.decode(bytes(row.document))
    attached = dict(files.parse(bytes(row.pdf)).files)
    attached[files.OPENINGS] = opened(row.case, row.log_size, value["subject"]["identifiers"])
    return sealed(row, draw(row, attached, Edition.AUTHORITY))


def named_seal(value: Mapping[str, Any]) -> SealKey:
    """The seal that a certificate names, although the installation may have another by now.

    Raises:
        KeyMissingError: it is not at hand.
    """
    seal, named = own_seal(), value["seal"]["x509_sha256"]
    return seal if seal.sha256 == named else earlier_seal(named)


def link_of(row: Certificate) -> str:
    """Where anybody can ask whether this certificate is genuine and the latest."""
    return f"{settings.PUBLIC_URL}/v/{row.public_id}.{row.version}?d={row.sha256[:32]}"


def _entries_proof(mine: Written, head: Checkpoint) -> bytes:
    tree = Tree(head.size)
    tree.load(mine.leaves)
    hashes = merkle.entries_proof(mine.leaves, head.size, tree)
    if merkle.entries_root(mine.leaves, head.size, hashes) != bytes(head.root):
        raise TamperedError("The log's entries are not those that its head was signed over.")
    return note.render_entries_proof(head.size, hashes).encode()


def _tlog_proof(row: Certificate, head: Checkpoint) -> bytes:
    entry = row.entry
    if entry is None or entry.log_index is None:
        raise RefusedError("The certificate's entry is not in the log.")
    raw = bytes(LogEntry.objects.get(seq=entry.log_index).bytes)
    proof = merkle.inclusion_proof(entry.log_index, head.size, Tree(head.size))
    line = Line.of(entry.log_index, entry.scope, raw).encode()
    return note.TlogProof(entry.log_index, tuple(proof), head.note, line).render().encode()


def _rows(attached: Mapping[str, bytes]) -> Iterator[AnnexRow]:
    """The last outcome of each item that is printed, by its number; vendors' ids if opened."""
    last: dict[int, dict[str, Any]] = {}
    for number, line in _of_items(attached[files.ENTRIES]):
        entry = json.loads(line)["entry"]
        if entry["type"] == "outcome":
            last[number] = entry
    ids = {
        number: str(json.loads(line)["value"].get("item", ""))
        for number, line in _of_items(attached.get(files.OPENINGS, b""))
    }
    for number in sorted(last):
        entry = last[number]
        yield AnnexRow(
            number, entry["store"], entry["outcome"],
            KNOWN_BY.get(entry["outcome"], ""), entry["at"], ids.get(number, ""),
        )  # fmt: skip


def _of_items(data: bytes) -> Iterator[tuple[int, bytes]]:
    """The lines of the items that are printed; those of the others are not even read."""
    for line in data.splitlines():
        _, mark, rest = line.partition(b'"scope":"i/')
        number = rest.partition(b"/")[0]
        if mark and number.isdigit() and int(number) < PRINTED_ROWS:
            yield int(number), line
