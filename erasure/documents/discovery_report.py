"""The discovery report: what was found about one person, and what could not be asked.

It holds personal data: rendered on demand, never stored, CONFIDENTIAL on
every page. Zeros and stores that did not answer stand in it like all others
(Art. 5(2) and 17 GDPR: the search must be shown, not only its hits).
"""

import json
from collections.abc import Iterable
from dataclasses import asdict
from datetime import date

from erasure.documents.archive import About, archive
from erasure.documents.facts import DiscoveryReport, HoldLine, ItemLine, StoreLine
from erasure.documents.sheet import NOTE, RESULT, SMALL, Column, Frame, Sheet
from erasure.documents.words import article, count, day, listed, moment
from erasure.values import StoreStatus

CONFIDENTIAL = "CONFIDENTIAL"
SCHEMA = "erasure-discovery/v1"
STATUS = {
    StoreStatus.FOUND: "Found",
    StoreStatus.EMPTY: "Searched, nothing found",
    StoreStatus.NOT_PRESENT: "No such store there",
    StoreStatus.UNANSWERED: "Did not answer",
    StoreStatus.MANUAL: "To be searched by a person",
}


def render_discovery(report: DiscoveryReport) -> bytes:
    """Render one report as PDF/A-3b. The same report gives the same bytes."""
    title = f"Discovery report {report.reference}"
    sheet = Sheet(Frame(title, report.reference, CONFIDENTIAL))
    _head(sheet, report)
    _stores(sheet, report.stores)
    _identifiers(sheet, report)
    _holds(sheet, report.holds)
    _leads(sheet, report)
    _items(sheet, report.items)
    about = About(
        title=title,
        author=report.controller,
        subject="Data found for an erasure under Art. 17 GDPR. Confidential.",
        at=report.prepared_at,
    )
    return archive(sheet.finish(), about, sheet.root)


def discovery_json(report: DiscoveryReport) -> bytes:
    """The same report as JSON (UTF-8, sorted keys, ISO 8601 dates)."""
    facts = {"schema": SCHEMA, **asdict(report)}
    text = json.dumps(facts, default=_iso, ensure_ascii=False, sort_keys=True, indent=1)
    return f"{text}\n".encode()


def _iso(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"No JSON form for {type(value).__name__}.")


def result(report: DiscoveryReport) -> str:
    """What the search came to, in a sentence or two."""
    statuses = [line.status for line in report.stores]
    hit, empty, absent, silent, manual = (statuses.count(status) for status in STATUS)
    found = f"{count(len(report.items), 'item')} found in {count(hit, 'store')}"
    rest = [f"{empty:,} searched and empty"] if empty else []
    rest += [f"{absent:,} not present"] if absent else []
    rest += [f"{manual:,} for a person to search"] if manual else []
    text = f"{found}; {listed(rest)}." if rest else f"{found}."
    if silent:
        return f"{text} Not complete: {count(silent, 'store')} did not answer."
    return f"{text} Every store answered."


def _head(sheet: Sheet, report: DiscoveryReport) -> None:
    sheet.title("Discovery report")
    sheet.paragraph(f"{report.reference}, prepared {moment(report.prepared_at)}")
    sheet.paragraph(report.controller, NOTE)
    sheet.space(10)
    sheet.paragraph(result(report), RESULT)
    sheet.space(6)
    shown = "masked in part" if report.masked else "in full"
    sheet.facts([
        ("Person", report.subject or "No name recorded"),
        ("Identifiers", f"{count(len(report.identifiers), 'identifier')}, shown {shown}"),
        ("Digest of the inventory", report.digest or "Not frozen yet"),
    ], label=132)


def _stores(sheet: Sheet, stores: Iterable[StoreLine]) -> None:
    sheet.heading("Every store, and what it answered")
    columns = [Column("Store"), Column("Answer", 118), Column("Items", 44, right=True),
               Column("How it was searched", 150)]
    rows = (
        ((line.store, line.connection), (STATUS[line.status], line.note),
         f"{line.count:,}" if line.status in _COUNTED else "\u2013", line.searched_by)
        for line in sorted(stores, key=lambda line: (line.connection, line.store))
    )
    sheet.table(columns, rows)


_COUNTED = (StoreStatus.FOUND, StoreStatus.EMPTY)  # the others gave no number, not even zero


def _identifiers(sheet: Sheet, report: DiscoveryReport) -> None:
    sheet.heading("Identifiers")
    if not report.identifiers:
        sheet.paragraph("There is none.")
        return
    columns = [Column("Kind", 90), Column("Identifier"), Column("How it was found", 150),
               Column("State", 76)]
    rows = ((line.kind.replace("_", " ").capitalize(), line.value, line.found_by,
             _words(line.state)) for line in report.identifiers)
    sheet.table(columns, rows)


def _holds(sheet: Sheet, holds: tuple[HoldLine, ...]) -> None:
    sheet.heading("Holds")
    if not holds:
        sheet.paragraph("No hold covers an item of this case.")
        return
    columns = [Column("Hold"), Column("Article", 120), Column("Items", 40, right=True),
               Column("Until", 110)]
    rows = (((line.reference, line.wording or _words(line.scope)), article(line.article),
             f"{line.items:,}", _until(line)) for line in holds)
    sheet.table(columns, rows)


def _leads(sheet: Sheet, report: DiscoveryReport) -> None:
    sheet.heading("Leads in question")
    if not report.leads:
        sheet.paragraph("There is none.")
        return
    sheet.paragraph("Not confirmed to be this person. Nothing is erased by a lead.", NOTE)
    columns = [Column("Store", 130), Column("Lead"), Column("In question because", 170)]
    sheet.table(columns, ((line.store, line.label, line.question) for line in report.leads))


def _items(sheet: Sheet, items: tuple[ItemLine, ...]) -> None:
    sheet.heading("Items")
    if not items:
        sheet.paragraph("No item was found.")
        return
    columns = [Column("No.", 36, right=True), Column("Store", 110), Column("Item"),
               Column("Date", 60), Column("State", 96)]
    rows = (
        (f"{line.number:,}", line.store, line.label,
         day(line.when) if line.when else "", (_words(line.state), line.reason))
        for line in items
    )
    sheet.table(columns, rows, style=SMALL)


def _until(line: HoldLine) -> str:
    if line.until:
        return f"until {day(line.until)}"
    return f"reviewed by {day(line.review_by)}" if line.review_by else "no date recorded"


def _words(code: str) -> str:
    return str(code).replace("_", " ").capitalize()
