"""What a case leaves on paper: discovery report, coverage, certificate and its check."""

from collections import Counter
from pathlib import Path

from django.core.management.base import CommandError

from erasure.discovery import report_of
from erasure.documents.discovery_report import discovery_json, render_discovery
from erasure.evidence import authority_edition, write_trust
from erasure.ledger.export import write_copy
from erasure.ledger.head import last_head
from erasure.management.demo.coverage import print_coverage
from erasure.management.demo.screen import say, verdicts
from erasure.models import Certificate, ErasureCase, SystemConnection
from erasure.proof import canonical, report


def end(case: ErasureCase, folder: Path, previous: Path | None = None) -> Path:
    """Say how a case ended, store by store, and check its certificate offline.

    ``previous``: an earlier certificate, which the new one must extend. Returns the new one.
    """
    say(f"\n  {case.reference} is {case.state}: {verdicts(case)}\n")
    print_coverage(case)
    certificate = write_certificate(case, folder)
    check(write_authority_edition(case, folder), folder, previous)
    return certificate


def every_system(case: ErasureCase) -> None:
    """The certificate's own lines, system by system.

    Raises:
        CommandError: a connected system is missing there.
    """
    last = case.certificates.filter(stage=Certificate.ISSUED).latest("version")
    ended: dict[str, Counter[str]] = {}
    for line, counts in canonical.decode(bytes(last.document))["summary"]["by_store"].items():
        ended.setdefault(line.partition(".")[0], Counter()).update(counts)
    say("  the certificate lists:")
    for connection in SystemConnection.objects.filter(enabled=True):
        if connection.slug not in ended:
            raise CommandError(f"The certificate does not list {connection.name}.")
        counts = sorted(ended[connection.slug].items())
        said = ", ".join(f"{number} {word}" for word, number in counts)
        say(f"      {connection.name:<28} {said or 'searched, nothing found'}")


def write_report(case: ErasureCase, folder: Path) -> None:
    found = report_of(case)
    for suffix, data in (("pdf", render_discovery(found)), ("json", discovery_json(found))):
        path = folder / f"discovery-{case.reference}.{suffix}"
        path.write_bytes(data)
        say(f"  report       {path}")


def write_certificate(case: ErasureCase, folder: Path) -> Path:
    last = case.certificates.filter(stage=Certificate.ISSUED).latest("version")
    name = f"certificate-{case.reference}-v{last.version}"
    for suffix, data in (("pdf", last.pdf), ("json", last.bundle)):
        path = folder / f"{name}.{suffix}"
        path.write_bytes(bytes(data))
        say(f"  certificate  {path}")
    return folder / f"{name}.pdf"


def write_authority_edition(case: ErasureCase, folder: Path) -> Path:
    last = case.certificates.filter(stage=Certificate.ISSUED).latest("version")
    path = folder / f"certificate-{case.reference}-v{last.version}-authority.pdf"
    path.write_bytes(authority_edition(last))
    say(f"  certificate  {path}")
    return path


def check(certificate: Path, folder: Path, previous: Path | None) -> None:
    """Every check on it, offline; then one byte of it is flipped.

    Raises:
        CommandError: it is not verified, or what was altered is.
    """
    trust, copy = write_trust(folder), folder / f"log-{certificate.stem}.jsonl"
    write_copy(copy)
    head = folder / f"{certificate.stem}.checkpoint"
    head.write_text(last_head().note)  # type: ignore[union-attr]
    say(
        f"  checked offline with {trust}, a copy of the log, and a head of it as mailed to the DPO:"
    )
    given = ["--trust", str(trust), "--log", str(copy), "--anchor", str(head)]
    given += ["--previous", str(previous)] if previous else []
    if report.main([str(certificate), *given, "--strict"]) != report.PASSED:
        raise CommandError("The certificate does not verify.")
    say("  one byte of a copy is flipped:")
    if report.main([str(_flipped(certificate)), *given]) == report.PASSED:
        raise CommandError("A certificate that was altered passes.")


def _flipped(certificate: Path) -> Path:
    data = bytearray(certificate.read_bytes())
    data[data.index(b"Certificate of erasure")] ^= 1  # the title, where no page shows it
    path = certificate.with_name(f"flipped-{certificate.name}")
    path.write_bytes(data)
    return path
