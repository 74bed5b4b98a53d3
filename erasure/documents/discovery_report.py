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
from erasure.documents.facts import (
    DiscoveryReport,
    HoldLine,
    ItemLine,
    ManualLine,
    StoreLine,
)
from erasure.documents.page import NOTE, RESULT, ROW, SMALL, WARNING, Frame
from erasure.documents.sheet import Column, Sheet, room_for
from erasure.documents.words import (
    ANSWER,
    capital,
    cited,
    count,
    day,
    item_state,
    kind,
    listed,
    moment,
)
from erasure.values import IdentifierState, StoreStatus

CONFIDENTIAL = "CONFIDENTIAL"
SCHEMA = "erasure-discovery/v1"
STATES = {
    "CONFIRMED": "Confirmed",
    "LEAD": "Lead, not searched by",
    "IN_QUESTION": "In question",
    "REJECTED": "Not this person's",
}


def render_discovery(report: DiscoveryReport) -> bytes:
    """Render one report as PDF/A-3b. The same report gives the same bytes."""
    title = f"Discovery report {report.reference}"
    sheet = Sheet(Frame(title, report.reference, CONFIDENTIAL))
    _head(sheet, report)
    _stores(sheet, report.stores)
    _by_hand(sheet, report.by_hand)
    _identifiers(sheet, report)
    _questions(sheet, report)
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
    """What the search came to, in a sentence."""
    statuses = [line.status for line in report.stores]
    hit, empty, absent, silent, manual = (statuses.count(status) for status in StoreStatus)
    found = f"{count(len(report.items), 'item')} found in {count(hit, 'store')}"
    if not report.items:
        found = "No item found"
    rest = [f"{empty:,} searched and empty"] if empty else []
    rest += [f"{absent:,} not present"] if absent else []
    rest += [f"{manual:,} for a person to search"] if manual else []
    text = f"{found}; {listed(rest)}." if rest else f"{found}."
    return text if silent else f"{text} Every store answered."


def warning(report: DiscoveryReport) -> str:
    """What keeps the search from being complete, by name; empty if nothing does."""
    silent = [line for line in _sorted(report.stores) if line.status is StoreStatus.UNANSWERED]
    if not silent:
        return ""
    names = listed([f"{line.store} ({line.connection})" for line in silent])
    return f"Not complete: {count(len(silent), 'store')} did not answer: {names}."


def _sorted(stores: Iterable[StoreLine]) -> list[StoreLine]:
    return sorted(stores, key=lambda line: (line.connection, line.store))


def _head(sheet: Sheet, report: DiscoveryReport) -> None:
    sheet.title("Discovery report")
    sheet.paragraph(f"{report.reference}, prepared {moment(report.prepared_at)}")
    sheet.paragraph(report.controller, NOTE)
    sheet.space(10)
    sheet.paragraph(result(report), RESULT)
    if incomplete := warning(report):
        sheet.paragraph(incomplete, WARNING)
    sheet.space(6)
    shown = "masked in part" if report.masked else "in full"
    sheet.facts(
        [
            ("Person", report.subject or "No name recorded"),
            ("Identifiers", f"{count(len(report.identifiers), 'identifier')}, shown {shown}"),
        ]
    )
    sheet.space(3)
    sheet.paragraph("Digest of the inventory (SHA-256)", NOTE)
    sheet.paragraph(report.digest or "Not frozen yet.", SMALL)


def _stores(sheet: Sheet, stores: Iterable[StoreLine]) -> None:
    sheet.heading("Every store, and what it answered")
    columns = [
        Column("Store"),
        Column("Answer", 118),
        Column("Items", 44, right=True),
        Column("How it was searched", 150),
    ]
    rows = (
        (
            (line.store, line.connection),
            (ANSWER[line.status], line.note),
            _number(line),
            line.searched_by,
        )
        for line in _sorted(stores)
    )
    sheet.table(columns, rows)


def _number(line: StoreLine) -> str:
    """The items found; a dash where the store gave no number, not even zero."""
    counted = line.status in (StoreStatus.FOUND, StoreStatus.EMPTY)
    return f"{line.count:,}" if counted or line.count else "\u2013"


def _identifiers(sheet: Sheet, report: DiscoveryReport) -> None:
    sheet.heading("Identifiers", keep=room_for(report.identifiers))
    if not report.identifiers:
        sheet.paragraph("There is none.")
        return
    columns = [
        Column("Kind", 90),
        Column("Identifier"),
        Column("How it was found", 150),
        Column("State", 76),
    ]
    rows = (
        (capital(kind(line.kind)), line.value, line.found_by, STATES[line.state])
        for line in report.identifiers
    )
    sheet.table(columns, rows)


def _by_hand(sheet: Sheet, lines: tuple[ManualLine, ...]) -> None:
    if not lines:
        return
    sheet.heading("For a person to work off", keep=room_for(lines))
    sheet.paragraph("No interface reaches these. Each is settled with evidence, or kept.", NOTE)
    columns = [Column("Store", 130), Column("What is to be done"), Column("State", 100)]
    rows = (((e.store, e.connection), e.instructions, e.state) for e in lines)
    sheet.table(columns, rows)


def _questions(sheet: Sheet, report: DiscoveryReport) -> None:
    """What there is to weigh for each identifier in question."""
    asked = [e for e in report.identifiers if e.state is IdentifierState.IN_QUESTION]
    if not asked:
        return
    sheet.heading("Identifiers in question", keep=room_for(asked))
    columns = [Column("Identifier", 130), Column("Speaks for"), Column("Speaks against")]
    rows = (
        (
            (line.value, capital(kind(line.kind))),
            " ".join(line.speaks_for) or "Nothing.",
            " ".join(line.speaks_against) or line.question or "Nothing.",
        )
        for line in asked
    )
    sheet.table(columns, rows)


def _holds(sheet: Sheet, holds: tuple[HoldLine, ...]) -> None:
    sheet.heading("Holds", keep=room_for(holds))
    if not holds:
        sheet.paragraph("No hold covers an item of this case.")
        return
    columns = [
        Column("Hold"),
        Column("Article", 120),
        Column("Items", 34, right=True),
        Column("Until", 126),
    ]
    rows = (
        (
            (line.reference, line.wording or _words(line.scope)),
            cited(line.article),
            f"{line.items:,}",
            _until(line),
        )
        for line in holds
    )
    sheet.table(columns, rows)


def _leads(sheet: Sheet, report: DiscoveryReport) -> None:
    sheet.heading("Leads in question", keep=room_for(report.leads))
    if not report.leads:
        sheet.paragraph("There is none.")
        return
    sheet.paragraph("Not confirmed to be this person. Nothing is erased by a lead.", NOTE)
    columns = [Column("Store", 130), Column("Lead"), Column("In question because", 170)]
    sheet.table(columns, ((line.store, line.label, line.question) for line in report.leads))


def _items(sheet: Sheet, items: tuple[ItemLine, ...]) -> None:
    if not items:
        return  # the first sentence says so
    sheet.heading("Items")
    columns = [
        Column("No.", 32, right=True),
        Column("Store", 104),
        Column("Item"),
        Column("Date", 54),
        Column("State", 80),
    ]
    rows = (
        (
            f"{line.number:,}",
            line.store,
            line.label,
            day(line.when) if line.when else "",
            (item_state(line.state), line.reason),
        )
        for line in items
    )
    sheet.table(columns, rows, style=ROW)


def _until(line: HoldLine) -> str:
    if line.until:
        return f"until {day(line.until)}"
    return f"reviewed by {day(line.review_by)}" if line.review_by else "no date recorded"


def _words(code: str) -> str:
    return str(code).replace("_", " ").capitalize()
