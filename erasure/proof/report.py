"""The command: read a certificate and a trust file, print one line for each check."""

import argparse
import logging
import sys
from collections.abc import Sequence

from erasure.proof import files, trust
from erasure.proof.errors import UnreadableError
from erasure.proof.verify import Finding, State, passed, verify

PASSED, FAILED, UNREADABLE = 0, 1, 2


def main(argv: Sequence[str]) -> int:
    """Verify FILE; 0 passed, 1 failed (with --strict also skipped), 2 unreadable."""
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    try:
        given = _parser().parse_args(argv)
    except SystemExit as stop:
        return int(stop.code or 0)
    try:
        findings = _verify(given)
    except UnreadableError as why:
        print(f"UNREADABLE: {why}", file=sys.stderr)
        return UNREADABLE
    print("\n".join(map(line, findings)))
    good = passed(findings, strict=given.strict)
    print(last_line(findings, good=good))
    return PASSED if good else FAILED


def line(finding: Finding) -> str:
    """One check as it is printed."""
    return f"{finding.id:<4}{finding.state:<8}{finding.text}"


def last_line(findings: Sequence[Finding], *, good: bool) -> str:
    """The sum of all checks."""
    counts = {state: sum(1 for one in findings if one.state is state) for state in State}
    sums = ", ".join(f"{count} {state}" for state, count in counts.items())
    return f"{'PASSED' if good else 'FAILED'}: {sums}."


def _verify(given: argparse.Namespace) -> list[Finding]:
    try:
        text = files.read_bytes(given.trust).decode()
    except UnicodeDecodeError:
        raise UnreadableError("The trust file is not UTF-8 text.") from None
    evidence = files.read(given.file)
    before = files.read(given.previous).files if given.previous else None
    return verify(evidence.files, trust.parse(text), evidence.printed_text, before)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="verify_certificate",
        description="Check a certificate of erasure offline. "
        "Exit status: 0 passed, 1 failed, 2 unreadable.",
    )
    parser.add_argument("file", metavar="FILE", help="the certificate: PDF or JSON bundle")
    parser.add_argument("--trust", required=True, metavar="FILE", help="the trust file")
    parser.add_argument("--previous", metavar="FILE", help="an earlier version to compare with")
    parser.add_argument("--strict", action="store_true", help="fail on skipped checks too")
    return parser
