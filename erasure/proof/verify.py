"""Every check an inspector can make without trusting the controller, offline.

A check passes, fails, or is skipped with its reason; a check that needs the
result of a failed one is skipped and names it.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from functools import cached_property
from typing import Any

from erasure.errors import TamperedError
from erasure.proof import canonical, merkle, note, openings, printed
from erasure.proof.certificate import check_retained, check_sense, recounted
from erasure.proof.encoding import parse_time
from erasure.proof.entries import Line, digest, parse_lines
from erasure.proof.facts import Facts, recompute
from erasure.proof.files import (
    CERTIFICATE,
    ENTRIES,
    ENTRIES_PROOF,
    KNOWN,
    OPENINGS,
    REQUIRED,
    TLOG_PROOF,
)
from erasure.proof.schema import check_shape
from erasure.proof.trust import Trust

TOLERANCE = timedelta(seconds=300)


class State(StrEnum):
    PASSED = "passed"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Finding:
    """The result of one check, for people."""

    id: str  # V1 to V14
    state: State
    text: str


class _FailedError(Exception):
    def __init__(self, check: str, text: str) -> None:
        super().__init__(text)
        self.check = check


class _SkippedError(Exception):
    pass


def verify(
    files: Mapping[str, bytes],
    trust: Trust,
    printed_text: str | None = None,
    previous: Mapping[str, bytes] | None = None,
) -> list[Finding]:
    """Run every check. ``previous``: the files of an earlier version, if at hand."""
    desk = _Desk(files, trust, printed_text, previous)
    return [_run(check, desk) for check in _CHECKS]


def passed(findings: list[Finding], *, strict: bool = False) -> bool:
    """Whether nothing failed; with ``strict``, also nothing was skipped."""
    bad = {State.FAILED, State.SKIPPED} if strict else {State.FAILED}
    return not any(finding.state in bad for finding in findings)


class _Desk:
    """The files under check; each is read once, and fails under its own check."""

    def __init__(
        self,
        files: Mapping[str, bytes],
        trust: Trust,
        printed_text: str | None,
        previous: Mapping[str, bytes] | None,
    ) -> None:
        self.files, self.trust = files, trust
        self.printed_text, self.previous = printed_text, previous

    def file(self, name: str) -> bytes:
        if name not in self.files:
            raise _FailedError("V2", f"{name} is missing.")
        return self.files[name]

    @cached_property
    def digest(self) -> str:
        return digest(self.file(CERTIFICATE))

    @cached_property
    def certificate(self) -> dict[str, Any]:
        return _read_certificate(self.file(CERTIFICATE))

    @cached_property
    def proof(self) -> note.TlogProof:
        with _failing("V6", TLOG_PROOF):
            return note.parse_proof(self.file(TLOG_PROOF).decode())

    @cached_property
    def checkpoint(self) -> note.Checkpoint:
        try:
            return note.open_checkpoint(
                self.proof.checkpoint, self.trust.logs, self.trust.witnesses
            )
        except TamperedError as why:
            raise _FailedError("V6", str(why)) from None

    @cached_property
    def issued(self) -> Line:
        with _failing("V7", f"The entry in {TLOG_PROOF}"):
            return Line.parse(self.proof.extra)

    @cached_property
    def lines(self) -> list[Line]:
        with _failing("V8", ENTRIES):
            return parse_lines(self.file(ENTRIES))

    @cached_property
    def facts(self) -> Facts:
        return recompute(self.lines)


class _failing:
    """Turn a ValueError about a file into the failure of a check."""

    def __init__(self, check: str, name: str) -> None:
        self.check, self.name = check, name

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, why: BaseException | None, trace: object) -> None:
        if isinstance(why, UnicodeDecodeError):
            raise _FailedError(self.check, f"{self.name} is not UTF-8 text.") from None
        if isinstance(why, ValueError):
            raise _FailedError(self.check, f"{self.name} cannot be read: {why}.") from None


def _read_certificate(data: bytes) -> dict[str, Any]:
    with _failing("V3", CERTIFICATE):
        value = canonical.decode(data, canonical=True)
    problems = check_shape(value) or check_sense(value)
    if problems:
        raise _FailedError("V3", f"{CERTIFICATE} is not as it must be: {problems[0]}.")
    return dict(value)


def v1(desk: _Desk) -> str:
    raise _SkippedError("The PDF signature is not checked by this version.")


def v2(desk: _Desk) -> str:
    strange = sorted(name for name in desk.files if name not in KNOWN)
    missing = [name for name in REQUIRED if name not in desk.files]
    if strange or missing:
        raise _FailedError(
            "V2",
            f"The attachments are not those of a certificate: {len(strange)} unknown, "
            f"missing: {', '.join(missing) or 'none'}.",
        )
    return "Every attachment is there once."


def v3(desk: _Desk) -> str:
    version = desk.certificate["certificate"]["version"]
    return f"{CERTIFICATE} is complete and can be read in one way only. It is version {version}."


def v4(desk: _Desk) -> str:
    raise _SkippedError(f"The signature over {CERTIFICATE} is not checked by this version.")


def v5(desk: _Desk) -> str:
    if desk.printed_text is None:
        raise _SkippedError("There are no printed pages to compare.")
    problems = printed.check(desk.printed_text, desk.certificate, desk.file(CERTIFICATE))
    _fail("V5", problems)
    return "The printed digest, reference, status, date and counts are the certified ones."


def v6(desk: _Desk) -> str:
    checkpoint = desk.checkpoint
    if checkpoint.origin != desk.certificate["log"]["origin"]:
        raise _FailedError("V6", "The checkpoint belongs to another log than the certificate.")
    seen = f", witnessed by {len(checkpoint.witnessed)}" if checkpoint.witnessed else ""
    return (
        f"The checkpoint of {checkpoint.origin} over {checkpoint.size} entries "
        f"is signed by a trusted log key{seen}."
    )


def v7(desk: _Desk) -> str:
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
        raise _FailedError("V7", f"The log entry of the certificate has another {wrong[0]}.")
    if issued.index != proof.index or issued.index < certificate["log"]["size"]:
        raise _FailedError("V7", "The log entry of the certificate is not where it must be.")
    if not merkle.verify_inclusion(
        issued.leaf, issued.index, checkpoint.size, proof.hashes, checkpoint.root
    ):
        raise _FailedError("V7", "The log entry of the certificate is not in the log.")
    return f"The certificate stands in the log as entry {issued.index}."


def v8(desk: _Desk) -> str:
    data, stated, lines = desk.file(ENTRIES), desk.certificate["entries"], desk.lines
    found = {"bytes": len(data), "count": len(lines), "sha256": digest(data)}
    wrong = [name for name, value in found.items() if stated[name] != value]
    if wrong:
        raise _FailedError("V8", f"{ENTRIES} has another {wrong[0]} than certified.")
    if lines and lines[-1].index >= desk.certificate["log"]["size"]:
        raise _FailedError("V8", f"{ENTRIES} goes beyond the certified size of the log.")
    return f"{ENTRIES} holds the {len(lines)} certified entries."


def v9(desk: _Desk) -> str:
    with _failing("V9", ENTRIES_PROOF):
        size, hashes = note.parse_entries_proof(desk.file(ENTRIES_PROOF).decode())
        leaves = {line.index: line.leaf for line in desk.lines}
        root = merkle.entries_root(leaves, size, hashes)
    if (size, root) != (desk.checkpoint.size, desk.checkpoint.root):
        raise _FailedError("V9", "The entries are not those of the signed log.")
    return f"All {len(leaves)} entries stand in the signed log, unaltered."


def v10(desk: _Desk) -> str:
    certificate, facts = desk.certificate, desk.facts
    _fail("V10", list(_contradictions(certificate, facts, desk.issued)))
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


def v11(desk: _Desk) -> str:
    issued_at = parse_time(desk.certificate["certificate"]["issued_at"])
    latest = None
    for line in (*desk.lines, desk.issued):
        at = parse_time(line.entry["at"])
        if at > issued_at:
            raise _FailedError("V11", f"Entry {line.index} is dated after the certificate.")
        if latest and at < latest - TOLERANCE:
            raise _FailedError("V11", f"Entry {line.index} is dated before an earlier entry.")
        latest = max(at, latest or at)
    return "The dates of the entries are in order. No outside anchor was compared."


def v12(desk: _Desk) -> str:
    if OPENINGS not in desk.files:
        raise _SkippedError("This edition carries no openings; the authority edition does.")
    with _failing("V12", OPENINGS):
        opened = openings.parse(desk.file(OPENINGS))
    _fail("V12", openings.check(opened, desk.certificate, desk.lines, desk.issued))
    return "Every private half is what was recorded at the time; the vendor jobs are recounted."


def v13(desk: _Desk) -> str:
    certificate = desk.certificate["certificate"]
    earlier = certificate["supersedes"]
    logged = desk.facts.certificates
    versions = [version for version, _ in logged]
    if versions != list(range(1, certificate["version"])):
        raise _FailedError("V13", "The log holds other versions than the certificate follows.")
    if earlier and logged[-1][1] != earlier["sha256"]:
        raise _FailedError("V13", "The superseded certificate is not the one in the log.")
    if earlier:
        head = desk.file(ENTRIES)[: earlier["entries_bytes"]]
        if digest(head) != earlier["entries_sha256"]:
            raise _FailedError("V13", "The entries do not begin with those of the version before.")
    if desk.previous is not None:
        return _compare(desk, desk.previous)
    if not earlier:
        return "It is the first version."
    return (
        f"It continues version {earlier['version']}, which is in the log; "
        "the file of that version was not at hand."
    )


def _compare(desk: _Desk, previous: Mapping[str, bytes]) -> str:
    try:
        before = _read_certificate(previous.get(CERTIFICATE, b""))
    except _FailedError as why:
        raise _FailedError("V13", f"The earlier version cannot be read: {why}") from None
    entries, named = previous.get(ENTRIES, b""), before["certificate"]
    if named["id"] != desk.certificate["certificate"]["id"]:
        raise _FailedError("V13", "The earlier file is of another certificate.")
    if (named["version"], digest(previous[CERTIFICATE])) not in desk.facts.certificates:
        raise _FailedError("V13", "The earlier file is not the version that was logged.")
    if digest(entries) != before["entries"]["sha256"]:
        raise _FailedError("V13", "The entries of the earlier file were altered.")
    if not desk.file(ENTRIES).startswith(entries):
        raise _FailedError("V13", "The entries do not begin with those of the earlier file.")
    return f"It continues version {named['version']}, which is in the log."


def v14(desk: _Desk) -> str:
    raise _SkippedError("No copy of the log was given, so later entries cannot be ruled out.")


def _fail(check: str, problems: list[str]) -> None:
    if problems:
        more = f" ({len(problems) - 1} more)" if len(problems) > 1 else ""
        raise _FailedError(check, problems[0] + more)


def _run(check: Callable[[_Desk], str], desk: _Desk) -> Finding:
    name = check.__name__.upper()
    try:
        return Finding(name, State.PASSED, check(desk))
    except _SkippedError as why:
        return Finding(name, State.SKIPPED, str(why))
    except _FailedError as why:
        if why.check != name:
            return Finding(name, State.SKIPPED, f"Cannot be checked because {why.check} failed.")
        return Finding(name, State.FAILED, str(why))


_CHECKS = (v1, v2, v3, v4, v5, v6, v7, v8, v9, v10, v11, v12, v13, v14)
