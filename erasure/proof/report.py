"""The command: read a certificate and a trust file, print one line for each check."""

import argparse
import logging
import sys
from collections.abc import Sequence

from erasure.errors import TamperedError
from erasure.proof import anchors, files, logcopy, trust
from erasure.proof.errors import UnreadableError
from erasure.proof.verify import Beside, Finding, State, passed, verify

PASSED, FAILED, UNREADABLE = 0, 1, 2
HELP = "Check a certificate of erasure offline. Exit status: 0 passed, 1 failed, 2 unreadable."


def main(argv: Sequence[str]) -> int:
    """Verify FILE; 0 passed, 1 failed (with --strict also skipped), 2 unreadable."""
    try:
        return run(_parser().parse_args(argv))
    except SystemExit as stop:
        return int(stop.code or 0)


def run(given: argparse.Namespace) -> int:
    """As ``main``, of arguments that are already read."""
    for library in ("pypdf", "pyhanko", "pyhanko_certvalidator"):  # they tell what we tell
        logging.getLogger(library).setLevel(logging.CRITICAL + 1)
    try:
        findings = _verify(given)
    except UnreadableError as why:
        print(plain(f"UNREADABLE: {why}"), file=sys.stderr)
        return UNREADABLE
    except MemoryError:
        print("UNREADABLE: The file takes more memory than there is.", file=sys.stderr)
        return UNREADABLE
    print("\n".join(map(line, findings)))
    good = passed(findings, strict=given.strict)
    print(last_line(findings, good=good))
    return PASSED if good else FAILED


def line(finding: Finding) -> str:
    """One check as it is printed."""
    return plain(f"{finding.id:<4}{finding.state:<8}{finding.text}")


def plain(text: str) -> str:
    """One line in ASCII: what a file says can add no line, and overwrite none on a terminal."""
    return "".join(
        one if " " <= one <= "~" else one.encode("unicode_escape").decode() for one in text
    )


def last_line(findings: Sequence[Finding], *, good: bool) -> str:
    """The sum of all checks."""
    counts = {state: sum(1 for one in findings if one.state is state) for state in State}
    sums = ", ".join(f"{count} {state}" for state, count in counts.items())
    return f"{'PASSED' if good else 'FAILED'}: {sums}."


def _verify(given: argparse.Namespace) -> list[Finding]:
    trusted = trust.read(given.trust)
    try:
        anchored = [anchors.read(files.read_bytes(one), trusted) for one in given.anchor]
    except TamperedError as why:
        raise UnreadableError(f"An anchor cannot be used: {why}") from None
    beside = Beside(
        previous=files.read(given.previous) if given.previous else None,
        log=logcopy.read_copy(given.log) if given.log else None,
        anchors=anchored,
    )
    return verify(files.read(given.file), trusted, beside)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="verify_certificate", description=HELP)
    add_arguments(parser)
    return parser


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes, here and under ``manage.py``."""
    parser.add_argument("file", metavar="FILE", help="the certificate: PDF or JSON bundle")
    parser.add_argument("--trust", required=True, metavar="FILE", help="the trust file")
    parser.add_argument("--previous", metavar="FILE", help="an earlier version to compare with")
    parser.add_argument("--log", metavar="FILE", help="a copy of the log, one entry on each line")
    parser.add_argument("--anchor", metavar="FILE", action="append", default=[],
                        help="a head of the log kept elsewhere; may be given again")  # fmt: skip
    parser.add_argument("--strict", action="store_true", help="fail on skipped checks too")
