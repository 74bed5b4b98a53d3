"""What the documents of these tests are made from, and what can be read out of them."""

from dataclasses import replace
from datetime import date, datetime, timedelta, timezone
from io import BytesIO

import pikepdf
import pikepdf.pdfa
from pypdf import PdfReader

from erasure.documents.certificate import render_certificate
from erasure.documents.facts import (
    AnnexRow,
    DiscoveryReport,
    HoldLine,
    IdentifierLine,
    ItemLine,
    LeadLine,
    StoreLine,
)
from erasure.values import IdentifierState, ItemState, StoreStatus
from tests.proof import given as proof

DIGEST = proof.SET["version_1"]["certificate_sha256"]
FILES = proof.files(1, openings=False) | {"certificate.p7s": b"\x30"}
TITLES = {
    "archive.tapes": "Archive tapes",
    "genesys-eu.chats": "Genesys Cloud EU: chats",
    "genesys-eu.recordings": "Genesys Cloud EU: recordings",
}
SYSTEMS = {"archive": "Archive", "genesys-eu": "Genesys Cloud EU", "salesforce": "Salesforce"}
LINK = "https://privacy.example.org/v/AAECAwQFBgcICQoLDA0ODw.1?d=b77bafcee2db7345b02b16068f87f6ca"
ARABIC = "فاطمة العربي"
LONG = (
    "Größte Österreichische Übertragungs- und Straßenverkehrsbetriebsgesellschaft für "
    "Öffentlichkeitsarbeit und Kundenbetreuung Süd-Südwest GmbH & Co. KG"
)


def certificate(items=None, **changed):
    """The published certificate of five items; or one of so many, all read back as gone."""
    value = proof.certificate(1)
    if items is not None:
        value["summary"]["items"] = items
        found = {"VERIFIED": items} if items else {}
        value["summary"]["by_store"] = {"genesys-eu.chats": {}, "genesys-eu.recordings": found}
        value["case"]["status"] = "COMPLETE"
        value["retained"], value["not_reached"] = [], []
    return value | changed


def annex(items):
    for number in range(items):
        yield AnnexRow(
            number, "genesys-eu.recordings", "VERIFIED", "read again by id", "2026-01-06T13:00:00Z"
        )


def rendered(value=None, **changed):
    value = value or certificate()
    given = {
        "digest": DIGEST,
        "checkpoint": FILES["certificate.tlog-proof"].decode().split("\n\n", 1)[1],
        "vkey": str(proof.LOG_KEY),
        "titles": TITLES,
        "systems": SYSTEMS,
        "rows": annex(value["summary"]["items"]),
        "files": FILES,
        "development": False,
    }
    return render_certificate(value, **(given | changed))


def report(items=1, **changed):
    """A report of two connections; one store did not answer."""
    lines = (
        StoreLine("Genesys Cloud EU", "Recordings", StoreStatus.FOUND, items, "By participant"),
        StoreLine("Genesys Cloud EU", "Chats", StoreStatus.EMPTY, 0, "By e-mail address"),
        StoreLine(
            "Genesys Cloud EU", "Voicemail", StoreStatus.UNANSWERED, 0, "By owner", "HTTP 403"
        ),
        StoreLine("Salesforce", "Field history", StoreStatus.NOT_PRESENT, 0, "Object description"),
        StoreLine("Archive", "Tapes", StoreStatus.MANUAL, 0, "No interface"),
    )
    if not items:
        lines = (replace(lines[0], status=StoreStatus.EMPTY), *lines[1:])
    base = DiscoveryReport(
        reference="ER-2026-000001",
        controller="Example GmbH",
        prepared_at=datetime(2026, 1, 5, 16, 30, tzinfo=timezone(timedelta(hours=1))),
        subject="Ada Beispiel",
        identifiers=(
            IdentifierLine("email", "a•••@example.org", "Given in the request"),
            IdentifierLine("phone", "+44 •••• ••0123", "CRM", IdentifierState.IN_QUESTION),
        ),
        stores=lines,
        items=tuple(
            ItemLine(number, "Recordings", f"Call {number}", date(2025, 3, 2), ItemState.PROPOSED)
            for number in range(1, items + 1)
        ),
        holds=(HoldLine("LH-1", "MATTER", "17(3)(e)", 1, until=date(2027, 6, 30)),),
        leads=(LeadLine("Contacts", "Ada Beispiel-Muster", "Other phone number"),),
        digest=DIGEST,
    )
    return replace(base, **changed)


def pages(data):
    """The text of each page."""
    return [page.extract_text() for page in PdfReader(BytesIO(data)).pages]


def lines(data):
    return [line.strip() for page in pages(data) for line in page.splitlines()]


def opened(data):
    return pikepdf.open(BytesIO(data))


def conforms(data):
    """The verdict on the bytes as they are: nothing is repaired before."""
    with opened(data) as pdf:
        return pikepdf.pdfa.save(pdf, BytesIO(), "3b", repair=False).verdict


def fonts(data):
    """Name of each font used, and whether its program is in the file."""
    with opened(data) as pdf:
        return {
            str(font.BaseFont).split("+")[-1]: "/FontFile2" in font.FontDescriptor
            for page in pdf.pages
            for font in page.obj.Resources.Font.values()
        }
