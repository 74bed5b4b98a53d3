"""The checks on a certificate and what hangs on it, V1 to V13, each one function.

Each returns what it found, for people, or raises what kept it from passing.
"""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from erasure.proof import canonical, merkle, note, openings, pages, printed
from erasure.proof.certificate import check_retained, recounted
from erasure.proof.desk import (
    Desk,
    FailedError,
    SkippedError,
    fail,
    failing,
    read_certificate,
)
from erasure.proof.encoding import parse_time, time_text
from erasure.proof.entries import Line, digest
from erasure.proof.facts import Facts
from erasure.proof.files import (
    CERTIFICATE,
    ENTRIES,
    ENTRIES_PROOF,
    KNOWN,
    OPENINGS,
    REQUIRED,
    Evidence,
)

TOLERANCE = timedelta(seconds=300)


def v1(desk: Desk) -> str:
    seal = desk.pdf_seal
    stamped = f", time-stamped {time_text(seal.stamped_at)}" if seal.stamped_at else ""
    cleared = "; nothing of either had been revoked by then" if seal.unrevoked else ""
    return f"The PDF is whole and carries the one seal of {time_text(seal.at)}{stamped}{cleared}."


def v2(desk: Desk) -> str:
    strange = sorted(name for name in desk.evidence.files if name not in KNOWN)
    missing = [name for name in REQUIRED if name not in desk.evidence.files]
    if strange or missing:
        raise FailedError(
            "V2",
            f"The attachments are not those of a certificate: {len(strange)} unknown, "
            f"missing: {', '.join(missing) or 'none'}.",
        )
    if desk.evidence.strays:
        raise FailedError(
            "V2",
            f"The PDF embeds {desk.evidence.strays} file(s) beside its attachments, or shows "
            "them under another name or with another content.",
        )
    return "Every attachment is there once."


def v3(desk: Desk) -> str:
    version = desk.certificate["certificate"]["version"]
    return f"{CERTIFICATE} is complete and can be read in one way only. It is version {version}."


def v4(desk: Desk) -> str:
    own, stated = desk.file_seal.sha256, desk.certificate["seal"]["x509_sha256"]
    if own != stated:
        raise FailedError("V4", f"{CERTIFICATE} is signed by another seal than it names.")
    if desk.evidence.pdf is not None and desk.pdf_seal.sha256 != own:
        raise FailedError("V4", f"{CERTIFICATE} and the PDF carry different seals.")
    return f"{CERTIFICATE} carries the same seal."


def v5(desk: Desk) -> str:
    if desk.evidence.printed_text is None:
        raise SkippedError("There are no printed pages to compare.")
    given = (desk.evidence.printed_text, desk.certificate, desk.file(CERTIFICATE))
    fail("V5", [*printed.check(*given), *pages.check(*given)])
    return "The printed digest, reference, status, date and counts are the certified ones."


def v6(desk: Desk) -> str:
    checkpoint = desk.checkpoint
    if checkpoint.origin != desk.certificate["log"]["origin"]:
        raise FailedError("V6", "The checkpoint belongs to another log than the certificate.")
    seen = f", witnessed by {len(checkpoint.witnessed)}" if checkpoint.witnessed else ""
    return (
        f"The checkpoint of {checkpoint.origin} over {checkpoint.size} entries "
        f"is signed by a trusted log key{seen}."
    )


def v7(desk: Desk) -> str:
    certificate, issued, proof = desk.certificate, desk.issued, desk.proof
    checkpoint, entry = desk.checkpoint, issued.entry
    stated = {
        "type": "certificate",
        "sha256": desk.digest,
        "version": certificate["certificate"]["version"],
        "status": certificate["case"]["status"],
    }
    wrong = [name for name, value in stated.items() if entry.get(name) != value]
    if wrong:
        raise FailedError("V7", f"The log entry of the certificate has another {wrong[0]}.")
    if issued.index != proof.index or issued.index < certificate["log"]["size"]:
        raise FailedError("V7", "The log entry of the certificate is not where it must be.")
    if not merkle.verify_inclusion(
        issued.leaf, issued.index, checkpoint.size, proof.hashes, checkpoint.root
    ):
        raise FailedError("V7", "The log entry of the certificate is not in the log.")
    return f"The certificate stands in the log as entry {issued.index}."


def v8(desk: Desk) -> str:
    data, stated, lines = desk.file(ENTRIES), desk.certificate["entries"], desk.lines
    found = {"bytes": len(data), "count": len(lines), "sha256": digest(data)}
    wrong = [name for name, value in found.items() if stated[name] != value]
    if wrong:
        raise FailedError("V8", f"{ENTRIES} has another {wrong[0]} than certified.")
    if lines and lines[-1].index >= desk.certificate["log"]["size"]:
        raise FailedError("V8", f"{ENTRIES} goes beyond the certified size of the log.")
    return f"{ENTRIES} holds the {len(lines)} certified entries."


def v9(desk: Desk) -> str:
    with failing("V9", ENTRIES_PROOF):
        size, hashes = note.parse_entries_proof(desk.file(ENTRIES_PROOF).decode())
        leaves = {line.index: line.leaf for line in desk.lines}
        root = merkle.entries_root(leaves, size, hashes)
    if (size, root) != (desk.checkpoint.size, desk.checkpoint.root):
        raise FailedError("V9", "The entries are not those of the signed log.")
    return f"All {len(leaves)} entries stand in the signed log, unaltered."


def v10(desk: Desk) -> str:
    certificate, facts = desk.certificate, desk.facts
    fail("V10", list(_contradictions(certificate, facts, desk.issued)))
    return (
        f"No event of the case is left out; its {facts.items} items and the status "
        f"{certificate['case']['status']} follow from the entries."
    )


def _contradictions(certificate: Mapping[str, Any], facts: Facts, issued: Line) -> Iterator[str]:
    yield from facts.problems
    if issued.scope != facts.next_scope:
        yield f"The certificate is event {issued.scope} where {facts.next_scope} is due."
    status = certificate["case"]["status"]
    if facts.status is None:
        yield "The entries allow no certificate: an outcome is not final or a store is open."
    elif {facts.status, facts.state} != {status}:
        yield f"The case is certified as {status}, but its entries give {facts.status}."
    if certificate["case"]["completed_at"] != facts.completed_at:
        yield "The time of completion is not that of the entries."
    for name, value in recounted(facts).items():
        if _ordered(certificate[name]) != _ordered(value):
            yield f"The part {name} is not what the entries give."
    if check_retained(certificate, facts):
        yield "The retained items do not sum to those held or exempt."


def _ordered(value: Any) -> Any:
    """Rows of a list compare whatever their order."""
    return sorted(value, key=canonical.encode) if isinstance(value, list) else value


def v11(desk: Desk) -> str:
    issued_at = parse_time(desk.certificate["certificate"]["issued_at"])
    anchors = [(one.size, one.at - TOLERANCE) for one in desk.beside.anchors if one.at]
    latest = None
    for line in (*desk.lines, desk.issued):
        at = parse_time(line.entry["at"])
        if at > issued_at:
            raise FailedError("V11", f"Entry {line.index} is dated after the certificate.")
        if latest and at < latest - TOLERANCE:
            raise FailedError("V11", f"Entry {line.index} is dated before an earlier entry.")
        if any(line.index >= size and at < seen for size, seen in anchors):
            raise FailedError("V11", f"Entry {line.index} is dated before an anchor without it.")
        latest = max(at, latest or at)
    compared = f"{len(anchors)} dated anchor(s) agree" if anchors else "no dated anchor was given"
    return f"The dates of the entries are in order; {compared}."


def v12(desk: Desk) -> str:
    if not desk.has(OPENINGS):
        raise SkippedError("This edition carries no openings; the authority edition does.")
    fail("V12", openings.check(desk.openings, desk.certificate, desk.lines, desk.issued))
    closed = openings.unopened(desk.openings, desk.certificate)
    if closed:
        raise SkippedError(
            f"Every private half of an entry is what was recorded at the time. The identifiers "
            f"({closed}) are not opened: they are destroyed before the rest of a case."
        )
    return "Every private half is what was recorded at the time; the vendor jobs are recounted."


def v13(desk: Desk) -> str:
    certificate = desk.certificate["certificate"]
    earlier = certificate["supersedes"]
    logged = desk.facts.certificates
    versions = [version for version, _ in logged]
    if versions != list(range(1, certificate["version"])):
        raise FailedError("V13", "The log holds other versions than the certificate follows.")
    if earlier and logged[-1][1] != earlier["sha256"]:
        raise FailedError("V13", "The superseded certificate is not the one in the log.")
    if earlier and not _supersedes(desk, *_entries_before(desk)):
        raise FailedError("V13", "The entries do not begin with those of the version before.")
    if desk.beside.previous is not None:
        return _compare(desk, desk.beside.previous)
    if not earlier:
        return "It is the first version."
    return (
        f"It continues version {earlier['version']}, which is in the log; "
        "the file of that version was not at hand."
    )


def _entries_before(desk: Desk) -> tuple[int, str]:
    """Bytes and digest of all entries up to that of the last certificate before this one.

    They are what it certified: an entry of the case that came meanwhile makes it be built again.
    """
    data = desk.file(ENTRIES)
    last = [line for line in desk.lines if line.entry["type"] == "certificate"][-1]
    head = data[: data.find(b"\n" + last.encode()) + 1]
    return len(head), digest(head)


def _supersedes(desk: Desk, size: int, sha256: str) -> bool:
    earlier = desk.certificate["certificate"]["supersedes"]
    return bool((earlier["entries_bytes"], earlier["entries_sha256"]) == (size, sha256))


def _compare(desk: Desk, previous: Evidence) -> str:
    files = previous.files
    try:
        before = read_certificate(files.get(CERTIFICATE, b""))
    except FailedError as why:
        raise FailedError("V13", f"The earlier version cannot be read: {why}") from None
    entries, named = files.get(ENTRIES, b""), before["certificate"]
    if named["id"] != desk.certificate["certificate"]["id"]:
        raise FailedError("V13", "The earlier file is of another certificate.")
    if (named["version"], digest(files[CERTIFICATE])) not in desk.facts.certificates:
        raise FailedError("V13", "The earlier file is not the version that was logged.")
    if digest(entries) != before["entries"]["sha256"]:
        raise FailedError("V13", "The entries of the earlier file were altered.")
    last = named["version"] == desk.certificate["certificate"]["version"] - 1
    if last and not _supersedes(desk, before["entries"]["bytes"], before["entries"]["sha256"]):
        raise FailedError("V13", "The entries of the earlier file are not those superseded.")
    if not desk.file(ENTRIES).startswith(entries):
        raise FailedError("V13", "The entries do not begin with those of the earlier file.")
    return f"It continues version {named['version']}, which is in the log."
