"""Write the pack: one ZIP, file after file, so that it never lies in memory as a whole."""

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from datetime import datetime
from functools import partial
from typing import IO, Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from erasure.discovery import report_of
from erasure.documents.case_file import CaseFile, render_case_file, render_index
from erasure.documents.discovery_report import render_discovery
from erasure.errors import BusyError, KeyMissingError
from erasure.evidence import authority_edition
from erasure.ledger.append import private_half
from erasure.models import DESTROYED, Certificate, DataItem, DeletionLogEntry, ErasureCase, in_clear
from erasure.pack.parts import case_file
from erasure.pack.verifier import steps, verifier_files

UNSAFE = re.compile(r"[^A-Za-z0-9._/-]")
ITEM = ("number", "system", "store", "state", "verdict", "article", "reason", "attempts",
        "requested", "ended", "vendor's id")  # fmt: skip
FORMULA = ("=", "+", "-", "@", "\t", "\r")
ROWS = 1000  # read from the database at a time
Named = tuple[str, bytes]


def name_of(case: ErasureCase) -> str:
    return f"dpa-pack-{UNSAFE.sub('-', case.reference)}"


def write_pack(case: ErasureCase, out: IO[bytes]) -> None:
    """All that is on record of a case, in one folder named after it.

    Raises:
        KeyMissingError: the seal that the trust file names cannot be read.
    """
    file, top = case_file(case), name_of(case)
    with ZipFile(out, "w", ZIP_DEFLATED) as pack:
        for name, data in _files(case, file):
            pack.writestr(_entry(top, name, file.made_at), data)
        for name, lines in (("results/items.csv", _items(case)), ("log/entries.jsonl", _log(case))):
            with pack.open(_entry(top, name, file.made_at), "w") as there:
                for line in lines:
                    there.write(line)


def _entry(top: str, name: str, at: datetime) -> ZipInfo:
    """Names are ours; whatever else came into one is replaced, so no path leads outside."""
    entry = ZipInfo(f"{top}/{UNSAFE.sub('-', name).replace('..', '-')}", at.timetuple()[:6])
    entry.compress_type, entry.external_attr = ZIP_DEFLATED, 0o600 << 16
    return entry


def _files(case: ErasureCase, file: CaseFile) -> Iterator[Named]:
    yield "index.pdf", render_index(file, steps(case.reference))
    yield "case-file.pdf", render_case_file(file)
    yield "case-file.json", _json({**asdict(file), "made_at": file.made_at.isoformat()})
    yield from _search(case)
    yield from _letters(case)
    yield "vendors/audit.json", _json([_audit(case, row) for row in case.audits.all()])
    yield from _certificates(case)
    for name, data in verifier_files(case.reference):
        yield f"verifier/{name}", data


def _search(case: ErasureCase) -> Iterator[Named]:
    try:
        yield f"search/discovery-{case.reference}.pdf", render_discovery(report_of(case))
    except KeyMissingError:
        yield "search/README.txt", f"The inventory was {DESTROYED}.\n".encode()


def _letters(case: ErasureCase) -> Iterator[Named]:
    """The file that was sent; of a letter sent outside of the product, its words."""
    for number, letter in enumerate(case.letters.all(), 1):
        letter.case = case
        name = f"letters/{number:02}-{letter.kind.lower()}"
        try:
            if letter.pdf_sealed:
                yield f"{name}.pdf", letter.opened_pdf()
            else:
                yield f"{name}.txt", letter.text.encode()
        except KeyMissingError:
            yield f"{name}.txt", f"The letter was {DESTROYED}.\n".encode()


def _certificates(case: ErasureCase) -> Iterator[Named]:
    for row in case.certificates.filter(stage=Certificate.ISSUED).exclude(pdf=b"").iterator(1):
        name = f"certificates/certificate-{case.reference}-v{row.version}"
        yield f"{name}.pdf", bytes(row.pdf)
        yield f"{name}.json", row.bundle
        try:
            yield f"{name}-authority.pdf", authority_edition(row)
        except (KeyMissingError, BusyError) as why:
            yield f"{name}-authority.txt", f"The edition with openings is missing. {why}\n".encode()


def _audit(case: ErasureCase, row: Any) -> dict[str, Any]:
    row.case = case
    try:
        entries = row.entries
    except KeyMissingError:
        entries = DESTROYED
    return {"system": row.connection.slug, "fetched_at": row.fetched_at, "entries": entries}


def _items(case: ErasureCase) -> Iterator[bytes]:
    yield _line(ITEM)
    for item in case.items.select_related("connection").iterator(ROWS):
        item.case = case
        yield _line((
            item.place, item.connection.slug, item.store, item.state, item.verdict, item.article,
            item.reason, item.attempts, _iso(item.requested_at), _iso(item.ended_at),
            in_clear(partial(_remote_id, item)),
        ))  # fmt: skip


def _remote_id(item: DataItem) -> str:
    return str(item.locator.get("remote_id", ""))


def _log(case: ErasureCase) -> Iterator[bytes]:
    """Every entry of the case: what the log shows to all, and the half that it commits to."""
    for row in case.log.select_related("item").order_by("at", "number").iterator(ROWS):
        row.case = case
        told = {"index": row.log_index, "type": row.type, "at": _iso(row.at), "facts": row.facts}
        yield _json({**told, "private": _half(row)}, indent=None)


def _half(row: DeletionLogEntry) -> Any:
    try:
        return private_half(row)
    except KeyMissingError:
        return DESTROYED


def _line(cells: Iterable[object]) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerow([_safe(cell) for cell in cells])
    return out.getvalue().encode()


def _safe(cell: object) -> object:
    """Text that begins like a formula of a spreadsheet, made text."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA) else cell


def _iso(at: datetime | None) -> str:
    return at.isoformat(timespec="seconds") if at else ""


def _json(value: Any, indent: int | None = 1) -> bytes:
    return f"{json.dumps(value, indent=indent, ensure_ascii=False, default=str)}\n".encode()
