"""What a case leaves on paper: discovery report, coverage, certificate and its check."""

from collections import Counter
from pathlib import Path

from django.core.management.base import CommandError

from erasure.discovery import report_of
from erasure.documents.discovery_report import discovery_json, render_discovery
from erasure.evidence import write_trust
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
    trust = write_trust(folder)
    beside = f" and {previous}" if previous else ""
    say(f"  checked offline with {trust}{beside}:")
    verify(certificate, trust, previous)
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


def verify(certificate: Path, trust: Path, previous: Path | None = None) -> None:
    before = ["--previous", str(previous)] if previous else []
    if report.main([str(certificate), "--trust", str(trust), *before]):
        raise CommandError("The certificate does not verify.")
