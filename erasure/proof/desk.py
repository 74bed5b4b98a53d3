"""The files under check. Each is read once, and fails under its own check."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Any

from asn1crypto import x509

from erasure.errors import TamperedError
from erasure.proof import canonical, note, openings, seals
from erasure.proof.anchors import Anchor
from erasure.proof.certificate import check_sense
from erasure.proof.entries import Line, digest, parse_lines
from erasure.proof.facts import Facts, recompute
from erasure.proof.files import CERTIFICATE, ENTRIES, OPENINGS, SIGNATURE, TLOG_PROOF, Evidence
from erasure.proof.logcopy import LogCopy
from erasure.proof.schema import check_shape
from erasure.proof.timestamps import read_roots
from erasure.proof.trust import Trust


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


class FailedError(Exception):
    """A check failed. ``check`` is its id: another one may have needed its result."""

    def __init__(self, check: str, text: str) -> None:
        super().__init__(text)
        self.check = check


class SkippedError(Exception):
    """A check could not be made; the text says why."""


@dataclass(frozen=True, slots=True)
class Beside:
    """What the reader has apart from the certificate and the trust file."""

    previous: Evidence | None = field(default=None, repr=False)  # an earlier version
    log: LogCopy | None = field(default=None, repr=False)
    anchors: Sequence[Anchor] = ()


class Desk:
    """What is checked, and against what.

    Raises:
        UnreadableError: a root of the trust file cannot be read.
    """

    def __init__(self, evidence: Evidence, trust: Trust, beside: Beside) -> None:
        self.evidence, self.trust, self.beside = evidence, trust, beside
        self.roots: list[x509.Certificate] = read_roots(trust.roots)

    def has(self, name: str) -> bool:
        return name in self.evidence.files

    def file(self, name: str) -> bytes:
        if name not in self.evidence.files:
            raise FailedError("V2", f"{name} is missing.")
        return self.evidence.files[name]

    @cached_property
    def pdf_seal(self) -> seals.Seal:
        if self.evidence.pdf is None:
            raise SkippedError("This is no PDF. The seal of the PDF edition is not looked at.")
        with failing("V1"):
            seal = seals.check_pdf(self.evidence.pdf, self.roots)
        return self._listed(seal, "V1", "The PDF")

    @cached_property
    def file_seal(self) -> seals.Seal:
        with failing("V4"):
            seal = seals.check_file(self.file(CERTIFICATE), self.file(SIGNATURE), self.roots)
        return self._listed(seal, "V4", CERTIFICATE)

    def _listed(self, seal: seals.Seal, check: str, what: str) -> seals.Seal:
        """Another seal of the same authority leads to the same root: only the listed one counts."""
        if seal.sha256 not in self.trust.seals:
            raise FailedError(check, f"{what} is signed, but by no seal of the trust file.")
        return seal

    @cached_property
    def digest(self) -> str:
        return digest(self.file(CERTIFICATE))

    @cached_property
    def certificate(self) -> dict[str, Any]:
        return read_certificate(self.file(CERTIFICATE))

    @cached_property
    def proof(self) -> note.TlogProof:
        with failing("V6", TLOG_PROOF):
            return note.parse_proof(self.file(TLOG_PROOF).decode())

    @cached_property
    def checkpoint(self) -> note.Checkpoint:
        with failing("V6"):
            return note.open_checkpoint(
                self.proof.checkpoint, self.trust.logs, self.trust.witnesses
            )

    @cached_property
    def issued(self) -> Line:
        with failing("V7", f"The entry in {TLOG_PROOF}"):
            return Line.parse(self.proof.extra)

    @cached_property
    def lines(self) -> list[Line]:
        with failing("V8", ENTRIES):
            return parse_lines(self.file(ENTRIES))

    @cached_property
    def facts(self) -> Facts:
        return recompute(self.lines)

    @cached_property
    def openings(self) -> openings.Openings:
        with failing("V12", OPENINGS):
            return openings.parse(self.file(OPENINGS))


@contextmanager
def failing(check: str, name: str = "") -> Iterator[None]:
    """Turn the error of a file into the failure of a check."""
    try:
        yield
    except TamperedError as why:
        raise FailedError(check, str(why)) from None
    except UnicodeDecodeError:
        raise FailedError(check, f"{name} is not UTF-8 text.") from None
    except ValueError as why:
        raise FailedError(check, f"{name} cannot be read: {why}.") from None


def fail(check: str, problems: Sequence[str]) -> None:
    """Fail with the first problem and the number of the others, if there are any."""
    if problems:
        more = f" ({len(problems) - 1} more)" if len(problems) > 1 else ""
        raise FailedError(check, problems[0] + more)


def read_certificate(data: bytes) -> dict[str, Any]:
    """certificate.json, of right shape."""
    with failing("V3", CERTIFICATE):
        value = canonical.decode(data, canonical=True)
    problems = check_shape(value) or check_sense(value)
    if problems:
        raise FailedError("V3", f"{CERTIFICATE} is not as it must be: {problems[0]}.")
    return dict(value)
